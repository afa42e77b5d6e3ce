"""Backups have the files that messages carry: once for all of them, whole, and as long as one needs them."""

from __future__ import annotations

import errno
import hashlib
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from classcord.cli.restore.restoring import Restore
from classcord.services.backups import kept_contents
from classcord.services.backups.backup import Backups, Rotation
from classcord.services.files.content_folder import ContentFolder
from classcord.store.sqlite import copying
from classcord.store.sqlite.database import store_now
from tests.backups import ALL, NOW, database, opened, reasons
from tests.store.examples import carried, commit

FIRST, SECOND = b"un fichier", b"un autre fichier"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Place:
    """A data folder with a database of three messages."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = database(path)
        self.files = ContentFolder(path / "files")
        self.files.make()
        self.pool = ContentFolder(path / "backups" / "files")

    def carry(self, message: int, content: bytes) -> None:
        """Let a message carry a file."""
        coming = self.files.begin()
        coming.file.write(content)
        self.files.keep(coming, digest(content))
        record = carried(message, digest(content), size=len(content))
        assert store_now(self.database, "OFF", [commit(record)]) == {}

    def forget(self, message: int, content: bytes) -> None:
        """Delete a message's file, as the server does with its message, and a minute later with its content."""
        with closing(opened(self.database)) as connection:
            connection.execute("DELETE FROM files WHERE message_id = ?", (message,))
        self.files.remove(digest(content))

    def backups(self, now: float = NOW) -> Backups:
        return Backups(self.path / "backups", copying, lambda: now, self.files)

    def back_up(self, now: float = NOW, keep: Rotation = ALL) -> Path:
        return self.backups(now).make(self.database, keep).file

    def restore(self, file: Path) -> tuple[int, Path | None]:
        """Restore a backup; return how many contents are missing, and where the old database is."""
        restore = Restore(self.database, copying, lambda: NOW)
        contents = restore.check(file, needs_sum=file.suffix == ".gz")
        missing = restore.bring_files(file, self.files)
        restored = restore.commit(contents)
        restore.set_files_aside(restored, self.files)
        return missing, restored.before

    def contents(self, folder: ContentFolder | None = None) -> set[str]:
        return {digest for digest, _ in (folder or self.files).contents()}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_backup_has_the_contents(place: Place) -> None:
    """They take no second room on the disk, and `sha256sum -c` knows the list."""
    place.carry(1, FIRST)
    place.carry(2, FIRST)
    file = place.back_up()
    assert place.contents(place.pool) == {digest(FIRST)}
    assert place.pool.file(digest(FIRST)).samefile(place.files.file(digest(FIRST)))
    listed = kept_contents.list_file(file)
    checked = subprocess.run(
        ["sha256sum", "--strict", "-c", str(listed)], cwd=place.pool.path, capture_output=True, check=False
    )
    assert (checked.returncode, checked.stdout.count(b": OK")) == (0, 1)
    assert place.backups().verify(file).messages == 3


def test_what_a_server_forgets_a_backup_keeps(place: Place) -> None:
    """As long as a backup needs it; a restore brings it back, and the old database can come back with what it had."""
    place.carry(1, FIRST)
    file = place.back_up()
    place.forget(1, FIRST)
    place.carry(2, SECOND)
    missing, before = place.restore(file)
    assert missing == 0
    assert place.files.file(digest(FIRST)).read_bytes() == FIRST
    place.files.remove(digest(SECOND))  # the next start finds that nobody needs it
    assert before is not None
    assert place.restore(before)[0] == 0
    assert place.files.file(digest(SECOND)).read_bytes() == SECOND


def test_with_its_last_backup_a_content_goes(place: Place) -> None:
    """What no list has is removed; a list without a backup, too."""
    place.carry(1, FIRST)
    one = Rotation(1, 0, 0)
    first = place.back_up(keep=one)
    place.forget(1, FIRST)
    place.carry(2, SECOND)
    second = place.back_up(NOW + 3600, one)
    assert place.contents(place.pool) == {digest(SECOND)}
    assert not kept_contents.list_file(first).exists()
    second.unlink()
    place.forget(2, SECOND)
    place.back_up(NOW + 7200, one)
    assert place.contents(place.pool) == set()
    assert not kept_contents.list_file(second).exists()


def test_where_there_are_no_hard_links(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contents are copied; what a killed copy has left is in nobody's way."""

    def refused(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    place.carry(1, FIRST)
    left = place.pool.file(digest(FIRST)).with_name(f".{digest(FIRST)}.partial")
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    file = place.back_up()
    assert not place.pool.file(digest(FIRST)).samefile(place.files.file(digest(FIRST)))
    assert not left.exists()
    place.files.file(digest(FIRST)).write_bytes(b"damaged")
    assert place.restore(file)[0] == 0
    assert place.files.file(digest(FIRST)).read_bytes() == FIRST


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"another")])
def test_a_content_that_is_missing_or_damaged(place: Place, damage: object) -> None:
    """`verify` says it; a restore brings what there is, and counts what there is not."""
    place.carry(1, FIRST)
    place.carry(2, SECOND)
    file = place.back_up()
    damage(place.pool.file(digest(SECOND)))  # type: ignore[operator]
    place.files.remove(digest(SECOND))
    assert f"1 are missing or damaged in {place.pool.path}" in reasons(lambda: place.backups().verify(file))
    assert place.restore(file)[0] == 1
    assert place.files.file(digest(FIRST)).read_bytes() == FIRST


def test_a_backup_elsewhere(place: Place, tmp_path: Path) -> None:
    """Copied with the folder beside it, it is whole; without, it says so."""
    place.carry(1, FIRST)
    file = place.back_up()
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(file.parent, elsewhere)
    other = Place(_made(tmp_path / "other"))
    assert other.backups().verify(elsewhere / file.name).messages == 3
    shutil.rmtree(elsewhere / "files")
    assert "1 are missing" in reasons(lambda: other.backups().verify(elsewhere / file.name))


def _made(folder: Path) -> Path:
    folder.mkdir()
    (folder / "backups").mkdir()
    return folder


def test_an_older_schema_has_no_files(place: Place) -> None:
    """Its backups are verified and restored as before."""
    with closing(opened(place.database)) as connection:
        connection.execute("DROP TABLE files")
    file = place.back_up()
    assert not kept_contents.list_file(file).exists()
    assert place.restore(file)[0] == 0
