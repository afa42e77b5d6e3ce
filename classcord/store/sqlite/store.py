"""A database file as a Store: created, read at one moment, opened for a server.

Implements `Store` of ports/store.py.

Knows no SQL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classcord.chat.effects import Commit
from classcord.store.ports import (
    Chain,
    Copies,
    Head,
    Inspection,
    OpenStore,
    Outcomes,
    Part,
    Purged,
    Snapshot,
    Stored,
    TrailVerdict,
)
from classcord.store.sqlite import audit_chain, audit_chain_upkeep, copying, inspection, reading
from classcord.store.sqlite.database import Database, prepare, store_now, stored_state, sweep_now
from classcord.store.sqlite.library import VERSION
from classcord.store.sqlite.migrate import steps

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from classcord.chat.retention.vocabulary import RowCounts


class SQLiteStore:
    """The database in `file`."""

    copies: Copies = copying

    def __init__(self, file: Path, synchronous: str = "FULL") -> None:
        self.file = file
        self.inspection: Inspection = inspection.Inspected(file)
        self._synchronous = synchronous

    @property
    def log(self) -> Path:
        return inspection.wal_of(self.file)

    @property
    def schema(self) -> int:
        return len(steps())

    def part(self, file: Path) -> Part:
        return inspection.part(file)

    def in_file(self, file: Path) -> SQLiteStore:
        return SQLiteStore(file, self._synchronous)

    def describe(self) -> str:
        return VERSION

    def prepare(self, backups: Path) -> Stored:
        return prepare(self.file, backups, self._synchronous)

    def write_now(self, commits: Sequence[Commit]) -> Outcomes:
        return store_now(self.file, self._synchronous, commits)

    def sweep(self, key: Callable[[], Ed25519PrivateKey]) -> RowCounts:
        return sweep_now(self.file, self._synchronous, key)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        with inspection.one_moment(self.file) as connection:
            yield _Moment(connection)

    @contextmanager
    def chain(self, *, writes: bool = False) -> Iterator[Chain]:
        with inspection.opened(self.file, "rw" if writes else "ro") as connection:
            yield _Chain(connection)

    def open(self, reactor: Any) -> OpenStore:
        return Database.in_file(self.file, self._synchronous, reactor)


class _Moment:
    """What one connection sees within the transaction that it has begun."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def state(self) -> Stored:
        return stored_state(self._connection)

    def last_id(self, what: str) -> int:
        return inspection.last_id(self._connection, what)

    def rows(self, what: str, after_id: int, limit: int) -> tuple[list[str], list[Sequence[Any]]]:
        return reading.rows(self._connection, what, after_id, limit)


class _Chain:
    """The audit trail on one connection in autocommit mode."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def verify(self, public_key: Ed25519PublicKey | None = None, known: Head | None = None) -> TrailVerdict:
        return audit_chain.verify(self._connection, public_key, known)

    def last_to_purge(self, before: int) -> Head | None:
        return audit_chain_upkeep.last_to_purge(self._connection, before)

    def purge(self, before: int, key: Ed25519PrivateKey, now: int) -> Purged | None:
        return audit_chain_upkeep.purge(self._connection, before, key, now)
