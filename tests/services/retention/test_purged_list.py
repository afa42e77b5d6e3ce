"""From which times on nothing is kept: a restored database has what is older removed before anybody reads it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from classcord.chat.retention.durations import CLOCKS_GO
from classcord.chat.retention.runs import Purges
from classcord.chat.retention.vocabulary import Cutoffs, PurgeBegun
from classcord.server.startup import prepare
from classcord.services.retention.purged_list import NAME, PurgedList
from classcord.settings import Settings
from classcord.store.sqlite.database import store_now
from tests.store.examples import AT, commit, said

NOW = 2_000.0
OLD = CLOCKS_GO + 1_000  # on whatever day the tests are run, it is past


def a_run(before: int, number: int = 3) -> PurgeBegun:
    return PurgeBegun(number=number, at=AT, before=Cutoffs(**dict.fromkeys(Cutoffs.__struct_fields__, before)))


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    data, backups = tmp_path / "data", tmp_path / "data" / "backups"
    backups.mkdir(parents=True)
    return data, backups


def again(folders: tuple[Path, Path], last: PurgeBegun | None) -> PurgeBegun | None:
    """Return the run that a start begins by what the files say."""
    purged = PurgedList(folders)
    purged.read()
    runs = Purges(0 if last is None else last.number)
    runs.last = last
    return purged.run_again(runs, NOW)


def test_what_was_removed_is_removed_again(folders: tuple[Path, Path]) -> None:
    """A database from before a run is found by its own last run, or by having none."""
    PurgedList(folders).note(a_run(50))
    assert again(folders, a_run(50)) is None
    for last in (None, a_run(40, 2)):
        run = again(folders, last)
        assert run is not None
        assert (run.before.everyone, run.before.audit, run.at) == (50, 50, 0 if last is None else last.at)
        assert run.number == (1 if last is None else 3)


def test_the_later_time_counts(folders: tuple[Path, Path]) -> None:
    """Of each kind, the latest time in any of the files; one of the two folders is enough."""
    PurgedList(folders).note(a_run(50))
    (folders[0] / NAME).unlink()
    run = again(
        folders, msgspec.structs.replace(a_run(40, 2), before=msgspec.structs.replace(a_run(40).before, private=60))
    )
    assert run is not None
    assert (run.before.everyone, run.before.private) == (50, 60)


def test_a_clock_that_was_ahead(folders: tuple[Path, Path]) -> None:
    """What it has written is not believed, and the next run writes what is right: no start removes everything."""
    PurgedList(folders).note(a_run(int(NOW * 1000) + 1))
    assert again(folders, a_run(40, 4)) is None
    PurgedList(folders).note(a_run(50))
    run = again(folders, a_run(40, 4))
    assert run is not None
    assert run.before.everyone == 50


def test_nothing_known(folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Without a file, or with one that cannot be read, nothing is removed."""
    assert again(folders, None) is None
    (folders[0] / NAME).write_text("{")
    assert again(folders, None) is None


def test_a_restored_database(folders: tuple[Path, Path]) -> None:
    """What a backup brings back is gone when the server begins, and its audit trail has the run."""
    data, _ = folders
    settings = Settings()
    prepare(settings, data).folder.release()
    file = data / "classcord.db"
    assert (
        store_now(file, "OFF", [commit(said(1, "trop vieux", at=OLD)), commit(said(2, "récent", at=OLD + 9_000))]) == {}
    )
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    backup = data / "backups" / "old.db"
    shutil.copy(file, backup)
    PurgedList(folders).note(a_run(OLD + 5_000))
    shutil.copy(backup, file)
    prepared = prepare(settings, data)
    prepared.folder.release()
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT content FROM messages").fetchall() == [("récent",)]
        actions = [action for (action,) in database.execute("SELECT action FROM audit ORDER BY id")]
    assert actions[-1] == "retention-applied"
    assert not prepared.hub.state.purges.under_way
    prepare(settings, data).folder.release()
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT count(*) FROM purges").fetchone() == (1,)
