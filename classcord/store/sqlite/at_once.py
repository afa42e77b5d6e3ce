"""A database in memory, whose one connection works at once: for tests, examples and the bench.

It runs the same SQL as the database in a file, in the caller's thread and without a reactor; nothing of it is kept.
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
    """Return a database with the newest schema and no row: to copy it is cheaper than to migrate each."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection, Path("nowhere"))
    return connection


class AtOnce:
    """One connection, whose work is done before it returns: no thread, no reactor."""

    def __init__(self) -> None:
        # whoever forgets it may leave that to the garbage collector, which runs in any thread
        self.connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        _migrated().backup(self.connection)
        configure_writer("OFF", self.connection)
        weakref.finalize(self, self.connection.close)

    def start(self) -> None: ...

    def close(self) -> None:
        self.connection.close()

    def runWithConnection(self, work: Callable[..., T], *args: Any) -> Deferred[T]:  # noqa: N802 (adbapi's name)
        return maybeDeferred(work, self.connection, *args)
