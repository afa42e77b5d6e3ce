"""`classcord backup` and `classcord restore`, run as they are typed, on a server's real files."""

from __future__ import annotations

import gzip
import io
import json
import os
import pwd
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from classcord.cli.terminal import progress
from classcord.services.backups.backup import Backups
from classcord.services.process.datafolder import DataFolder
from classcord.store.sqlite import copying
from classcord.store.sqlite.database import store_now
from classcord.store.sqlite.migrate import SHIPPED, migrate
from tests.backups import ALL, NOW, add, messages, names, opened, summed
from tests.cli.conftest import Run
from tests.store.examples import commit, said, user

pytestmark = pytest.mark.usefixtures("_elsewhere_in_english")

DATABASE = Path("var/classcord.db")
BACKUPS = Path("var/backups")
NEWEST = len(list(SHIPPED.glob("*.sql")))


@pytest.fixture
def run(classcord: Run) -> Run:
    """Return what runs `classcord ...` beside a server's data."""
    classcord("init")
    assert store_now(DATABASE, "OFF", [commit(user(2, "Zoé"), said(1), said(2))]) == {}
    return classcord


@pytest.fixture
def file(run: Run) -> Path:
    """A backup with two messages, of a database that has three by now."""
    made = json.loads(run("backup", "--json")[1])
    with closing(opened(DATABASE)) as server:
        add(server, 3)
    return Path(made["file"])


@pytest.fixture
def held(run: Run) -> Iterator[None]:
    """A server that runs with this data folder."""
    holder = DataFolder(Path("var"))
    holder.hold()
    yield
    holder.release()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what types an answer at the terminal."""

    def types(answer: str) -> None:
        class Keyboard(io.StringIO):
            def isatty(self) -> bool:
                return True

        monkeypatch.setattr(sys, "stdin", Keyboard(answer))

    return types


def last_entry() -> tuple[str, str, dict[str, object]]:
    """Return the last entry of the audit trail."""
    with closing(sqlite3.connect(DATABASE)) as connection:
        row = connection.execute("SELECT actor, action, after FROM audit ORDER BY id DESC").fetchone()
    return row[0], row[1], json.loads(row[2])


# -- backup ------------------------------------------------------------------------------------------------------------


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


# -- restore -----------------------------------------------------------------------------------------------------------


def test_a_restore_says_how_to_go_back(run: Run, file: Path) -> None:
    """By a command that does: as it is printed, with the same settings and data."""
    assert messages(DATABASE) == [1, 2, 3]
    status, out, err = run("restore", file, "--yes", "--set", "server.name=L'école")
    first, back = out.splitlines()
    assert (status, err) == (0, "")
    assert first == f"{file} is restored: 2 messages, 2 accounts."
    assert messages(DATABASE) == [1, 2]
    (before,) = Path("var").glob("before-restore-*")
    assert back.startswith(f"What was there before is kept in {before.absolute()}. To go back: ")
    program, *words = shlex.split(back.partition(" go back: ")[2])
    assert program == "classcord"
    assert words[-1] == "server.name=L'école"
    assert run(*words, "--yes")[0] == 0
    assert messages(DATABASE) == [1, 2, 3]


def test_a_restored_database_is_one_that_starts(run: Run, file: Path) -> None:
    """Its audit trail says that it was restored, from what and by whom, and is unbroken."""
    assert run("restore", file, "--yes")[0] == 0
    actor, action, after = last_entry()
    assert (actor, action, after["messages"]) == ("restore", "restored", 2)
    assert after["user"] == pwd.getpwuid(os.getuid()).pw_name
    assert run("audit", "verify")[0] == 0
    assert run("init")[0] == 0
    assert names(Path("var")) >= {"classcord.db", "backups"}
    assert not list(Path("var").glob(".*"))


def test_a_script_is_told_what_was_restored(run: Run, file: Path) -> None:
    """One object; where what was there before is kept."""
    status, out, err = run("restore", file, "--yes", "--json")
    (before,) = Path("var").glob("before-restore-*/classcord.db")
    assert (status, err) == (0, "")
    assert json.loads(out) == {
        "status": "ok", "database": str(DATABASE.absolute()), "before": str(before.absolute()),
        "schema": NEWEST, "newest": NEWEST, "messages": 2, "accounts": 2,
    }  # fmt: skip
    assert json.loads(run("restore", file, "--yes", "--json", "--data", "new")[1])["before"] is None


@pytest.mark.usefixtures("held")
def test_beside_a_running_server_nothing_is_restored(run: Run, file: Path) -> None:
    """Refused before anything is read."""
    before = DATABASE.read_bytes()
    status, out, err = run("restore", file, "--yes")
    assert (status, out) == (2, "")
    assert "another ClassCord is running with this data folder" in err
    assert DATABASE.read_bytes() == before
    assert not list(Path("var").glob("before-restore-*"))


def test_a_server_that_starts_meanwhile_is_refused(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data folder is held until the new database is in its place."""
    seen = []

    def asked(_words: str) -> str:
        seen.append(run("init")[0])
        return "yes"

    monkeypatch.setattr("builtins.input", asked)
    monkeypatch.setattr(sys, "stdin", type("", (io.StringIO,), {"isatty": lambda _: True})())
    assert run("restore", file)[0] == 0
    assert seen == [2]
    assert run("init")[0] == 0


@pytest.mark.parametrize(
    ("answer", "status"), [("yes\n", 0), ("Y\n", 0), ("\n", 1), ("no\n", 1), ("", 1), ("yes, no\n", 1)]
)
def test_at_a_terminal_it_asks(run: Run, file: Path, terminal: Callable[[str], None], answer: str, status: int) -> None:
    """With what is about to be put where; whatever is not yes is no, and then all is as it was."""
    terminal(answer)
    found, out, _err = run("restore", file)
    question = f"Put this backup (2 messages, 2 accounts) in the place of {DATABASE.absolute()}? (yes/…) "
    assert out.startswith(question)
    assert found == status
    assert messages(DATABASE) == ([1, 2, 3] if status else [1, 2])
    assert not list(Path("var").glob(".*"))


def test_without_a_terminal_it_wants_a_yes(run: Run, file: Path) -> None:
    """A script that forgot it restores nothing."""
    status, out, err = run("restore", file)
    assert (status, out) == (1, "")
    assert err == "Nothing was restored: without a terminal, --yes confirms it.\n"
    assert messages(DATABASE) == [1, 2, 3]


def test_a_backup_that_is_no_good_is_not_restored(run: Run, file: Path) -> None:
    """Cut off, without its sum, not there: 1 and why, and the database is as it was."""
    bad = summed(Path("bad.gz"), file.read_bytes()[:-100])
    assert run("restore", bad, "--yes") == (
        1, "", "classcord: nothing was restored: bad.gz: it is cut off: its end is missing\n"
    )  # fmt: skip
    file.with_name(f"{file.name}.sha256").unlink()
    assert "its sum is missing" in run("restore", file, "--yes")[2]
    status, _out, err = run("restore", "nowhere.gz", "--yes", "--data", "new")
    assert (status, err) == (1, "classcord: nowhere.gz: there is no such file\n")
    assert not Path("new").exists()
    assert messages(DATABASE) == [1, 2, 3]
    assert not list(Path("var").glob("before-restore-*"))


def test_one_whose_sum_is_lost_can_be_restored_all_the_same(run: Run, file: Path) -> None:
    """When somebody says so; what is in it is checked as ever."""
    file.with_name(f"{file.name}.sha256").unlink()
    assert run("restore", file, "--yes", "--without-sum")[0] == 0
    assert messages(DATABASE) == [1, 2]


def test_one_of_an_older_schema_is_brought_up_to_date_by_the_next_start(run: Run, tmp_path: Path) -> None:
    """As an upgrade has left it, without a sum; the next start upgrades it again."""
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "0001_initial.sql").write_bytes((SHIPPED / "0001_initial.sql").read_bytes())
    older = tmp_path / "before-schema-2-20261120T000000Z.db"
    with closing(sqlite3.connect(older, isolation_level=None)) as connection:
        migrate(connection, tmp_path, tmp_path / "first")
    words = f"It is of an older ClassCord (schema 1): the next start brings it to schema {NEWEST}."
    assert words in run("backup", "--verify", older)[1]
    status, out, _err = run("restore", older, "--yes")
    assert status == 0
    assert words in out
    assert run("init")[0] == 0
    assert json.loads(run("backup", "--json")[1])["schema"] == NEWEST


def test_sqlite_opens_what_is_in_a_backup(file: Path) -> None:
    """Without ClassCord: gzip, and any program that reads SQLite."""
    Path("by-hand.db").write_bytes(subprocess.run(["gzip", "-dc", file], check=True, capture_output=True).stdout)
    assert messages(Path("by-hand.db")) == [1, 2]
    assert gzip.decompress(file.read_bytes())[:15] == b"SQLite format 3"
