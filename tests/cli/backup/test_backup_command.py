"""`classcord backup`, run as it is typed, on a server's real files."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from classcord.cli.interaction import progress
from classcord.services.backups.backup import Backups
from classcord.store.sqlite import copying
from tests.backups import ALL, NOW, messages, names, summed
from tests.cli.backups import BACKUPS, DATABASE, NEWEST
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("_elsewhere_in_english")


@pytest.fixture
def run(beside_data: Run) -> Run:
    return beside_data


@pytest.fixture
def file(backup_file: Path) -> Path:
    return backup_file


@pytest.mark.usefixtures("held")
def test_a_backup_is_told_with_its_size_and_what_is_in_it(run: Run) -> None:
    """Beside a server that runs; without a terminal a field a line, and nothing else."""
    status, out, err = run("backup")
    fields = dict(line.split("\t") for line in out.splitlines())
    (file,) = BACKUPS.glob("*.gz")
    assert (status, err) == (0, "")
    assert fields.keys() == {"file", "size", "messages", "accounts", "took"}
    assert (fields["file"], fields["messages"], fields["accounts"]) == (str(file.absolute()), "2", "2")
    assert messages(file) == [1, 2]


def test_a_script_is_told_in_json(run: Run) -> None:
    """With the schema and which old ones were removed, by the section [backup]."""
    run("backup", "--scheduled")
    (old,) = BACKUPS.glob("*.gz")
    status, out, err = run("backup", "--json", "--scheduled", "--set", "backup.hourly=1", "--set", "backup.daily=1")
    made = json.loads(out)
    assert (status, err, out.count("\n")) == (0, "", 1)
    assert made.keys() == {"status", "file", "bytes", "messages", "accounts", "seconds", "schema", "removed"}
    assert (made["messages"], made["accounts"], made["schema"]) == (2, 2, NEWEST)
    assert made["bytes"] == Path(made["file"]).stat().st_size
    assert made["removed"] == [str(old.absolute())]
    assert names(BACKUPS) == {Path(made["file"]).name, f"{Path(made['file']).name}.sha256"}


def test_one_by_hand_survives_the_timer(run: Run) -> None:
    """What somebody has asked for stays when the timer makes the next of the same hour; what goes is told."""
    newest_alone = ("--set", "backup.hourly=1", "--set", "backup.daily=0", "--set", "backup.weekly=0")
    mine = Path(json.loads(run("backup", "--json", *newest_alone)[1])["file"])
    first, second = (json.loads(run("backup", "--json", "--scheduled", *newest_alone)[1]) for _ in range(2))
    assert (first["removed"], second["removed"]) == ([], [first["file"]])
    assert {file.name for file in BACKUPS.glob("*.gz")} == {mine.name, Path(second["file"]).name}
    assert (mine.name.endswith("-by-hand.db.gz"), "by-hand" in second["file"]) == (True, False)
    told = run("backup", *newest_alone, "--set", "backup.by_hand=1")[1].splitlines()
    assert told[-1] == f"removed\t{mine}"
    assert run("backup", "--scheduled", "--list")[0] == 2


def test_the_settings_may_keep_all_of_them(run: Run) -> None:
    """0 everywhere."""
    for _ in range(3):
        run("backup", *(word for key in ("hourly", "daily", "weekly") for word in ("--set", f"backup.{key}=0")))
    assert len(list(BACKUPS.glob("*.gz"))) == 3


def test_without_a_database_it_is_refused(run: Run) -> None:
    """And no folder is made for it."""
    status, out, err = run("backup", "--data", "other")
    assert (status, out) == (2, "")
    assert err.endswith("other/classcord.db: there is no database\n")
    assert not Path("other").exists()
    assert run("backup", "--set", "backup.hourly=many")[0] == 2
    assert run("backup", "--verify", "x", "--list")[0] == 2


def test_a_database_that_is_damaged_gives_none(run: Run) -> None:
    """1, and why."""
    DATABASE.write_bytes(b"")
    assert run("backup") == (1, "", "classcord: no backup was made: there is nothing in this database\n")
    assert names(BACKUPS) == set()


def test_a_bar_shows_how_far_it_has_come_at_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the output, for each stage; it is taken away at the end. A log has none of it."""

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    screen, log = Screen(), io.StringIO()
    for where in (screen, log):
        monkeypatch.setattr(sys, "stderr", where)
        with progress() as told:
            told("copy", 1, 4)
            told("copy", 4, 4)
            told("check", 0, 0)
    assert "copying" in screen.getvalue()
    assert "checking" in screen.getvalue()
    assert "\x1b[2K" in screen.getvalue()[-20:]
    assert log.getvalue() == ""


def test_the_backups_are_listed_the_newest_first(run: Run, file: Path) -> None:
    """With when and how large; as JSON too."""
    Backups(BACKUPS.absolute(), copying, lambda: NOW - 86_400).make(DATABASE, ALL)
    status, out, _err = run("backup", "--list")
    assert status == 0
    assert [line.split("\t")[0] for line in out.splitlines()] == [
        "file",
        *sorted((str(each.absolute()) for each in BACKUPS.glob("*.gz")), reverse=True),
    ]
    rows = json.loads(run("backup", "--list", "--json")[1])
    assert [row["bytes"] for row in rows] == [Path(row["file"]).stat().st_size for row in rows]
    assert "2026-11-19T20:36:27.000Z" in [row["at"] for row in rows]
    assert run("backup", "--list", "--data", "other", "--json") == (0, "[]\n", "")
    assert not Path("other").exists()


def test_what_is_wrong_with_one_is_told(run: Run, file: Path) -> None:
    """0 and what is in a good one; 1 and why; in JSON as well. What a name holds commands no terminal."""
    status, out, err = run("backup", "--verify", file)
    assert (status, err) == (0, "")
    assert out == f"file\t{file}\nschema\t{NEWEST}\nmessages\t2\naccounts\t2\n"
    good = json.loads(run("backup", "--verify", file, "--json")[1])
    assert good == {"status": "ok", "file": str(file), "schema": NEWEST, "messages": 2, "accounts": 2}
    bad = summed(Path("bad\x1b[1m.gz"), file.read_bytes()[:-100])
    words = "it is cut off: its end is missing"
    assert run("backup", "--verify", bad) == (1, "", f"classcord: bad\\x1b[1m.gz: {words}\n")
    status, out, err = run("backup", "--verify", bad, "--json")
    assert (status, err) == (1, "")
    assert json.loads(out) == {"status": "bad", "file": str(bad), "why": words}


def test_a_backup_is_checked_where_no_server_is(run: Run, file: Path) -> None:
    """On another machine, without a data folder: none is made."""
    assert run("backup", "--verify", file, "--data", "elsewhere")[0] == 0
    assert not Path("elsewhere").exists()


def test_sqlite_opens_what_is_in_a_backup(file: Path) -> None:
    """Without ClassCord: gzip, and any program that reads SQLite."""
    Path("by-hand.db").write_bytes(subprocess.run(["gzip", "-dc", file], check=True, capture_output=True).stdout)
    assert messages(Path("by-hand.db")) == [1, 2]
    assert gzip.decompress(file.read_bytes())[:15] == b"SQLite format 3"
