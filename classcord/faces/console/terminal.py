"""The console of a person: a prompt, line editing, history, completion, notices above the line that is being typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater

from classcord.chat.errors import BadPassword, ChatError
from classcord.chat.events import Notice, RequestsListed, Said
from classcord.chat.names import name_key
from classcord.chat.requests import Password, Requests
from classcord.chat.text import N_
from classcord.faces.console.editor import Editor
from classcord.faces.console.history import History
from classcord.faces.console.interpreter import DONE, REFUSED, USAGE, Interpreter
from classcord.faces.console.outcomes import Answered, Complete, Ended, Entered, Interrupted, Outcome, Show
from classcord.faces.console.running import Running
from classcord.services.logs import printable
from classcord.wire import completion
from classcord.wire.commandline import may_hold_secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classcord.chat.events import Event
    from classcord.chat.roles import Permission
    from classcord.chat.state import Operator
    from classcord.faces.console.output import Output
    from classcord.faces.console.python import PythonPrompt
    from classcord.faces.console.tools import Tools
    from classcord.services.direct import Direct

AT_ONCE = 256  # bytes that are typed, in one turn of the reactor
ESCAPE_WAIT = 0.05  # seconds after which an escape is the key, not the beginning of one


class Terminal(Running):
    """One console; with a command, that command alone, which may ask."""

    changes_password = True

    def __init__(  # noqa: PLR0917
        self, tools: Tools, face: str, operator: Operator, address: str, output: Output, command: str | None
    ) -> None:
        super().__init__(tools, face, operator, address, output)
        self._command = command
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
        self._typed = b""

    def _prompt(self) -> str:
        name = f"{self.operator.name}@{self.tools.service.hub.policy.name}"
        return f"\x1b[1;36m{name}\x1b[0m> " if self.output.colour else f"{name}> "

    async def work(self, direct: Direct) -> None:
        self._interpreter = Interpreter(
            self.operator, direct, self.output, asker=self, tools=self.tools, leave=lambda: self.finish(DONE)
        )
        self._interpreter.has_terminal = True
        self._interpreter.open_python = self._open_python  # type: ignore[method-assign]
        person = direct.session.person
        if person is not None and person.must_change and not await self._change_password(direct):
            self.finish(REFUSED)
            return
        if self._command is not None:
            self.finish(await self._interpreter.run(self._command))
            return
        await self._greet(direct)
        self._did(self._editor.ready())

    async def _greet(self, direct: Direct) -> None:
        policy, role = self.tools.service.hub.policy, self.operator.role.label
        self.output.say(
            N_("ClassCord {version}: you are {name}, {role}. `help` lists the commands."),
            version=policy.version, name=self.operator.name, role=role,
        )  # fmt: skip
        waiting = await direct.ask(Requests())
        if isinstance(waiting, RequestsListed) and waiting.requests:
            self.output.say(
                N_("Requests that wait for an answer: {count}. `requests` lists them."), count=len(waiting.requests)
            )

    async def _change_password(self, direct: Direct) -> bool:
        """Have the one-time password changed before anything else; return whether it was."""
        translate = self.output.translate
        self.output.say(N_("Your password was for one time: choose another one now."))
        old = ""
        for _ in range(5):
            old = old or await self.secret(translate(N_("The password that you came in with: ")))
            new = await self.secret(translate(N_("New password: ")))
            if new != await self.secret(translate(N_("The same again: "))):
                self.output.say(N_("The two are not the same."))
                continue
            try:
                await direct.ask(Password(old=old, new=new))
            except ChatError as error:
                self.output.refusal(error, json=False)
                old = old if isinstance(error, BadPassword) else ""
                continue
            self.output.say(N_("The password is changed."))
            return True
        return False

    # -- the terminal's word ------------------------------------------------------------------------------------------

    def received(self, data: bytes) -> None:
        if self._python is not None:
            self._python.received(data)
            return
        self._typed += data
        if len(self._typed) == len(data):
            self._feed()

    def _feed(self) -> None:
        """Take what was typed, so much in each turn of the reactor: what is pasted holds nobody up."""
        data, self._typed = self._typed[:AT_ONCE], self._typed[AT_ONCE:]
        self._did(self._editor.feed(data))
        if self._over:
            return
        if self._typed:
            self.output.carrier.pause()
            deferLater(self.tools.clock, 0, self._feed)
            return
        self.output.carrier.resume()
        if self._editor.unsettled:
            deferLater(self.tools.clock, ESCAPE_WAIT, self._settle)

    def _settle(self) -> None:
        if not self._over:
            self._did(self._editor.settle())

    def input_ended(self) -> None:
        self.finish(DONE)

    def resized(self, columns: int, rows: int) -> None:
        self.output.columns, self.output.rows = columns, rows
        self.output.carrier.write(self._editor.resize(columns, rows))
        if self._python is not None:
            self._python.resized(columns, rows)

    def _did(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Show):
                self.output.carrier.write(outcome.data)
            elif isinstance(outcome, Entered):
                self._enter(outcome.line)
            elif isinstance(outcome, Answered):
                self._answer(outcome.line)
            elif isinstance(outcome, Complete):
                self._complete(outcome)
            elif isinstance(outcome, Interrupted):
                self._interrupt()
            elif isinstance(outcome, Ended):
                self._end_of_input()

    def _enter(self, line: str) -> None:
        if self._interpreter is None:
            return
        running = self._running = Deferred.fromCoroutine(self._interpreter.run(line))
        running.addErrback(lambda failure: failure.trap(CancelledError)).addErrback(self._failed)
        running.addBoth(self._ran, line)

    def _ran(self, status: object, line: str) -> None:
        self._running = None
        if status == USAGE and may_hold_secret(line):  # a password where none belongs is not kept with the line
            self._editor.history.forget(line)
        if not self._over:
            self._did(self._editor.ready())

    def _interrupt(self) -> None:
        question, self._question = self._question, None
        if question is not None:
            question.callback(None)
        elif self._running is not None:
            self._running.cancel()
        else:
            self._did(self._editor.ready())

    def _end_of_input(self) -> None:
        if self._question is not None:
            self._answer(None)
        else:
            self.finish(DONE)

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
            self._above(f"[{printable(event.sender)} → {printable(event.to)}] {printable(event.content)}")

    def _above(self, line: str) -> None:
        if self._over or self._python is not None:
            return
        if self.output.colour:
            line = f"\x1b[33m{line}\x1b[0m"
        self.output.carrier.write(self._editor.above(line.replace("\n", " ")))

    # -- the Python prompt --------------------------------------------------------------------------------------------

    async def _open_python(self) -> int:
        from classcord.faces.console.python import PythonPrompt  # noqa: PLC0415 (Conch's manhole is slow to import)

        assert self.direct is not None
        done: Deferred[None] = Deferred()
        self._python = PythonPrompt(
            self.tools, self.direct, self.output, done=lambda: done.callback(None), unread=self.received
        )
        self.tools.prompts[self._python] = None
        try:
            await done
        finally:
            self.tools.prompts.pop(self._python)
            self._python = None
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
