"""One command for a program, or a command for each line of the input: `ssh server who --json`.

What goes on until it is stopped (`tail`, `trace`) ends with the input where it is a line of the input, so that the
lines behind it are run. As the one command it goes on whatever the input does: `ssh -n server tail >file` follows.
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
    """One command; or, without one, a command for each line of the input."""

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
        self._running: Deferred[int] | None = None  # a line of the input
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
        """Look in the next turn whether the view that begins is to end: it does not wait yet."""
        if self._command is None:
            self.tools.clock.callLater(0, self._end_view)

    def _end_view(self) -> None:
        """End what goes on until it is stopped, once no more can come in that would stop it."""
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
        if end < 0:  # of the last line
            end = len(self._input)
        line = bytes(self._input[:end])
        del self._input[: end + 1]
        if len(self._input) <= LONGEST_INPUT:
            self.output.carrier.resume()
        first, self._first = self._first, False
        text = line.decode("utf-8", "replace").rstrip("\r")
        return text.removeprefix("\ufeff") if first else text  # a file of Windows may begin with a mark

    async def confirmed(self, question: str) -> bool:
        """Show what was understood; nobody is there who could answer."""
        self.output.error(question)
        return False

    async def secret(self, question: str) -> str:  # noqa: ARG002
        return ""

    def received(self, data: bytes) -> None:
        self._input += data
        if len(self._input) > LONGEST_INPUT:
            self.output.carrier.pause()
            self._end_view()  # the end of an input that is not read further is never told
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
