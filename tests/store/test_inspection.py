"""A database file as commands read it: nothing is changed in it or left beside it, and what is no database is said."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from classcord.chat.maintenance.vocabulary import SettingSet
from classcord.store.ports import Locked, StoreError, Unreadable
from classcord.store.sqlite import inspection
from classcord.store.sqlite.database import store_now
from classcord.store.sqlite.inspection import Inspected
from classcord.store.sqlite.migrate import steps
from tests.store.examples import AT, audited, channel, commit, said, user
from tests.store.sqlite_store import File

PATIENCE = 60.0  # seconds


@pytest.fixture
def file(tmp_path: Path) -> File:
    """A database with an account, a message, an entry of the audit trail and a switch, which no server has open."""
    made = File(tmp_path)
    made.prepare()
    records = (user(1, "alice"), channel(1, "général"), said(7), audited(1), SettingSet(name="maintenance", value="on"))
    assert store_now(made.path, "NORMAL", [commit(record) for record in records]) == {}
    return made


@pytest.fixture
def garbage(tmp_path: Path) -> Path:
    path = tmp_path / "garbage.db"
    path.write_bytes(b"this is no database" * 100)
    return path


@pytest.fixture
def older(tmp_path: Path) -> File:
    """A database of a ClassCord that knew one step less."""
    made = File(tmp_path)
    made.prepare()
    with made.another() as connection:
        connection.execute("DELETE FROM schema_version WHERE version = ?", (len(steps()),))
    return made


def around(path: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in path.parent.iterdir() if each.is_file()}


READERS: list[Any] = [
    lambda path: Inspected(path).account_names(),
    lambda path: Inspected(path).waits_for_a_change("alice"),
    lambda path: Inspected(path).switch("maintenance"),
    lambda path: Inspected(path).newest_message(),
    lambda path: Inspected(path).schema_and_faults(PATIENCE),
]


class TestWhateverItIs:
    @pytest.mark.parametrize("read", READERS)
    def test_reading_leaves_nothing(self, file: File, read: Any) -> None:
        """Neither a log nor an index of one: only the database's own file is there before and after."""
        before = around(file.path)
        read(file.path)
        assert around(file.path) == before

    def test_is_read(self, file: File) -> None:
        assert Inspected(file.path).account_names() == [("alice", None)]
        assert Inspected(file.path).newest_message() == (AT + 7) / 1000
        assert Inspected(file.path).switch("maintenance") == "on"
        assert Inspected(file.path).switch("unknown") is None
        assert Inspected(file.path).schema_and_faults(PATIENCE) == (len(steps()), ["ok"])

    @pytest.mark.parametrize(("key", "waits"), [("alice", False), ("bob", None)])
    def test_one_time_password(self, file: File, key: str, waits: bool | None) -> None:
        """Of an account that is there it is known, of another one it is not."""
        assert Inspected(file.path).waits_for_a_change(key) is waits
        with file.another() as connection:
            connection.execute("UPDATE users SET must_change = 1")
        assert Inspected(file.path).waits_for_a_change(key) is (None if waits is None else True)

    def test_beside_a_server(self, file: File) -> None:
        """What a server has stored is read although it is in its log alone, and what it is about to store is not."""
        with file.another() as server:
            server.execute("PRAGMA journal_mode = WAL")
            server.execute("UPDATE users SET name = 'Alice'")
            server.execute("BEGIN IMMEDIATE")
            server.execute("UPDATE users SET name = 'ALICE'")
            assert Inspected(file.path).account_names() == [("Alice", None)]
            assert Inspected(file.path).schema_and_faults(PATIENCE) == (len(steps()), ["ok"])

    def test_nothing_is_known_of_garbage(self, garbage: Path) -> None:
        """Who asks for names is told none; who asks what is wrong hears it."""
        assert Inspected(garbage).account_names() == []
        assert Inspected(garbage).waits_for_a_change("alice") is None
        assert Inspected(garbage).newest_message() is None
        for read in (READERS[2], READERS[4]):
            with pytest.raises(Unreadable, match="not a database"):
                read(garbage)

    def test_no_file(self, tmp_path: Path) -> None:
        assert Inspected(tmp_path / "none.db").newest_message() is None

    def test_an_empty_database_has_no_schema(self, tmp_path: Path) -> None:
        (tmp_path / "empty.db").touch()
        assert Inspected(tmp_path / "empty.db").schema_and_faults(PATIENCE) == (0, ["ok"])

    def test_impatience(self, file: File) -> None:
        """A database that takes too long to be read is of its schema, and nothing is known of its faults."""
        with file.another() as connection:
            connection.execute("CREATE TABLE filled (x)")
            connection.execute(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)"
                " INSERT INTO filled SELECT i FROM n"
            )
        assert Inspected(file.path).schema_and_faults(-1.0) == (len(steps()), [])

    def test_locked(self, file: File, monkeypatch: pytest.MonkeyPatch) -> None:
        """Somebody's program that lets nobody else read is told from a fault."""
        monkeypatch.setattr(inspection, "LOCK_WAIT", 0.01)
        with file.another() as other:
            other.execute("PRAGMA journal_mode = WAL")
            other.execute("UPDATE users SET name = 'Alice'")
            with file.another() as hog:
                hog.execute("PRAGMA locking_mode = EXCLUSIVE")
                other.close()
                hog.execute("BEGIN EXCLUSIVE")
                hog.execute("UPDATE users SET name = 'ALICE'")
                with pytest.raises(Locked):
                    Inspected(file.path).schema_and_faults(PATIENCE)


class TestOfThisClassCord:
    @pytest.fixture(params=["opened", "one_moment"])
    def open_it(self, request: pytest.FixtureRequest) -> Any:
        return inspection.one_moment if request.param == "one_moment" else lambda path: inspection.opened(path, "ro")

    def test_is_read(self, file: File, open_it: Any) -> None:
        with open_it(file.path) as connection:
            assert [inspection.last_id(connection, what) for what in ("users", "messages", "audit")] == [1, 7, 1]

    def test_empty(self, tmp_path: Path, open_it: Any) -> None:
        made = File(tmp_path)
        made.prepare()
        with open_it(made.path) as connection:
            assert inspection.last_id(connection, "messages") == 0

    def test_an_older_one_is_refused(self, older: File, open_it: Any) -> None:
        """With the command that brings it up to date."""
        with pytest.raises(StoreError, match=r"classcord\.db: .*classcord init"), open_it(older.path):
            pass

    def test_none_is_refused(self, tmp_path: Path, open_it: Any) -> None:
        with pytest.raises(StoreError, match=r"none\.db: there is no database"), open_it(tmp_path / "none.db"):
            pass

    def test_garbage(self, garbage: Path) -> None:
        """Audit's reader says where; export's leaves it to the export, which says what is lost."""
        with pytest.raises(StoreError, match=r"garbage\.db: file is not a database"), inspection.opened(garbage, "ro"):
            pass
        with pytest.raises(Unreadable), inspection.one_moment(garbage):
            pass

    def test_all_is_of_one_moment(self, file: File) -> None:
        """What is stored while an export reads is not in it."""
        with file.another() as server:
            server.execute("PRAGMA journal_mode = WAL")
            with inspection.one_moment(file.path) as connection:
                assert inspection.last_id(connection, "users") == 1
                server.execute("UPDATE users SET id = 9")
                assert inspection.last_id(connection, "users") == 1

    def test_reading_changes_nothing(self, file: File) -> None:
        with inspection.opened(file.path, "ro") as connection, pytest.raises(sqlite3.Error, match="readonly"):
            connection.execute("DELETE FROM users")
