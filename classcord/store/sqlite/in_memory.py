"""A database in memory with one connection, which works without a thread: for tests, examples and the bench.

It runs the same SQL as the database in a file, in the caller's thread and without a reactor; no data remain. Knows no
statement.
"""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, maybeDeferred

from classcord.store.sqlite.migrate import migrate
from classcord.store.sqlite.pools import configure_writer

T = TypeVar("T")


@cache
def _migrated() -> sqlite3.Connection:
    """Return an empty database with the newest schema; a copy of it is cheaper than a new migration."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection, Path("nowhere"))
    return connection


class MemoryConnection:
    """One connection, which completes each call before it returns: no thread, no reactor."""

    def __init__(self) -> None:
        # a caller that does not close it leaves that to the garbage collector, which runs in any thread
        self.connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        _migrated().backup(self.connection)
        configure_writer("OFF", self.connection)
        weakref.finalize(self, self.connection.close)

    def start(self) -> None: ...

    def close(self) -> None:
        self.connection.close()

    def runWithConnection(self, work: Callable[..., T], *args: Any) -> Deferred[T]:  # noqa: N802 (adbapi's name)
        return maybeDeferred(work, self.connection, *args)
