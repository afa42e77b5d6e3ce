"""The line editor of the administrators' console: typed keys go in; output, lines and questions come out.

    def received(self, data):
        self.did(self.editor.feed(data))

    def did(self, outcomes):
        for outcome in outcomes:
            match outcome:
                case Show(data): self.carrier.write(data)
                case Entered(line): ...  # run it, write its output through `above`; then self.did(self.editor.ready())
                case Complete(line, cursor): self.did(self.editor.complete(candidates, start))
                case Interrupted(): ...  # cancel what runs; then self.did(self.editor.ready())

Knows no transport, no clock, no command and no chat.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto
from typing import ClassVar

from classcord.console.lineedit.candidates import distinct, listed
from classcord.console.lineedit.clipboard import Clipboard
from classcord.console.lineedit.display import Display, PlainDisplay
from classcord.console.lineedit.fields import AnswerField, CommandField, Field
from classcord.console.lineedit.keys import Key, KeyDecoder
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
from classcord.console.lineedit.typeahead import TypeAhead

__all__ = [
    "Complete",
    "Editor",
    "Ended",
    "Entered",
    "Interrupted",
    "LineHistory",
    "Outcome",
    "Overlong",
    "Pasted",
    "QuestionAnswered",
    "Show",
]

_LINE_END = re.compile(rb"\r?\n")


class _Phase(Enum):
    RESTING = auto()  # no prompt is shown; keys wait
    TYPING = auto()
    COMPLETING = auto()  # the prompt is shown; keys wait for the candidates


_WAITING = frozenset({_Phase.RESTING, _Phase.COMPLETING})


class Editor:
    """A prompt and a line. It rests, with nothing shown, until `ready` or `ask`; and again after each outcome but Show.

    Outcomes come as a list: first Show; then at most one other, after which keys wait until the owner calls `ready`,
    `ask`, or for Complete `complete`; then Interrupted, if Ctrl-C came in the meantime. `columns` and `rows` are the
    terminal's size; a `plain` terminal has no escape sequences. A prompt is one line, and may contain SGR sequences.
    """

    def __init__(
        self,
        columns: int = 80,
        rows: int = 24,
        *,
        prompt: str = "> ",
        plain: bool = False,
        history: LineHistory | None = None,
        search: str = "search",
    ) -> None:
        self.history = LineHistory() if history is None else history
        self._plain = plain
        self._display = PlainDisplay(columns, rows) if plain else Display(columns, rows)
        self._phase = _Phase.RESTING
        self._keys = KeyDecoder()
        self._ahead = TypeAhead()
        self._clipboard = Clipboard()
        self._command = CommandField(prompt, self._clipboard, self.history, plain=plain, search=search)
        self._question: AnswerField | None = None
        self._output = ""
        self._bell = False
        self._outcomes: list[Outcome] = []

    # What the owner calls

    @property
    def resting(self) -> bool:
        """Whether no prompt is shown."""
        return self._phase is _Phase.RESTING

    @property
    def unsettled(self) -> bool:
        """Whether an escape was read that may be the Escape key, or the beginning of a sequence.

        Call `settle` after some 50 ms.
        """
        return self._keys.unsettled

    @property
    def crowded(self) -> bool:
        """Whether so much was typed ahead that further keys may be lost."""
        return self._ahead.crowded

    @property
    def has_keys(self) -> bool:
        """Whether keys wait for the next prompt."""
        return bool(self._ahead)

    @property
    def empty(self) -> bool:
        """Whether nothing is typed at the prompt."""
        return not self._command.line.glyphs

    def feed(self, data: bytes) -> list[Outcome]:
        """Handle typed bytes, in any pieces."""
        return self._take(self._keys.feed(data))

    def settle(self) -> list[Outcome]:
        """Treat a waiting escape as the Escape key; without this call, the next key decides."""
        return self._take(self._keys.settle())

    def ready(self, prompt: str | None = None) -> list[Outcome]:
        """Show the prompt (a new one, if given) with the line that was being typed, and read keys again.

        At a prompt it does nothing, so it may be called whenever the owner is idle. A question stays; a completion that
        is waited for is cancelled.
        """
        if prompt is not None:
            self._command.prompt = prompt
        if self._phase is _Phase.RESTING:
            self._output += self._display.begin()
        if self._phase in _WAITING:
            self._phase = _Phase.TYPING
        return self._go_on()

    def ask(self, prompt: str, *, hidden: bool = False) -> list[Outcome]:
        """Ask a question in place of the prompt; it ends with QuestionAnswered, Interrupted or Ended.

        `hidden` is for secrets: the answer is neither shown nor kept. A line that was being typed comes back with
        `ready`. RuntimeError if another question is open.
        """
        if self._question is not None:
            raise RuntimeError("a question is being asked")
        self._output += self._display.begin() if self.resting else self._display.erase()
        self._command.end_search()
        self._question = AnswerField(prompt, self._clipboard, plain=self._plain, hidden=hidden)
        self._phase = _Phase.TYPING
        return self._go_on()

    def complete(self, candidates: Iterable[str], start: int) -> list[Outcome]:
        """Answer Complete with the candidates for the text from the character `start` of the line to the cursor.

        One candidate is inserted, with a space; of several, their common beginning, and after a second Tab they are
        listed. It does nothing if the line has been abandoned in the meantime.
        """
        if self._phase is _Phase.COMPLETING:
            self._phase = _Phase.TYPING
            possible = distinct(candidates)
            if self._command.complete(possible, start):
                text = listed(possible, self._display.columns)
                self._output += self._display.erase() + text.replace("\n", "\r\n") + "\r\n"
            self._hear(self._command)
        return self._go_on()

    def above(self, text: bytes | str) -> bytes:
        """Return the output that shows lines of text, above the prompt if there is one.

        The caller makes the text safe.
        """
        data = text.encode("utf-8", "replace") if isinstance(text, str) else text
        data = _LINE_END.sub(b"\r\n", data)
        if data and not data.endswith(b"\n"):
            data += b"\r\n"
        if self.resting or not data:
            return data
        return self._display.erase().encode() + data + self._painted().encode()

    def resize(self, columns: int, rows: int) -> bytes:
        """Set the terminal's new size, and return the output that shows the line in it."""
        output = self._display.resize(columns, rows)
        return (output if self.resting else output + self._painted()).encode()

    def rest(self) -> bytes:
        """Leave prompt and line on the screen, and rest: before a program uses the screen, and at the end.

        A question is cancelled; the line comes back with `ready`.
        """
        if self.resting:
            return b""
        self._rest()
        self._question = None
        output, self._output = self._output, ""
        return output.encode()

    # From keys to what they do

    def _take(self, keys: Sequence[Key]) -> list[Outcome]:
        for key in keys:
            if self._phase not in _WAITING:
                self._press(key)
            elif key.name == "ctrl-c":
                self._interrupt()
            elif not self._ahead.add(key):
                self._bell = True
        return self._told()

    def _go_on(self) -> list[Outcome]:
        while self._ahead and self._phase not in _WAITING:
            self._press(self._ahead.take())
        return self._told()

    def _told(self) -> list[Outcome]:
        output = self._output + ("" if self.resting else self._painted()) + ("\a" if self._bell else "")
        outcomes: list[Outcome] = [Show(output.encode()), *self._outcomes] if output else self._outcomes
        self._output, self._bell, self._outcomes = "", False, []
        return outcomes

    @property
    def _field(self) -> Field:
        return self._question or self._command

    def _press(self, key: Key) -> None:
        """Give the field a key; the editor itself handles keys for the screen, and for the running command."""
        field = self._field
        outcome = field.press(key)
        if key.name in self.ACTIONS:
            self.ACTIONS[key.name](self)
        elif isinstance(outcome, Complete):
            self._phase = _Phase.COMPLETING
            self._outcomes.append(outcome)
        elif outcome is not None:
            self._over(outcome)
        self._hear(field)

    def _hear(self, field: Field) -> None:
        """Ring the bell if the field could not execute a key."""
        self._bell, field.bell = self._bell or field.bell, False

    def _interrupt(self) -> None:
        self._ahead.clear()
        self._clipboard.end_paste()
        if not self.resting:
            self._over(Interrupted(), "^C")
        elif self._outcomes[-1:] != [Interrupted()]:
            self._outcomes.append(Interrupted())

    def _clear(self) -> None:
        if not self._plain:
            self._output += self._display.clear()

    def _over(self, outcome: Outcome, mark: str = "") -> None:
        """Rest, because the line is finished or the question answered."""
        self._rest(mark)
        if self._question is None:
            self._command.clear()
        self._question = None
        self._outcomes.append(outcome)

    def _rest(self, mark: str = "") -> None:
        self._command.end_search()
        left = self._field.left_behind(mark)
        self._output += self._display.paint(left, len(left)) + self._display.leave() + self._display.end()
        self._phase = _Phase.RESTING

    def _painted(self) -> str:
        return self._display.paint(*self._field.shown())

    ACTIONS: ClassVar[dict[str, Callable[[Editor], None]]] = {"ctrl-c": _interrupt, "ctrl-l": _clear}
