"""A backup in the place of the database: checked first, whole or not at all, and what was there before is kept."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from classcord.cli.restore.restoring import Restore, Restored
from classcord.store.ports import Contents, Unsound
from classcord.store.sqlite import copying
from classcord.store.sqlite.database import prepare
from classcord.store.sqlite.migrate import steps
from tests.backups import NOW, Killed, add, backed_up, database, messages, names, opened, summed

BEFORE = "before-restore-20261120-203627"
THREE, FIVE = [1, 2, 3], [1, 2, 3, 4, 5]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that has gone on since its backup: five messages, of which the backup holds three."""
    path = database(tmp_path)
    backed_up(path)
    with closing(opened(path)) as server:
        add(server, 4)
        add(server, 5)
    return path


def restored(path: Path, file: Path | None = None, now: float = NOW) -> Restored:
    restore = Restore(path, copying, lambda: now)
    try:
        (found,) = (path.parent / "backups").glob("*.gz") if file is None else (file,)
        return restore.commit(restore.check(found))
    finally:
        restore.discard()


def crashed(path: Path, then: Callable[[], object] = lambda: None) -> None:
    """Leave a database as a server that was killed does: its last message, the 6th, is only in its log."""
    with closing(opened(path)) as server:
        server.execute("PRAGMA wal_autocheckpoint = 0")
        add(server, 6)
        left = {file: file.read_bytes() for file in path.parent.glob("classcord.db*")}
    for file, raw in left.items():
        file.write_bytes(raw)
    assert {file.name for file in left} == {"classcord.db", "classcord.db-wal", "classcord.db-shm"}
    then()


def starts(path: Path) -> list[int]:
    """Return what the next start of a server finds."""
    prepare(path, path.parent / "backups", "OFF")
    return messages(path)


def test_the_backup_is_the_database_and_what_was_there_is_kept(path: Path, tmp_path: Path) -> None:
    """Beside it, in a folder for its owner alone, as one file; nothing else stays."""
    done = restored(path)
    assert done.contents == Contents(schema=len(steps()), newest=len(steps()), messages=3, accounts=1)
    assert done.before == tmp_path / BEFORE / "classcord.db"
    assert (messages(path), messages(done.before)) == (THREE, FIVE)
    assert names(tmp_path) == {"classcord.db", "backups", BEFORE}
    assert names(tmp_path / BEFORE) == {"classcord.db"}
    assert [oct(each.stat().st_mode & 0o777) for each in (tmp_path / BEFORE, path)] == ["0o700", "0o600"]
    assert path.stat().st_nlink == 1
    assert starts(path) == THREE


def test_the_way_back_is_a_restore_of_what_was_kept(path: Path, tmp_path: Path) -> None:
    """Which keeps what it replaces in its turn; two of one second are two."""
    first = restored(path)
    assert first.before is not None
    second = restored(path, first.before)
    assert second.before == tmp_path / f"{BEFORE}-2" / "classcord.db"
    assert (starts(path), messages(second.before), messages(first.before)) == (FIVE, THREE, FIVE)


def test_what_a_killed_server_has_left_in_its_log_is_kept_too(path: Path, tmp_path: Path) -> None:
    """It is in what is kept, and is not played into the new database."""
    crashed(path)
    done = restored(path)
    assert done.before is not None
    assert names(tmp_path) == {"classcord.db", "backups", BEFORE}
    assert starts(path) == THREE
    assert messages(done.before) == [*FIVE, 6]


def test_a_database_that_is_damaged_is_kept_with_its_log(path: Path, tmp_path: Path) -> None:
    """That is what a restore is for: nothing of it is read, and nothing of it is lost."""
    crashed(path, lambda: path.write_bytes(b"garbage" * 5000))
    log = (tmp_path / "classcord.db-wal").read_bytes()
    done = restored(path)
    assert starts(path) == THREE
    assert done.before is not None
    assert done.before.read_bytes() == b"garbage" * 5000
    assert (tmp_path / BEFORE / "classcord.db-wal").read_bytes() == log


def test_a_new_machine_has_nothing_to_keep(path: Path, tmp_path: Path) -> None:
    """A folder without a database."""
    other = tmp_path / "new" / "classcord.db"
    other.parent.mkdir()
    (file,) = (tmp_path / "backups").glob("*.gz")
    assert restored(other, file).before is None
    assert (starts(other), names(other.parent)) == (THREE, {"classcord.db"})


def test_a_log_without_its_database_is_not_played_into_the_new_one(path: Path, tmp_path: Path) -> None:
    """Somebody has moved the database away by hand, and has left its log."""
    crashed(path)
    path.unlink()
    restored(path)
    assert starts(path) == THREE
    assert names(tmp_path / BEFORE) == {"classcord.db-wal", "classcord.db-shm"}


def test_what_is_written_into_a_checked_one_is_in_the_new_database(path: Path, tmp_path: Path) -> None:
    """As the note in its audit trail is; also when its log was left by whoever wrote it."""
    restore = Restore(path, copying, lambda: NOW)
    (file,) = (tmp_path / "backups").glob("*.gz")
    contents = restore.check(file)
    with closing(opened(restore.hidden)) as writer:
        add(writer, 77)
        log = restore.hidden.with_name(f"{restore.hidden.name}-wal")
        left = restore.hidden.read_bytes(), log.read_bytes()
    restore.hidden.write_bytes(left[0])
    log.write_bytes(left[1])
    restore.commit(contents)
    restore.discard()
    assert starts(path) == [*THREE, 77]


def test_a_database_on_another_disk_is_replaced_there(path: Path, tmp_path: Path) -> None:
    """The link to it stays one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    path.rename(disk / "classcord.db")
    path.symlink_to(disk / "classcord.db")
    done = restored(path)
    assert done.before == disk / BEFORE / "classcord.db"
    assert path.is_symlink()
    assert starts(disk / "classcord.db") == THREE


def test_a_disk_that_knows_no_second_names_gets_a_copy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As FAT, and some of a network."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    done = restored(path)
    assert done.before is not None
    assert (starts(path), messages(done.before)) == (THREE, FIVE)


# -- nothing is restored -----------------------------------------------------------------------------------------------


def test_a_backup_that_is_no_good_touches_nothing(path: Path, tmp_path: Path) -> None:
    """Not even the database's log is written back."""
    crashed(path)
    before = {file: file.read_bytes() for file in tmp_path.glob("classcord.db*")}
    (file,) = (tmp_path / "backups").glob("*.gz")
    summed(file, file.read_bytes()[:-200])
    with pytest.raises(Unsound, match="it is cut off"):
        restored(path)
    assert {file: file.read_bytes() for file in tmp_path.glob("classcord.db*")} == before
    assert names(tmp_path) == {"backups", *(file.name for file in before)}


def test_a_database_that_somebody_has_open_is_not_replaced(path: Path, tmp_path: Path) -> None:
    """Another program would go on writing to the old one, with the new one's log."""
    with closing(opened(path)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM messages").fetchone()
        with pytest.raises(Unsound, match="another program"):
            _impatient(restored, path)
        assert other.execute("SELECT count(*) FROM messages").fetchone() == (5,)
    assert starts(path) == FIVE
    assert names(tmp_path) == {"classcord.db", "backups"}


def _impatient(work: Callable[[Path], object], path: Path) -> None:
    waited, copying.LOCK_WAIT = copying.LOCK_WAIT, 0.0
    try:
        work(path)
    finally:
        copying.LOCK_WAIT = waited


@pytest.mark.parametrize("stage", ["sum", "expand", "check"])
def test_a_full_disk_leaves_the_old_one(path: Path, tmp_path: Path, stage: str) -> None:
    """At any stage, and nothing else."""

    def full(what: str, _done: int, _total: int) -> None:
        if what == stage:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    restore = Restore(path, copying, lambda: NOW)
    (file,) = (tmp_path / "backups").glob("*.gz")
    with pytest.raises(Unsound, match="No space left on device"):
        restore.check(file, full)
    restore.discard()
    assert starts(path) == FIVE
    assert names(tmp_path) == {"classcord.db", "backups"}


@pytest.mark.parametrize("state", ["stopped", "crashed"])
def test_a_kill_leaves_the_old_one_or_the_new_one(path: Path, tmp_path: Path, state: str) -> None:
    """Whenever it comes: whole, with what a crash before had left in its log; and another restore cleans up."""
    origin = tmp_path.with_name(f"{tmp_path.name}-origin")
    old = FIVE if state == "stopped" else [*FIVE, 6]
    if state == "crashed":
        crashed(path)
    tmp_path.rename(origin)
    found = []
    for at in range(1, 200):
        shutil.copytree(origin, tmp_path)
        killed = Killed(at)(lambda: restored(path))
        found.append(starts(path))
        assert found[-1] in (old, THREE)
        kept = [messages(before) for before in tmp_path.glob("before-restore-*/classcord.db")]
        assert found[-1] == old or kept == [old]
        restored(path, now=NOW + 9)
        assert starts(path) == THREE
        assert {len(names(folder)) for folder in tmp_path.glob("before-restore-*")} <= {0, 1}
        assert {file.stat().st_nlink for file in tmp_path.glob("**/classcord.db")} == {1}
        assert not list(tmp_path.glob(".*"))
        shutil.rmtree(tmp_path)
        if not killed:
            break
    assert 8 < at < 199
    assert found == sorted(found, key=len, reverse=True), "once it is the new one, it stays"
    assert found[0] == old
    assert found[-1] == THREE
    origin.rename(tmp_path)


def test_a_damaged_one_can_be_killed_over_too(path: Path, tmp_path: Path) -> None:
    """The one that was damaged is there, or the new one; its log never is beside the new one."""
    raw = b"garbage" * 5000
    crashed(path, lambda: path.write_bytes(raw))
    origin = tmp_path.with_name(f"{tmp_path.name}-origin")
    tmp_path.rename(origin)
    for at in range(1, 200):
        shutil.copytree(origin, tmp_path)
        killed = Killed(at)(lambda: restored(path))
        assert path.read_bytes() == raw or starts(path) == THREE
        shutil.rmtree(tmp_path)
        if not killed:
            break
    assert 8 < at < 199
    origin.rename(tmp_path)
