"""Text pasted at a prompt: one line is inserted into the typed line; several lines are commands, to be confirmed.

Knows text, no key and no command.
"""

from __future__ import annotations

LINES = 100  # in one paste
LONGEST = 65_536  # characters of one paste


class Paste:
    """One paste, piece by piece; a paste that is too large is discarded."""

    def __init__(self) -> None:
        self._rest: list[str] = []  # the lines after the first
        self._several = False
        self._size = 0
        self._breaks = 0

    def add(self, text: str) -> str:
        """Add a piece, with line feeds as line ends; return the part of it that belongs to the first line."""
        self._size += len(text)
        self._breaks += text.count("\n")
        if self.too_large:
            self._rest.clear()
        elif self._several:
            first, *more = text.split("\n")
            self._rest[-1] += first
            self._rest += more
        else:
            first, *self._rest = text.split("\n")
            self._several = bool(self._rest)
            return first
        return ""

    @property
    def too_large(self) -> bool:
        return self._size > LONGEST or self._breaks > LINES

    @property
    def several(self) -> bool:
        """Whether there is more than one line; a line end after the only line does not count."""
        return self.too_large or any(not line.isspace() for line in self._rest if line)

    @property
    def rest(self) -> list[str]:
        """The lines after the first."""
        return self._rest
