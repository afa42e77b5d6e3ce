"""Backups, restores and exports on a disk that really fills up while they write."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from classcord.cli import main
from classcord.cli.restore.restoring import Restore
from classcord.store.ports import Unsound
from classcord.store.sqlite import copying
from tests.backups import ALL, NAME, NOW, backed_up, backups, database, messages, names, opened

FULL = "No space left on device|database or disk is full|there is too little room"
MESSAGES = list(range(1, 501))


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """A database of 1.2 MB on a disk of 6 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if mount is None or unmount is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    command = [mount, "-t", "tmpfs", "-o", "size=6m", "none", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        made = database(disk, len(MESSAGES), 2000)
        with closing(opened(made)) as server:  # which has its log, whose index needs room too
            server.execute("SELECT count(*) FROM messages").fetchone()
            yield made
    finally:
        subprocess.run([unmount, "--lazy", str(disk)], check=True)


class Filled:
    """Takes all the room of a disk when a stage begins."""

    def __init__(self, disk: Path, stage: str) -> None:
        self._ballast, self._stage = disk / "ballast", stage

    def __call__(self, what: str, _done: int, _total: int) -> None:
        if what == self._stage and not self._ballast.exists():
            with self._ballast.open("wb", buffering=0) as out, contextlib.suppress(OSError):
                while True:
                    out.write(bytes(4096))

    def empty(self) -> None:
        self._ballast.unlink()


@pytest.mark.parametrize("stage", ["copy", "compress", "sum", "expand"])
def test_a_backup_gives_back_what_room_it_has_taken(path: Path, stage: str) -> None:
    """The old backup stays, and with room again the next one is made."""
    filled = Filled(path.parent, stage)
    old = backed_up(path, NOW - 60)
    with pytest.raises(Unsound, match=FULL):
        backups(path.parent).make(path, ALL._replace(hourly=1), filled)
    assert names(path.parent / "backups") == {old.name, f"{old.name}.sha256"}
    assert messages(path) == MESSAGES
    filled.empty()
    assert backed_up(path).name == NAME


@pytest.mark.parametrize("stage", ["sum", "expand"])
def test_a_restore_leaves_the_old_database(path: Path, stage: str) -> None:
    """Nothing of the new one stays; with room again it is put in place."""
    file = backed_up(path)
    restore, filled = Restore(path, copying, lambda: NOW), Filled(path.parent, stage)
    with pytest.raises(Unsound, match=FULL):
        restore.check(file, filled)
    restore.discard()
    assert not list(path.parent.glob(".*"))
    assert messages(path) == MESSAGES
    filled.empty()
    assert restore.check(file).messages == len(MESSAGES)
    restore.discard()


def test_an_export_leaves_nothing(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Why is told, and the status says that there is none."""
    Filled(path.parent, "now")("now", 0, 0)
    assert main(["export", "messages", "--data", str(path.parent)]) == 1
    assert "il n’y a plus de place sur le disque" in capsys.readouterr().err
    assert not (path.parent / "exports").exists() or names(path.parent / "exports") == set()
