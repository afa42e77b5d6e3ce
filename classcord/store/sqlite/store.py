"""A database file as a Store: created, read at one moment, opened for a server. Implements `Store` of ports.py."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from classcord.chat.effects import Commit
from classcord.store.ports import Copies, Opened, Outcomes, Snapshot, Stored
from classcord.store.sqlite import copying, inspection, reading
from classcord.store.sqlite.database import Database, prepare, store_now

VERSION = sqlite3.sqlite_version  # the library's version


class SQLiteStore:
    """The database in `file`."""

    copies: Copies = copying

    def __init__(self, file: Path, synchronous: str = "FULL") -> None:
        self.file = file
        self._synchronous = synchronous

    def in_file(self, file: Path) -> SQLiteStore:
        return SQLiteStore(file, self._synchronous)

    def describe(self) -> str:
        return VERSION

    def prepare(self, backups: Path) -> Stored:
        return prepare(self.file, backups, self._synchronous)

    def write_now(self, commits: Sequence[Commit]) -> Outcomes:
        return store_now(self.file, self._synchronous, commits)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        with inspection.one_moment(self.file) as connection:
            yield _Moment(connection)

    def open(self, reactor: Any) -> Opened:
        return Database.in_file(self.file, self._synchronous, reactor)


class _Moment:
    """What one connection sees within the transaction that it has begun."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def last_id(self, what: str) -> int:
        return inspection.last_id(self._connection, what)

    def rows(self, what: str, after_id: int, limit: int) -> tuple[list[str], list[Sequence[Any]]]:
        return reading.rows(self._connection, what, after_id, limit)
