"""The line editor of the administrators' console: what is typed goes in, what to show and what was asked comes out.

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
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto
from typing import ClassVar

from classcord.console.lineedit.candidates import distinct, extended, listed
from classcord.console.lineedit.display import Display, PlainDisplay
from classcord.console.lineedit.glyphs import Glyph, glyphs, prompt_glyphs, typed
from classcord.console.lineedit.history import History, Recall, Search
from classcord.console.lineedit.keys import Key, Keys
from classcord.console.lineedit.line import ERASES, KILLS, MAX_LINE, MOVES, Line
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
from classcord.console.lineedit.pasting import Paste

__all__ = [
    "Answered", "Complete", "Editor", "Ended", "Entered", "History", "Interrupted", "Outcome", "Pasted", "Show",
    "TooLong",
]  # fmt: skip

_LINE_END = re.compile(rb"\r?\n")

_PLAIN_KEYS = frozenset(
    {
        "text", "paste", "paste-end", "enter", "tab", "backspace", "up", "down",
        "ctrl-c", "ctrl-d", "ctrl-n", "ctrl-p", "ctrl-u", "ctrl-w",
    }
)  # fmt: skip
"""What works without moving the cursor within the line."""


class _Phase(Enum):
    RESTING = auto()  # no prompt is shown; keys wait
    TYPING = auto()
    SEARCHING = auto()  # in the history, with a prompt of its own
    COMPLETING = auto()  # the prompt is shown; keys wait for the candidates


_WAITING = frozenset({_Phase.RESTING, _Phase.COMPLETING})


class _Reading:
    """One thing that is read: a prompt, and the line that is typed behind it."""

    def __init__(self, prompt: list[Glyph], *, hidden: bool = False) -> None:
        self.prompt = prompt
        self.line = Line()
        self.hidden = hidden
        self.cut = False  # something was typed that there was no room for


class Editor:
    """A prompt and a line. It rests, with nothing shown, until `ready` or `ask`; and again after each outcome but Show.

    Outcomes come as a list: what to show first; then at most one other, after which keys wait until the owner calls
    `ready`, `ask`, or for Complete `complete`; then Interrupted, if Ctrl-C came while they waited. `columns` and `rows`
    are of the terminal, `plain` one without escape sequences. A prompt is one line, and may have SGR sequences.
    """

    def __init__(
        self,
        columns: int = 80,
        rows: int = 24,
        *,
        prompt: str = "> ",
        plain: bool = False,
        history: History | None = None,
        search: str = "search",
    ) -> None:
        self.history = History() if history is None else history
        self._plain = plain
        self._search_name = search
        self._display = PlainDisplay(columns, rows) if plain else Display(columns, rows)
        self._phase = _Phase.RESTING
        self._keys = Keys()
        self._ahead: deque[Key] = deque()  # typed while keys waited
        self._ahead_room = MAX_LINE
        self._command = _Reading(self._prompt(prompt))
        self._question: _Reading | None = None
        self._recall: Recall | None = None
        self._search = Search(())
        self._before_search = self._command.line
        self._killed = ""
        self._paste: Paste | None = None
        self._last = ""  # the name of the key before, for those that mean more the second time
        self._listing = False  # a second Tab asks what the candidates are
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
        """Whether an escape was read that may be a key, or the beginning of one: `settle` after some 50 ms."""
        return self._keys.unsettled

    @property
    def crowded(self) -> bool:
        """Whether much was typed ahead, so that what more is fed may be lost."""
        return self._ahead_room < MAX_LINE // 2

    @property
    def has_keys(self) -> bool:
        """Whether keys wait for the next prompt."""
        return bool(self._ahead)

    @property
    def empty(self) -> bool:
        """Whether nothing is typed at the prompt."""
        return not self._command.line.glyphs

    def feed(self, data: bytes) -> list[Outcome]:
        """Take what was typed, in whatever pieces it comes."""
        return self._take(self._keys.feed(data))

    def settle(self) -> list[Outcome]:
        """Take an escape for the key, as nothing came after it; without this it counts when the next key comes."""
        return self._take(self._keys.settle())

    def ready(self, prompt: str | None = None) -> list[Outcome]:
        """Show the prompt (a new one, if given), with the line that was being typed, and read on.

        At a prompt it does nothing, so it may be called whenever the owner has nothing to do; a question stays, and a
        completion that is waited for is given up.
        """
        if prompt is not None:
            self._command.prompt = self._prompt(prompt)
        if self._phase is _Phase.RESTING:
            self._output += self._display.begin()
        if self._phase in _WAITING:
            self._phase = _Phase.TYPING
        return self._go_on()

    def ask(self, prompt: str, *, hidden: bool = False) -> list[Outcome]:
        """Put a question, in place of the prompt; it ends with Answered, Interrupted or Ended.

        `hidden` is for secrets: nothing is shown of the answer, nor kept. A line that was being typed comes back with
        `ready`. RuntimeError if a question is being asked already.
        """
        if self._question is not None:
            raise RuntimeError("a question is being asked")
        self._output += self._display.begin() if self.resting else self._display.erase()
        self._question = _Reading(self._prompt(prompt), hidden=hidden)
        self._phase = _Phase.TYPING
        return self._go_on()

    def complete(self, candidates: Iterable[str], start: int) -> list[Outcome]:
        """Answer Complete: what may stand from the character `start` of the line to the cursor.

        One candidate is put there, with a space; of several what they have in common, and after a second Tab they are
        listed. It does nothing if the line has been abandoned meanwhile.
        """
        if self._phase is _Phase.COMPLETING:
            self._phase = _Phase.TYPING
            self._completed(distinct(candidates), start)
        return self._go_on()

    def above(self, text: bytes | str) -> bytes:
        """Return what shows lines of text, above the prompt if there is one; what they contain is the owner's care."""
        data = text.encode("utf-8", "replace") if isinstance(text, str) else text
        data = _LINE_END.sub(b"\r\n", data)
        if data and not data.endswith(b"\n"):
            data += b"\r\n"
        if self.resting or not data:
            return data
        return self._display.erase().encode() + data + self._painted().encode()

    def resize(self, columns: int, rows: int) -> bytes:
        """Take the terminal's new size, and return what shows the line right in it."""
        output = self._display.resize(columns, rows)
        return (output if self.resting else output + self._painted()).encode()

    def rest(self) -> bytes:
        """Leave prompt and line where they are, and rest: for a program that takes the screen, and before the end.

        A question is given up; the line comes back with `ready`.
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
            elif len(key.text) < self._ahead_room:
                self._ahead_room -= len(key.text) + 1
                self._ahead.append(key)
            else:
                self._bell = True
        return self._told()

    def _go_on(self) -> list[Outcome]:
        while self._ahead and self._phase not in _WAITING:
            key = self._ahead.popleft()
            self._ahead_room += len(key.text) + 1
            self._press(key)
        return self._told()

    def _told(self) -> list[Outcome]:
        output = self._output + ("" if self.resting else self._painted()) + ("\a" if self._bell else "")
        outcomes: list[Outcome] = [Show(output.encode()), *self._outcomes] if output else self._outcomes
        self._output, self._bell, self._outcomes = "", False, []
        return outcomes

    @property
    def _reading(self) -> _Reading:
        return self._question or self._command

    def _press(self, key: Key) -> None:
        if self._phase is _Phase.SEARCHING and self._searched(key):
            return
        line, name = self._reading.line, key.name
        if self._plain and name not in _PLAIN_KEYS:
            self._bell = True
        elif name == "text":
            self._insert(key.text)
        elif name == "paste":
            self._paste = self._paste or Paste()
            self._insert(self._paste.add(key.text))
        elif name == "paste-end":
            self._pasted()
        elif name in MOVES:
            line.cursor = MOVES[name](line)
        elif name == "ctrl-d" and not line.glyphs:
            self._over(Ended())
        elif name in ERASES:
            self._erase(ERASES[name](line))
        elif name in KILLS:
            self._kill(KILLS[name](line))
        elif name in self._ACTIONS:
            self._ACTIONS[name](self)
        self._last = name

    def _insert(self, text: str) -> None:
        if not self._reading.line.insert(text):
            self._bell = self._reading.cut = True

    def _erase(self, target: int) -> str:
        line = self._reading.line
        self._reading.cut = False  # whoever edits has seen where the line ends
        if target == line.cursor:
            self._bell = True
        return line.remove(min(target, line.cursor), max(target, line.cursor))

    def _kill(self, target: int) -> None:
        backwards = target < self._reading.line.cursor
        text = self._erase(target)
        if self._reading.hidden or not text:
            return
        before = self._killed if self._last in KILLS else ""
        self._killed = (text + before if backwards else before + text)[:MAX_LINE]

    def _yank(self) -> None:
        self._insert(self._killed)

    def _clear(self) -> None:
        self._output += self._display.clear()

    def _enter(self) -> None:
        line = self._reading.line.text
        if self._reading.cut:
            self._over(TooLong())
        elif self._question is None:
            self.history.add(line)
            self._over(Entered(line))
        else:
            self._over(Answered(line))

    def _pasted(self) -> None:
        """Take the end of a paste: one line stays to be edited, several are handed on; none is joined with another."""
        paste, self._paste = self._paste, None
        if paste is None or not paste.several:
            return
        if self._question is not None:  # an answer is one line
            self._question.line, self._bell = Line(), True
            return
        lines = (self._command.line.text, *map(typed, paste.rest))
        self._over(Pasted(None if paste.too_large or self._command.cut else lines))

    def _interrupt(self) -> None:
        self._ahead.clear()
        self._ahead_room = MAX_LINE
        self._paste = None
        if not self.resting:
            self._over(Interrupted(), "^C")
        elif self._outcomes[-1:] != [Interrupted()]:
            self._outcomes.append(Interrupted())

    def _over(self, outcome: Outcome, mark: str = "") -> None:
        """The line is done with, and a question answered: rest."""
        self._rest(mark)
        if self._question is None:
            self._command.line, self._command.cut = Line(), False
            self._recall = None
        self._question = None
        self._outcomes.append(outcome)

    def _rest(self, mark: str = "") -> None:
        reading = self._reading
        shown = [*reading.prompt, *([] if reading.hidden else reading.line.glyphs), *glyphs(mark)]
        self._output += self._display.paint(shown, len(shown)) + self._display.leave() + self._display.end()
        self._phase = _Phase.RESTING

    # What is shown

    def _prompt(self, prompt: str) -> list[Glyph]:
        return prompt_glyphs(prompt, styled=not self._plain)

    def _painted(self) -> str:
        prompt, line = self._reading.prompt, self._reading.line
        if self._reading.hidden:
            return self._display.paint(prompt, len(prompt))
        if self._phase is _Phase.SEARCHING:
            prompt = self._prompt(f"({self._search_name})'{self._search.query}': ")
        return self._display.paint([*prompt, *line.glyphs], len(prompt) + line.cursor)

    # History

    def _older(self) -> None:
        if self._question is not None:
            self._bell = True
            return
        if self._recall is None:
            self._recall = Recall(self.history.entries)
        self._show_entry(self._recall.older(self._command.line.text))

    def _newer(self) -> None:
        self._show_entry(self._recall.newer() if self._recall is not None and self._question is None else None)

    def _show_entry(self, entry: str | None) -> None:
        if entry is None:
            self._bell = True
        else:
            self._command.line = Line(entry)

    def _begin_search(self) -> None:
        if self._question is not None:
            self._bell = True
            return
        self._search = Search(self.history.entries)
        self._before_search = self._command.line
        self._phase = _Phase.SEARCHING

    def _searched(self, key: Key) -> bool:
        """Take a key that belongs to the search; any other accepts what was found, and is then taken as ever."""
        before = self._search.found
        if key.name == "paste-end":
            return True
        if key.name in {"text", "paste"}:
            found = self._search.extend(key.text.replace("\n", " "))
        elif key.name == "backspace":
            found = self._search.shorten()
        elif key.name == "ctrl-r":
            found = self._search.older()
        elif key.name in {"ctrl-g", "escape"}:
            self._command.line = self._before_search
            self._phase = _Phase.TYPING
            return True
        else:
            self._phase = _Phase.TYPING
            return False
        self._bell |= not found
        if found or self._search.found != before:
            self._show_found()
        return True

    def _show_found(self) -> None:
        entry = self._search.found
        if entry is None:
            self._command.line = self._before_search
            return
        line = Line(entry)
        line.cursor = line.glyph_at(entry.find(self._search.query))
        self._command.line = line

    # Completion

    def _tab(self) -> None:
        if self._question is not None:
            self._bell = True
            return
        self._listing = self._last == "tab"
        self._phase = _Phase.COMPLETING
        self._outcomes.append(Complete(self._command.line.text, self._command.line.character))

    def _completed(self, candidates: list[str], start: int) -> None:
        line = self._command.line
        begin = min(line.glyph_at(start), line.cursor)
        word = "".join(glyph.text for glyph in line.glyphs[begin : line.cursor])
        if not candidates:
            self._bell = True
            return
        become = extended(word, candidates)
        if len(candidates) == 1:
            self._replace(begin, candidates[0])
            if line.glyphs[line.cursor : line.cursor + 1] == glyphs(" "):
                line.cursor += 1
            elif not candidates[0].endswith(" "):
                self._insert(" ")
        elif become != word:
            self._replace(begin, become)
        elif self._listing:
            text = listed(candidates, self._display.columns)
            self._output += self._display.erase() + text.replace("\n", "\r\n") + "\r\n"
        else:
            self._bell = True

    def _replace(self, begin: int, text: str) -> None:
        self._reading.line.remove(begin, self._reading.line.cursor)
        self._insert(text)

    _ACTIONS: ClassVar[dict[str, Callable[[Editor], None]]] = {
        "enter": _enter, "ctrl-c": _interrupt, "ctrl-y": _yank, "ctrl-l": _clear, "tab": _tab,
        "up": _older, "ctrl-p": _older, "down": _newer, "ctrl-n": _newer, "ctrl-r": _begin_search,
    }  # fmt: skip
