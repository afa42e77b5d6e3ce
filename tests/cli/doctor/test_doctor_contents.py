"""The doctor's look at the files that messages carry."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from classcord.cli.doctor.checks.contents import contents
from classcord.services.files.content_folder import ContentFolder
from classcord.store.sqlite.database import store_now
from tests import backups
from tests.cli.doctor.installations import findings, installation
from tests.store.examples import carried, commit


@pytest.fixture
def folder(tmp_path: Path) -> ContentFolder:
    """A data folder with a database whose first message carries a file."""
    data = tmp_path / "data"
    data.mkdir()
    database = backups.database(data)
    found = ContentFolder(data / "files")
    found.make()
    assert store_now(database, "OFF", [commit(carried(1, added(found, b"un"), size=2))]) == {}
    return found


def added(folder: ContentFolder, content: bytes) -> str:
    coming = folder.begin()
    coming.file.write(content)
    digest = hashlib.sha256(content).hexdigest()
    folder.keep(coming, digest)
    return digest


def told(tmp_path: Path) -> list[str]:
    return findings(contents, installation(tmp_path / "data"))


def test_all_is_there(tmp_path: Path, folder: ContentFolder) -> None:
    assert told(tmp_path) == ["ok: 1 files of messages, 0 MB"]


def test_what_no_message_has(tmp_path: Path, folder: ContentFolder) -> None:
    """It waits for its message, or goes by itself."""
    added(folder, b"deux")
    assert told(tmp_path) == ["ok: 2 files of messages, 0 MB; 1 of them no message has, these go soon"]


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"")])
def test_what_is_missing_or_cut_short(tmp_path: Path, folder: ContentFolder, damage: object) -> None:
    digest = hashlib.sha256(b"un").hexdigest()
    damage(folder.file(digest))  # type: ignore[operator]
    (line,) = told(tmp_path)
    missing = f"1 files of messages are missing or cut short in {folder.path}, such as {digest}"
    assert line.startswith(f"problem: {missing} → copy them out of {tmp_path}/data/backups/files")


def test_no_database_is_another_checks_matter(tmp_path: Path) -> None:
    assert told(tmp_path) == []
