"""A prompt and a line on a terminal: what to write so that they appear, wrapped, with the cursor in its cell.

It writes only changes. Knows glyphs, no key and no meaning of the line.
"""

from __future__ import annotations

from collections.abc import Sequence

from classcord.console.lineedit.glyphs import Glyph, Layout

_RESET = "\x1b[m"
_CLEAR_BELOW = "\x1b[J"
_PASTE_ON, _PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"
_WRAP = " \r"  # after a full row, a terminal moves to the next row only with one more character


class Display:
    """The state of the terminal: which part of a prompt and its line is shown, and where the cursor stands.

    A line that is longer than the screen is shown through a view of whole rows around the cursor.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self._size(columns, rows)
        self._forget()

    def _size(self, columns: int, rows: int) -> None:
        self.columns = columns if columns > 1 else 80  # 0: the terminal does not know its width
        self.rows = rows if rows > 0 else 24

    def _forget(self) -> None:
        """The cursor is at the beginning of an empty row: nothing of the line is on the screen."""
        self._view: Sequence[Glyph] = ()
        self._layout = Layout((), self.columns)
        self._cursor = 0  # the index, in the view, of the glyph behind the cursor
        self._at = (0, 0)  # row and column of the cursor, counted from the view's first row
        self._top = 0  # rows of the line above the view

    def begin(self) -> str:
        """Begin to edit a line: ask the terminal to mark pasted text."""
        return _PASTE_ON

    def paint(self, line: Sequence[Glyph], cursor: int) -> str:
        """Show a line with the cursor before the glyph at this index; write only the difference from what is shown."""
        layout = Layout(line, self.columns)
        rows = len(layout.starts)
        row = layout.place(cursor)[0]
        self._top = min(max(self._top, row - self.rows + 1), row, max(0, rows - self.rows))
        begin = layout.starts[self._top]
        whole = self._top + self.rows >= rows
        view = line[begin:] if whole else line[begin : layout.starts[self._top + self.rows]]
        return self._show(view, cursor - begin, whole=whole)

    def _show(self, view: Sequence[Glyph], cursor: int, *, whole: bool) -> str:
        same = _common(self._view, view)
        layout = Layout(view, self.columns)
        output = ""
        if same < len(view) or same < len(self._view):
            output = self._move(layout.behind(same))
            output += _CLEAR_BELOW if same < len(self._view) else ""
            output += _written(view[same:])
            full = layout.starts[-1] == len(view) > 0
            self._at = layout.place(len(view)) if whole or not full else (len(layout.starts) - 2, self.columns)
            output += _WRAP if whole and full and same < len(view) else ""
        self._view, self._layout, self._cursor = view, layout, cursor
        return output + self._move(layout.place(cursor))

    def _move(self, to: tuple[int, int]) -> str:
        (row, column), (from_row, from_column) = to, self._at
        self._at = to
        output = f"\x1b[{from_row - row}A" if row < from_row else f"\x1b[{row - from_row}B" if row > from_row else ""
        if column == from_column:
            return output
        return f"{output}\r" + (f"\x1b[{column}C" if column else "")

    def erase(self) -> str:
        """Remove the line from the screen; the cursor is then at the beginning of the line's first row."""
        output = self._move((0, 0)) + _CLEAR_BELOW if self._view else ""
        self._forget()
        return output

    def clear(self) -> str:
        """Empty the screen."""
        self._forget()
        return "\x1b[H\x1b[2J"

    def leave(self) -> str:
        """Leave the line on the screen, and move the cursor to the row below it."""
        output = "\r\n"
        if self._at[0] > 0 and self._at[1] == 0:  # in an empty row, which the terminal counts as part of the line
            last = self._layout.place(len(self._view) - 1)
            output = self._move(last) + _CLEAR_BELOW + _written(self._view[-1:]) + output if self._view else ""
        self._forget()
        return output

    def end(self) -> str:
        """Stop editing a line: the terminal need not mark pasted text any more."""
        return _PASTE_OFF

    def resize(self, columns: int, rows: int) -> str:
        """Set another size; the result clears the space where the line will be painted again.

        Modern terminals wrap their rows again, so the line's first row is where it would be in the new width. In a
        terminal that cuts its rows instead (xterm), a row above the prompt may be lost, or a row of the line may
        remain.
        """
        self._size(columns, rows)
        self._at = (Layout(self._view, self.columns).place(self._cursor)[0], -1)  # the column is unknown
        return self.erase()


class PlainDisplay(Display):
    """A terminal without escape sequences (TERM=dumb): the cursor is always behind the line."""

    def begin(self) -> str:
        return ""

    def end(self) -> str:
        return ""

    def paint(self, line: Sequence[Glyph], cursor: int) -> str:  # noqa: ARG002 (the cursor is at the end)
        same = _common(self._view, line)
        layout = Layout(line, self.columns)
        row, column = layout.behind(same)
        output = ""
        if row == self._at[0]:
            back = self._at[1] - column
            output = "\b" * back + " " * back + "\b" * back
        else:  # such a terminal cannot move up
            output, same = "\r\n", 0
        written = line[same:]
        full = layout.starts[-1] == len(line) > 0
        self._view, self._layout, self._at = line, layout, layout.place(len(line))
        return output + "".join(glyph.shown for glyph in written) + (_WRAP if full and written else "")

    def erase(self) -> str:
        row, column = self._at
        self._forget()
        return "\r\n" if row else "\r" + " " * column + "\r" if column else ""

    def leave(self) -> str:
        output = "" if self._at[0] > 0 and self._at[1] == 0 else "\r\n"
        self._forget()
        return output

    def resize(self, columns: int, rows: int) -> str:
        wrapped = self._at[0] > 0
        self._size(columns, rows)
        if not wrapped and len(Layout(self._view, self.columns).starts) == 1:
            return ""
        self._at = (1, 0)
        return self.erase()


def _common(one: Sequence[Glyph], other: Sequence[Glyph]) -> int:
    """Return the number of glyphs with which both lines begin."""
    if one == other:
        return len(one)
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _written(line: Sequence[Glyph]) -> str:
    """Return the glyphs as text for the terminal, with a style sequence where the style changes."""
    pieces: list[str] = []
    style = ""
    for glyph in line:
        if glyph.style != style:
            pieces.append((_RESET if style else "") + glyph.style)
            style = glyph.style
        pieces.append(glyph.shown)
    return "".join(pieces) + (_RESET if style else "")
