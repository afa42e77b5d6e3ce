"""Whether the open database file is still the file at its path.

A file can be removed, moved or replaced while it is open. What is written to it then cannot be found by name, and is
lost when the last program closes it ("How To Corrupt An SQLite Database File", sqlite.org). The write-ahead log and its
index are part of the database, too. Knows the names of SQLite's files, no SQL.
"""

from __future__ import annotations

from pathlib import Path

from classcord.chat.text import N_, Text
from classcord.durable import Identity, identity

BESIDE = ("-wal", "-shm")


class DatabaseFiles:
    """The identity of one database file and of the files beside it, from now on."""

    def __init__(self, file: Path) -> None:
        self._file = str(file)
        self._here = identity(file)
        self._real = file.resolve()  # SQLite puts its log beside the file, not beside a link to it
        self._beside: dict[str, Identity] = {}

    def opened(self) -> None:
        """Remember the files beside the database: a connection that writes was opened and has created them."""
        files = [f"{self._real}{ending}" for ending in BESIDE]
        self._beside = {file: found for file in files if (found := identity(file)) is not None}

    def closed(self) -> None:
        """Forget these files: SQLite removes them when the last connection closes."""
        self._beside = {}

    def obstacle(self) -> Text | None:
        """Return why nothing may be written; None if all files are where they were."""
        found = identity(self._file)
        if found is None:
            return Text(N_("{file} is not there any more: it was moved or removed"), {"file": self._file})
        if found != self._here:
            return Text(N_("{file} is another file than the one that is in use"), {"file": self._file})
        for file, present in self._beside.items():
            if identity(file) != present:
                return Text(N_("{file}, a part of the database, was moved, removed or replaced"), {"file": file})
        return None
