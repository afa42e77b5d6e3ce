"""Files that are whole or not there, and what is read as one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from classcord import durable


def test_a_file_is_put_in_the_place_of_another(tmp_path: Path) -> None:
    """With the rights that were asked for, and nothing beside it."""
    file = tmp_path / "key"
    durable.write(file, b"old", 0o644)
    durable.write(file, b"new")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o600)
    assert list(tmp_path.iterdir()) == [file]


def test_a_refusal_names_the_file(tmp_path: Path) -> None:
    """Not the draft, which is gone; what stood there stays."""
    (tmp_path / "cert.pem" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match=r"cert\.pem") as refused:
        durable.write(tmp_path / "cert.pem", b"new")
    assert refused.value.filename == str(tmp_path / "cert.pem")
    assert [file.name for file in tmp_path.iterdir()] == ["cert.pem"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """What is no regular file is refused at once, though nobody ever writes to it."""
    os.mkfifo(tmp_path / "cert.pem")
    with pytest.raises(OSError, match="not a regular file"):
        durable.read(tmp_path / "cert.pem")


def test_what_is_read_is_what_is_there(tmp_path: Path) -> None:
    """All of it."""
    (tmp_path / "key").write_bytes(b"x" * 100_000)
    assert durable.read(tmp_path / "key") == b"x" * 100_000


def test_what_is_theirs_already_need_not_be_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a service manager forbids chown, also to root, files and folders are made all the same."""

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "chown", forbidden)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    durable.write(tmp_path / "key", b"new")
    (tmp_path / "folder").mkdir()
    durable.give_to_owner(tmp_path / "folder", tmp_path)
