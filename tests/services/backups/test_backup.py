"""Backups: whole, of one moment, beside a server that writes, and never instead of what was there."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest

from classcord.store.ports import Contents
from classcord.store.sqlite import copying
from classcord.store.sqlite.migrate import steps
from tests.backups import (
    ALL,
    NAME,
    NOW,
    WRONG,
    Killed,
    add,
    backed_up,
    backups,
    database,
    messages,
    names,
    opened,
    reasons,
)

STAGES = ("copy", "compress", "sum", "expand", "check")
NEWEST = len(steps())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with three messages."""
    return database(tmp_path)


class At:
    """Does something once, when a stage is told for the first time; raises what that returns."""

    def __init__(self, stage: str, act: Callable[[], Exception | None], *, once: bool = True) -> None:
        self._stage, self._act, self._once = stage, act, once
        self.seen: list[str] = []

    def __call__(self, what: str, done: int, total: int) -> None:
        assert done <= total or not total
        if what == self._stage and not (self._once and what in self.seen):
            self.seen.append(what)
            error = self._act()
            if error is not None:
                raise error
        self.seen.append(what)


# -- one is made -------------------------------------------------------------------------------------------------------


def test_a_backup_is_a_compressed_database_with_its_sum(path: Path) -> None:
    """Named by its moment, its owner's alone, with nothing else left; `sha256sum -c` reads the sum."""
    umask = os.umask(0)
    try:
        made = backups(path.parent).make(path, ALL)
    finally:
        os.umask(umask)
    folder = path.parent / "backups"
    assert made.file == folder / NAME
    assert names(folder) == {NAME, f"{NAME}.sha256"}
    assert [oct(each.stat().st_mode & 0o777) for each in (folder, *folder.iterdir())] == ["0o700", "0o600", "0o600"]
    assert made.contents == Contents(schema=NEWEST, newest=NEWEST, messages=3, accounts=1)
    assert (made.size, made.removed) == (made.file.stat().st_size, ())
    assert messages(made.file) == [1, 2, 3]
    command = ["sha256sum", "--check", "--strict", f"{NAME}.sha256"]
    checked = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"LC_ALL": "C"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=20,
    )
    assert (checked.returncode, checked.stdout) == (0, f"{NAME}: OK\n")
    assert subprocess.run(["gzip", "--test", NAME], cwd=folder, check=False, timeout=20).returncode == 0


def test_what_only_the_log_holds_is_in_it(path: Path) -> None:
    """Messages whose transaction has not reached the database's file yet."""
    with closing(opened(path)) as server:
        server.execute("PRAGMA wal_autocheckpoint = 0")
        before = path.read_bytes()
        add(server, 4)
        assert path.read_bytes() == before
        file = backed_up(path)
        assert path.read_bytes() == before, "a backup brings nothing into the file that is not its own to write"
    assert messages(file) == [1, 2, 3, 4]


def test_it_is_of_one_moment_and_hinders_no_writer(tmp_path: Path) -> None:
    """What is written while it copies is stored at once, and not in it; it does not begin anew."""
    path = database(tmp_path, 1000, 2000)
    written: list[int] = []
    with closing(opened(path)) as server:

        def write(what: str, _done: int, _total: int) -> None:
            if what == "copy":
                add(server, 2000 + len(written))  # at once, or "database is locked"
                written.append(2000 + len(written))

        file = backups(tmp_path).make(path, ALL, write).file
    assert 1 < len(written) < 10
    assert messages(file) == list(range(1, 1001))
    assert messages(path)[1000:] == written


def test_a_transaction_that_is_open_is_not_in_it(path: Path) -> None:
    """What a server has not committed was not acknowledged to anyone either."""
    with closing(opened(path)) as server:
        server.execute("BEGIN IMMEDIATE")
        add(server, 4)
        file = backed_up(path)
        server.execute("COMMIT")
    assert messages(file) == [1, 2, 3]
    assert messages(path) == [1, 2, 3, 4]


def test_two_of_one_second_are_two(path: Path) -> None:
    """The second one is numbered; nothing is written over."""
    first, second = backed_up(path), backed_up(path)
    assert [first.name, second.name] == [NAME, NAME.replace(".db", "-2.db")]
    assert messages(first) == messages(second)


@pytest.mark.parametrize("ending", ["", ".sha256"])
def test_a_link_in_its_place_is_left_alone(path: Path, tmp_path: Path, ending: str) -> None:
    """Neither the link nor what it leads to is written; a link that leads nowhere is none to be followed either."""
    (tmp_path / "backups").mkdir()
    link, elsewhere = tmp_path / "backups" / f"{NAME}{ending}", tmp_path / "elsewhere"
    link.symlink_to(elsewhere)
    file = backed_up(path)
    assert file.name != NAME
    assert link.is_symlink() or ending  # a sum without its backup is one of ours that was left
    assert not elsewhere.exists()


def test_a_folder_that_is_a_link_is_used(path: Path, tmp_path: Path) -> None:
    """An administrator has put the backups on another disk."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "backups").symlink_to("disk")
    backed_up(path)
    assert names(tmp_path / "disk") == {NAME, f"{NAME}.sha256"}


def test_root_gives_it_to_whose_the_folder_is(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And follows no link that somebody has put in the folder's place meanwhile."""
    given = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda what, *_owner, follow_symlinks=True: given.append((what, follow_symlinks)))
    backed_up(path)
    assert given[0] == (tmp_path / "backups", False)
    assert len(given) == 5  # and the copy, the compressed one, the copy that is read again, the sum: by descriptor
    assert all(isinstance(what, int) for what, _follow in given[1:])


# -- none is made ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
def test_a_disk_that_fails_in_the_middle_leaves_what_was_there(path: Path, tmp_path: Path, stage: str) -> None:
    """At any stage: no file of the new one stays, and no old one goes."""
    old = backed_up(path, NOW - 1)
    full = At(stage, lambda: OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path)), once=False)
    why = reasons(lambda: backups(tmp_path).make(path, ALL._replace(hourly=1), full))
    assert why == f"{tmp_path}: No space left on device"
    assert full.seen[-1] == stage
    assert names(tmp_path / "backups") == {old.name, f"{old.name}.sha256"}


@pytest.mark.parametrize("stage", STAGES)
def test_a_server_that_stops_waits_for_none(
    path: Path, tmp_path: Path, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is under way ends at its next step, and nothing is begun any more."""
    monkeypatch.setattr(copying, "OFTEN", 10)  # a small database has few instructions
    made = backups(tmp_path)
    stop = At(stage, made.stop)
    assert reasons(lambda: made.make(path, ALL, stop)) == "the server is stopping"
    assert names(tmp_path / "backups") == set()
    assert reasons(lambda: made.make(path, ALL)) == "the server is stopping"


def test_one_is_made_at_a_time(path: Path, tmp_path: Path) -> None:
    """Whoever does not wait is told so; whoever waits makes another one behind it."""
    patient = Thread(target=backed_up, args=(path,))

    def others() -> None:
        assert reasons(lambda: backups(tmp_path).make(path, ALL, wait=False)) == "another backup is being made"
        patient.start()

    def still_waits() -> None:
        assert patient.is_alive()
        assert len(list((tmp_path / "backups").glob("classcord-*.gz"))) == 0

    first, last = At("copy", others), At("check", still_waits)

    def progress(what: str, done: int, total: int) -> None:
        first(what, done, total)
        last(what, done, total)

    backups(tmp_path).make(path, ALL, progress)
    patient.join(20)
    assert len(list((tmp_path / "backups").glob("classcord-*.gz"))) == 2


def test_too_little_room_is_told_before_anything_is_written(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server writes to the same disk: it is not filled to see whether it is large enough."""

    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(path.stat().st_size))
    seen = At("copy", lambda: None)
    assert "there is too little room in" in reasons(lambda: backups(tmp_path).make(path, ALL, seen))
    assert (seen.seen, names(tmp_path / "backups")) == ([], set())


@pytest.mark.parametrize(("spoil", "why"), WRONG)
def test_what_is_no_good_database_replaces_no_backup(
    path: Path, tmp_path: Path, spoil: Callable[[Path], None], why: str
) -> None:
    """Empty, garbage, another program's, a newer one, a damaged one: why is told, and the last good backup stays."""
    old = backed_up(path, NOW - 1)
    spoil(path)
    assert why in reasons(lambda: backups(tmp_path).make(path, ALL._replace(hourly=1)))
    assert names(tmp_path / "backups") == {old.name, f"{old.name}.sha256"}


def test_a_kill_leaves_nothing_that_is_taken_for_a_backup(path: Path, tmp_path: Path) -> None:
    """Whenever it comes: whatever has a backup's name is a good one, and the next one removes the rest."""
    for at in range(1, 200):
        killed = Killed(at)(lambda: backed_up(path))
        folder = tmp_path / "backups"
        for file in folder.glob("classcord-*.gz") if folder.is_dir() else ():
            assert backups(tmp_path).verify(file).messages == 3
        next_one = backed_up(path, NOW + 1)
        expected = {next_one.name} if killed and not (folder / NAME).exists() else {next_one.name, NAME}
        assert names(folder) == {name + ending for name in expected for ending in ("", ".sha256")}
        shutil.rmtree(folder)
        if not killed:
            break
    assert 10 < at < 199


def test_only_what_is_ours_is_cleared(path: Path, tmp_path: Path) -> None:
    """What a killed one has left goes; what others have put there stays, and so does an upgrade's backup."""
    folder = tmp_path / "backups"
    folder.mkdir()
    left = {
        ".classcord-20261119-000000.db.partial",
        ".classcord-20261119-000000-2.db.gz.partial",
        ".classcord-20261119-000000.db.gz.sha256.partial",
        "classcord-20261119-000000.db.gz.sha256",
    }
    others = {
        "before-schema-2-20261119T000000Z.db",
        "notes.txt",
        ".classcord-notes.partial",
        ".hidden.partial",
        "classcord-20261319-000000.db.gz",
        "Classcord-20261119-000000.db.gz.sha256",
    }
    for name in left | others:
        (folder / name).write_text("x", "utf-8")
    backed_up(path)
    assert names(folder) == others | {NAME, f"{NAME}.sha256"}


def test_backups_are_listed_the_newest_first(path: Path, tmp_path: Path) -> None:
    """With those of upgrades, which have no sum; nothing else, and no links."""
    folder = tmp_path / "backups"
    assert backups(tmp_path).listed() == []
    newer, older = backed_up(path), backed_up(path, NOW - 3600)
    upgrade = folder / "before-schema-2-20261120T000000Z.db"
    upgrade.write_bytes(b"12345")
    os.utime(upgrade, (NOW - 7200, NOW - 7200))
    (folder / "notes.txt").touch()
    (folder / NAME.replace(".db", "-9.db")).symlink_to(newer)
    found = backups(tmp_path).listed()
    assert [(each.file, each.summed) for each in found] == [(newer, True), (older, True), (upgrade, False)]
    assert [int(each.when.timestamp()) for each in found] == [int(NOW), int(NOW) - 3600, int(NOW) - 7200]
    assert [each.size for each in found] == [newer.stat().st_size, older.stat().st_size, 5]
