"""Commands run as they are typed, within the process, in a folder of their own and in English."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from classcord.cli import main

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
