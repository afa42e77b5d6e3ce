"""The connections to one database file, in threads: twisted.enterprise.adbapi. Knows SQLite's settings, no records."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.enterprise.adbapi import Connection, ConnectionPool

from classcord.store.ports import Displaced
from classcord.store.sqlite.database_files import DatabaseFiles

LOCK_WAIT = 1.0  # seconds to wait for another process's lock; after that, the write counts as trouble


def configure_writer(synchronous: str, connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten, not only where that is usual
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {synchronous}")


def configure_reader(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = ON")


class _Renewed(Connection):
    """A connection that is closed after a failure, which undoes its transaction; the next use opens a new one.

    Without that, a connection that was opened while its file was read-only would never write again. But the connection
    to a displaced file stays open: the file may be put back, and if it was removed, the connection holds the last copy.
    """

    def rollback(self) -> None:
        if not isinstance(sys.exc_info()[1], Displaced):
            self._pool.forget()
            self._pool.disconnect(self._connection)


class Pool(ConnectionPool):
    """Connections to the file that existed at the start, and to no file that replaced it."""

    connectionFactory = _Renewed  # noqa: N815

    def __init__(
        self, path: Path, place: DatabaseFiles, size: int, configure: Callable[[sqlite3.Connection], None], reactor: Any
    ) -> None:
        self._place = place
        self._configure = configure
        super().__init__(  # type: ignore[no-untyped-call]
            "sqlite3",
            f"{path.absolute().as_uri()}?mode=rw",  # rw: a missing file is not created
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=LOCK_WAIT,
            cp_min=1,
            cp_max=size,
            cp_openfun=self._opened,
            cp_noisy=False,
            cp_reactor=reactor,
        )

    def _opened(self, connection: sqlite3.Connection) -> None:
        why = self._place.obstacle()
        if why is not None:
            raise Displaced(why)
        self._configure(connection)

    def forget(self) -> None:
        """Note that a connection is about to be closed."""


class WritingPool(Pool):
    """The one connection that writes; it knows when SQLite creates the log, and when it may remove it."""

    def _opened(self, connection: sqlite3.Connection) -> None:
        super()._opened(connection)
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # this opens the log
        self._place.opened()

    def forget(self) -> None:
        self._place.closed()

    def close(self) -> None:
        """Close the last connection; SQLite then removes the log, and that is no trouble."""
        self._place.closed()
        super().close()  # type: ignore[no-untyped-call]
