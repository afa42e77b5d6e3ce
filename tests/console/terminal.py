"""A small terminal in memory, as xterm and tmux are where they agree: what is on its screen after some output.

It is strict: what it does not know fails the test. Rows that broke by themselves are broken anew when it is resized.
"""

from __future__ import annotations

import re

from rich.cells import cell_len

_TOKEN = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|([\x00-\x1f\x7f])|([^\x00-\x1f\x7f])", re.DOTALL)
BLANK = " "
REST = ""  # the second cell of a wide character


class Row:
    def __init__(self, columns: int) -> None:
        self.cells = [BLANK] * columns
        self.goes_on = False  # in the next row, because this one was full
        self.padded = False  # the last cell is empty only because a wide character did not fit


class Terminal:
    def __init__(self, columns: int, rows: int = 24) -> None:
        self.columns, self.height = columns, rows
        self.rows = [Row(columns)]  # with those that have scrolled away
        self.row = self.column = 0
        self.top = 0  # the row that is the first on the screen
        self.waits = False  # at the end of a full row, for one character more
        self.bells = 0
        self.marks_pastes = False

    def write(self, data: bytes) -> None:
        text = data.decode("utf-8")
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            assert found, f"unknown sequence {text[at : at + 10]!r}"
            at = found.end()
            parameters, final, control, character = found.groups()
            if final:
                self._sequence(parameters, final)
            elif control:
                self._control(control)
            else:
                self._put(character)

    def _control(self, control: str) -> None:
        if control == "\r":
            self.column, self.waits = 0, False
        elif control == "\n":
            self._line_feed()
        elif control == "\b":
            self.column, self.waits = max(self.column - 1, 0), False
        elif control == "\a":
            self.bells += 1
        else:
            raise AssertionError(f"unknown control {control!r}")

    def _line_feed(self) -> None:
        self.row, self.waits = self.row + 1, False
        if self.row == len(self.rows):
            self.rows.append(Row(self.columns))
        self.top = max(self.top, self.row - self.height + 1)

    def _put(self, character: str) -> None:
        width = cell_len(character)
        cells = self.rows[self.row].cells
        if not width:
            at = self.column if self.waits else self.column - 1
            while at > 0 and cells[at] == REST:
                at -= 1
            cells[max(at, 0)] += character
            return
        if self.waits or self.column + width > self.columns:
            self.rows[self.row].goes_on = True
            self.rows[self.row].padded = not self.waits
            self._line_feed()
            self.column = 0
            cells = self.rows[self.row].cells
        for at in range(self.column, self.column + width):
            self._blank(cells, at)
        cells[self.column : self.column + width] = [character, REST][:width]
        self.column += width
        if self.column == self.columns:
            self.column, self.waits = self.columns - 1, True

    @staticmethod
    def _blank(cells: list[str], at: int) -> None:
        """Empty a cell, and the other half of what was in it."""
        if cells[at] == REST and at:
            cells[at - 1] = BLANK
        if cells[at + 1 : at + 2] == [REST]:
            cells[at + 1] = BLANK
        cells[at] = BLANK

    def _sequence(self, parameters: str, final: str) -> None:
        if final == "m":
            return
        if parameters == "?2004":
            self.marks_pastes = final == "h"
            return
        self.waits = False
        count = int(parameters or "0")
        bottom = self.top + self.height - 1
        if final == "A":
            self.row = max(self.top, self.row - max(count, 1))
        elif final == "B":
            assert self.row + max(count, 1) < len(self.rows), "down to a row that nothing was written to"
            self.row = min(bottom, self.row + max(count, 1))
        elif final == "C":
            self.column = min(self.columns - 1, self.column + max(count, 1))
        elif final == "H" and not parameters:
            self.row, self.column = self.top, 0
        elif final == "J" and count == 2:
            self._scroll_away()
        elif final == "J" and not count:
            cells = self.rows[self.row].cells
            for at in range(self.column, self.columns):
                self._blank(cells, at)
            self.rows[self.row].goes_on = self.rows[self.row].padded = False
            del self.rows[self.row + 1 :]
        else:
            raise AssertionError(f"unknown sequence {parameters}{final}")

    def _scroll_away(self) -> None:
        """Empty the screen; what was on it is gone."""
        assert (self.row, self.column) == (self.top, 0)
        self.rows[self.top :] = [Row(self.columns)]

    def resize(self, columns: int, rows: int) -> None:
        """Take another size: every row that went on is joined with the next, and broken anew."""
        lines: list[list[str]] = [[]]
        cursor = (0, 0)
        for number, row in enumerate(self.rows):
            if number == self.row:
                cursor = (len(lines) - 1, len(lines[-1]) + self.column + self.waits)
            lines[-1] += row.cells[:-1] if row.padded else row.cells
            if not row.goes_on:
                lines.append([])
        lines.pop() if not lines[-1] else None
        self.columns, self.height = columns, rows
        self.rows, self.waits = [], False
        for number, line in enumerate(lines):
            at = cursor[1] if number == cursor[0] else None
            while line and line[-1] == BLANK and (at is None or len(line) > at):
                line.pop()
            self._break(line, at)
        self.top = max(0, len(self.rows) - rows)
        self.row = max(self.row, self.top)

    def _break(self, line: list[str], cursor: int | None) -> None:
        row = Row(self.columns)
        self.rows.append(row)
        column = 0
        for number, cell in enumerate(line):
            width = 2 if line[number + 1 : number + 2] == [REST] else 1
            if cell != REST and column + width > self.columns:
                row.goes_on, row.padded = True, column < self.columns
                row = Row(self.columns)
                self.rows.append(row)
                column = 0
            if number == cursor:
                self.row, self.column = len(self.rows) - 1, column
            row.cells[column] = cell
            column += 1
        if cursor is not None and cursor >= len(line):
            if column == self.columns:
                row.goes_on = True
                self.rows.append(Row(self.columns))
            self.row, self.column = len(self.rows) - 1, column % self.columns

    def lines(self) -> list[str]:
        """Return all rows as they are seen, without what is empty at their ends and below them."""
        seen = ["".join(row.cells).rstrip() for row in self.rows]
        while seen and not seen[-1]:
            seen.pop()
        return seen

    def screen(self) -> list[str]:
        """Return the rows that have not scrolled away."""
        return self.lines()[self.top :]

    def under_cursor(self) -> tuple[int, int]:
        """Return the row, from the first there was, and the column of the cursor."""
        return self.row, self.column
