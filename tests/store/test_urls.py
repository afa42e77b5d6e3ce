"""A store by the URL of the settings: made, written while no server runs, read at one moment, opened for a server."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from classcord.store.ports import Purged, Store, StoreError, Unreadable
from classcord.store.sqlite.library import VERSION
from classcord.store.urls import store_at
from tests.store.examples import AT, BEGUN, audited, commit, said, user

URL = "sqlite:///classcord.db"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that a first start has made, with a channel and a message."""
    store = store_at(URL, tmp_path)
    store.prepare(tmp_path / "backups")
    assert store.write_now([*BEGUN, commit(said(1))]) == {}
    return store


@pytest.mark.parametrize(
    ("url", "file"),
    [(URL, "classcord.db"), ("sqlite:///kept/here.db", "kept/here.db"), ("sqlite:////srv/c.db", "/srv/c.db")],
)
def test_the_path_begins_in_the_data_folder(tmp_path: Path, url: str, file: str) -> None:
    """Nothing is opened or made by naming it."""
    assert store_at(url, tmp_path).file == tmp_path / file
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["", "classcord.db", "postgresql://db/classcord"])
def test_another_kind_is_no_store(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match=f"^{url}$"):
        store_at(url, tmp_path)


def test_what_was_written_is_prepared(store: Store, tmp_path: Path) -> None:
    stored = store.prepare(tmp_path / "backups")
    assert stored.last.message == 1
    assert stored.backup is None
    assert store.describe() == VERSION


def test_a_snapshot_is_of_one_moment(store: Store) -> None:
    """What is written while it is read is not in it."""
    with store.snapshot() as snapshot:
        assert snapshot.last_id("messages") == 1
        assert store.write_now([commit(said(2))]) == {}
        assert snapshot.last_id("messages") == 1
        columns, [row] = snapshot.rows("messages", after_id=0, limit=10)
        assert (columns[0], row[0]) == ("id", 1)
        assert snapshot.rows("messages", after_id=1, limit=10)[1] == []


def test_what_cannot_be_read_is_said(store: Store, tmp_path: Path) -> None:
    """A file that is gone or of something else, and a fault in the middle of reading."""
    with pytest.raises(StoreError, match="there is no database"), store.in_file(tmp_path / "none.db").snapshot():
        pass
    (tmp_path / "garbage.db").write_bytes(b"no database " * 100)
    with pytest.raises(Unreadable, match="not a database"), store.in_file(tmp_path / "garbage.db").snapshot():
        pass
    with closing(sqlite3.connect(store.file)) as other:
        other.execute("ALTER TABLE messages RENAME TO elsewhere")
    with pytest.raises(Unreadable, match="no such table"), store.snapshot() as snapshot:
        snapshot.last_id("messages")


def test_another_file_is_a_store_of_its_own(store: Store, tmp_path: Path) -> None:
    """What restore puts back is one, before it stands in its place."""
    other = store.in_file(tmp_path / "other.db")
    other.prepare(tmp_path / "backups")
    assert other.write_now([commit(user(7, "Zoé"))]) == {}
    with other.snapshot() as snapshot, store.snapshot() as own:
        assert (snapshot.last_id("users"), snapshot.last_id("messages")) == (7, 0)
        assert own.last_id("messages") == 1


def test_the_trail_is_checked_and_purged(store: Store) -> None:
    """A chain is read beside whatever else happens; only who asks to write purges it."""
    key = Ed25519PrivateKey.generate()
    assert store.write_now([commit(audited(number)) for number in (1, 2, 3)]) == {}
    with store.chain() as chain:
        assert chain.verify().rows == 3
        last = chain.last_to_purge(AT + 3)
        assert last is not None
        assert last.id == 2
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            chain.purge(AT + 3, key, AT)
    with store.chain(writes=True) as chain:
        purged = chain.purge(AT + 3, key, AT)
        assert purged == Purged(rows=2, last=last)
        assert chain.purge(AT + 3, key, AT) is None
        verdict = chain.verify(key.public_key(), last)
        assert (verdict.rows, verdict.checkpoints, verdict.findings) == (1, 1, [])
