"""Whole databases: copied while a server writes them, examined, brought into one file.

Implements `Copies` of ports/files.py.

Knows SQLite and the version of the schema; not why a copy is made, nor where it goes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from classcord.chat.text import N_
from classcord.store.ports import Contents, Progress, StoreError, Unsound
from classcord.store.sqlite.in_words import said
from classcord.store.sqlite.migrate import steps, version
from classcord.store.sqlite.statements import FILES

BESIDE = ("-wal", "-shm", "-journal")  # the endings of SQLite's files beside a database, the log first
LOCK_WAIT = 5.0  # seconds to wait for another program's lock
STEP = 256  # pages copied before progress is reported: 1 MB
OFTEN = 200_000  # instructions of SQLite's machine between two questions whether an examination should go on
_SHOWN = 5  # findings that are named one by one


def begins(beginning: bytes) -> bool:
    """Return whether this is the header of SQLite's files; https://sqlite.org/fileformat.html, section 1.3.1."""
    return beginning.startswith(b"SQLite format 3\0")


def beside(file: Path) -> tuple[Path, ...]:
    return tuple(file.with_name(file.name + ending) for ending in BESIDE)


def size(file: Path) -> int:
    log, *_ = beside(file)
    return sum(each.stat().st_size for each in (file, log) if each.exists())


def copy(source: Path, target: Path, progress: Progress) -> None:
    """Copy what is committed at this moment.

    The read transaction fixes that moment. Without it SQLite starts the copy again after each write by another
    connection, and never ends under load ("Using the SQLite Online Backup API"). In WAL mode, other connections still
    write meanwhile.
    """

    def told(_status: int, remaining: int, total: int) -> None:
        progress("copy", total - remaining, total)

    with _said(), closing(_opened(source, _reading(source))) as database, closing(_opened(target, "mode=rw")) as new:
        if not version(database):
            raise Unsound(N_("there is nothing in this database"))
        new.execute("PRAGMA journal_mode = OFF")  # a copy that fails is deleted;
        new.execute("PRAGMA synchronous = OFF")  # the caller syncs a copy that it keeps
        database.execute("BEGIN")
        database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        database.backup(new, pages=STEP, progress=told)


def examine(file: Path, progress: Progress) -> Contents:
    """Check every page, every index and every reference; count accounts and messages."""
    if not file.stat().st_size:
        raise Unsound(N_("it is empty"))
    with _said(), closing(_opened(file, "mode=ro&immutable=1")) as database:
        progress("check", 0, 0)
        database.set_progress_handler(lambda: progress("check", 0, 0), OFTEN)
        try:
            schema = version(database)
            findings = [str(row[0]) for row in database.execute(f"PRAGMA integrity_check({_SHOWN})")]
            if findings != ["ok"]:
                raise Unsound(N_("it is damaged: {findings}"), findings="; ".join(findings))
            orphan = database.execute("PRAGMA foreign_key_check").fetchone()
            if orphan is not None:
                raise Unsound(
                    N_("it is damaged: {findings}"), findings=f"{orphan[0]} {orphan[1]} → {orphan[2]} (foreign key)"
                )
            if not schema:
                raise Unsound(N_("there is nothing in this database"))
            messages, accounts = (
                int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 (one of two words)
                for table in ("messages", "users")
            )
        except sqlite3.OperationalError:
            progress("check", 0, 0)  # if `progress` interrupted the examination, it raises its reason here
            raise
    return Contents(schema=schema, newest=len(steps()), messages=messages, accounts=accounts)


_OF_LATER_SCHEMAS = {"report_lines": "file_digest, file_size", "held_files": "digest, size"}
"""What knows of contents beside `files`, and came after it."""


def digests(file: Path) -> frozenset[str]:
    with _said(), closing(_opened(file, "mode=ro&immutable=1")) as database:
        if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'files'").fetchone():
            return frozenset()
        for table, columns in _OF_LATER_SCHEMAS.items():
            if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone():
                database.execute(f"CREATE TEMP TABLE {table} ({columns})")  # an older copy: as if it were empty
        return frozenset(digest for digest, _ in database.execute(FILES.contents.sql))


def settle(file: Path) -> bool:
    """Leave WAL mode: SQLite moves the content of the write-ahead log into the file, and removes the log.

    SQLite does that only if no other program has the database open. So a success also proves that nobody else uses it.
    """
    try:
        with closing(_opened(file, "mode=rw")) as database:
            (mode,) = database.execute("PRAGMA journal_mode = DELETE").fetchone()
            database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError as error:
        raise Unsound(N_("{file}: {why}; is another program using it?"), file=file, why=said(error)) from error
    except sqlite3.DatabaseError:
        return False
    if mode != "delete":
        raise Unsound(N_("{file}: another program is using it"), file=file)
    return True


def _reading(file: Path) -> str:
    """Return how to open a database for reading: as immutable if it has no log and its folder is read-only."""
    log, *_ = beside(file)
    return "mode=ro" if os.access(file.parent, os.W_OK) or log.exists() else "mode=ro&immutable=1"


def _opened(file: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True, isolation_level=None, timeout=LOCK_WAIT)


@contextmanager
def _said() -> Iterator[None]:
    """Raise SQLite's errors as a refusal, with SQLite's message."""
    try:
        yield
    except StoreError as error:
        raise Unsound("{why}", why=error.text) from error
    except sqlite3.Error as error:
        raise Unsound(N_("SQLite says: {why}"), why=said(error)) from error
