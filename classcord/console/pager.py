"""Shows a long text a screen at a time, as `more` does: space, Enter, q. Also wraps a text at words, for a window.

Knows text and keys, no transport.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable

_SECOND_COLUMN = re.compile(r" *\S.*?\S? {2,}(?=\S)")
_NARROWEST = 20  # columns of the second column; if fewer remain, its text begins on a new line


def fitted(text: str, columns: int) -> str:
    """Return a text whose lines fit, wrapped at words; text in a second column stays in it."""
    return "".join(f"{each}\n" for line in text.splitlines() for each in _wrapped(line, columns))


def _wrapped(line: str, columns: int) -> list[str]:
    if len(line) <= columns:
        return [line]
    begins = _SECOND_COLUMN.match(line)
    indent = begins.end() if begins else len(line) - len(line.lstrip()) + 2
    if columns - indent < _NARROWEST:
        indent = min(4, columns // 2)
    return textwrap.wrap(
        line, max(columns, indent + 1), subsequent_indent=" " * indent, drop_whitespace=True, break_on_hyphens=False
    )


class Pager:
    """Writes lines with `write`, a screen at a time; calls `done` once, at the end."""

    def __init__(self, text: str, rows: int, hint: str, write: Callable[[str], None], done: Callable[[], None]) -> None:
        """`hint` stands below every screen but the last; it fits the window."""
        self._lines = text.splitlines()
        self._rows = max(rows, 2)
        self._hint = hint
        self._write = write
        self._done = done
        self._over = False

    def start(self) -> None:
        self._show(self._rows - 1)

    def received(self, data: bytes) -> bytes:
        """Handle a key; return keys that are not the pager's, for the next prompt: then the pager ends."""
        if data in {b" ", b"f", b"\x06", b"\x1b[6~"}:
            self._show(self._rows - 1)
        elif data in {b"\r", b"\n", b"\r\n", b"j", b"\x1b[B", b"\x1bOB"}:
            self._show(1)
        elif data in {b"q", b"Q", b"\x03", b"\x04", b"\x1b"}:
            self.end()
        elif b"\r" in data or b"\n" in data:
            self.end()
            return data
        return b""

    def input_ended(self) -> None:
        """Show the rest at once: no more keys will come."""
        self._show(len(self._lines))

    def resized(self, _columns: int, rows: int) -> None:
        self._rows = max(rows, 2)

    def end(self) -> None:
        if not self._over:
            self._over = True
            self._write("\r\x1b[J")
            self._done()

    def _show(self, count: int) -> None:
        shown, self._lines = self._lines[:count], self._lines[count:]
        self._write("\r\x1b[J" + "".join(f"{line}\n" for line in shown))
        if self._lines:
            self._write(self._hint)
        elif not self._over:
            self._over = True
            self._done()
