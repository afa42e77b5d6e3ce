"""The console of a person: a prompt, line editing, history, completion, notices above the line that is being typed."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater

from classcord.chat.events import Notice
from classcord.chat.messages.vocabulary import Said
from classcord.chat.names import name_key
from classcord.chat.text import N_
from classcord.console.commands import completion
from classcord.console.commands.commandline import may_hold_secret
from classcord.console.interpreter import DONE, REFUSED, USAGE, Interpreter
from classcord.console.lineedit.editor import Editor
from classcord.console.lineedit.history import History
from classcord.console.lineedit.outcomes import (
    Answered,
    Complete,
    Ended,
    Entered,
    Interrupted,
    Outcome,
    Pasted,
    Show,
    TooLong,
)
from classcord.console.lineedit.pasting import LINES
from classcord.console.pager import Pager, fitted
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
    from classcord.console.python import PythonPrompt
    from classcord.console.tools import Tools
    from classcord.services.chat.local_session import LocalSession

HELD_BACK = 65_536  # bytes of commands that wait for the one that runs, until no more is read
AT_ONCE = 256  # bytes that are typed, in one turn of the reactor
TOLD_LATER = 1_000  # lines of what is heard beside a Python prompt
JUST_NOW = 60  # seconds; what was said before is shown with its time
ESCAPE_WAIT = 0.05  # seconds after which an escape is the key, not the beginning of one


class Terminal(Running):
    """One console; with a command, that command alone, which may ask."""

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
            prompt=self._prompt(),
            plain=surroundings.plain,
            history=History(tools.history(name_key(operator.name))),
            search=output.translate(N_("search")),
        )
        self._interpreter: Interpreter | None = None
        self._running: Deferred[int] | None = None  # the command that runs
        self._question: Deferred[str | None] | None = None
        self._python: PythonPrompt | None = None
        self._told: deque[str] = deque(maxlen=TOLD_LATER)  # while the Python prompt is open
        self._pager: Pager | None = None
        self._typed = b""
        self._feeding = False  # the rest of what was typed is taken in the reactor's next turn
        self._greeted = False
        self._input_over = False
        self._status = DONE  # of the last command that failed

    def _prompt(self) -> str:
        tools, translate = self.tools, self.output.translate
        name = f"{self.operator.name}@{tools.policy.name}"
        marks = []
        if tools.presence.maintenance is not None:
            marks.append(translate(N_("maintenance")))
        if (ending := tools.service.ending()) is not None:
            marks.append(translate(N_("restart") if ending.restart else N_("stop")))
        mark = f" [{', '.join(marks)}]" if marks else ""
        if not self.output.colour:
            return f"{name}{mark}> "
        return f"\x1b[1;36m{name}\x1b[0m" + (f"\x1b[1;33m{mark}\x1b[0m> " if mark else "> ")

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
        self._did(self._editor.ready(self._prompt()))
        self._feed()

    async def _run_alone(self, command: str) -> int:
        """Run the one command that was asked for; Ctrl-C ends it, and so does the end of an input that it waits for."""
        assert self._interpreter is not None
        running = self._running = Deferred.fromCoroutine(self._interpreter.run(command))
        self._feed()
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

    # -- the terminal's word ------------------------------------------------------------------------------------------

    def received(self, data: bytes) -> None:
        if self._python is not None:
            self._python.received(data)
            return
        if self._pager is not None:
            data = self._pager.received(data)
        elif data in {b"q", b"Q"} and self._running is not None and self._is_live:
            self._running.cancel()
            return
        if not data:
            return
        interrupts = data.rfind(b"\x03") + 1
        if interrupts and self._editor.crowded:  # what waits was typed before it
            self._typed, data = b"", data[interrupts - 1 :]
            self._did(self._editor.feed(b"\x03"))
            data = data[1:]
        self._typed += data
        self._feed_on()

    @property
    def _is_live(self) -> bool:
        """Whether a command runs that shows more and more until it is stopped."""
        return self._running is not None and self._interpreter is not None and self._interpreter.is_live

    def _feed(self) -> None:
        """Take what was typed, so much in each turn of the reactor: what is pasted holds nobody up.

        Commands that wait for the one that runs are held back, so that none of them is lost.
        """
        self._feeding = False
        if self._over:
            return
        if self._typed and not self._held_up:
            data, self._typed = self._typed[:AT_ONCE], self._typed[AT_ONCE:]
            self._did(self._editor.feed(data))
            if self._over:
                return
        if self._typed and not self._held_up:
            self.output.carrier.pause()
            self._feeding = True
            deferLater(self.tools.clock, 0, self._feed)
            return
        if len(self._typed) > HELD_BACK:
            self.output.carrier.pause()
        else:
            self.output.carrier.resume()
        if self._editor.unsettled and not self._over:
            deferLater(self.tools.clock, ESCAPE_WAIT, self._settle)
        self._at_the_end_of_input()

    @property
    def _held_up(self) -> bool:
        return self._editor.crowded and self._editor.resting

    def _settle(self) -> None:
        if not self._over:
            self._did(self._editor.settle())
            self._at_the_end_of_input()

    def input_ended(self) -> None:
        """Run what was sent before the end, then leave; what waits for an answer is refused."""
        self._input_over = True
        self._at_the_end_of_input()

    def _at_the_end_of_input(self) -> None:
        """Go on where no more will be typed: a line without its end is entered, a question is not answered."""
        if not self._input_over or self._over or self._typed or self._feeding or self._editor.unsettled:
            return
        if self._python is not None:
            self._python.input_ended()
        elif self._pager is not None:
            self._pager.show_all()
        elif self._question is not None:
            self._did(self._editor.feed(b"\x03"))
        elif self._running is not None and self._is_live:
            self._running.cancel()
        elif self._running is not None or not self._greeted or self._editor.resting:
            return  # what runs comes to an end, and then here again
        elif self._editor.empty:
            self.finish(self._status)
        else:
            self._did(self._editor.feed(b"\r"))

    def leave(self) -> None:
        self.finish(self._status)

    def live_view_begins(self) -> None:
        """Look in the next turn whether the input is over already: the view does not wait yet."""
        deferLater(self.tools.clock, 0, self._at_the_end_of_input)

    def resized(self, columns: int, rows: int) -> None:
        self.output.columns, self.output.rows = columns, rows
        self.output.carrier.write(self._editor.resize(columns, rows))
        if self._python is not None:
            self._python.resized(columns, rows)
        if self._pager is not None:
            self._pager.resized(rows)

    def _did(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Show):
                self.output.carrier.write(outcome.data)
            elif isinstance(outcome, Entered):
                self._enter(outcome.line)
            elif isinstance(outcome, Pasted):
                self._run_in_turn(self._paste(outcome.lines))
            elif isinstance(outcome, TooLong):
                self._too_long()
            elif isinstance(outcome, Answered):
                self._answer(outcome.line)
            elif isinstance(outcome, Complete):
                self._complete(outcome)
            elif isinstance(outcome, Interrupted):
                self._interrupt()
            elif isinstance(outcome, Ended):
                self._end_of_input()

    def _enter(self, line: str) -> None:
        self._run_in_turn(self._run_line(line))

    async def _run_line(self, line: str) -> int:
        assert self._interpreter is not None
        status = await self._interpreter.run(line)
        if status == USAGE and may_hold_secret(line):  # a password where none belongs is not kept with the line
            self._editor.history.forget(line)
        return status

    def _run_in_turn(self, work: Coroutine[Any, Any, int]) -> None:
        """Run something, then show the prompt again."""
        running = self._running = Deferred.fromCoroutine(work)
        running.addErrback(self._stopped).addErrback(self._failed).addBoth(self._ran)

    def _stopped(self, failure: Failure) -> int:
        """Ctrl-C has stopped it; where it is the end of the input that has, the status says that it was not done."""
        failure.trap(CancelledError)
        return REFUSED if self._input_over else DONE

    def _ran(self, status: int | None) -> None:
        self._running = None
        self._status = status or self._status
        deferLater(self.tools.clock, 0, self._go_on)  # a file of a thousand lines makes no thousand calls deep

    def _go_on(self) -> None:
        if not self._over and self._running is None:
            self._did(self._editor.ready(self._prompt()))
            self._feed_on()

    def _feed_on(self) -> None:
        if not self._feeding:
            self._feed()

    async def _paste(self, lines: Sequence[str] | None) -> int:
        """Run each line that was pasted as a command of its own, once that was confirmed."""
        output = self.output
        if lines is None:
            output.error(
                output.translate(N_("That is too much to be pasted: {most} lines at most. Nothing was run.")).format(
                    most=LINES
                )
            )
            return USAGE
        commands = [line for line in map(str.strip, lines) if line]
        for line in commands:
            output.line(f"  {printable(line)}")
        question = output.translate(N_("{count} lines were pasted. Run each of them as a command?"))
        if not await self.confirmed(question.format(count=len(commands))):
            output.error(output.translate(N_("Nothing was run.")))
            return USAGE
        status = DONE
        for line in commands:
            if self._over:
                break
            output.line(f"> {printable(line)}")
            self._editor.history.add(line)
            status = await self._run_line(line) or status
        return status

    def _too_long(self) -> None:
        self.output.error(self.output.translate(N_("This line is too long.")))
        if self._question is not None:
            self._answer(None)
            return
        self._status = USAGE
        self._did(self._editor.ready(self._prompt()))

    def _interrupt(self) -> None:
        question, self._question = self._question, None
        if question is not None:
            question.callback(None)
        elif self._running is not None:
            self._running.cancel()
        elif self._greeted:
            self._did(self._editor.ready(self._prompt()))

    def _end_of_input(self) -> None:
        if self._question is not None:
            self._answer(None)
        else:
            self.finish(self._status)

    def _complete(self, asked: Complete) -> None:
        start, candidates = completion.complete(asked.line, asked.cursor, self.tools, self._allowed())
        self._did(self._editor.complete(candidates, start))

    def _allowed(self) -> frozenset[Permission]:
        return self._interpreter.allowed if self._interpreter else frozenset()

    # -- questions ----------------------------------------------------------------------------------------------------

    async def confirmed(self, question: str) -> bool:
        answer = await self._ask(f"{question} [o/N] " if self._french() else f"{question} [y/N] ", hidden=False)
        return (answer or "").strip().casefold() in {"o", "oui", "y", "yes"}

    def _french(self) -> bool:
        return (self.output.surroundings.language or self.tools.language()) == "fr"

    async def secret(self, question: str) -> str:
        answer = await self._ask(question, hidden=True)
        if answer is None:
            raise CancelledError
        return answer

    async def _ask(self, question: str, *, hidden: bool) -> str | None:
        """Return the answer; None if there is none."""
        asked = self._question = Deferred()
        self._did(self._editor.ask(question, hidden=hidden))
        deferLater(self.tools.clock, 0, self._feed_on)
        return await asked

    def _answer(self, line: str | None) -> None:
        question, self._question = self._question, None
        if question is not None:
            question.callback(line)

    # -- what is heard unasked ----------------------------------------------------------------------------------------

    def heard(self, event: Event) -> None:
        if isinstance(event, Notice):
            self._above(f"* {printable(event.content.render(self.output.translate))}")
        elif isinstance(event, Said) and event.subtype == "private":
            when = self._when(event.timestamp)
            self._above(f"[{when}{printable(event.sender)} → {printable(event.to)}] {printable(event.content)}")

    def _when(self, timestamp: str) -> str:
        """Return when something was said, "" for what was said just now."""
        then = datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp()
        return "" if abs(self.tools.clock.seconds() - then) < JUST_NOW else f"{self.output.moment(then)}, "

    def _above(self, line: str) -> None:
        if self._over:
            return
        if self._python is not None:  # it draws its own lines: what is told meanwhile is shown behind it
            self._told.append(line)
            return
        if self.output.colour:
            line = f"\x1b[33m{line}\x1b[0m"
        self.output.carrier.write(self._editor.above(line.replace("\n", " ")))

    # -- pages, and the Python prompt ---------------------------------------------------------------------------------

    async def show_pages(self, text: str) -> None:
        """Show a text that fits the window; more than a screen of it in pages, unless more commands wait already."""
        output = self.output
        text = fitted(text, output.columns)
        waiting = self._typed or self._editor.has_keys or self._input_over
        if output.surroundings.plain or waiting or text.count("\n") < output.rows:
            output.write(text)
            return
        done: Deferred[None] = Deferred()
        hint = output.translate(N_("-- space: next page, Enter: next line, q: end --"))[: output.columns - 1]
        self._pager = Pager(text, output.rows, hint, output.write, lambda: done.callback(None))
        self._pager.start()
        try:
            await done
        finally:
            self._pager = None

    async def open_python(self) -> int:
        from classcord.console.python import PythonPrompt  # noqa: PLC0415 (Conch's manhole is slow to import)

        assert self.local is not None
        done: Deferred[None] = Deferred()
        self._python = PythonPrompt(
            self.tools, self.local, self.output, done=lambda: done.callback(None), unread=self.received
        )
        self.tools.prompts[self._python] = None
        self.live_view_begins()
        try:
            await done
        finally:
            self.tools.prompts.pop(self._python)
            self._python = None
            while self._told:
                self._above(self._told.popleft())
        return DONE

    def finish(self, status: int) -> None:
        if not self._over:
            self.output.carrier.write(self._editor.rest())
        self._keep_history()
        super().finish(status)

    def lost(self) -> None:
        self._keep_history()
        super().lost()
        if self._running is not None:
            self._running.cancel()

    def _keep_history(self) -> None:
        if self._over or self._command is not None:
            return
        self.tools.keep_history(name_key(self.operator.name), self._editor.history.entries)
