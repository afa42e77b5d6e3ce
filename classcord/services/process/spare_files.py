"""Files that we like to have and can do without: a console's history, what alerts have told, the mark of a run.

Whatever is wrong with one (no file, not readable, no text, far too large, a pipe that would keep us waiting) is logged
once, and the program goes on without it. Each is written whole or not at all. Knows nothing of what is in them.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from twisted.logger import Logger

from classcord.durable import read, write

LARGEST = 4_194_304  # bytes that are read


class SpareFile:
    """One such file, its owner's alone."""

    log = Logger()
    _told: ClassVar[set[Path]] = set()

    def __init__(self, path: Path, *, makes_folder: bool = False) -> None:
        self.path = path
        self._makes_folder = makes_folder

    def load(self) -> bytes | None:
        """Return what is in it; None if there is nothing that can be read."""
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
        """Return what is in it as text, with U+FFFD where it is none; "" if there is nothing that can be read."""
        return (self.load() or b"").decode("utf-8", "replace")

    def save(self, content: bytes) -> None:
        """Write it, in the place of what is there; where that cannot be, what was there stays."""
        try:
            if self._makes_folder:
                self.path.parent.mkdir(mode=0o700, exist_ok=True)
            write(self.path, content)
        except OSError as error:
            self._tell(error)
        else:
            self._told.discard(self.path)

    def remove(self) -> None:
        """Remove it, if it is there."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            self._tell(error)

    def _tell(self, error: OSError) -> None:
        """Log what is wrong, once until it is well again: it is tried again and again."""
        if self.path not in self._told:
            self._told.add(self.path)
            self.log.warn("{file} is done without: {why}", file=self.path, why=error.strerror or error)
