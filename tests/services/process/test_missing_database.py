"""A folder in which a server has run and whose database is gone: it is not begun anew without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from classcord.server.startup import prepare
from classcord.services.process.datafolder import DataFolder, DataFolderError
from classcord.settings import Settings, StorageSettings

TRACES = ("classcord.db-wal", "backups/classcord-20261120-203627.db.gz", "log/audit.log", "log/classcord.log.1")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.setattr("sys.argv", ["/nowhere/twistd"])


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """Return the data folder of a server that has made a backup and a log, and whose database is gone."""
    data = tmp_path / "data"
    prepare(Settings(), data).folder.release()
    (data / "classcord.db").unlink()
    for number in range(2):
        left(data, f"backups/classcord-2026112{number}-203627.db.gz")
    left(data, "log/audit.log")
    return data


def left(data: Path, name: str, size: int = 1) -> Path:
    file = data / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x" * size)
    return file


def test_it_is_refused_with_what_to_do(used: Path) -> None:
    """Nothing is made, and the line says what shows it, which backup is the newest, and how to begin anew."""
    with pytest.raises(DataFolderError) as caught:
        prepare(Settings(), used)
    said = str(caught.value)
    assert said.startswith(f"{used}/classcord.db is missing, but {used}/backups/classcord-20261120-203627.db.gz shows")
    assert f"classcord restore {used}/backups/classcord-20261121-203627.db.gz --data {used};" in said
    assert said.endswith(f"classcord init --new --data {used}")
    assert not (used / "classcord.db").exists()
    DataFolder(used).hold()  # it was let go of


@pytest.mark.parametrize("trace", TRACES)
@pytest.mark.parametrize("instead", [None, 0])
def test_each_trace_counts(tmp_path: Path, trace: str, instead: int | None) -> None:
    """An empty file in the place of the database, as a disk that is not mounted may have, is none."""
    left(tmp_path, trace)
    if instead is not None:
        left(tmp_path, "classcord.db", instead)
    with pytest.raises(DataFolderError, match="is missing"):
        DataFolder(tmp_path).check_not_lost(tmp_path / "classcord.db", tmp_path / "classcord.db-wal")
    left(tmp_path, "classcord.db")
    DataFolder(tmp_path).check_not_lost(tmp_path / "classcord.db", tmp_path / "classcord.db-wal")


@pytest.mark.parametrize("trace", [*TRACES, "lock", "tls/cert.pem", "ssh_host_ed25519_key"])
def test_a_first_start_is_none_of_that(tmp_path: Path, trace: str) -> None:
    """Empty files tell nothing, nor does what somebody may have put there before: a certificate, the host key."""
    left(tmp_path, trace, 0 if trace in TRACES else 1)
    DataFolder(tmp_path).check_not_lost(tmp_path / "classcord.db", tmp_path / "classcord.db-wal")


def test_a_database_on_another_disk(used: Path, tmp_path: Path) -> None:
    """Its own place is looked at, wherever the settings have it; one that was mounted again is taken."""
    disk = tmp_path / "disk"
    settings = Settings(storage=StorageSettings(url=f"sqlite:///{disk}/chat.db"))
    disk.mkdir()
    with pytest.raises(DataFolderError, match=f"{disk}/chat.db is missing"):
        prepare(settings, used)
    prepare(settings, used, anew=True).folder.release()
    prepare(settings, used).folder.release()


def test_the_commands_can_be_pasted(used: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From a clone, whose programs PATH does not have, as well."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "classcord").touch()
    monkeypatch.setattr("sys.argv", [f"{tmp_path}/bin/twistd"])
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(DataFolderError, match=f"{tmp_path}/bin/classcord init --new"):
        prepare(Settings(), used)


def test_one_can_begin_anew(used: Path) -> None:
    """Who says so gets an empty database and a first account."""
    prepared = prepare(Settings(), used, anew=True)
    assert list(prepared.hub.state.accounts) == ["admin"]
    prepared.folder.release()
    prepare(Settings(), used).folder.release()
