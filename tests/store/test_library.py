"""A machine whose SQLite is not one that ClassCord can use."""

from __future__ import annotations

from pathlib import Path

import pytest

from classcord.store.ports import StoreError
from classcord.store.sqlite import library
from classcord.store.sqlite.database import prepare


def test_this_one() -> None:
    """The SQLite that the tests run with is one."""
    library.check()


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("_FULL_TEXT", "fts99", r"classcord\.db: SQLite 3\.[0-9.]+ was built without FTS5, .*: use the Python of your"),
        ("OLDEST", (4, 0, 0), r"classcord\.db: SQLite 3\.[0-9.]+ is too old: upgrade the system, or Python$"),
    ],
)
def test_refused(name: str, value: object, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start says in one line what is wrong with it and what would help, and makes no file."""
    monkeypatch.setattr(library, name, value)
    with pytest.raises(StoreError, match=why):
        prepare(tmp_path / "classcord.db", tmp_path / "backups", "FULL")
    assert not list(tmp_path.iterdir())
