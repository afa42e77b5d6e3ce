"""The files of the log: a month in one, then a new one; what is too old goes."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

from classcord.services.retention.old_logs import look_after

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=timezone.utc).timestamp()
DAY = 86_400


def a_file(folder: Path, name: str, *, first: str = "", age: float = 0) -> Path:
    file = folder / name
    file.write_text(f"{first} alice logged in\n", encoding="utf-8")
    os.utime(file, (NOW - age * DAY, NOW - age * DAY))
    return file


def test_old_files_go(tmp_path: Path) -> None:
    """What was last written before the time goes, compressed or not; nothing else in the folder does."""
    old = [a_file(tmp_path, "audit.log-20250101-1.gz", age=400), a_file(tmp_path, "classcord.log-20250101", age=400)]
    stays = [a_file(tmp_path, "audit.log-20261101", age=29), a_file(tmp_path, "notes.txt", age=900)]
    assert look_after(tmp_path, NOW - 365 * DAY, NOW) == sorted(old)
    assert sorted(tmp_path.iterdir()) == sorted(stays)


def test_a_month_in_one_file(tmp_path: Path) -> None:
    """A file whose first line is older than a month gets a name with the day; the server goes on in a new one."""
    a_file(tmp_path, "audit.log", first="2026-10-20T10:00:00.000Z")
    recent = a_file(tmp_path, "classcord.log", first="2026-11-20T10:00:00.000Z")
    assert look_after(tmp_path, 0, NOW) == []
    assert sorted(each.name for each in tmp_path.iterdir()) == ["audit.log-20261130", "classcord.log"]
    a_file(tmp_path, "audit.log", first="2026-10-20T10:00:00.000Z")
    look_after(tmp_path, 0, NOW)
    assert (tmp_path / "audit.log-20261130.2").exists()
    assert recent.exists()


def test_what_has_no_time_stays(tmp_path: Path) -> None:
    """An empty file, one without a date, a link: nothing is renamed and nothing removed."""
    (tmp_path / "audit.log").write_bytes(b"")
    a_file(tmp_path, "classcord.log", first="9999-99-99T99:99:99")
    target = a_file(tmp_path, "elsewhere", age=900)
    (tmp_path / "audit.log-20200101").symlink_to(target)
    look_after(tmp_path, NOW, NOW)
    assert {each.name for each in tmp_path.iterdir()} == {
        "audit.log",
        "classcord.log",
        "elsewhere",
        "audit.log-20200101",
    }
