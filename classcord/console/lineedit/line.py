"""The line being typed: its glyphs and the cursor between them. Knows keys by their names, and no terminal."""

from __future__ import annotations

from collections.abc import Callable

from classcord.console.lineedit.glyphs import Glyph, glyphs, text_of, typed

MAX_LINE = 8_192  # characters; more than any command needs, and short enough to be drawn at each key


class Line:
    """A text that is edited: only characters that `typed` accepts, at most MAX_LINE of them."""

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
        """Return the index of the glyph that contains this character of the text."""
        for number, glyph in enumerate(self.glyphs):
            character -= len(glyph.text)
            if character < 0:
                return number
        return len(self.glyphs)

    def insert(self, text: str) -> bool:
        """Insert as much as fits before the cursor; return whether all of it did."""
        wanted = typed(text)
        if not wanted:
            return True
        kept = wanted[: MAX_LINE - self._length]
        begin, end = max(self.cursor - 1, 0), self.cursor
        parted = glyphs(kept, self.glyphs[begin] if begin < end else None)
        if begin == end == 0 and parted and self.glyphs:
            joined = glyphs(self.glyphs[0].text, parted[-1])  # a mark without a base may now have one
            if len(joined) == 1:
                parted[-1:], end = joined, 1
        self._length += _length(parted) - _length(self.glyphs[begin:end])
        self.cursor = begin + len(parted)
        self.glyphs[begin:end] = parted
        return kept == wanted

    def remove(self, start: int, end: int) -> str:
        """Remove the glyphs between two indexes, move the cursor there, and return their text."""
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
        """Return where the word (letters, digits and _) at or before the cursor begins."""
        at = self.cursor
        while at and not _in_word(self.glyphs[at - 1]):
            at -= 1
        while at and _in_word(self.glyphs[at - 1]):
            at -= 1
        return at

    def word_right(self) -> int:
        """Return where the word (letters, digits and _) at or after the cursor ends."""
        at = self.cursor
        while at < len(self.glyphs) and not _in_word(self.glyphs[at]):
            at += 1
        while at < len(self.glyphs) and _in_word(self.glyphs[at]):
            at += 1
        return at

    def argument_left(self) -> int:
        """Return where the word between spaces at or before the cursor begins."""
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
    "left": Line.left,
    "ctrl-b": Line.left,
    "right": Line.right,
    "ctrl-f": Line.right,
    "home": Line.home,
    "ctrl-a": Line.home,
    "end": Line.end,
    "ctrl-e": Line.end,
    "ctrl-left": Line.word_left,
    "alt-left": Line.word_left,
    "alt-b": Line.word_left,
    "ctrl-right": Line.word_right,
    "alt-right": Line.word_right,
    "alt-f": Line.word_right,
}
"""Keys that move the cursor, and their targets."""

ERASES: dict[str, Target] = {"backspace": Line.left, "delete": Line.right, "ctrl-d": Line.right}
"""Keys that erase the text between the cursor and the target."""

KILLS: dict[str, Target] = {
    "ctrl-k": Line.end,
    "ctrl-u": Line.home,
    "ctrl-w": Line.argument_left,
    "alt-d": Line.word_right,
    "alt-backspace": Line.word_left,
}
"""Keys that erase the text between the cursor and the target, and keep it for Ctrl-Y."""
