"""The database removed, moved or replaced while it is open: nothing is stored where nobody finds it."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest
from twisted.trial.unittest import TestCase

from classcord.chat.errors import StorageUnavailable
from classcord.chat.text import Text
from classcord.services.chat.journal import Journal
from classcord.store.ports import Displaced, StorageTrouble, StoreError
from classcord.store.sqlite.database import store_now
from tests.store.examples import BEGUN, commit, said
from tests.store.paper import Paper
from tests.store.sqlite_store import File, folder

PARTS = ("", "-wal", "-shm")


class WhileItIsOpen(TestCase):
    """A database in use, whose files somebody touches."""

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

    def part(self, ending: str) -> Path:
        return self.file.path.with_name(f"{self.file.path.name}{ending}")

    async def begin(self) -> None:
        """Store a first message: now a connection is open, and all three files are there."""
        assert await self.database.write([commit(said(1))]) == {}
        assert self.database.obstacle() is None
        assert all(self.part(ending).exists() for ending in PARTS)

    async def refused(self, number: int) -> None:
        with pytest.raises(Displaced):
            await self.database.write([commit(said(number))])

    async def test_moved_and_put_back(self) -> None:
        """Each part, alone or with the others: nothing is stored while it is away, everything once it is back."""
        await self.begin()
        number = 1
        for endings in (*((ending,) for ending in PARTS), PARTS):
            for ending in endings:
                self.part(ending).rename(self.part(f"{ending}.away"))
            for _ in range(2):
                await self.refused(number + 1)
            reason = self.database.obstacle()
            assert reason is not None
            assert str(self.part(endings[0])) in reason.render()
            for ending in endings:
                self.part(f"{ending}.away").rename(self.part(ending))
            number += 1
            assert await self.database.write([commit(said(number))]) == {}
        self.file.close()
        assert self.file.rows("SELECT id FROM messages ORDER BY id") == [(n,) for n in range(1, number + 1)]

    async def test_removed(self) -> None:
        """Nothing is stored, no new file is made, and what was read before can still be read."""
        await self.begin()
        assert await self.database.password_hash("zoé") == "digest of Zoé"
        for ending in PARTS:
            self.part(ending).unlink()
        for _ in range(2):
            await self.refused(2)
        with contextlib.suppress(StorageUnavailable):  # from a thread that has not read before, and opens no other file
            assert await self.database.password_hash("zoé") == "digest of Zoé"
        self.file.close()
        assert list(self.file.path.parent.iterdir()) == []

    async def test_replaced(self) -> None:
        """Another file at its place is never written, nor what lies beside that, also when nothing was open yet."""
        for open_before in (False, True):
            if open_before:
                self.part("").unlink()
                self.part(".right").rename(self.part(""))
                await self.begin()
                for ending in PARTS[1:]:
                    self.part(ending).rename(self.part(f"{ending}.right"))
            self.part("").rename(self.part(".right"))
            shutil.copy(self.part(".right"), self.part(""))
            self.part("-wal").write_bytes(b"another one's log")
            before = self.part("").read_bytes()
            for _ in range(2):
                await self.refused(2)
            assert self.part("").read_bytes() == before
            assert self.part("-wal").read_bytes() == b"another one's log"
            self.part("-wal").unlink()
        self.file.close()
        assert self.part("").read_bytes() == before

    async def test_the_folder_is_moved(self) -> None:
        """It is the same with the folder that it is in."""
        await self.begin()
        self.file.path.parent.rename(self.path / "elsewhere")
        await self.refused(2)
        (self.path / "elsewhere").rename(self.file.path.parent)
        assert await self.database.write([commit(said(2))]) == {}

    async def test_a_link_to_it(self) -> None:
        """Where its name is a link, what counts is where that leads to."""
        real = self.path / "real.db"
        self.file.close()
        self.file.path.rename(real)
        self.file.path.symlink_to(real)
        self.database = self.file.open()
        assert await self.database.write([commit(said(1))]) == {}
        shutil.copy(real, self.path / "other.db")
        self.file.path.unlink()
        self.file.path.symlink_to(self.path / "other.db")
        await self.refused(2)
        self.file.path.unlink()
        self.file.path.symlink_to(real)
        assert await self.database.write([commit(said(2))]) == {}

    async def test_a_connection_that_is_renewed(self) -> None:
        """After another kind of trouble SQLite makes its log anew; that is no reason to be alarmed."""
        await self.begin()
        await self.database._writer.runWithConnection(lambda c: c.execute("PRAGMA query_only = ON") and None)
        with pytest.raises(StorageTrouble, match="readonly"):
            await self.database.write([commit(said(2))])
        assert self.database.obstacle() is None
        assert await self.database.write([commit(said(2))]) == {}
        assert self.database.obstacle() is None


def test_a_start_beside_what_is_left_of_a_database(tmp_path: Path) -> None:
    """With its log alone nothing is begun anew, for that would throw the log away."""
    file = File(tmp_path)
    log = tmp_path / "classcord.db-wal"
    log.write_bytes(b"frames")
    with pytest.raises(StoreError, match=r"it is not there, but .*classcord\.db-wal is"):
        file.prepare()
    assert log.read_bytes() == b"frames"
    log.unlink()
    file.prepare()


# -- the journal -------------------------------------------------------------------------------------------------------

REASON = Text("somewhere else", {})


class Guarded(Paper):
    """A journal with an obstacle to order."""

    def __init__(self) -> None:
        super().__init__((self.obstacle,))
        self.reason: Text | None = None
        self.asked = 0

    def obstacle(self) -> Text | None:
        self.asked += 1
        return self.reason


@pytest.fixture
def paper() -> Guarded:
    return Guarded()


def test_an_obstacle_is_trouble_at_once(paper: Guarded) -> None:
    """Nobody has to write for it to be noticed; nothing is taken any more, without patience; then it ends by itself."""
    paper.journal.look()
    assert (paper.told, paper.journal.accepting, paper.journal.failing) == ([], True, False)
    paper.reason = REASON
    for _ in range(3):
        paper.journal.look()
    assert (paper.told, paper.journal.accepting, paper.journal.failing) == ([REASON], False, True)
    paper.reason = None
    paper.journal.look()
    assert (paper.told, paper.journal.accepting, paper.journal.failing) == ([REASON, None], True, False)


def test_nothing_is_written_beside_an_obstacle(paper: Guarded) -> None:
    """What waits is written when it is gone, once."""
    paper.reason = REASON
    paper.append(1)
    paper.turn()
    for _ in range(20):
        paper.turn(1)
    assert (paper.written, paper.told) == ([], [REASON])
    paper.reason = None
    paper.journal.look()  # it ends when what waits is written, not before
    assert paper.told == [REASON]
    paper.turn(Journal.LONGEST_RETRY)
    paper.succeed()
    assert (paper.written, paper.told, paper.journal.accepting) == ([[1]], [REASON, None], True)


def test_a_writer_that_is_displaced(paper: Guarded) -> None:
    """The writer may notice first; that refuses at once, too."""
    paper.append(1)
    paper.turn()
    paper.fail(Displaced(REASON))
    assert (paper.told, paper.journal.accepting) == ([REASON], False)


def test_an_obstacle_after_other_trouble(paper: Guarded) -> None:
    """Both are told, for they ask for different remedies."""
    paper.append(1)
    paper.turn()
    paper.fail()
    paper.reason = REASON
    paper.journal.look()
    assert paper.told == [Text("disk full"), REASON]


def test_under_load_it_is_looked_for_once_a_second(paper: Guarded) -> None:
    """A group that comes soon after a look is written without another one."""
    for number in range(1, 20):
        paper.append(number)
        paper.turn(0.1)
        paper.succeed()
    assert paper.asked == 2
