"""A database file as commands read it, with or without a running server: doctor, audit, export. Knows no pools."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from classcord.chat.text import N_
from classcord.store.ports import Locked, Part, StoreError, Unreadable
from classcord.store.sqlite.copying import begins
from classcord.store.sqlite.in_words import said
from classcord.store.sqlite.migrate import steps, version
from classcord.store.sqlite.pools import LOCK_WAIT
from classcord.store.sqlite.statements import FILES, INSPECTION

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
        why = error.text if isinstance(error, StoreError) else said(error)
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
        raise Unreadable(said(error)) from error


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


class Inspected:
    """A database file whatever its condition. Implements `Inspection` of ports/files.py."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def account_names(self) -> list[tuple[str, str | None]]:
        try:
            with closing(_untouched(self._file)) as connection:
                return list(INSPECTION.account_names(connection))
        except sqlite3.Error:  # `schema_and_faults` reports what is wrong
            return []

    def waits_for_a_change(self, name_key: str) -> bool | None:
        try:
            with closing(_untouched(self._file)) as connection:
                found = INSPECTION.must_change(connection, name_key=name_key)
        except sqlite3.Error:
            return None
        return None if found is None else bool(found)

    def switch(self, name: str) -> str | None:
        try:
            with closing(_untouched(self._file)) as connection:
                found: str | None = INSPECTION.switch(connection, name=name)
        except sqlite3.Error as error:
            raise Unreadable(said(error)) from error
        return found

    def last_run(self) -> tuple[int, int | None] | None:
        try:
            with closing(_untouched(self._file)) as connection:
                found: tuple[int, int | None] | None = INSPECTION.last_run(connection)
        except sqlite3.Error as error:
            raise Unreadable(said(error)) from error
        return found

    def unused_staff(self, before: int) -> list[str]:
        try:
            with closing(_untouched(self._file)) as connection:
                return [name for (name,) in INSPECTION.unused_staff(connection, before=before)]
        except sqlite3.Error as error:
            raise Unreadable(said(error)) from error

    def contents(self) -> dict[str, int]:
        try:
            with closing(_untouched(self._file)) as connection:
                return dict(FILES.contents(connection))
        except sqlite3.Error as error:
            raise Unreadable(said(error)) from error

    def newest_message(self) -> float | None:
        try:
            if not self._file.is_file():
                return None
            with closing(_untouched(self._file)) as connection:
                at = INSPECTION.newest_message(connection)
        except (sqlite3.Error, OSError):
            return None
        return at / 1000 if isinstance(at, int) else None

    def schema_and_faults(self, patience: float) -> tuple[int, list[str]]:
        was_open = wal_of(self._file).exists()
        try:
            with closing(_untouched(self._file)) as connection:
                found = _schema(connection), _faults(connection, patience)
        except sqlite3.DatabaseError as error:
            if not was_open and wal_of(self._file).exists():
                return self.schema_and_faults(patience)
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                raise Locked from error
            raise Unreadable(said(error)) from error
        # if a server has started meanwhile, what was read may be half of a change
        if not was_open and wal_of(self._file).exists():
            return self.schema_and_faults(patience)
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


def part(file: Path) -> Part:
    """Return SQLite's type of a file; https://sqlite.org/fileformat.html, sections 1.3 and 4.1."""
    try:
        with file.open("rb") as opened_file:
            beginning = opened_file.read(16)
    except OSError:
        return ""
    if begins(beginning):
        return "database"
    return "log" if beginning[:4] in (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83") else ""
