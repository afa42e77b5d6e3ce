"""A database in a file for one test: made, opened with its threads, opened again."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from twisted.internet import reactor

from classcord.store.ports import Stored
from classcord.store.sqlite.database import Database, prepare


class File:
    """A database file, and the server's way to it."""

    def __init__(self, folder: Path, synchronous: str = "NORMAL") -> None:
        self.path = folder / "classcord.db"
        self.backups = folder / "backups"
        self.synchronous = synchronous
        self.database: Database | None = None

    def prepare(self) -> Stored:
        return prepare(self.path, self.backups, self.synchronous)

    def open(self) -> Database:
        """Return the pools, started; `close` closes them."""
        self.database = Database.in_file(self.path, self.synchronous, reactor)
        self.database.start()
        return self.database

    def close(self) -> None:
        if self.database is not None:
            self.database.close()
            self.database = None

    @contextmanager
    def another(self, **options: Any) -> Iterator[sqlite3.Connection]:
        """Another program's connection, in autocommit mode."""
        with closing(sqlite3.connect(self.path, isolation_level=None, **options)) as connection:
            yield connection

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what another program reads."""
        with self.another() as connection:
            return connection.execute(sql).fetchall()


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="classcord-test-") as path:
        yield Path(path)
