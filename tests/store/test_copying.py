"""Whole databases: copied at one moment, examined page by page, brought into one file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from classcord.store.ports import Contents
from classcord.store.sqlite import copying
from classcord.store.sqlite.migrate import steps
from tests.backups import WRONG, add, database, emptied, opened, reasons

MESSAGES = 600  # of a page each: more than SQLite takes in one step of a copy
CONTENTS = Contents(schema=len(steps()), newest=len(steps()), messages=MESSAGES, accounts=1)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return database(tmp_path, MESSAGES, size=4_000)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """The empty file that a copy goes into."""
    path = tmp_path / "copy.db"
    path.touch()
    return path


def silent(_stage: str, _done: int, _total: int) -> None: ...


def test_a_copy_is_of_the_moment_at_which_it_begins(source: Path, target: Path) -> None:
    """Progress is told step by step, and what is written between two steps is not in it."""
    told: list[tuple[str, int, int]] = []

    with closing(opened(source)) as server:

        def progress(stage: str, done: int, total: int) -> None:
            add(server, 10_000 + done)
            told.append((stage, done, total))

        copying.copy(source, target, progress)
    assert copying.examine(target, silent) == CONTENTS
    assert copying.settle(source)
    assert copying.examine(source, silent).messages == MESSAGES + len(told)
    pages = told[-1][2]
    assert told == [("copy", min(step, pages), pages) for step in range(copying.STEP, pages + 256, copying.STEP)]
    assert len(told) > 2


@pytest.mark.parametrize(("spoil", "why"), WRONG[:4] + WRONG[-1:])
def test_what_is_no_database_of_ours_is_not_copied(
    tmp_path: Path, target: Path, spoil: Callable[[Path], None], why: str
) -> None:
    """Empty, garbage, another program's, a newer one's, gone: the refusal says which."""
    path = database(tmp_path)
    spoil(path)
    assert why in reasons(lambda: copying.copy(path, target, silent))


@pytest.mark.parametrize(("spoil", "why"), [(emptied, "it is empty"), *WRONG[1:-1]])
def test_an_examination_finds_what_is_wrong(tmp_path: Path, spoil: Callable[[Path], None], why: str) -> None:
    """A damaged page or index, a row that refers to nobody; and all that is not copied either."""
    path = database(tmp_path)
    assert copying.settle(path)
    assert copying.examine(path, silent).messages == 3
    spoil(path)
    copying.settle(path)
    assert why in reasons(lambda: copying.examine(path, silent))


def test_an_examination_can_be_stopped(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is told how far it is may refuse to go on, in the middle of a query too; that is what is said then."""
    monkeypatch.setattr(copying, "OFTEN", 100)
    told: list[str] = []

    class Stopped(Exception): ...

    def stop(stage: str, _done: int, _total: int) -> None:
        told.append(stage)
        if len(told) > 1:
            raise Stopped

    assert copying.settle(source)
    with pytest.raises(Stopped):
        copying.examine(source, stop)
    assert told == ["check", "check", "check"]


def test_a_database_is_settled_when_nobody_else_has_it(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in its log is in the file then, and the log is gone; while somebody has it, that is said."""
    monkeypatch.setattr(copying, "LOCK_WAIT", 0.0)
    log = source.with_name(f"{source.name}-wal")
    with closing(opened(source)) as server:
        add(server, 10_000)
        assert log.stat().st_size > 0
        assert "another program" in reasons(lambda: copying.settle(source))
    assert copying.settle(source)
    assert not log.exists()
    assert copying.examine(source, silent).messages == MESSAGES + 1


def test_what_is_no_database_cannot_be_settled(tmp_path: Path) -> None:
    """It is left as it is; and a file that is not there is not made."""
    other = tmp_path / "other.db"
    other.write_bytes(b"no database at all" * 100)
    assert not copying.settle(other)
    assert other.read_bytes() == b"no database at all" * 100
    assert str(tmp_path / "none") in reasons(lambda: copying.settle(tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_what_lies_beside_a_database(tmp_path: Path) -> None:
    """Its log, which counts as a part of its size, the log's index, and an older journal."""
    file = tmp_path / "classcord.db"
    names = [each.name for each in copying.beside(file)]
    assert names == ["classcord.db-wal", "classcord.db-shm", "classcord.db-journal"]
    assert copying.size(file) == 0
    file.write_bytes(b"x" * 100)
    assert copying.size(file) == 100
    for each in copying.beside(file):
        each.write_bytes(b"x" * 10)
    assert copying.size(file) == 110
