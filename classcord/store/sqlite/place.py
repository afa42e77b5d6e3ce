"""The database at its place: whether the file that is open is the one that others find by its name.

A file can be removed, moved or replaced while it is open; what is written to it then is in a file that nobody finds,
and gone with the last program that has it open ("How To Corrupt An SQLite Database File", sqlite.org). SQLite's log and
the index of that, beside it, are as much a part of it. Knows SQLite's names of files, no SQL.
"""

from __future__ import annotations

from pathlib import Path

from classcord.chat.text import N_, Text
from classcord.durable import Identity, identity

BESIDE = ("-wal", "-shm")


class Place:
    """Where one database is, from now on."""

    def __init__(self, file: Path) -> None:
        self._file = str(file)
        self._here = identity(file)
        self._real = file.resolve()  # SQLite puts its log beside the file, not beside a link to it
        self._beside: dict[str, Identity] = {}

    def opened(self) -> None:
        """Remember what lies beside the file: a connection that writes was opened, and has made it."""
        files = [f"{self._real}{ending}" for ending in BESIDE]
        self._beside = {file: found for file in files if (found := identity(file)) is not None}

    def closed(self) -> None:
        """Forget it: whoever closes the last connection takes it away."""
        self._beside = {}

    def obstacle(self) -> Text | None:
        """Return why nothing must be written; None if all is where it was."""
        found = identity(self._file)
        if found is None:
            return Text(N_("{file} is not there any more: it was moved or removed"), {"file": self._file})
        if found != self._here:
            return Text(N_("{file} is another file than the one that is in use"), {"file": self._file})
        for file, present in self._beside.items():
            if identity(file) != present:
                return Text(N_("{file}, a part of the database, was moved, removed or replaced"), {"file": file})
        return None
