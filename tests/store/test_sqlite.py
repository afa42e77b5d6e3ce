"""SQLite keeps the contract, with real files, real threads and the real reactor; and what only a file can show."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from classcord.chat.errors import ChatError
from classcord.chat.profiles.vocabulary import ProfileSet
from classcord.chat.records import Record
from classcord.chat.registration.vocabulary import UsernameTaken
from classcord.chat.state import LastIds
from classcord.store.ports import StoreError
from classcord.store.sqlite.database import Database, store_now
from tests.store import contract, contract_reports
from tests.store.examples import AT, BEGUN, HISTORY, LAST, channel, commit, member, said, started, user
from tests.store.sqlite_store import File, folder


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


class SQLiteStore(contract_reports.StoreContract):
    def open(self) -> contract.Store:
        stack = ExitStack()
        self.addCleanup(stack.close)
        self.file = File(stack.enter_context(folder()))
        stack.callback(self.file.close)
        self.file.prepare()
        return self.file.open()

    async def restart(self) -> tuple[list[Record], LastIds]:
        self.file.close()
        stored = self.file.prepare()
        self.store = self.file.open()
        return stored.records, stored.last

    async def pragma(self, pool: str, name: str) -> object:
        """Return what a connection of the database's pools says of itself."""
        assert isinstance(self.store, Database)

        def ask(connection: Any) -> object:
            return connection.execute(f"PRAGMA {name}").fetchone()[0]

        return await getattr(self.store, pool).runWithConnection(ask)

    async def test_profile(self) -> None:
        """What an account says of itself is stored field by field, quotes and all; a change leaves the other fields."""
        asked = "SELECT name, alias, first_name, last_name, email, role FROM users WHERE id = 2"
        changes = [each for each in HISTORY if any(isinstance(record, ProfileSet) for record in each.records)]
        await self.keep(*(each for each in HISTORY if each not in changes))
        assert self.file.rows(asked) == [("Bob", "Bobby", "Robert", "O'Neil; --", "bob@example.org", "admin")]
        await self.keep(*changes)
        assert self.file.rows(asked) == [("Bob", None, None, "O'Neil; --", "bob@example.org", "admin")]

    async def test_sessions(self) -> None:
        """Who connected when from where is stored, and until when: its own end, or the server's."""
        await self.keep(*HISTORY)
        rows = self.file.rows("SELECT id, user_id, name, address, face, started_at, ended_at FROM sessions ORDER BY id")
        assert rows == [
            (1, 1, "Zoé", "10.0.0.1", "tcp", AT + 1, AT + 100),
            (2, 2, "Zoé", "10.0.0.1", "tcp", AT + 2, AT + 200),
            (3, None, "cron", "10.0.0.1", "tcp", AT + 3, AT + 200),
        ]

    async def test_sessions_that_a_crash_left_open(self) -> None:
        """A start ends them at the latest moment known of the server before it, never before they began."""
        await self.keep(*BEGUN, commit(started(1), started(2, started_at=AT + 900)), commit(said(500)))
        await self.restart()
        assert self.file.rows("SELECT id, ended_at FROM sessions") == [(1, AT + 500), (2, AT + 900)]

    async def test_sessions_left_open_without_a_message(self) -> None:
        """Where nothing was ever said they end as they began."""
        await self.keep(*BEGUN, commit(started(1)))
        await self.restart()
        assert self.file.rows("SELECT ended_at FROM sessions") == [(AT + 1,)]

    async def test_ids_of_the_deleted(self) -> None:
        """The id of a deleted account or channel is never another's."""
        await self.keep(*BEGUN, commit(user(3, "Léa")), commit(channel(2, "#dev"), member(2, 3)))
        with self.file.another() as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("DELETE FROM users WHERE id = 3")
            connection.execute("DELETE FROM channels WHERE id = 2")
        assert self.file.rows("SELECT * FROM memberships") == []
        _, last = await self.restart()
        assert (last.user, last.channel) == (3, 2)

    async def test_settings_of_the_writer(self) -> None:
        """The connection that writes enforces foreign keys, in WAL mode, as durable as the setting says."""
        assert await self.pragma("_writer", "foreign_keys") == 1
        assert await self.pragma("_writer", "journal_mode") == "wal"
        assert await self.pragma("_writer", "synchronous") == 1
        self.file.synchronous = "FULL"
        await self.restart()
        assert await self.pragma("_writer", "synchronous") == 2

    async def test_readers_only_read(self) -> None:
        """No connection that reads can write."""
        assert await self.pragma("_readers", "query_only") == 1

    async def test_private_file(self) -> None:
        """The database, its log and its index are their owner's alone."""
        await self.keep(*BEGUN)
        files = {path.name: mode(path) for path in self.file.path.parent.iterdir()}
        assert files == dict.fromkeys(("classcord.db", "classcord.db-wal", "classcord.db-shm"), 0o600)

    async def test_closing_leaves_one_file(self) -> None:
        """After a clean stop everything is in the database file itself: it can be copied alone."""
        await self.keep(*HISTORY)
        self.file.close()
        assert [path.name for path in self.file.path.parent.iterdir()] == ["classcord.db"]

    async def test_records_against_the_schema(self) -> None:
        """What the schema refuses and no rule lets through is a fault of ours, not the sender's taken name."""
        outcomes = await self.refusals(
            commit(user(1, "Zoé", role="king")), commit(user(2, "Bob")), commit(channel(1, "#x", kind="open?"))
        )
        assert list(outcomes) == [0, 2]
        for error in outcomes.values():
            assert not isinstance(error, ChatError)
            assert "CHECK constraint failed" in str(error)

    async def test_reads_while_another_writes(self) -> None:
        """Pages and digests are read while another program holds the lock for writing."""
        await self.keep(*BEGUN, commit(said(1)))
        with self.file.another() as connection:
            connection.execute("BEGIN IMMEDIATE")
            assert await self.said_in() == ["Bonjour"]
            assert await self.store.password_hash("zoé") == "digest of Zoé"


@pytest.fixture
def file(tmp_path: Path) -> File:
    """A place for a database, with none there."""
    return File(tmp_path)


def test_store_now(file: File) -> None:
    """What is stored while no server runs is there at the start, and losers are told."""
    file.prepare()
    outcomes = store_now(file.path, "FULL", [*HISTORY, commit(user(9, "BOB"))])
    assert {place: type(error) for place, error in outcomes.items()} == {len(HISTORY): UsernameTaken}
    assert file.prepare().last == LAST


def test_store_now_without_a_store(file: File) -> None:
    """Where nothing can be stored one line says where and why."""
    file.path.mkdir()
    with pytest.raises(StoreError, match=r"^.*classcord\.db: unable to open database file$"):
        store_now(file.path, "FULL", BEGUN)


def test_store_now_beside_another(file: File) -> None:
    """While another program writes, one line says so."""
    file.prepare()
    with file.another() as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"^.*classcord\.db: database is locked$"):
            store_now(file.path, "FULL", BEGUN)


def test_symbolic_link(file: File, tmp_path: Path) -> None:
    """A database may lie elsewhere, behind a link: it is made there, private, and found again."""
    elsewhere = tmp_path / "big disk"
    elsewhere.mkdir()
    file.path.symlink_to(elsewhere / "chat.db")
    file.prepare()
    store_now(file.path, "FULL", BEGUN)
    assert mode(elsewhere / "chat.db") == 0o600
    assert file.path.is_symlink()
    assert file.prepare().last == LastIds(user=2, channel=1)


def test_links_that_go_round(file: File) -> None:
    """A link to itself is refused in one line."""
    file.path.symlink_to(file.path)
    with pytest.raises(StoreError, match=r"^.*classcord\.db: Too many levels of symbolic links$"):
        file.prepare()


def test_folder_in_its_place(file: File) -> None:
    """A folder with the database's name is refused in one line."""
    file.path.mkdir()
    with pytest.raises(StoreError, match=r"^.*classcord\.db: this is not a file$"):
        file.prepare()


def test_no_folder(file: File) -> None:
    """A folder that is not there is refused in one line."""
    file.path = file.path.parent / "nowhere" / "classcord.db"
    with pytest.raises(StoreError, match=r"^.*classcord\.db: there is no folder .*nowhere$"):
        file.prepare()


def test_start_beside_another(file: File) -> None:
    """A database in which another program is writing is refused in one line, unharmed."""
    file.prepare()
    with file.another() as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"^.*classcord\.db: database is locked$"):
            file.prepare()
    file.prepare()


def test_rows_edited_by_hand(file: File) -> None:
    """A row that no ClassCord has written is refused in one line at the start: which one, what is wrong, what helps."""
    file.prepare()
    store_now(file.path, "FULL", BEGUN)
    with file.another() as connection:
        connection.execute("UPDATE users SET added_at = 'yesterday' WHERE id = 1")
    with pytest.raises(StoreError) as refused:
        file.prepare()
    assert str(refused.value) == (
        f"{file.path}: users, row 1: added_at cannot be “yesterday”. Correct it with the program that has changed it, "
        "or put a backup back: classcord restore"
    )
