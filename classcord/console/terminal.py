"""The console of a person: what a key, a command and the end of the input do. Knows no bytes of a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater

from classcord.chat.names import name_key
from classcord.chat.text import N_
from classcord.console.commands import completion
from classcord.console.commands.commandline import may_hold_secret
from classcord.console.interpreter import DONE, REFUSED, USAGE, Interpreter
from classcord.console.keyboard import Keyboard
from classcord.console.lineedit.editor import Editor
from classcord.console.lineedit.line_history import LineHistory
from classcord.console.lineedit.outcomes import (
    Complete,
    Ended,
    Entered,
    Interrupted,
    Outcome,
    Overlong,
    Pasted,
    QuestionAnswered,
    Show,
)
from classcord.console.notices import Notices
from classcord.console.pager import Pager, fitted
from classcord.console.pasted import commands_of
from classcord.console.prompt import prompt
from classcord.console.questions import Questions
from classcord.console.running import Running
from classcord.console.views import VIEWS
from classcord.console.welcome import change_password, greet
from classcord.services.process.logs import printable

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from typing import Any

    from twisted.python.failure import Failure

    from classcord.chat.events import Event
    from classcord.chat.roles import Operator, Permission
    from classcord.console.output import Output
    from classcord.console.tools import Tools
    from classcord.services.chat.local_session import LocalSession


class Foreground(Protocol):
    """A program that uses the terminal in place of the line editor, until it ends."""

    def received(self, data: bytes) -> bytes:
        """Take input; return the part of it that is for the line editor."""

    def resized(self, columns: int, rows: int) -> None: ...

    def input_ended(self) -> None: ...


class Terminal(Running):
    """One console, or one command that may ask questions."""

    changes_password = True
    has_terminal = True

    def __init__(  # noqa: PLR0917
        self, tools: Tools, face: str, operator: Operator, address: str, output: Output, command: str | None
    ) -> None:
        super().__init__(tools, face, operator, address, output)
        self._command = command
        self.shows_events = command is None
        surroundings = output.surroundings
        self._editor = Editor(
            surroundings.columns,
            surroundings.rows,
            prompt=prompt(tools, operator, output),
            plain=surroundings.plain,
            history=LineHistory(tools.history(name_key(operator.name))),
            search=output.translate(N_("search")),
        )
        self._keyboard = Keyboard(
            self._editor, output.carrier, tools.clock, did=self._did, taken=self._at_the_end_of_input
        )
        self._questions = Questions(self._put, french=output.language == "fr")
        self._notices = Notices(output, tools.clock, self._editor.above)
        self._foreground: Foreground | None = None
        self._interpreter: Interpreter | None = None
        self._running: Deferred[int] | None = None  # the command that runs
        self._greeted = False
        self._status = DONE  # of the last command that failed

    async def work(self, local: LocalSession) -> None:
        self._interpreter = Interpreter(self.operator, local, self.output, self, self.tools, VIEWS)
        person = local.session.person
        if person is not None and person.must_change and not await self._has_changed_password(local):
            self.finish(REFUSED)
            return
        if self._command is not None:
            self.finish(await self._run_alone(self._command))
            return
        await greet(self.tools, self.operator, local, self.output)
        self._greeted = True
        self._show_prompt()
        self._keyboard.go_on()

    async def _run_alone(self, command: str) -> int:
        """Run the only command of this console; Ctrl-C ends it, and so does the end of an input that it waits for."""
        assert self._interpreter is not None
        running = self._running = Deferred.fromCoroutine(self._interpreter.run(command))
        self._keyboard.go_on()
        try:
            return await running
        except CancelledError:
            if self._over:
                raise
            return REFUSED
        finally:
            self._running = None

    async def _has_changed_password(self, local: LocalSession) -> bool:
        try:
            return await change_password(self, local, self.output)
        except CancelledError:  # no answer
            if self._over:
                raise
            return False

    # -- input --------------------------------------------------------------------------------------------------------

    def received(self, data: bytes) -> None:
        if self._foreground is not None:
            data = self._foreground.received(data)
        elif data in {b"q", b"Q"} and self._running is not None and self._is_live:
            self._running.cancel()
            return
        if data:
            self._keyboard.typed(data)

    @property
    def _is_live(self) -> bool:
        """Whether a live view runs, such as `tail`: it goes on until somebody stops it."""
        return self._running is not None and self._interpreter is not None and self._interpreter.is_live

    def input_ended(self) -> None:
        """Run the commands that came before the end, then leave; a question gets no answer."""
        self._keyboard.input_over = True
        self._at_the_end_of_input()

    def _at_the_end_of_input(self) -> None:
        """If no more input will come, do the next thing: enter a line without line end, give up a question, leave."""
        if not self._keyboard.exhausted:
            return
        if self._foreground is not None:
            self._foreground.input_ended()
        elif self._questions.open:
            self._keyboard.press(b"\x03")
        elif self._running is not None and self._is_live:
            self._running.cancel()
        elif self._running is not None or not self._greeted or self._editor.resting:
            return  # the running command will end, and then this is called again
        elif self._editor.empty:
            self.finish(self._status)
        else:
            self._keyboard.press(b"\r")

    def leave(self) -> None:
        self.finish(self._status)

    def live_view_begins(self) -> None:
        """Check in the next turn whether the input is over already: the view does not wait yet."""
        deferLater(self.tools.clock, 0, self._at_the_end_of_input)

    def resized(self, columns: int, rows: int) -> None:
        self.output.columns, self.output.rows = columns, rows
        self.output.carrier.write(self._editor.resize(columns, rows))
        if self._foreground is not None:
            self._foreground.resized(columns, rows)

    def _did(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Show):
                self.output.carrier.write(outcome.data)
            elif isinstance(outcome, Entered):
                self._run_in_turn(self._run_line(outcome.line))
            elif isinstance(outcome, Pasted):
                self._run_in_turn(self._run_pasted(outcome.lines))
            elif isinstance(outcome, Overlong):
                self._too_long()
            elif isinstance(outcome, QuestionAnswered):
                self._questions.answer(outcome.line)
            elif isinstance(outcome, Complete):
                self._complete(outcome)
            elif isinstance(outcome, Interrupted):
                self._interrupt()
            elif isinstance(outcome, Ended):
                self._end_of_input()

    async def _run_line(self, line: str) -> int:
        assert self._interpreter is not None
        status = await self._interpreter.run(line)
        if status == USAGE and may_hold_secret(line):  # the line may contain a password in the wrong place
            self._editor.history.forget(line)
        return status

    def _run_in_turn(self, work: Coroutine[Any, Any, int]) -> None:
        """Run a command, then show the prompt again."""
        running = self._running = Deferred.fromCoroutine(work)
        running.addErrback(self._stopped).addErrback(self._failed).addBoth(self._ran)

    def _stopped(self, failure: Failure) -> int:
        """Return the status of a cancelled command: after Ctrl-C it is no error, after the end of the input it is."""
        failure.trap(CancelledError)
        return REFUSED if self._keyboard.input_over else DONE

    def _ran(self, status: int | None) -> None:
        self._running = None
        self._status = status or self._status
        deferLater(
            self.tools.clock, 0, self._go_on
        )  # so that a file of a thousand lines makes no stack of a thousand calls

    def _show_prompt(self) -> None:
        self._did(self._editor.ready(prompt(self.tools, self.operator, self.output)))

    def _go_on(self) -> None:
        if not self._over and self._running is None:
            self._show_prompt()
            self._keyboard.go_on()

    async def _run_pasted(self, lines: Sequence[str] | None) -> int:
        """Run each pasted line as a command, if the user confirms that."""
        commands = await commands_of(lines, self, self.output)
        status = DONE if commands else USAGE
        for line in commands:
            if self._over:
                break
            self.output.line(f"> {printable(line)}")
            self._editor.history.add(line)
            status = await self._run_line(line) or status
        return status

    def _too_long(self) -> None:
        self.output.error(self.output.translate(N_("This line is too long.")))
        if self._questions.open:
            self._questions.answer(None)
            return
        self._status = USAGE
        self._show_prompt()

    def _interrupt(self) -> None:
        if self._questions.open:
            self._questions.answer(None)
        elif self._running is not None:
            self._running.cancel()
        elif self._greeted:
            self._show_prompt()

    def _end_of_input(self) -> None:
        if self._questions.open:
            self._questions.answer(None)
        else:
            self.finish(self._status)

    def _complete(self, asked: Complete) -> None:
        start, candidates = completion.complete(asked.line, asked.cursor, self.tools, self._allowed())
        self._did(self._editor.complete(candidates, start))

    def _allowed(self) -> frozenset[Permission]:
        return self._interpreter.allowed if self._interpreter else frozenset()

    # -- questions ----------------------------------------------------------------------------------------------------

    async def confirmed(self, question: str) -> bool:
        return await self._questions.confirmed(question)

    async def secret(self, question: str) -> str:
        return await self._questions.secret(question)

    def _put(self, question: str, *, hidden: bool) -> None:
        self._did(self._editor.ask(question, hidden=hidden))
        deferLater(self.tools.clock, 0, self._keyboard.go_on)

    # -- what is shown beside the commands ----------------------------------------------------------------------------

    def heard(self, event: Event) -> None:
        if not self._over:
            self._notices.heard(event)

    async def show_pages(self, text: str) -> None:
        """Show a text, in pages if it is longer than the screen and nobody has typed more commands already."""
        output = self.output
        text = fitted(text, output.columns)
        few = text.count("\n") < output.rows
        if few or output.surroundings.plain or self._keyboard.has_more:
            output.write(text)
            return
        done: Deferred[None] = Deferred()
        hint = output.translate(N_("-- space: next page, Enter: next line, q: end --"))[: output.columns - 1]
        pager = self._foreground = Pager(text, output.rows, hint, output.write, lambda: done.callback(None))
        pager.start()
        try:
            await done
        finally:
            self._foreground = None

    async def open_python(self) -> int:
        from classcord.console.python import PythonPrompt  # noqa: PLC0415 (Conch's manhole is slow to import)

        assert self.local is not None
        done: Deferred[None] = Deferred()
        python = self._foreground = PythonPrompt(
            self.tools, self.local, self.output, done=lambda: done.callback(None), unread=self.received
        )
        self.tools.prompts[python] = None
        self._notices.hold()  # the prompt draws its own lines
        self.live_view_begins()
        try:
            await done
        finally:
            self.tools.prompts.pop(python)
            self._foreground = None
            if not self._over:
                self._notices.release()
        return DONE

    def finish(self, status: int) -> None:
        if not self._over:
            self.output.carrier.write(self._editor.rest())
        self._keep_history()
        self._keyboard.stop()
        super().finish(status)

    def lost(self) -> None:
        self._keep_history()
        self._keyboard.stop()
        super().lost()
        if self._running is not None:
            self._running.cancel()

    def _keep_history(self) -> None:
        if self._over or self._command is not None:
            return
        self.tools.keep_history(name_key(self.operator.name), self._editor.history.entries)
