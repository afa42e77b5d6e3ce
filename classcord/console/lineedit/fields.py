"""The input fields of a terminal: a prompt with the line typed after it. A command has a history, an answer has none.

A field handles one key at a time, and returns the result. Knows no screen, and none of the keys for it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from classcord.console.lineedit.candidates import replacement
from classcord.console.lineedit.clipboard import Clipboard
from classcord.console.lineedit.glyphs import Glyph, glyphs, prompt_glyphs, typed
from classcord.console.lineedit.keys import Key
from classcord.console.lineedit.line import ERASES, KILLS, MOVES, Line
from classcord.console.lineedit.line_history import LineHistory, Recall, Search
from classcord.console.lineedit.outcomes import (
    Complete,
    Ended,
    Entered,
    Outcome,
    Overlong,
    Pasted,
    QuestionAnswered,
)
from classcord.console.lineedit.pasting import Paste

_PLAIN_KEYS = frozenset(
    {
        "text",
        "paste",
        "paste-end",
        "enter",
        "tab",
        "backspace",
        "up",
        "down",
        "ctrl-c",
        "ctrl-d",
        "ctrl-n",
        "ctrl-p",
        "ctrl-u",
        "ctrl-w",
    }
)
"""The keys of a terminal without escape sequences: none moves the cursor within the line."""

ABANDONS_SEARCH = frozenset({"ctrl-g", "escape"})


class Field(ABC):
    """A prompt and a line, and the keys that edit the line. The prompt may contain SGR sequences, unless `plain`."""

    def __init__(self, prompt: str, clipboard: Clipboard, *, plain: bool) -> None:
        self.prompt = prompt
        self.line = Line()
        self.bell = False  # a key could not be executed; the caller that rings the bell resets this
        self._clipboard = clipboard
        self._plain = plain
        self._cut = False  # whether typed text was lost because the line was full
        self._last = ""  # the previous key, for keys that have a different effect the second time

    def press(self, key: Key) -> Outcome | None:
        """Handle one key; return the result, if the line is finished or the owner must act."""
        outcome = self._pressed(key)
        self._last = key.name
        return outcome

    def _pressed(self, key: Key) -> Outcome | None:
        name = key.name
        if self._plain and name not in _PLAIN_KEYS:
            self.bell = True
        elif name == "text":
            self._insert(key.text)
        elif name == "paste":
            self._insert(self._clipboard.add(key.text))
        elif name == "paste-end":
            paste = self._clipboard.end_paste()
            return self._pasted(paste) if paste is not None and paste.several else None
        elif name == "ctrl-d" and not self.line.glyphs:
            return Ended()
        elif name in MOVES:
            self.line.cursor = MOVES[name](self.line)
        elif name in ERASES:
            self._erase(ERASES[name](self.line))
        elif name in KILLS:
            self._kill(KILLS[name](self.line))
        elif name in self.ACTIONS:
            return self.ACTIONS[name](self)
        return None

    def _insert(self, text: str) -> None:
        if not self.line.insert(text):
            self.bell = self._cut = True

    def _erase(self, target: int) -> str:
        self._cut = False  # an editing key shows that the user has seen where the line ends
        if target == self.line.cursor:
            self.bell = True
        return self.line.remove(min(target, self.line.cursor), max(target, self.line.cursor))

    def _kill(self, target: int) -> None:
        backwards = target < self.line.cursor
        text = self._erase(target)
        if text:
            self._clipboard.cut(text, backwards=backwards, joined=self._last in KILLS)

    def _enter(self) -> Outcome:
        return Overlong() if self._cut else self._entered(self.line.text)

    def _yank(self) -> None:
        self._insert(self._clipboard.text)

    @abstractmethod
    def _entered(self, line: str) -> Outcome: ...

    @abstractmethod
    def _pasted(self, paste: Paste) -> Outcome | None:
        """Handle a paste of several lines; they are not joined."""

    # What is shown

    def shown(self) -> tuple[list[Glyph], int]:
        """Return the prompt and the line, and the number of glyphs before the cursor."""
        prompt = self._prompt_glyphs(self.prompt)
        return [*prompt, *self.line.glyphs], len(prompt) + self.line.cursor

    def left_behind(self, mark: str) -> list[Glyph]:
        """Return what stays on the screen when the line is finished, with a mark such as `^C` after it."""
        return [*self._prompt_glyphs(self.prompt), *self.line.glyphs, *glyphs(mark)]

    def _prompt_glyphs(self, prompt: str) -> list[Glyph]:
        return prompt_glyphs(prompt, styled=not self._plain)

    ACTIONS: ClassVar[dict[str, Callable[[Any], Outcome | None]]] = {"enter": _enter, "ctrl-y": _yank}
    """The effects of the keys that neither move the cursor nor erase."""


class CommandField(Field):
    """The prompt and the typed command, with a search in older commands, and completion."""

    def __init__(self, prompt: str, clipboard: Clipboard, history: LineHistory, *, plain: bool, search: str) -> None:
        """`search` is the word before the text that is searched for."""
        super().__init__(prompt, clipboard, plain=plain)
        self._history = history
        self._recall: Recall | None = None
        self._search_word = search
        self._search: Search | None = None
        self._before_search = self.line
        self._second_tab = False

    @property
    def search_prompt(self) -> str | None:
        """The text that replaces the prompt during a search in the history."""
        return None if self._search is None else f"({self._search_word})'{self._search.query}': "

    def clear(self) -> None:
        """Begin a new line."""
        self.line, self._cut, self._recall = Line(), False, None

    def press(self, key: Key) -> Outcome | None:
        if self._search is not None and self._searched(self._search, key):
            return None
        return super().press(key)

    def _entered(self, line: str) -> Outcome:
        self._history.add(line)
        return Entered(line)

    def _pasted(self, paste: Paste) -> Outcome:
        lines = (self.line.text, *map(typed, paste.rest))
        return Pasted(None if paste.too_large or self._cut else lines)

    def _older(self) -> None:
        self._recall = self._recall or Recall(self._history.entries)
        self._show_entry(self._recall.older(self.line.text))

    def _newer(self) -> None:
        self._show_entry(self._recall.newer() if self._recall is not None else None)

    def _show_entry(self, entry: str | None) -> None:
        if entry is None:
            self.bell = True
        else:
            self.line = Line(entry)

    def shown(self) -> tuple[list[Glyph], int]:
        if self.search_prompt is None:
            return super().shown()
        prompt = self._prompt_glyphs(self.search_prompt)
        return [*prompt, *self.line.glyphs], len(prompt) + self.line.cursor

    # The search in the history

    def _begin_search(self) -> None:
        self._search, self._before_search = Search(self._history.entries), self.line

    def end_search(self) -> None:
        """End the search, and edit the line that was found."""
        self._search = None

    def _searched(self, search: Search, key: Key) -> bool:
        """Handle a key that belongs to the search; any other key ends the search, then has its usual effect."""
        before = search.found
        if key.name == "paste-end":
            return True
        if key.name in {"text", "paste"}:
            found = search.extend(key.text.replace("\n", " "))
        elif key.name == "backspace":
            found = search.shorten()
        elif key.name == "ctrl-r":
            found = search.older()
        else:
            self.end_search()
            abandoned = key.name in ABANDONS_SEARCH
            if abandoned:
                self.line = self._before_search
            return abandoned
        self.bell |= not found
        if found or search.found != before:
            self._show_found(search)
        return True

    def _show_found(self, search: Search) -> None:
        entry = search.found
        if entry is None:
            self.line = self._before_search
            return
        self.line = Line(entry)
        self.line.cursor = self.line.glyph_at(entry.find(search.query))

    # Completion

    def _tab(self) -> Outcome:
        self._second_tab = self._last == "tab"
        return Complete(self.line.text, self.line.character)

    def complete(self, candidates: Sequence[str], start: int) -> bool:
        """Complete the word from the character `start` to the cursor; return whether its candidates must be listed.

        One candidate is inserted, with a space; of several, their common beginning. If the line already has that, a
        second Tab lists them.
        """
        line = self.line
        begin = min(line.glyph_at(start), line.cursor)
        word = "".join(glyph.text for glyph in line.glyphs[begin : line.cursor])
        become = replacement(word, candidates)
        if become is None:
            self.bell |= not (candidates and self._second_tab)
            return bool(candidates) and self._second_tab
        line.remove(begin, line.cursor)
        self._insert(become)
        if len(candidates) == 1:
            if line.glyphs[line.cursor : line.cursor + 1] == glyphs(" "):
                line.cursor += 1
            elif not become.endswith(" "):
                self._insert(" ")
        return False

    ACTIONS = Field.ACTIONS | {
        "tab": _tab,
        "up": _older,
        "ctrl-p": _older,
        "down": _newer,
        "ctrl-n": _newer,
        "ctrl-r": _begin_search,
    }


class AnswerField(Field):
    """A question and its answer; a hidden answer is neither shown nor kept."""

    def __init__(self, prompt: str, clipboard: Clipboard, *, plain: bool, hidden: bool) -> None:
        super().__init__(prompt, clipboard, plain=plain)
        self._hidden = hidden

    def _entered(self, line: str) -> Outcome:
        return QuestionAnswered(line)

    def _pasted(self, paste: Paste) -> None:  # noqa: ARG002
        self.line, self.bell = Line(), True  # an answer is one line

    def _refuse(self) -> None:
        self.bell = True

    def _kill(self, target: int) -> None:
        if self._hidden:
            self._erase(target)
        else:
            super()._kill(target)

    def shown(self) -> tuple[list[Glyph], int]:
        if not self._hidden:
            return super().shown()
        prompt = self._prompt_glyphs(self.prompt)
        return prompt, len(prompt)

    def left_behind(self, mark: str) -> list[Glyph]:
        return [*self.shown()[0], *glyphs(mark)]

    ACTIONS = dict.fromkeys(CommandField.ACTIONS, _refuse) | Field.ACTIONS
