"""Faults of the storage, made for real: what was accepted is stored once, in order, when they have passed."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import Clock

from classcord.chat.effects import Commit
from classcord.chat.registration.vocabulary import UsernameTaken
from classcord.chat.text import Text
from classcord.services.chat.journal import Journal
from classcord.store.ports import Outcomes, StoreError
from classcord.store.sqlite.database import store_now
from classcord.store.sqlite.writing import write_group
from tests.store.examples import BEGUN, commit, said, user
from tests.store.sqlite_store import File

LONG = "é" * 4000  # characters; a message of it needs pages of its own


class Disk:
    """A journal over a database, written in this thread; time is `clock`'s."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.connection = sqlite3.connect(file.path, isolation_level=None, timeout=0)
        self.connection.execute("PRAGMA foreign_keys = ON")
        self.clock = Clock()
        self.released: list[int] = []
        self.outcomes: list[Outcomes] = []
        self.told: list[str | None] = []
        self.journal = Journal(self, self.clock)
        self.journal.release_to(self._release, trouble=self._note)

    def _note(self, why: str | Text | None) -> None:
        self.told.append(why.render() if isinstance(why, Text) else why)

    def write(self, group: Sequence[Commit]) -> Deferred[Outcomes]:
        return maybeDeferred(write_group, self.connection, group)

    def _release(self, group: Sequence[Commit], outcomes: Outcomes) -> None:
        self.outcomes.append(outcomes)
        for each in group:
            (record,) = each.records
            self.released.append(getattr(record, "message_id", 0))

    def say(self, *numbers: int) -> None:
        for number in numbers:
            self.journal.append(commit(said(number, f"{number} {LONG}")))
        self.clock.advance(0)

    def stored(self) -> list[int]:
        """Return what another program finds."""
        return [row[0] for row in self.file.rows("SELECT id FROM messages ORDER BY id")]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A database with two accounts and a channel in it."""
    yield from opened(tmp_path)


def opened(path: Path) -> Iterator[Disk]:
    file = File(path)
    file.prepare()
    assert store_now(file.path, "NORMAL", BEGUN) == {}
    made = Disk(file)
    yield made
    made.connection.close()


# -- the faults -------------------------------------------------------------------------------------------------------

Fault = Callable[[Disk], AbstractContextManager[None]]


@contextmanager
def locked(disk: Disk) -> Iterator[None]:
    """Another connection holds the lock for writing."""
    with disk.file.another() as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def locked_by_a_process(disk: Disk) -> Iterator[None]:
    """Another process holds it."""
    holds = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN EXCLUSIVE')"
    waits = "print('locked', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", f"{holds}; {waits}", str(disk.file.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        yield
        process.stdin.close()
        process.wait(timeout=30)


@contextmanager
def full(disk: Disk) -> Iterator[None]:
    """The database may not grow."""
    (pages,) = disk.connection.execute("PRAGMA page_count").fetchone()
    disk.connection.execute(f"PRAGMA max_page_count = {pages}")
    yield
    disk.connection.execute("PRAGMA max_page_count = 1000000")


@contextmanager
def read_only(disk: Disk) -> Iterator[None]:
    """The database may only be read."""
    disk.connection.execute("PRAGMA query_only = ON")
    yield
    disk.connection.execute("PRAGMA query_only = OFF")


@contextmanager
def io_error(disk: Disk) -> Iterator[None]:
    """The operating system refuses to write on in the log, in the middle of a transaction."""
    log = disk.file.path.with_name("classcord.db-wal")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 5000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def failing_commit(disk: Disk) -> Iterator[None]:
    """Everything can be written, but not committed."""

    def deny(action: int, what: str | None, *_: str | None) -> int:
        return sqlite3.SQLITE_DENY if (action, what) == (sqlite3.SQLITE_TRANSACTION, "COMMIT") else sqlite3.SQLITE_OK

    disk.connection.set_authorizer(deny)
    yield
    disk.connection.set_authorizer(lambda *_: sqlite3.SQLITE_OK)


FAULTS: list[tuple[Fault, str]] = [
    (locked, "database is locked"),
    (locked_by_a_process, "database is locked"),
    (full, "database or disk is full"),
    (read_only, "attempt to write a readonly database"),
    (io_error, "disk I/O error"),
    (failing_commit, "not authorized"),
]
each_fault = pytest.mark.parametrize(("fault", "reason"), FAULTS, ids=[fault.__name__ for fault, _ in FAULTS])


@each_fault
def test_fault_passes(disk: Disk, fault: Fault, reason: str) -> None:
    """In trouble nothing is released and nothing stored; afterwards everything is, once and in order."""
    disk.say(1, 2)
    with fault(disk):
        disk.say(3, 4)
        disk.say(5)
        disk.say(6)
        disk.clock.advance(60)
        assert disk.released == [1, 2]
        assert disk.stored() == [1, 2]
        assert disk.told == [reason]
        assert not disk.journal.accepting
        assert not disk.connection.in_transaction
    disk.clock.advance(Journal.LONGEST_RETRY)
    disk.say(7)
    assert disk.told == [reason, None]
    assert disk.journal.accepting
    assert disk.journal.idle
    assert disk.released == disk.stored() == [1, 2, 3, 4, 5, 6, 7]
    assert disk.outcomes == [{}] * len(disk.outcomes)
    assert disk.file.rows("PRAGMA integrity_check") == [("ok",)]


@each_fault
def test_fault_and_a_bad_record(disk: Disk, fault: Fault, reason: str) -> None:
    """A group with a bad record in it is retried as a whole; afterwards the bad one alone has failed."""
    disk.say(1)
    with fault(disk):
        disk.journal.append(commit(user(9, "zoé")))
        disk.journal.append(commit(said(2, LONG)))
        disk.journal.append(commit(said(3, "\ud800")))
        disk.say(4)
        assert (disk.stored(), disk.told) == ([1], [reason])
    disk.clock.advance(Journal.LONGEST_RETRY)
    assert disk.stored() == [1, 2, 4]
    assert [{k: type(v) for k, v in outcomes.items()} for outcomes in disk.outcomes] == [
        {},
        {0: UsernameTaken, 2: UnicodeEncodeError},
    ]


def test_damaged_file(disk: Disk) -> None:
    """A damaged table is the store's trouble, not the fault of whoever writes next: nobody is refused for it."""
    disk.connection.close()
    (root,) = disk.file.rows("SELECT rootpage FROM sqlite_schema WHERE name = 'messages_by_channel'")[0]
    whole = disk.file.path.read_bytes()
    disk.file.path.write_bytes(whole[: (root - 1) * 4096] + b"\xa5" * 4096 + whole[root * 4096 :])
    disk.connection = sqlite3.connect(disk.file.path, isolation_level=None)
    statements: list[str] = []
    disk.connection.set_trace_callback(statements.append)
    disk.say(1)
    assert "SAVEPOINT one" not in statements
    assert disk.told == ["database disk image is malformed"]
    assert disk.released == []
    assert not disk.connection.in_transaction


def test_unknown_record_in_a_group(disk: Disk) -> None:
    """A record for which there is no statement costs its own commit and leaves no transaction open."""
    unheard: Any = SimpleNamespace(stored=True)
    outcomes = write_group(disk.connection, [commit(said(1)), commit(unheard), commit(said(2))])
    assert {place: type(error) for place, error in outcomes.items()} == {1: KeyError}
    assert disk.stored() == [1, 2]
    assert not disk.connection.in_transaction


def test_what_is_acknowledged_survives(disk: Disk, tmp_path: Path) -> None:
    """The files as a killed process leaves them hold all that was released, and nothing of a group under way."""
    disk.say(1, 2)
    disk.connection.execute("PRAGMA cache_size = 2")
    disk.connection.execute("BEGIN")
    disk.connection.executemany(
        "INSERT INTO messages (id, at, channel_id, author, content) VALUES (?, 0, 1, 'Zoé', ?)",
        [(number, LONG) for number in range(3, 100)],
    )
    left = File(tmp_path / "left")
    left.path.parent.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(f"{disk.file.path}{suffix}", f"{left.path}{suffix}")
    assert (tmp_path / "left" / "classcord.db-wal").stat().st_size > 400_000
    assert left.prepare().last.message == 2
    assert [row[0] for row in left.rows("SELECT id FROM messages")] == [1, 2]


# -- with the help of the system, where it is given -------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    path = tmp_path / "small"
    path.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if mount is None or unmount is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    made = subprocess.run([mount, "-t", "tmpfs", "-o", "size=2m", "none", str(path)], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("no small disk can be mounted here")
    yield path
    subprocess.run([unmount, "--lazy", str(path)], check=True)


def fill(path: Path) -> Path:
    """Return a file that leaves no room on the disk."""
    ballast = path / "ballast"
    with ballast.open("wb", buffering=0) as out, contextlib.suppress(OSError):
        while True:
            out.write(bytes(4096))
    return ballast


def test_full_disk(small_disk: Path) -> None:
    """A disk that is really full is waited for; when there is room again, all is stored."""
    for disk in opened(small_disk):
        disk.say(1)
        ballast = fill(small_disk)
        disk.say(*range(2, 12))
        assert disk.told == ["database or disk is full"]
        assert disk.stored() == [1]
        ballast.unlink()
        disk.clock.advance(Journal.LONGEST_RETRY)
        assert disk.told[1:] == [None]
        assert disk.released == disk.stored() == list(range(1, 12))


def test_start_on_a_full_disk(small_disk: Path) -> None:
    """A start without room for the database is refused in one line; with room the next one succeeds."""
    ballast = fill(small_disk)
    with pytest.raises(StoreError, match=r"^\S+classcord\.db: (database or disk is full|disk I/O error)$"):
        File(small_disk).prepare()
    ballast.unlink()
    File(small_disk).prepare()
