"""The line being typed: its glyphs and the cursor between them. Knows keys by their names, and no terminal."""

from __future__ import annotations

from collections.abc import Callable

from classcord.console.lineedit.glyphs import Glyph, glyphs, text_of, typed

MAX_LINE = 8_192  # characters; more than any command has, and little enough to be drawn at each key


class Line:
    """A text that is edited: nothing but what `typed` lets through, and at most MAX_LINE characters of it."""

    def __init__(self, text: str = "") -> None:
        self.glyphs: list[Glyph] = []
        self.cursor = 0  # the number of glyphs before it
        self._length = 0  # in characters
        self.insert(text)

    @property
    def text(self) -> str:
        return text_of(self.glyphs)

    @property
    def character(self) -> int:
        """The number of characters before the cursor."""
        return len(text_of(self.glyphs[: self.cursor]))

    def glyph_at(self, character: int) -> int:
        """Return the number of the glyph that a character of the text belongs to."""
        for number, glyph in enumerate(self.glyphs):
            character -= len(glyph.text)
            if character < 0:
                return number
        return len(self.glyphs)

    def insert(self, text: str) -> bool:
        """Insert before the cursor what there is room for; return whether that was all of it."""
        wanted = typed(text)
        if not wanted:
            return True
        kept = wanted[: MAX_LINE - self._length]
        begin, end = max(self.cursor - 1, 0), self.cursor
        parted = glyphs(kept, self.glyphs[begin] if begin < end else None)
        if begin == end == 0 and parted and self.glyphs:
            joined = glyphs(self.glyphs[0].text, parted[-1])  # a mark that had no base has one now
            if len(joined) == 1:
                parted[-1:], end = joined, 1
        self._length += _length(parted) - _length(self.glyphs[begin:end])
        self.cursor = begin + len(parted)
        self.glyphs[begin:end] = parted
        return kept == wanted

    def remove(self, start: int, end: int) -> str:
        """Take the glyphs from one number to another out, with the cursor where they were; return their text."""
        removed = self.glyphs[start:end]
        del self.glyphs[start:end]
        self._length -= _length(removed)
        self.cursor = start
        return text_of(removed)

    def left(self) -> int:
        return max(self.cursor - 1, 0)

    def right(self) -> int:
        return min(self.cursor + 1, len(self.glyphs))

    def home(self) -> int:
        return 0

    def end(self) -> int:
        return len(self.glyphs)

    def word_left(self) -> int:
        """Return where the word of letters, digits and _ begins, in which the cursor is or which is before it."""
        at = self.cursor
        while at and not _in_word(self.glyphs[at - 1]):
            at -= 1
        while at and _in_word(self.glyphs[at - 1]):
            at -= 1
        return at

    def word_right(self) -> int:
        """Return where the word ends in which the cursor is, or which is behind it."""
        at = self.cursor
        while at < len(self.glyphs) and not _in_word(self.glyphs[at]):
            at += 1
        while at < len(self.glyphs) and _in_word(self.glyphs[at]):
            at += 1
        return at

    def argument_left(self) -> int:
        """Return where the word between spaces begins, in which the cursor is or which is before it."""
        at = self.cursor
        while at and self.glyphs[at - 1].text.isspace():
            at -= 1
        while at and not self.glyphs[at - 1].text.isspace():
            at -= 1
        return at


def _length(parted: list[Glyph]) -> int:
    return sum(len(glyph.text) for glyph in parted)


def _in_word(glyph: Glyph) -> bool:
    return glyph.text[0].isalnum() or glyph.text[0] == "_"


Target = Callable[[Line], int]

MOVES: dict[str, Target] = {
    "left": Line.left, "ctrl-b": Line.left, "right": Line.right, "ctrl-f": Line.right,
    "home": Line.home, "ctrl-a": Line.home, "end": Line.end, "ctrl-e": Line.end,
    "ctrl-left": Line.word_left, "alt-left": Line.word_left, "alt-b": Line.word_left,
    "ctrl-right": Line.word_right, "alt-right": Line.word_right, "alt-f": Line.word_right,
}  # fmt: skip
"""Keys that move the cursor, and where to."""

ERASES: dict[str, Target] = {"backspace": Line.left, "delete": Line.right, "ctrl-d": Line.right}
"""Keys that erase from the cursor to there."""

KILLS: dict[str, Target] = {
    "ctrl-k": Line.end, "ctrl-u": Line.home, "ctrl-w": Line.argument_left,
    "alt-d": Line.word_right, "alt-backspace": Line.word_left,
}  # fmt: skip
"""Keys that erase from the cursor to there, and keep it for Ctrl-Y."""
