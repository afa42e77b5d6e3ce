"""Commands run as they are typed, within the process, in a folder of their own and in English."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from classcord.cli import main
from classcord.services.process.datafolder import DataFolder
from classcord.store.sqlite.database import store_now
from tests.backups import add, opened
from tests.cli.backups import DATABASE
from tests.store.examples import commit, said, user

Run = Callable[..., tuple[int, str, str]]
"""Runs a command; returns its exit status, its output and its errors."""


@pytest.fixture
def _elsewhere_in_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def classcord(_elsewhere_in_english: None, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs `classcord ...`."""

    def run(*argv: str | Path) -> tuple[int, str, str]:
        try:
            status = main([*map(str, argv)])
        except SystemExit as stopped:
            status = int(str(stopped.code))
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def beside_data(classcord: Run) -> Run:
    """Return what runs `classcord ...` beside a server's data."""
    classcord("init")
    assert store_now(DATABASE, "OFF", [commit(user(2, "Zoé"), said(1), said(2))]) == {}
    return classcord


@pytest.fixture
def backup_file(beside_data: Run) -> Path:
    """A backup with two messages, of a database that has three by now."""
    made = json.loads(beside_data("backup", "--json")[1])
    with closing(opened(DATABASE)) as server:
        add(server, 3)
    return Path(made["file"])


@pytest.fixture
def held(beside_data: Run) -> Iterator[None]:
    """A server that runs with this data folder."""
    holder = DataFolder(Path("var"))
    holder.hold()
    yield
    holder.release()
