"""The database as the server has it, with its threads, where it cannot be used as it should."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import TestCase

from classcord.chat.effects import Commit
from classcord.chat.errors import StorageUnavailable
from classcord.chat.registration.vocabulary import UsernameTaken
from classcord.store.ports import StorageTrouble, StoreError
from classcord.store.sqlite.database import store_now
from tests.store.examples import BEGUN, commit, said, user
from tests.store.sqlite_store import File, folder


@contextmanager
def unprivileged(path: Path) -> Iterator[None]:
    """Be somebody whom the permissions of files bind; root is nobody for a while, and owns `path` as such."""
    if os.geteuid() != 0:
        yield
        return
    nobody = 65534
    for each in (path, *path.iterdir()):
        os.chown(each, nobody, nobody)
    os.seteuid(nobody)
    try:
        yield
    finally:
        os.seteuid(0)


def test_start_with_a_file_that_cannot_be_written() -> None:
    """A database that may only be read, or lies where nothing may be made, is refused in one line."""
    with folder() as path:
        file = File(path)
        file.prepare()
        with unprivileged(path):
            file.path.chmod(0o400)
            with pytest.raises(StoreError, match=rf"^{file.path}: the permission to write {file.path} is missing$"):
                file.prepare()
            file.path.chmod(0o600)
            path.chmod(0o500)
            with pytest.raises(StoreError, match=rf"^{file.path}: the permission to write {path} is missing$"):
                file.prepare()
            path.chmod(0o700)
            assert [each.name for each in path.iterdir()] == ["classcord.db"]
        file.prepare()


class Pools(TestCase):
    """The database as the server has it, with its threads."""

    timeout = 30.0

    def setUp(self) -> None:
        made = folder()
        self.path = made.__enter__()
        self.addCleanup(made.__exit__, None, None, None)
        self.file = File(self.path / "data")
        self.file.path.parent.mkdir()
        self.file.prepare()
        assert store_now(self.file.path, "NORMAL", BEGUN) == {}
        self.database = self.file.open()
        self.addCleanup(self.file.close)

    def hide(self) -> None:
        """Let the file be nowhere."""
        self.file.path.parent.rename(self.path / "elsewhere")

    def show(self) -> None:
        (self.path / "elsewhere").rename(self.file.path.parent)

    async def test_file_that_cannot_be_opened(self) -> None:
        """If not even a connection can be had it is trouble, which passes; nothing is dropped for it."""
        self.hide()
        with pytest.raises(StorageTrouble, match=r"classcord\.db is not there any more: it was moved or removed$"):
            await self.database.write([commit(said(1))])
        self.show()
        assert await self.database.write([commit(said(1))]) == {}
        assert self.file.rows("SELECT id FROM messages") == [(1,)]

    async def test_reading_what_cannot_be_opened(self) -> None:
        """Who reads meanwhile hears storage_unavailable, the log hears why, and afterwards they read."""
        self.hide()
        with capturedLogs() as logged:
            for read in (
                lambda: self.database.page(channel_id=1, limit=1),
                lambda: self.database.latest(((1, 1),), 1),
                lambda: self.database.kept(1, 1),
                lambda: self.database.password_hash("zoé"),
            ):
                with pytest.raises(StorageUnavailable):
                    await read()
        told = [formatEvent(event) for event in logged]  # once, for strangers cause reads
        assert told == ["the database cannot be read: unable to open database file"]
        self.show()
        assert await self.database.password_hash("zoé") == "digest of Zoé"

    async def test_begins_anew_after_trouble(self) -> None:
        """After trouble the next write has a new connection: one that could only read would stay so for ever."""
        await self.database._writer.runWithConnection(lambda c: c.execute("PRAGMA query_only = ON") and None)
        with pytest.raises(StorageTrouble, match="readonly"):
            await self.database.write([commit(said(1))])
        assert await self.database.write([commit(said(1))]) == {}

    async def test_keeps_its_connection(self) -> None:
        """A refused record is no reason for a new connection."""
        first = await self.database._writer.runWithConnection(lambda c: id(c._connection))
        outcomes = await self.database.write([commit(user(9, "zoé"))])
        assert [type(error) for error in outcomes.values()] == [UsernameTaken]
        assert await self.database._writer.runWithConnection(lambda c: id(c._connection)) == first

    async def test_locked_for_longer_than_the_wait(self) -> None:
        """Another's lock is waited for a second, then it is trouble; no thread hangs."""
        with closing(sqlite3.connect(self.file.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageTrouble, match=r"^database is locked$"):
                await self.database.write([commit(said(1))])
        assert await self.database.write([commit(said(1))]) == {}

    async def test_fault_of_ours_leaves_no_transaction(self) -> None:
        """A fault in the middle of a write undoes it whole and is told as what it is; the next group is written."""

        class Broken(list[Commit]):
            def __iter__(self) -> Iterator[Commit]:
                yield self[0]
                raise MemoryError

        with pytest.raises(MemoryError):
            await self.database.write(Broken([commit(said(1))]))
        assert self.file.rows("SELECT count(*) FROM messages") == [(0,)]
        assert await self.database.write([commit(said(1))]) == {}
        assert self.file.rows("SELECT count(*) FROM messages") == [(1,)]
