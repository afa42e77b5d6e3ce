"""Copies of what the database holds go in their time: exports, files of reports, uploaded lists, replaced databases."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import pytest

from classcord.services.retention.old_copies import look_after

OLD, NEW = "20260301-120000", "20260701-120000"
BEFORE = datetime(2026, 6, 1, tzinfo=timezone.utc).timestamp()
EARLIER = datetime(2026, 1, 1, tzinfo=timezone.utc).timestamp()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in ("exports", "import"):
        (tmp_path / name).mkdir()
    return tmp_path


def written(file: Path, at: float = BEFORE + 9) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text("Léa", encoding="utf-8")
    os.utime(file, (at, at))
    return file


def look(data: Path) -> set[str]:
    """Return the names of what goes; files of reports go at an earlier time."""
    found = look_after(data, data / "classcord.db", BEFORE, EARLIER)
    assert not [each for each in found if each.exists()]
    return {each.name for each in found}


@pytest.mark.parametrize("what", ["users", "messages", "audit", "my-messages"])
@pytest.mark.parametrize("ending", ["csv", "json", "ndjson"])
def test_exports(data: Path, what: str, ending: str) -> None:
    """By the time in the name, also of the second one of a second; whoever has copied one anew keeps it no longer."""
    goes = {f"{what}-{OLD}.{ending}", f"{what}-{OLD}-2.{ending}"} if what != "my-messages" else set()
    for name in (*goes, f"{what}-{NEW}.{ending}", f"my-{what}.{ending}", f"{what}-{OLD}.{ending}.bak"):
        written(data / "exports" / name)
    assert look(data) == goes
    assert look(data) == set()


def test_files_of_reports_stay_as_long_as_reports(data: Path) -> None:
    for name in ("evidence-1-20251201-120000.pdf", f"evidence-2-{OLD}.json", f"evidence-3-{NEW}.json"):
        written(data / "exports" / name)
    assert look(data) == {"evidence-1-20251201-120000.pdf"}


def test_slips(data: Path) -> None:
    """They have names and passwords, whoever has forgotten to remove them."""
    for name in (f"slips-{OLD}.html", f"slips-{OLD}-2.pdf", f"slips-{NEW}.html", "slips.html"):
        written(data / "slips" / name)
    assert look(data) == {f"slips-{OLD}.html", f"slips-{OLD}-2.pdf"}


def test_uploaded_lists(data: Path) -> None:
    """Of any name, by their last change."""
    written(data / "import" / "pronote.csv", BEFORE - 1)
    written(data / "import" / "sts.xml")
    assert look(data) == {"pronote.csv"}


def test_what_a_restore_replaced(data: Path) -> None:
    """The whole folder, with the contents of files; the database beside it stays."""
    for stamp in (OLD, f"{OLD}-2", NEW):
        written(data / f"before-restore-{stamp}" / "classcord.db")
    (data / f"before-restore-{OLD}" / "classcord.db.files").mkdir()
    written(data / "classcord.db", EARLIER - 9)
    assert look(data) == {f"before-restore-{OLD}", f"before-restore-{OLD}-2"}
    assert (data / "classcord.db").exists()


def test_what_nobody_knows_the_age_of(data: Path) -> None:
    """What a clock that was never set has dated stays, and so does a time that there is not."""
    for stamp in ("19700101-000007", "20261399-000000"):
        written(data / "exports" / f"users-{stamp}.csv")
        written(data / f"before-restore-{stamp}" / "classcord.db")
    written(data / "import" / "a.csv", 7)
    assert look(data) == set()


def test_links_are_not_followed(data: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Neither of files nor of folders: what they lead to is not the server's."""
    outside = tmp_path_factory.mktemp("outside")
    kept = [written(outside / f"users-{OLD}.csv"), written(outside / "list.csv", BEFORE - 9)]
    (data / "exports" / f"users-{OLD}.csv").symlink_to(kept[0])
    (data / "import").rmdir()
    (data / "import").symlink_to(outside)
    (data / f"before-restore-{OLD}").symlink_to(outside)
    assert look(data) == set()
    assert all(each.exists() for each in kept)


def test_a_folder_without_them(tmp_path: Path) -> None:
    assert look(tmp_path) == set()
