"""Databases for the tests of backups: made, written to as a server does, damaged, and what they hold; also a kill."""

from __future__ import annotations

import gzip
import hashlib
import os
import signal
import sqlite3
import sys
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from classcord.services.backups.backup import Backups, Rotation
from classcord.store.ports import Unsound
from classcord.store.sqlite import copying
from classcord.store.sqlite.database import prepare, store_now
from tests.store.examples import channel, commit, said, user

NOW = 1_795_206_987.625  # 2026-11-20 20:36:27 UTC
NAME = "classcord-20261120-203627.db.gz"
ALL = Rotation(0, 0, 0)


def database(folder: Path, messages: int = 3, size: int = 7) -> Path:
    """Make a database with so many messages of so many characters, and one account."""
    path = folder / "classcord.db"
    prepare(path, folder / "backups", "OFF")
    commits = [commit(user(1, "Zoé"), channel(1, "#dev"))]
    commits += [commit(said(number, content(number, size))) for number in range(1, messages + 1)]
    assert store_now(path, "OFF", commits) == {}
    return path


def content(number: int, size: int = 7) -> str:
    """Return the words of a message, which no compression makes much shorter."""
    words = "".join(hashlib.sha256(f"{number} {part}".encode()).hexdigest() for part in range(size // 64 + 1))
    return words[:size]


def opened(path: Path) -> sqlite3.Connection:
    """Open a database as a server does; it waits for nobody."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


def add(connection: sqlite3.Connection, number: int) -> None:
    """Write one more message, as the server would at this moment."""
    connection.execute(
        "INSERT INTO messages (id, at, channel_id, author, content) VALUES (?, 0, 1, 'Zoé', 'more')", (number,)
    )


def messages(path: Path) -> list[int]:
    """Return the ids of the messages that a whole database holds, one that is compressed too."""
    with closing(sqlite3.connect(":memory:" if path.suffix == ".gz" else path)) as connection:
        if path.suffix == ".gz":
            expanded = path.with_name("expanded")
            expanded.write_bytes(gzip.decompress(path.read_bytes()))
            with closing(sqlite3.connect(expanded)) as packed:
                packed.backup(connection)
            expanded.unlink()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [row[0] for row in connection.execute("SELECT id FROM messages ORDER BY id")]


def backups(folder: Path, now: float = NOW) -> Backups:
    return Backups(folder / "backups", copying, lambda: now)


def backed_up(path: Path, now: float = NOW) -> Path:
    """Make a backup of a database, and return its file."""
    return backups(path.parent, now).make(path, ALL).file


def packed(file: Path, raw: bytes) -> Path:
    """Write a compressed file with its right sum, whatever is in it."""
    return summed(file, gzip.compress(raw))


def summed(file: Path, raw: bytes) -> Path:
    """Write a file with its right sum."""
    file.write_bytes(raw)
    file.with_name(f"{file.name}.sha256").write_text(f"{hashlib.sha256(raw).hexdigest()}  {file.name}\n", "utf-8")
    return file


def damaged(path: Path) -> None:
    """Overwrite what the second half of a database's file holds."""
    with path.open("r+b") as file:
        size = path.stat().st_size
        file.seek(size // 2)
        file.write(b"\xff" * (size - size // 2))


def reasons(work: Callable[[], object]) -> str:
    """Return why a work is refused."""
    with pytest.raises(Unsound) as refused:
        work()
    return str(refused.value)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def garbled(path: Path) -> None:
    path.write_bytes(os.urandom(9000))


def of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name)")


def of_a_newer_schema(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO schema_version VALUES (1000, 0)")


def with_an_orphan(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE messages SET channel_id = 99 WHERE id = 2")


def with_a_gap_in_an_index(path: Path) -> None:
    """Let an index miss a row, as nothing but a look at all of it shows."""
    name = "messages_by_channel"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        (row,) = connection.execute("SELECT * FROM sqlite_schema WHERE name = ?", [name])
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_schema WHERE name = ?", [name])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        add(connection, 4)
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", row)


WRONG: tuple[tuple[Callable[[Path], None], str], ...] = (
    (emptied, "there is nothing in this database"),
    (garbled, "SQLite says: file is not a database"),
    (of_another_program, "this is a database, but not ClassCord's"),
    (of_a_newer_schema, "the database has schema 1000, from a newer ClassCord"),
    (with_an_orphan, "it is damaged: messages 2 → channels (foreign key)"),
    (with_a_gap_in_an_index, "it is damaged: row 4 missing from index messages_by_channel"),
    (damaged, ""),
    (Path.unlink, "unable to open database file"),
)


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


class Killed:
    """Does a work in a child that is killed before its `at`th call of the system that changes a folder or opens a file.

    That is what Python's audit events are told of, and SQLite's own files are in between: a database that it has begun
    to open may be in any state that SQLite leaves, which is the state that SQLite is made to recover from.
    """

    EVENTS = frozenset({"open", "os.rename", "os.link", "os.mkdir", "os.rmdir", "os.remove", "sqlite3.connect"})

    def __init__(self, at: int) -> None:
        self._left = at

    def __call__(self, work: Callable[[], object]) -> bool:
        """Return whether it was killed; False if the work came to its end before."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads, none of which it uses
            child = os.fork()
        if not child:
            try:
                sys.addaudithook(self._count)
                work()
                os._exit(0)
            finally:
                os._exit(1)
        _pid, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the work has failed"
        return os.WIFSIGNALED(status)

    def _count(self, event: str, _arguments: tuple[object, ...]) -> None:
        if event in self.EVENTS:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)
