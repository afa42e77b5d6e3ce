"""Whether a file has changed since somebody looked: by its times and its place, not by its content."""

from __future__ import annotations

import os
from pathlib import Path

_NEVER = (-1, -1, -1, -1)


class WatchedFile:
    """One file, which may be missing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int, int] | None = _NEVER

    def has_changed(self) -> bool:
        """Whether it is another one than at the last call, or written since; at the first call it is."""
        before, self._seen = self._seen, self._signature()
        return self._seen != before

    def _signature(self) -> tuple[int, int, int, int] | None:
        try:
            found = os.stat(self.path)  # noqa: PTH116 (as fast as may be: it is asked every second)
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
