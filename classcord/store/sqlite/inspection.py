"""A database file as commands read it, with or without a running server: doctor, audit, export. Knows no pools."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from classcord.chat.text import N_
from classcord.store.ports import StoreError, Unreadable
from classcord.store.sqlite.migrate import steps, version
from classcord.store.sqlite.pools import LOCK_WAIT
from classcord.store.sqlite.statements import INSPECTION


class Locked(Exception):
    """Another program holds a lock on the database, so that it could not be read."""


# -- of this ClassCord, or refused -------------------------------------------------------------------------------------


@contextmanager
def opened(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    """Open a database of this ClassCord in `mode`, ro or rw.

    StoreError if this ClassCord cannot use it in that mode.
    """
    try:
        with _of_this_schema(path, mode) as connection:
            yield connection
    except (StoreError, sqlite3.Error) as error:
        why = error.text if isinstance(error, StoreError) else error
        raise StoreError(N_("{path}: {why}"), path=path, why=why) from error


@contextmanager
def one_moment(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database of this ClassCord to read it as it is now.

    StoreError if it cannot be used, Unreadable if reading fails.
    """
    try:
        with _of_this_schema(path, "ro") as connection:
            connection.execute("BEGIN")  # all reads see one moment
            yield connection
    except StoreError as error:
        raise StoreError(N_("{path}: {why}"), path=path, why=error.text) from error
    except sqlite3.Error as error:
        raise Unreadable(str(error)) from error


@contextmanager
def _of_this_schema(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    if not os.path.isfile(path):  # noqa: PTH113 (which fails where a folder cannot be entered)
        raise StoreError(N_("there is no database"))
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=LOCK_WAIT)) as connection:
        if version(connection) < len(steps()):
            raise StoreError(N_("the database is from an older ClassCord; `classcord init` brings it up to date"))
        yield connection


def last_id(connection: sqlite3.Connection, what: str) -> int:
    """Return the highest id of `users`, `messages` or `audit`; 0 if there is no row."""
    return int(getattr(INSPECTION, f"last_of_{what}")(connection) or 0)


# -- whatever it is: nothing is left beside it -------------------------------------------------------------------------


def _untouched(file: Path) -> sqlite3.Connection:
    """Open a database without leaving files beside it.

    If it has no WAL file, it is opened as a file that never changes.
    """
    how = "mode=ro" if wal_of(file).exists() else "mode=ro&immutable=1"
    return sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True, isolation_level=None, timeout=LOCK_WAIT)


def wal_of(file: Path) -> Path:
    """Return the path of a database's write-ahead log."""
    return file.with_name(f"{file.name}-wal")


def account_names(file: Path) -> list[tuple[str, str | None]]:
    """Return the name and the alias of each account; an empty result if the database cannot be read."""
    try:
        with closing(_untouched(file)) as connection:
            return list(INSPECTION.account_names(connection))
    except sqlite3.Error:  # `schema_and_faults` reports what is wrong
        return []


def waits_for_a_change(file: Path, name_key: str) -> bool | None:
    """Whether an account still has a one-time password.

    None if there is no such account, or the database cannot be read.
    """
    try:
        with closing(_untouched(file)) as connection:
            found = INSPECTION.must_change(connection, name_key=name_key)
    except sqlite3.Error:
        return None
    return None if found is None else bool(found)


def switch(file: Path, name: str) -> str | None:
    """Return the value of a switch, None if it was never set; Unreadable if the database cannot be read."""
    try:
        with closing(_untouched(file)) as connection:
            found: str | None = INSPECTION.switch(connection, name=name)
    except sqlite3.Error as error:
        raise Unreadable(str(error)) from error
    return found


def newest_message(file: Path) -> float | None:
    """Return the time when the newest message was accepted, in seconds since 1970; None if it is unknown."""
    try:
        if not file.is_file():
            return None
        with closing(_untouched(file)) as connection:
            at = INSPECTION.newest_message(connection)
    except (sqlite3.Error, OSError):
        return None
    return at / 1000 if isinstance(at, int) else None


def schema_and_faults(file: Path, patience: float) -> tuple[int, list[str]]:
    """Return the schema's version and the faults.

    ["ok"] if there are none, [] if `patience` seconds were not enough.
    """
    was_open = wal_of(file).exists()
    try:
        with closing(_untouched(file)) as connection:
            found = _schema(connection), _faults(connection, patience)
    except sqlite3.DatabaseError as error:
        if not was_open and wal_of(file).exists():
            return schema_and_faults(file, patience)
        if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            raise Locked from error
        raise Unreadable(str(error)) from error
    if not was_open and wal_of(file).exists():  # a server has started meanwhile: what was read may be half of a change
        return schema_and_faults(file, patience)
    return found


def _faults(connection: sqlite3.Connection, patience: float) -> list[str]:
    connection.set_progress_handler(_interrupted(patience), 100_000)
    try:
        return [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)")]
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        return []


def _interrupted(after: float, clock: Callable[[], float] = time.monotonic) -> Callable[[], int]:
    end = clock() + after
    return lambda: int(clock() > end)


def _schema(connection: sqlite3.Connection) -> int:
    try:
        return int(connection.execute("SELECT max(version) FROM schema_version").fetchone()[0] or 0)
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return 0
        raise
