"""How a terminal shows a text, character by character as a person sees them, and where it wraps.

A glyph is a base character with its combining marks: the cursor never stands within one. Knows no cursor and no bytes.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len

MARKS = 30  # at most so many on one base character (UAX #15, Stream-Safe Text Format)
_JOINERS = "\u200c\u200d"
_STYLE = re.compile(r"\x1b\[([0-9;]*)m")
_DOTTED_CIRCLE = "\u25cc"  # carries a mark without a base, as in Unicode's charts


class Glyph(NamedTuple):
    """Characters of the line, the text that shows them (after `style`, an SGR sequence), and their width in cells."""

    text: str
    shown: str
    width: int
    style: str = ""


_ASCII = {c: Glyph(c, c, 1) for c in map(chr, range(32, 127))}


def typed(text: str) -> str:
    """Return `text` in the form for a line: without control and bidirectional characters, with spaces for line ends.

    Of the format characters only the joiners stay, which Persian and emoji need.
    """
    if text.isprintable():
        return text
    return "".join(map(_kept, text))


def _kept(character: str) -> str:
    if character in "\t\n\u2028\u2029":
        return " "
    return "" if unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character not in _JOINERS else character


def glyphs(text: str, before: Glyph | None = None) -> list[Glyph]:
    """Split a text that `typed` has cleaned into glyphs; its first marks join `before`, which then is the first glyph.

    Joiners, variation selectors and skin tones stay in the text but are not shown: terminals disagree on the width of
    the combined characters, and all text behind would be misplaced. A joiner without a base is left out.
    """
    if before is None and text.isascii():
        return [_ASCII[c] for c in text]
    parted = [] if before is None else [before]
    for character in text:
        glyph = _alone(character)
        if glyph.width:
            parted.append(glyph)
        elif not parted:
            parted += [Glyph(character, _DOTTED_CIRCLE + character, 1)] if glyph.shown else []
        elif len(parted[-1].text) <= MARKS:
            base = parted[-1]
            parted[-1] = base._replace(text=base.text + character, shown=base.shown + glyph.shown)
    return parted


@lru_cache(maxsize=4_096)
def _alone(character: str) -> Glyph:
    width = cell_len(character)
    return Glyph(character, character if width or _is_mark(character) else "", width)


def _is_mark(character: str) -> bool:
    """Whether a character of zero width is drawn with its base: a combining mark, or a letter of a Hangul syllable."""
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return unicodedata.category(character)[0] in "ML" and not selector


def prompt_glyphs(prompt: str, *, styled: bool) -> list[Glyph]:
    """Split a prompt into glyphs; it may contain SGR sequences (colours), which are left out unless `styled`."""
    parted: list[Glyph] = []
    style = ""
    pieces = _STYLE.split(prompt)
    for number, piece in enumerate(pieces):
        if number % 2 == 0:
            parted += [glyph._replace(style=style) for glyph in glyphs(typed(piece))]
        elif styled:
            style = "" if piece in {"", "0"} else f"{style}\x1b[{piece}m"
    return parted


def text_of(parted: Iterable[Glyph]) -> str:
    return "".join(glyph.text for glyph in parted)


class Layout:
    """The positions of glyphs on a terminal of a given width that wraps full rows."""

    def __init__(self, parted: Sequence[Glyph], columns: int) -> None:
        self._glyphs = parted
        self._columns = columns
        self.starts = [0]  # the index of the first glyph of each row; the last row may have none
        column = 0
        for number, glyph in enumerate(parted):
            if column + glyph.width > columns:
                self.starts.append(number)
                column = 0
            column += glyph.width
        if column == columns:
            self.starts.append(len(parted))

    def place(self, number: int) -> tuple[int, int]:
        """Return the row and column of a glyph, or of the cursor behind the last one."""
        row = bisect_right(self.starts, number) - 1
        return row, sum(glyph.width for glyph in self._glyphs[self.starts[row] : number])

    def behind(self, number: int) -> tuple[int, int]:
        """Return where the cursor stands after `number` glyphs, before anything else is written."""
        if number == 0:
            return 0, 0
        row, column = self.place(number - 1)
        column += self._glyphs[number - 1].width
        return (row, column) if column < self._columns else (row + 1, 0)
