"""One command for a program, or a command for each line of the input: `ssh server who --json`.

A live view (`tail`, `trace`) that is a line of the input ends with the input, so that the next lines are run. As the
only command it continues whatever the input does: `ssh -n server tail >file`. Knows no key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from classcord.chat.text import N_
from classcord.console.interpreter import DONE, USAGE, Interpreter
from classcord.console.running import Running
from classcord.console.views import VIEWS

if TYPE_CHECKING:
    from classcord.chat.roles import Operator
    from classcord.console.output import Output
    from classcord.console.tools import Tools
    from classcord.services.chat.local_session import LocalSession

LONGEST_INPUT = 65_536  # bytes of a pipe that wait to be read as commands


class Script(Running):
    """One command; if there is none, a command for each line of the input."""

    shows_events = False

    def __init__(  # noqa: PLR0917
        self, tools: Tools, face: str, operator: Operator, address: str, output: Output, command: str | None
    ) -> None:
        super().__init__(tools, face, operator, address, output)
        self._command = command
        self._input = bytearray()
        self._ended = False
        self._first = True
        self._status = DONE  # of the last command that failed
        self._waiting: Deferred[None] | None = None
        self._running: Deferred[int] | None = None  # the running line of the input
        self._interpreter: Interpreter | None = None

    async def work(self, local: LocalSession) -> None:
        interpreter = self._interpreter = Interpreter(self.operator, local, self.output, self, self.tools, VIEWS)
        if self._command is not None:
            self.finish(await interpreter.run(self._command))
            return
        while not self._over and (line := await self._line()) is not None:
            self._running = Deferred.fromCoroutine(interpreter.run(line))
            self._status = await self._running or self._status
            self._running = None
        self.finish(self._status)

    def leave(self) -> None:
        self.finish(self._status)

    def live_view_begins(self) -> None:
        """Check in the next turn whether the new view should end: it is not waiting yet."""
        if self._command is None:
            self.tools.clock.callLater(0, self._end_view)

    def _end_view(self) -> None:
        """End a live view if no more input can come that would stop it."""
        no_more = self._ended or len(self._input) > LONGEST_INPUT
        if no_more and self._running is not None and self._interpreter is not None and self._interpreter.is_live:
            self._running.cancel()

    async def _line(self) -> str | None:
        """Return the next line of the input, None at its end."""
        while b"\n" not in self._input and not self._ended:
            if len(self._input) > LONGEST_INPUT:
                self.output.error(self.output.translate(N_("This line is too long.")))
                self.finish(USAGE)
                return None
            self._waiting = Deferred()
            await self._waiting
        if not self._input:
            return None
        end = self._input.find(b"\n")
        if end < 0:  # the last line has no line end
            end = len(self._input)
        line = bytes(self._input[:end])
        del self._input[: end + 1]
        if len(self._input) <= LONGEST_INPUT:
            self.output.carrier.resume()
        first, self._first = self._first, False
        text = line.decode("utf-8", "replace").rstrip("\r")
        return text.removeprefix("\ufeff") if first else text  # a file from Windows may begin with a BOM

    async def confirmed(self, question: str) -> bool:
        """Show the command as it was understood; nobody can answer the question."""
        self.output.error(question)
        return False

    async def secret(self, question: str) -> str:  # noqa: ARG002
        return ""

    def received(self, data: bytes) -> None:
        self._input += data
        if len(self._input) > LONGEST_INPUT:
            self.output.carrier.pause()
            self._end_view()  # if no input is read any more, its end is not reported
        self._wake()

    def input_ended(self) -> None:
        self._ended = True
        self._end_view()
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(None)

    def resized(self, columns: int, rows: int) -> None:
        """Do nothing: no window shows this."""
