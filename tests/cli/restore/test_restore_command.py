"""`classcord restore`, run as it is typed, on a server's real files."""

from __future__ import annotations

import io
import json
import os
import pwd
import shlex
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from classcord.store.sqlite.migrate import SHIPPED, migrate
from tests.backups import messages, names, summed
from tests.cli.backups import DATABASE, NEWEST, last_entry
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("_elsewhere_in_english")


@pytest.fixture
def run(beside_data: Run) -> Run:
    return beside_data


@pytest.fixture
def file(backup_file: Path) -> Path:
    return backup_file


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what types an answer at the terminal."""

    def types(answer: str) -> None:
        class Keyboard(io.StringIO):
            def isatty(self) -> bool:
                return True

        monkeypatch.setattr(sys, "stdin", Keyboard(answer))

    return types


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
        "status": "ok",
        "database": str(DATABASE.absolute()),
        "before": str(before.absolute()),
        "schema": NEWEST,
        "newest": NEWEST,
        "messages": 2,
        "accounts": 2,
        "files_missing": 0,
    }
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
        1,
        "",
        "classcord: nothing was restored: bad.gz: it is cut off: its end is missing\n",
    )
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
