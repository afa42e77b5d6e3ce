"""An older database file, which keeps its size: it is written anew at an upgrade, if the disk has room for that."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from classcord.store.ports import StoreError
from classcord.store.sqlite import migrate
from classcord.store.sqlite.database import prepare

NEWEST = len(migrate.steps())


def older(folder: Path) -> Path:
    """Return the file of a database that was made before files gave space back."""
    file, steps = folder / "classcord.db", folder / "older"
    steps.mkdir()
    for step in sorted(migrate.SHIPPED.glob("*.sql"))[:12]:
        (steps / step.name).write_bytes(step.read_bytes())
    with closing(sqlite3.connect(file, isolation_level=None)) as store:
        migrate.migrate(store, folder, steps)
        store.execute("INSERT INTO channels (id, name, name_key, kind, added_at) VALUES (1, '#dev', 'dev', 'open', 0)")
        store.execute("INSERT INTO messages (at, channel_id, author, content) VALUES (1, 1, 'bob', 'bonjour')")
    assert look(file) == (12, 0, ["bonjour"])
    return file


def look(file: Path) -> tuple[int, int, list[str]]:
    """Return a file's schema, how it gives space back, and its messages."""
    with closing(sqlite3.connect(file)) as store:
        (schema,) = store.execute("SELECT max(version) FROM schema_version").fetchone()
        (mode,) = store.execute("PRAGMA auto_vacuum").fetchone()
        return schema, mode, [row[0] for row in store.execute("SELECT content FROM messages")]


def free(monkeypatch: pytest.MonkeyPatch, *sizes: int) -> None:
    """Let so many bytes be free on the disk, at each look; the last size stays."""
    left = list(sizes)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, left.pop(0) if len(left) > 1 else left[0]))


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_an_older_file_gives_space_back_after_its_upgrade(tmp_path: Path) -> None:
    """A file of before is written anew once, at its upgrade."""
    file = older(tmp_path)
    assert prepare(file, tmp_path, "NORMAL").keeps_space is None
    assert look(file) == (NEWEST, 2, ["bonjour"])


def test_an_upgrade_without_room_for_its_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is done: it says how much it needs, where, and how much there is; the database is the older one."""
    file = older(tmp_path)
    free(monkeypatch, 0)
    with pytest.raises(StoreError, match=r"needs 1 MB in .*, and 0 are free; the database is as it was before$"):
        prepare(file, tmp_path, "NORMAL")
    assert look(file) == (12, 0, ["bonjour"])
    assert not list(tmp_path.glob("before-schema-*"))


def test_an_upgrade_without_room_to_write_the_file_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server starts, and says why the file stays as it is; a later start with room writes it anew."""
    file = older(tmp_path)
    free(monkeypatch, 10**9, 1_000)
    why = prepare(file, tmp_path, "NORMAL").keeps_space
    assert why is not None
    assert why.render().startswith("that needs ")
    assert why.render().endswith("and there are 0")
    assert look(file) == (NEWEST, 0, ["bonjour"])
    monkeypatch.undo()
    assert prepare(file, tmp_path, "NORMAL").keeps_space is None
    assert look(file) == (NEWEST, 2, ["bonjour"])
