"""Files that the program can do without: a console's history, the alerts' state, the mark of a running server.

An unusable file (missing, unreadable, not text, far too large, a pipe that would block) is logged once, and the program
continues without it. Each file is written completely or not at all. Knows nothing of their content.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from twisted.logger import Logger

from classcord.durable import read, write

LARGEST = 4_194_304  # bytes that are read


class OptionalFile:
    """One such file; only its owner can read it."""

    log = Logger()
    _told: ClassVar[set[Path]] = set()

    def __init__(self, path: Path, *, makes_folder: bool = False) -> None:
        self.path = path
        self._makes_folder = makes_folder

    def load(self) -> bytes | None:
        """Return its content; None if it cannot be read."""
        try:
            found = read(self.path, LARGEST)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._tell(error)
            return None
        self._told.discard(self.path)
        return found

    def text(self) -> str:
        """Return its content as text, with U+FFFD for invalid bytes; "" if it cannot be read."""
        return (self.load() or b"").decode("utf-8", "replace")

    def save(self, content: bytes) -> None:
        """Replace its content; if that fails, the old content stays."""
        try:
            if self._makes_folder:
                self.path.parent.mkdir(mode=0o700, exist_ok=True)
            write(self.path, content)
        except OSError as error:
            self._tell(error)
        else:
            self._told.discard(self.path)

    def remove(self) -> None:
        """Remove it if it exists."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            self._tell(error)

    def _tell(self, error: OSError) -> None:
        """Log what is wrong, once until it works again: the file is tried again and again."""
        if self.path not in self._told:
            self._told.add(self.path)
            self.log.warn("{file} is done without: {why}", file=self.path, why=error.strerror or error)
