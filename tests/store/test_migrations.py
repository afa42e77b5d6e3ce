"""How a database comes from one schema to the next, and which databases are refused."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest

from classcord.chat.accounts.vocabulary import RoleChanged, UserRemoved
from classcord.store.ports import StoreError
from classcord.store.sqlite import database
from classcord.store.sqlite.migrate import SHIPPED, migrate, steps, version
from tests.store.examples import audited, commit
from tests.store.sqlite_store import File

ROOT = Path(__file__).parents[2]
PEOPLE = "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO people VALUES (1, 'Zoé');"
PETS = "CREATE TABLE pets (name TEXT, owner INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE);"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for migrations, with none in it."""
    (tmp_path / "migrations").mkdir()
    return tmp_path / "migrations"


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    """Where backups are to lie; not there yet."""
    return tmp_path / "data" / "backups"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A connection as `prepare` opens it, to an empty database."""
    with closing(sqlite3.connect(tmp_path / "classcord.db", isolation_level=None)) as opened:
        opened.execute("PRAGMA foreign_keys = ON")
        opened.execute("PRAGMA journal_mode = WAL")
        yield opened


def step(folder: Path, number: int, sql: str) -> None:
    (folder / f"{number:04}_step.sql").write_text(sql, encoding="utf-8")


def contents(connection: sqlite3.Connection) -> list[str]:
    """Return all that a database holds, as SQL; of an index of words the tables that SQLite keeps it in.

    `iterdump` does not know such an index.
    """
    schema = connection.execute(
        "SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name"
    ).fetchall()
    tables = [name for kind, name, sql in schema if kind == "table" and not sql.startswith("CREATE VIRTUAL")]
    rows = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables}
    return [sql for _, _, sql in schema] + [f'INSERT INTO "{name}" VALUES{row}' for name in rows for row in rows[name]]


def foreign_keys(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA foreign_keys").fetchone()[0])


# -- the steps --------------------------------------------------------------------------------------------------------


def test_shipped_steps() -> None:
    """The steps that are shipped are numbered without a gap, and none ends the transaction it runs in."""
    assert [each.version for each in steps()] == list(range(1, len(list(SHIPPED.glob("*.sql"))) + 1))
    for each in steps():
        sql = re.sub(r"^CREATE TRIGGER .*?^END;$", "", each.sql, flags=re.MULTILINE | re.DOTALL)  # has its own BEGIN
        assert not {"BEGIN", "COMMIT", "END", "ROLLBACK"} & set(sql.upper().replace(";", " ").split())


@pytest.mark.parametrize("names", [("0002_a",), ("0001_a", "0003_b"), ("0001_a", "0001_b"), ("0000_a", "0001_b")])
def test_misnumbered_steps(folder: Path, names: tuple[str, ...]) -> None:
    """Steps that do not count 1, 2, 3 are refused with the folder's name."""
    for name in names:
        (folder / f"{name}.sql").touch()
    with pytest.raises(StoreError, match=r"^.*migrations: migrations are not numbered 1, 2, 3\.\.\.$"):
        steps(folder)


# -- forward ----------------------------------------------------------------------------------------------------------


def test_new_database(connection: sqlite3.Connection, backups: Path) -> None:
    """An empty database gets the whole schema, without a backup; a second time there is nothing to do."""
    assert version(connection) == 0
    assert migrate(connection, backups) is None
    assert version(connection) == len(steps())
    before = contents(connection)
    assert migrate(connection, backups) is None
    assert contents(connection) == before
    assert not backups.exists()


def test_older_database(connection: sqlite3.Connection, folder: Path, backups: Path) -> None:
    """An older database is backed up whole, what is only in its log too; then the missing steps are taken."""
    step(folder, 1, PEOPLE)
    migrate(connection, backups, folder)
    connection.execute("INSERT INTO people VALUES (2, 'Bob')")
    before = contents(connection)
    step(folder, 2, PETS)
    step(folder, 3, "ALTER TABLE people ADD COLUMN age INTEGER;")
    backup = migrate(connection, backups, folder)
    assert backup is not None
    assert version(connection, folder) == 3
    assert connection.execute("SELECT * FROM people").fetchall() == [(1, "Zoé", None), (2, "Bob", None)]
    assert foreign_keys(connection)
    with closing(sqlite3.connect(backup)) as copy:
        assert contents(copy) == before
        assert version(copy, folder) == 1
    assert list(backups.glob("*")) == [backup]
    assert backup.name.startswith("before-schema-2-")
    assert (backup.stat().st_mode & 0o777, backups.stat().st_mode & 0o777) == (0o600, 0o700)


def test_start_tells_the_backup(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that has migrated says where the backup is; the next start has made none."""
    file = File(tmp_path)
    file.prepare()
    for shipped in steps():
        step(folder, shipped.version, shipped.sql)
    step(folder, len(steps()) + 1, "CREATE TABLE bots (id INTEGER PRIMARY KEY);")
    monkeypatch.setattr(database, "migrate", partial(migrate, folder=folder))
    monkeypatch.setattr(database, "version", partial(version, folder=folder))
    backup = file.prepare().backup
    assert backup is not None
    assert backup.parent == file.backups
    assert file.prepare().backup is None
    assert file.rows("SELECT * FROM bots") == []


def test_table_made_anew(connection: sqlite3.Connection, folder: Path, backups: Path) -> None:
    """A step may replace a table that others refer to; no row of theirs goes with the old one."""
    step(folder, 1, PEOPLE + PETS + "INSERT INTO pets VALUES ('Minou', 1);")
    migrate(connection, backups, folder)
    step(
        folder,
        2,
        "CREATE TABLE newer (id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (name <> ''));"
        "INSERT INTO newer SELECT * FROM people; DROP TABLE people; ALTER TABLE newer RENAME TO people;",
    )
    migrate(connection, backups, folder)
    assert connection.execute("SELECT * FROM pets").fetchall() == [("Minou", 1)]
    assert foreign_keys(connection)
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT INTO pets VALUES ('Rex', 99)")


# -- what the shipped steps make of the rows that are there -----------------------------------------------------------

BEFORE_ADMINISTRATION = """
INSERT INTO users (id, name, name_key, role, password_hash, alias, alias_key, added_at)
VALUES (1, 'Zoé', 'zoé', 'owner', 'digest', NULL, NULL, 1), (5, 'Bob', 'bob', 'member', 'other', 'B', 'b', 2);
DELETE FROM users WHERE id = 5;
INSERT INTO channels (id, name, name_key, kind, made_by, added_at) VALUES (1, '#dev', '#dev', 'approval', 1, 3);
INSERT INTO memberships VALUES (1, 1, 4);
INSERT INTO messages (id, at, channel_id, author, author_id, content) VALUES (7, 5, 1, 'Zoé', 1, 'Bonjour');
INSERT INTO sessions (id, user_id, name, address, face, started_at) VALUES (9, 1, 'Zoé', '10.0.0.1', 'tcp', 6);
"""


def test_administration(connection: sqlite3.Connection, folder: Path, backups: Path, tmp_path: Path) -> None:
    """From schema 1 to 2 accounts, channels, messages and ids stay; nobody has to change a password."""
    first, second = steps()[:2]
    step(folder, 1, first.sql)
    migrate(connection, backups, folder)
    connection.executescript(BEFORE_ADMINISTRATION)
    before = set(contents(connection))
    step(folder, 2, second.sql)
    backup = migrate(connection, backups, folder)
    assert backup is not None
    assert backup.name.startswith("before-schema-2-")
    kept = {line for line in before if not line.startswith(('INSERT INTO "users"', "CREATE TABLE users"))}
    assert kept <= set(contents(connection))
    assert connection.execute("SELECT id, name, password_hash, must_change FROM users").fetchall() == [
        (1, "Zoé", "digest", 0)
    ]
    for table in ("sanctions", "join_requests", "switches", "audit", "audit_checkpoints"):
        assert connection.execute(f"SELECT * FROM {table}").fetchall() == []
    connection.close()
    file = File(tmp_path)
    last = file.prepare().last
    assert (last.user, last.channel, last.message, last.session) == (5, 1, 7, 9)
    assert (last.sanction, last.join_request) == (0, 0)
    entry = commit(RoleChanged(user_id=1, role="admin", before="owner", at=0), audited(1))
    assert database.store_now(file.path, "NORMAL", [entry, commit(UserRemoved(user_id=1), audited(2))]) == {}
    assert file.rows("SELECT id, action FROM audit") == [(1, "role-changed"), (2, "role-changed")]
    assert file.rows("SELECT author, author_id FROM messages") == [("Zoé", None)]


BEFORE_CONVERSATIONS = """
INSERT INTO users (id, name, name_key, role, password_hash, added_at)
VALUES (1, 'Zoé', 'zoé', 'owner', '', 0), (2, 'Bob', 'bob', 'member', '', 0), (3, 'Léa', 'léa', 'member', '', 0);
INSERT INTO channels (id, name, name_key, kind, members_from, added_at)
VALUES (1, '#général', 'general', 'default', 'guest', 0), (2, '#dev', 'dev', 'open', NULL, 0),
       (3, '#admin', 'admin', 'private', 'moderator', 0), (4, '#empty', 'empty', 'open', NULL, 0);
INSERT INTO memberships VALUES (2, 2, 0), (4, 3, 0);
INSERT INTO messages (id, at, channel_id, conversation, author, author_id, recipient, waiting_for, content)
VALUES (1, 0, 1, NULL, 'Zoé', 1, NULL, NULL, 'x'), (2, 0, 2, NULL, 'Zoé', 1, NULL, NULL, 'x'),
       (3, 0, 3, NULL, 'Zoé', 1, NULL, NULL, 'x'), (4, 0, 1, NULL, 'Zoé', 1, NULL, NULL, 'x'),
       (5, 0, NULL, '1:2', 'Zoé', 1, 'Bob', NULL, 'x'), (6, 0, NULL, '1:2', 'Bob', 2, 'Zoé', NULL, 'x'),
       (7, 0, NULL, '1:2', 'Zoé', 1, 'Bob', 2, 'x'), (8, 0, NULL, '1:2', 'Zoé', 1, 'Bob', 2, 'x'),
       (9, 0, NULL, '3:~tom', 'Tom', NULL, 'Léa', NULL, 'x'), (10, 0, NULL, '3:99', 'Old', NULL, 'Léa', NULL, 'x'),
       (11, 0, NULL, '3:3', 'Léa', 3, 'Léa', NULL, 'x'), (12, 0, NULL, '~max:~tom', 'Tom', NULL, 'Max', NULL, 'x');
"""


def test_conversations(connection: sqlite3.Connection, folder: Path, backups: Path) -> None:
    """What was said before schema 5 is in the lists of who said or heard it, and counts as read where it was heard."""
    for number, each in enumerate(steps()[:4], 1):
        step(folder, number, each.sql)
    migrate(connection, backups, folder)
    connection.executescript(BEFORE_CONVERSATIONS)
    migrate(connection, backups)
    rows = connection.execute(
        "SELECT user_id, conversation, other, newest, read_up_to, hidden_up_to FROM conversations"
    )
    assert rows.fetchall() == [
        (1, "1:2", "Bob", 8, 8, 0),
        (2, "1:2", "Zoé", 8, 6, 0),  # two messages wait to be handed over
        (3, "3:3", "Léa", 11, 11, 0),
        (3, "3:99", "Old", 10, 10, 0),
        (3, "3:~tom", "Tom", 9, 9, 0),
    ]
    rows = connection.execute("SELECT user_id, channel_id, up_to FROM channel_markers ORDER BY user_id, channel_id")
    assert rows.fetchall() == [(1, 1, 4), (1, 3, 3), (2, 1, 4), (2, 2, 2), (3, 1, 4), (3, 4, 0)]


# -- steps that fail --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        (
            "ALTER TABLE people ADD COLUMN age; CREATE TABLE more (x); DELETE FROM people; SELECT nonsense;",
            "no such col",
        ),
        ("DROP TABLE people; CREATE INDEX i ON nowhere (x);", "no such table: main.nowhere"),
        ("INSERT INTO people VALUES (1, 'twice');", "UNIQUE constraint failed"),
        ("CREATE TABLE more (x); SELECT (1;", "syntax error"),
        ("DELETE FROM people;", "a row of pets refers to one of people that is not there"),
    ],
)
def test_failing_step(connection: sqlite3.Connection, folder: Path, backups: Path, sql: str, why: str) -> None:
    """A step that fails leaves rows, tables and version as they were, names itself, and can be tried again mended."""
    step(folder, 1, PEOPLE + PETS + "INSERT INTO pets VALUES ('Minou', 1);")
    migrate(connection, backups, folder)
    before = contents(connection)
    step(folder, 2, sql)
    with pytest.raises(StoreError, match=rf"^migration 2 failed \(.*{why}.*\); the database is as it was before$"):
        migrate(connection, backups, folder)
    assert contents(connection) == before
    assert not connection.in_transaction
    assert len(list(backups.iterdir())) == 1
    step(folder, 2, "CREATE TABLE more (x);")
    migrate(connection, backups, folder)
    assert version(connection, folder) == 2


def test_steps_before_the_failing_one(connection: sqlite3.Connection, folder: Path, backups: Path) -> None:
    """Steps that went well stay, each being a transaction of its own."""
    step(folder, 1, PEOPLE)
    step(folder, 2, PETS)
    step(folder, 3, "DROP TABLE people; nonsense;")
    with pytest.raises(StoreError, match=r"^migration 3 failed"):
        migrate(connection, backups, folder)
    assert version(connection, folder) == 2
    assert connection.execute("SELECT name FROM people").fetchall() == [("Zoé",)]


def test_failing_backup(connection: sqlite3.Connection, folder: Path, backups: Path, tmp_path: Path) -> None:
    """Without a backup no step is taken, and half a backup is not left to be mistaken for one."""
    step(folder, 1, PEOPLE)
    migrate(connection, backups, folder)
    step(folder, 2, PETS)

    class Failing(sqlite3.Connection):
        def backup(self, target: sqlite3.Connection, **_: object) -> None:
            target.execute("CREATE TABLE half (x)")
            raise sqlite3.OperationalError("database or disk is full")

    with closing(sqlite3.connect(tmp_path / "classcord.db", isolation_level=None, factory=Failing)) as failing:
        with pytest.raises(sqlite3.OperationalError, match="disk is full"):
            migrate(failing, backups, folder)
        assert version(failing, folder) == 1
    assert list(backups.iterdir()) == []


def test_killed_in_a_step(connection: sqlite3.Connection, folder: Path, backups: Path, tmp_path: Path) -> None:
    """A server that is killed in the middle of a step finds its database as it was before the step."""
    step(folder, 1, PEOPLE)
    migrate(connection, backups, folder)
    before = contents(connection)
    connection.close()
    many = "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
    step(folder, 2, f"{PETS} {many} INSERT INTO people SELECT i, hex(randomblob(100)) FROM n; SELECT die();")
    killed = f"""
import os, sqlite3
from pathlib import Path
from classcord.store.sqlite.migrate import migrate
connection = sqlite3.connect({str(tmp_path / "classcord.db")!r}, isolation_level=None)
connection.execute("PRAGMA cache_size = 10")  # so that half of the step is on the disk
connection.create_function("die", 0, lambda: os.kill(os.getpid(), 9))
migrate(connection, Path({str(backups)!r}), Path({str(folder)!r}))
"""
    ended = subprocess.run([sys.executable, "-c", killed], cwd=ROOT, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert (tmp_path / "classcord.db-wal").stat().st_size > 100_000
    with closing(sqlite3.connect(tmp_path / "classcord.db", isolation_level=None)) as again:
        assert contents(again) == before
        step(folder, 2, PETS)
        migrate(again, backups, folder)
        assert version(again, folder) == 2
        assert again.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# -- databases that are refused ---------------------------------------------------------------------------------------


def refused(file: File, why: str) -> None:
    """Check that a start refuses the database in one line, and leaves it byte for byte as it is."""
    before = file.path.read_bytes()
    with pytest.raises(StoreError) as caught:
        file.prepare()
    line = str(caught.value)
    assert line.startswith(f"{file.path}: ")
    assert why in line
    assert "\n" not in line
    assert file.path.read_bytes() == before
    assert [path.name for path in file.path.parent.iterdir()] == ["classcord.db"]


def test_newer_database(tmp_path: Path) -> None:
    """A database from a newer ClassCord is refused with what to do, not touched and not backed up."""
    file = File(tmp_path)
    file.prepare()
    newest = len(steps())
    with file.another() as connection:
        connection.execute("INSERT INTO schema_version VALUES (?, 0)", (newest + 1,))
    refused(
        file, f"has schema {newest + 1}, from a newer ClassCord; this one knows {newest}: install the newer version"
    )


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("CREATE TABLE users (username TEXT, password TEXT)", "not ClassCord's; older servers' accounts come in by"),
        ("CREATE TABLE schema_version (v TEXT)", "no such column: version"),
    ],
)
def test_foreign_database(tmp_path: Path, sql: str, why: str) -> None:
    """A database of something else is refused and not touched; not even its journal mode changes."""
    file = File(tmp_path)
    with file.another() as connection:
        connection.execute(sql)
    refused(file, why)


@pytest.mark.parametrize("garbage", [b"hello", b"Bonjour\n" * 1000, bytes(range(256)) * 64, b"\0" * 4096])
def test_not_a_database(tmp_path: Path, garbage: bytes) -> None:
    """A file that is no database is refused and not touched."""
    file = File(tmp_path)
    file.path.write_bytes(garbage)
    refused(file, "file is not a database")


@pytest.mark.parametrize("size", [50, 100, 4096, 4097, 20_000])
def test_truncated(tmp_path: Path, size: int) -> None:
    """A file that was cut off is refused and not touched."""
    file = File(tmp_path)
    file.prepare()
    os.truncate(file.path, size)
    refused(file, "database disk image is malformed")


def overwritten(page: int) -> Callable[[bytes], bytes]:
    return lambda whole: whole[: page * 4096] + b"\xa5" * 4096 + whole[(page + 1) * 4096 :]


@pytest.mark.parametrize("damage", [overwritten(0), overwritten(2), overwritten(3)])
def test_overwritten(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """A file with garbage where tables begin is refused in one line at the start, not later."""
    file = File(tmp_path)
    file.prepare()
    file.path.write_bytes(damage(file.path.read_bytes()))
    with pytest.raises(StoreError, match=r"^\S+: (file is not a database|database disk image is malformed)$"):
        file.prepare()


def test_backups_that_cannot_be_made(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no backup can be made, an older database is refused in one line and stays as it is."""
    file = File(tmp_path)
    file.prepare()
    for shipped in steps():
        step(folder, shipped.version, shipped.sql)
    step(folder, len(steps()) + 1, PEOPLE)
    monkeypatch.setattr(database, "migrate", partial(migrate, folder=folder))
    monkeypatch.setattr(database, "version", partial(version, folder=folder))
    file.backups.touch()
    with pytest.raises(StoreError, match=r"^\S+: File exists$"):
        file.prepare()
    with suppress(FileNotFoundError):
        file.backups.unlink()
    assert file.rows("SELECT max(version) FROM schema_version") == [(len(steps()),)]


def test_an_emptied_database_is_no_new_one(tmp_path: Path) -> None:
    """Where there are backups, a file of no bytes was one with accounts in it; without the file, all begins anew."""
    file = File(tmp_path)
    file.path.touch()
    file.prepare()
    file.path.write_bytes(b"")
    file.backups.mkdir()
    (file.backups / "classcord-20261121-085233.db.gz").touch()
    with pytest.raises(StoreError, match=r"^\S+: it is empty, but there are backups: "):
        file.prepare()
    assert file.path.stat().st_size == 0
    file.path.unlink()
    file.prepare()
