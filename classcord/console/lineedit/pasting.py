"""What is pasted at a prompt: one line goes into the line that is typed; several are commands, to be confirmed.

Knows text, no key and no command.
"""

from __future__ import annotations

LINES = 100  # that one paste may have
LONGEST = 65_536  # characters of one paste


class Paste:
    """One paste, piece by piece; of one too large nothing is kept."""

    def __init__(self) -> None:
        self._rest: list[str] = []  # the lines behind the first
        self._several = False
        self._size = 0
        self._breaks = 0

    def add(self, text: str) -> str:
        """Take a piece, its line ends line feeds; return what of it belongs to the first line."""
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
        """Whether there is more than a line, which a line end behind it does not make."""
        return self.too_large or any(not line.isspace() for line in self._rest if line)

    @property
    def rest(self) -> list[str]:
        """The lines behind the first."""
        return self._rest
