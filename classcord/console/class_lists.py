"""Takes a class list from `classcord import-class` while the server runs: parts of it as JSON, a line each.

Each line is answered by a line: `{"status": "ok"}`, or the refusal, after which nothing more is taken. Knows no file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from twisted.internet.defer import Deferred

from classcord.chat.class_lists.vocabulary import TakeClassList
from classcord.chat.errors import BadRequest, ChatError
from classcord.chat.text import N_, Text
from classcord.console.interpreter import DONE, REFUSED
from classcord.console.output import Output
from classcord.console.running import Running
from classcord.wire.json_text import json_text

if TYPE_CHECKING:
    from classcord.chat.roles import Operator
    from classcord.console.carrier import Carrier, Environment, Program
    from classcord.console.tools import Tools
    from classcord.services.chat.local_session import LocalSession

LONGEST_PART = 1_000_000  # bytes; one with fifty people has some 50,000
_PARTS = msgspec.json.Decoder(TakeClassList)
_TOO_LONG = N_("a part of a list has {limit} bytes at most")
_NO_PART = N_("this is no part of a list")


class ClassLists:
    """Starts a program that takes one list (carrier.Start); `face` is the word in logs."""

    def __init__(self, tools: Tools, face: str) -> None:
        self._tools = tools
        self._face = face

    def __call__(
        self, operator: Operator, address: str, carrier: Carrier, surroundings: Environment, _command: str | None
    ) -> Program:
        output = Output(carrier, surroundings, self._tools.language(), self._tools.timezone())
        program = TakesClassList(self._tools, self._face, operator, address, output)
        program.start()
        return program


class TakesClassList(Running):
    """One list: its parts are asked in order, the next one when the one before it is stored."""

    shows_events = False

    def __init__(self, tools: Tools, face: str, operator: Operator, address: str, output: Output) -> None:
        super().__init__(tools, face, operator, address, output)
        self._input = bytearray()
        self._ended = False
        self._waiting: Deferred[None] | None = None

    async def work(self, local: LocalSession) -> None:
        status = DONE
        while status == DONE and (part := await self._part()) is not None:
            status = await self._take(local, part)
        self.finish(status)

    async def _part(self) -> bytes | None:
        """Return the next line; None at the end of the input. One that is too long is returned as far as it came."""
        while b"\n" not in self._input and not self._ended and len(self._input) <= LONGEST_PART:
            self._waiting = Deferred()
            await self._waiting
        line, _, rest = bytes(self._input).partition(b"\n")
        self._input = bytearray(rest)
        return line or None

    async def _take(self, local: LocalSession, part: bytes) -> int:
        try:
            if len(part) > LONGEST_PART:
                raise BadRequest(why=Text(_TOO_LONG, {"limit": LONGEST_PART}))
            await local.ask(_decoded(part))
        except ChatError as error:
            why = error.text.render(self.output.translate)
            self.output.line(json_text({"status": "error", "code": error.code, "message": why}, only_ascii=True))
            return REFUSED
        self.output.line(json_text({"status": "ok"}, only_ascii=True))
        return DONE

    def received(self, data: bytes) -> None:
        if len(self._input) <= LONGEST_PART:
            self._input += data
        self._wake()

    def input_ended(self) -> None:
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(None)

    def resized(self, columns: int, rows: int) -> None:
        """Do nothing: no window shows this."""


def _decoded(part: bytes) -> TakeClassList:
    try:
        return _PARTS.decode(part)
    except (msgspec.DecodeError, RecursionError):
        raise BadRequest(why=Text(_NO_PART)) from None
