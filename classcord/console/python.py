"""A Python prompt inside the running server: Conch's manhole, with every command as a function.

Each line is written into the audit trail before it is run. Knows no other part of the console.
"""

from __future__ import annotations

import codecs
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from twisted.conch.insults.insults import ServerProtocol, modes
from twisted.conch.manhole import ColoredManhole, ManholeInterpreter
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from classcord.chat.errors import ChatError
from classcord.chat.operators.vocabulary import Typed
from classcord.chat.subjects import COMMANDS
from classcord.chat.text import N_
from classcord.console.commands import commandline
from classcord.console.commands.grammar import grammar
from classcord.console.python_lines import function_name, without_passwords

if TYPE_CHECKING:
    from classcord.chat.events import Answer
    from classcord.chat.requests import Request
    from classcord.console.output import Output
    from classcord.console.tools import Tools
    from classcord.services.chat.local_session import LocalSession


AT_ONCE = 64  # bytes of input for each turn of the reactor: a character costs more here than at the console
LONGEST_COLOURED = 1_000  # bytes of source that are coloured again with each character


class _Interpreter(ManholeInterpreter):
    """Shows the results of coroutines and Deferreds when they arrive."""

    def displayhook(self, obj: Any) -> None:
        if inspect.iscoroutine(obj):
            obj = Deferred.fromCoroutine(obj)
        super().displayhook(obj)  # type: ignore[no-untyped-call]

    def _ebDisplayDeferred(self, failure: Failure, k: int, obj: object) -> Failure | None:
        if failure.check(ChatError):
            self.write(f"Deferred #{k} refused: {failure.value}", True)  # type: ignore[no-untyped-call]
            del self._pendingDeferreds[id(obj)]
            return None
        super()._ebDisplayDeferred(failure, k, obj)  # type: ignore[no-untyped-call]
        return None


class _Manhole(ColoredManhole):
    """One prompt; it asks `owner` before a line is run, and reports the end to it."""

    def __init__(self, namespace: dict[str, Any], owner: PythonPrompt) -> None:
        super().__init__(namespace)  # type: ignore[no-untyped-call]
        self._owner = owner
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def connectionMade(self) -> None:
        super().connectionMade()  # type: ignore[no-untyped-call]
        self.interpreter = _Interpreter(self, self.namespace)  # type: ignore[no-untyped-call]

    def initializeScreen(self) -> None:
        """Begin below the console's output: Conch shares the terminal."""
        self.terminal.write(self.ps[self.pn])
        self.setInsertMode()  # type: ignore[no-untyped-call]

    def terminalSize(self, width: int, height: int) -> None:
        """Draw the line again, and leave the screen above it unchanged."""
        self.width, self.height = width, height
        self.terminal.write(b"\r")
        self.terminal.eraseLine()
        self.drawInputLine()  # type: ignore[no-untyped-call]
        if behind := len(self.lineBuffer) - self.lineBufferIndex:
            self.terminal.cursorBackward(behind)

    def keystrokeReceived(self, keyID: Any, modifier: object) -> None:  # noqa: N803
        if isinstance(keyID, bytes) and keyID >= b"\x80":  # part of a character, which Conch would ignore
            for character in self._decoder.decode(keyID):
                self.characterReceived(character.encode(), False)
        else:
            super().keystrokeReceived(keyID, modifier)  # type: ignore[no-untyped-call]

    def characterReceived(self, ch: bytes, moreCharactersComing: bool) -> None:  # noqa: N803
        if len(self.getSource()) < LONGEST_COLOURED:  # type: ignore[no-untyped-call]
            super().characterReceived(ch, moreCharactersComing)  # type: ignore[no-untyped-call]
        else:
            super(ColoredManhole, self).characterReceived(ch, moreCharactersComing)  # type: ignore[no-untyped-call]

    def lineReceived(self, line: bytes) -> None:
        if not self._owner.allowed():
            self._owner.end()
            return
        before = [each.decode("utf-8", "replace") for each in self.interpreter.buffer]
        kept = without_passwords(line.decode("utf-8", "replace"), before)
        self._owner.local.ask(Typed(line=kept)).addCallbacks(
            lambda _: super(_Manhole, self).lineReceived(line),  # type: ignore[no-untyped-call]
            lambda failure: self.addOutput(f"{failure.value}".encode(), True),  # type: ignore[no-untyped-call]
        ).addErrback(self._left)

    def _left(self, failure: Failure) -> None:
        """End the prompt, not the server: the user typed exit()."""
        failure.trap(SystemExit)
        self._owner.end()

    def handle_QUIT(self) -> None:
        self._owner.end()


class _Way:
    """The transport to which Conch's terminal writes: the console's carrier."""

    def __init__(self, output: Output, end: Callable[[], None]) -> None:
        self._carrier = output.carrier
        self.loseConnection = end

    def write(self, data: bytes) -> None:
        self._carrier.write(data)

    def writeSequence(self, parts: list[bytes]) -> None:
        self._carrier.write(b"".join(parts))


class PythonPrompt:
    """Call `received` with input, until Ctrl-D or exit().

    Then it calls `done`, and `unread` with the remaining input.
    """

    def __init__(
        self,
        tools: Tools,
        local: LocalSession,
        output: Output,
        done: Callable[[], None],
        unread: Callable[[bytes], None],
    ) -> None:
        self.local = local
        self._output = output
        self._done: Callable[[], None] | None = done
        self._unread = unread
        self._clock = tools.clock
        self.allowed = tools.manhole
        self._typed = b""
        self._terminal = ServerProtocol(_Manhole, self._namespace(tools), self)
        self._terminal.makeConnection(_Way(output, self.end))

    def _namespace(self, tools: Tools) -> dict[str, Any]:
        service = tools.service
        commands = {function_name(name): self._function(kind) for name, kind in COMMANDS.items() if name != "python"}
        return {
            **commands,
            "service": service,
            "hub": tools.world,
            "send_system_message": service.send_system_message,
        }

    def _function(self, kind: type[Request]) -> Callable[..., Deferred[Answer]]:
        """Return a command as a function: `kick("bob", "10m", reason="...")`; `from`, a word of Python, is `from_`."""
        durations = {argument.name for argument in grammar(kind).all if argument.kind == "duration"}

        def command(*args: object, **options: object) -> Deferred[Answer]:
            given = dict(zip(kind.arguments, args, strict=False))
            given |= {name.removesuffix("_"): value for name, value in options.items()}
            if len(args) > len(kind.arguments):
                raise TypeError(f"{kind.command} takes {len(kind.arguments)} arguments, {len(args)} were given")
            values = {
                name: int(commandline.duration(value)) if name in durations and isinstance(value, str) else value
                for name, value in given.items()
            }
            return self.local.ask(msgspec.convert({"type": kind.__struct_config__.tag, **values}, kind))

        command.__name__ = function_name(str(kind.command))
        command.__doc__ = kind.summary
        return command

    def received(self, data: bytes) -> bytes:
        """Take input; return none of it, because the part after the prompt's end is known only later."""
        self._typed += data
        if len(self._typed) == len(data):
            self._feed()
        return b""

    def _feed(self) -> None:
        """Process a part of the input in each turn of the reactor, so that a long paste delays nobody."""
        data, self._typed = self._typed[:AT_ONCE], self._typed[AT_ONCE:]
        for place in range(len(data)):
            self._terminal.dataReceived(data[place : place + 1])
            if self._done is None:
                rest, self._typed = data[place + 1 :] + self._typed, b""
                if rest:
                    self._unread(rest)
                break
        if self._typed:
            self._output.carrier.pause()
            deferLater(self._clock, 0, self._feed)
        else:
            self._output.carrier.resume()

    def input_ended(self) -> None:
        """End the prompt when the input so far is processed."""
        if self._typed:
            deferLater(self._clock, 0, self.input_ended)
        elif self._done is not None:
            self.end()

    def resized(self, columns: int, rows: int) -> None:
        if self._terminal.terminalProtocol is not None:
            self._terminal.terminalProtocol.terminalSize(columns, rows)

    def end(self) -> None:
        """End the prompt; the console continues with what is typed next."""
        done, self._done = self._done, None
        if done is not None:
            self._terminal.resetModes([modes.IRM])
            self._output.write("\n")
            if not self.allowed():
                self._output.say(N_("The Python prompt has been switched off ([ssh] manhole)."))
            done()
