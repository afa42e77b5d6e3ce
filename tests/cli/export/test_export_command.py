"""`classcord export`, run as it is typed, beside a server's real files; what rows look like is in test_export.py."""

from __future__ import annotations

import csv
import io
import json
import os
import pwd
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from classcord.chat.messages.vocabulary import PrivateMessageAdded
from classcord.cli import main
from classcord.services.export import PAGE, PRIVATE
from classcord.services.process.datafolder import DataFolder
from classcord.store.sqlite.database import store_now
from tests.backups import add, names, opened
from tests.cli.conftest import Run
from tests.store.examples import AT, commit, said, user

pytestmark = pytest.mark.usefixtures("_elsewhere_in_english")

DATABASE = Path("var/classcord.db")
EXPORTS = Path("var/exports")
DAY = 86_400_000


@pytest.fixture
def run(_elsewhere_in_english: None, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs `classcord ...` beside a server's data: its exit status, its output and its errors."""

    def run(*argv: str | Path) -> tuple[int, str, str]:
        try:
            status = main([*map(str, argv)])
        except SystemExit as stopped:
            status = int(str(stopped.code))
        sys.stdout.flush()
        captured = capfdbinary.readouterr()
        return status, captured.out.decode(), captured.err.decode()

    main(["init"])
    private = PrivateMessageAdded(
        message_id=3, at=AT + 3, author="Zoé", author_id=2, recipient="admin", conversation="1:2", content="between us"
    )
    people = [commit(user(2, "Zoé", alias="=cmd|' /C calc'!A0"))]
    messages = [commit(said(1, "Bonjour", at=AT - 2 * DAY)), commit(said(2, "=1+1")), commit(private)]
    assert store_now(DATABASE, "OFF", [*people, *messages]) == {}
    capfdbinary.readouterr()
    return run


@pytest.fixture
def held(run: Run) -> Iterator[None]:
    """A server that runs with this data folder, and is about to write."""
    holder = DataFolder(Path("var"))
    holder.hold()
    with closing(opened(DATABASE)) as server:
        server.execute("BEGIN IMMEDIATE")
        add(server, 4)
        yield
        server.execute("ROLLBACK")
    holder.release()


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def entries(action: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the audit trail's entries of one action."""
    with closing(sqlite3.connect(DATABASE)) as connection:
        rows = connection.execute("SELECT actor, object_id, after FROM audit WHERE action = ?", [action])
        return [(actor, what, json.loads(after)) for actor, what, after in rows]


# -- where to ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("held")
def test_an_export_is_a_dated_file_of_the_data_folder(run: Run) -> None:
    """Beside a server that is about to write, and nothing is written to its database; the file's name is told."""
    before = DATABASE.read_bytes()
    status, out, err = run("export", "messages")
    file = Path(out.strip())
    assert (status, err) == (0, "")
    assert file.parent == EXPORTS.absolute()
    assert re.fullmatch(r"messages-\d{8}-\d{6}\.csv", file.name)
    assert [oct(each.stat().st_mode & 0o777) for each in (EXPORTS, file)] == ["0o700", "0o600"]
    assert [row["content"] for row in read(file.read_text("utf-8"))] == ["Bonjour", "'=1+1", PRIVATE]
    assert names(EXPORTS) == {file.name}
    assert DATABASE.read_bytes() == before


def test_a_pipe_gets_the_rows_and_nothing_else(run: Run) -> None:
    """With -o -; no folder is made for it."""
    status, out, err = run("export", "users", "-o", "-")
    assert (status, err) == (0, "")
    assert [(row["name"], row["alias"]) for row in read(out)] == [("admin", ""), ("Zoé", "'=cmd|' /C calc'!A0")]
    assert out.endswith("\r\n")
    assert not EXPORTS.exists()


def test_a_file_that_is_named_is_replaced_when_the_new_one_is_whole(run: Run, tmp_path: Path) -> None:
    """A link to it becomes a file: what it led to is not written."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("precious", "utf-8")
    (tmp_path / "here.json").symlink_to(elsewhere)
    status, out, _err = run("export", "users", "--format", "json", "--output", "here.json")
    assert (status, out) == (0, f"{tmp_path / 'here.json'}\n")
    assert [row["name"] for row in json.loads(Path("here.json").read_text("utf-8"))] == ["admin", "Zoé"]
    assert elsewhere.read_text("utf-8") == "precious"
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("where", "why"), [("nowhere/x.csv", "No such file"), ("var", "File exists"), ("/dev/null", "")]
)
def test_where_nothing_can_be_written(run: Run, where: str, why: str) -> None:
    """1 and why; a folder or a device is not replaced."""
    status, out, err = run("export", "users", "-o", where)
    assert (status, out) == (1, "")
    assert err.startswith("classcord: nothing was exported: ")
    assert why in err
    assert Path("var").is_dir()


def test_what_a_killed_one_has_left_is_removed(run: Run) -> None:
    """In exports, whoever left it; what is being written by another stays."""
    EXPORTS.mkdir(mode=0o700)
    left = EXPORTS / ".messages-20261119-000000.csv.partial"
    left.touch()
    (EXPORTS / "notes.txt").touch()
    _status, out, _err = run("export", "users")
    assert names(EXPORTS) == {Path(out.strip()).name, "notes.txt"}


def test_a_timer_keeps_so_many(run: Run) -> None:
    """The newest of a kind, its own; other kinds, other forms and other files stay, and names from the future."""
    EXPORTS.mkdir(mode=0o700)
    old = [f"users-2001010{day}-000000.csv" for day in range(1, 6)] + ["users-20010105-000000-2.csv"]
    ahead = ["users-29990101-000000.csv"]  # by a clock that was wrong
    others = [
        "users-20010101-000000.json",
        "messages-20010101-000000.csv",
        "users-2001.csv",
        "users-20010101-000000.csv.bak",
    ]
    for name in (*old, *ahead, *others):
        (EXPORTS / name).touch()
    status, out, _err = run("export", "users", "--keep", "3")
    assert status == 0
    assert names(EXPORTS) == {Path(out.strip()).name, *old[-2:], *ahead, *others}
    for wrong in ("0", "-1", "x", "1.5"):
        assert run("export", "users", f"--keep={wrong}")[0] == 2
    assert run("export", "users", "--keep", "3", "-o", "x.csv")[0] == 2


# -- what --------------------------------------------------------------------------------------------------------------


def test_each_form_holds_the_same(run: Run) -> None:
    """CSV, one JSON array, a JSON object a line; the file is named by its form."""
    rows = json.loads(run("export", "messages", "--format", "json", "-o", "-")[1])
    lines = run("export", "messages", "--format", "ndjson", "-o", "-")[1]
    assert [json.loads(line) for line in lines.splitlines()] == rows
    assert [row["content"] for row in rows] == ["Bonjour", "=1+1", PRIVATE]
    for form in ("csv", "json", "ndjson"):
        assert run("export", "audit", "--format", form)[1].strip().endswith(f".{form}")


def test_excel_knows_utf_8_by_its_mark(run: Run) -> None:
    """In a CSV that asks for it, once, at the beginning; JSON has none (RFC 8259)."""
    marked = run("export", "users", "--bom", "-o", "-")[1]
    assert marked == "\N{ZERO WIDTH NO-BREAK SPACE}" + run("export", "users", "-o", "-")[1]
    assert run("export", "users", "--bom", "--format", "json", "-o", "-")[1].startswith("[")


def test_a_french_excel_gets_semicolons_and_the_times_of_the_school(run: Run) -> None:
    """Of the time zone in the settings; another form than CSV is refused, and no file is made."""
    text = run("export", "messages", "--excel", "-o", "-", "--set", "server.timezone=America/Cayenne")[1]
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")), delimiter=";"))
    there = datetime.fromtimestamp(AT // 1000, ZoneInfo("America/Cayenne"))
    assert text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}id;at;")
    assert [(row["at"], row["content"]) for row in rows[1:2]] == [(f"{there:%Y-%m-%d %H:%M:%S}", "'=1+1")]
    for form in ("json", "ndjson"):
        status, out, err = run("export", "users", "--excel", "--format", form)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert f"an export for Excel is a CSV; leave out “{form}”" in err
    assert not EXPORTS.exists()


def test_private_messages_are_written_out_for_a_reason_only(run: Run) -> None:
    """Which is in the audit trail, with who ran it, before anything is written; the trail stays unbroken."""
    assert PRIVATE in run("export", "messages", "-o", "-")[1]
    assert entries("export") == []
    assert "between us" in run("export", "messages", "-o", "-", "--reason", "demande du proviseur")[1]
    fields = {"what": "messages", "format": "csv", "reason": "demande du proviseur"}
    fields["user"] = pwd.getpwuid(os.getuid()).pw_name
    assert entries("export") == [("export", "messages", fields)]
    assert run("audit", "verify")[0] == 0
    assert run("export", "messages", "-o", "-", "--reason", "a\x1b[1m\nb" * 1000)[0] == 2
    assert len(entries("export")) == 1


def test_only_what_is_of_a_day_or_later(run: Run) -> None:
    """The day begins at midnight where the school is."""

    def since(day: str, *more: str) -> list[str]:
        return [row["id"] for row in read(run("export", "messages", "-o", "-", "--since", day, *more)[1])]

    assert since("2026-01-01") == ["1", "2", "3"]
    assert since("2026-11-20") == ["2", "3"]
    assert since("2026-11-21") == []
    assert since("2026-11-19", "--set", "server.timezone=UTC") == ["2", "3"]
    with closing(opened(DATABASE)) as server:  # a quarter past midnight of the 20th in Paris is the 19th in Greenwich
        server.execute("UPDATE messages SET at = ? WHERE id = 1", (1_795_130_100_000,))
    assert since("2026-11-20", "--set", "server.timezone=Europe/Paris") == ["1", "2", "3"]
    assert since("2026-11-20", "--set", "server.timezone=UTC") == ["2", "3"]
    for wrong in ("yesterday", "2026-13-01", ""):
        assert run("export", "messages", "--since", wrong)[0] == 2


def test_what_a_clock_has_mixed_up_is_found_all_the_same(run: Run) -> None:
    """Times go back where a clock was set back: every row is looked at, over all pages."""
    with closing(opened(DATABASE)) as server:
        server.execute("BEGIN")
        for number in range(10, 10 + 2 * PAGE):
            add(server, number)  # in 1970
        add(server, 9999)
        server.execute("UPDATE messages SET at = ? WHERE id = 9999", (AT,))
        server.execute("COMMIT")
    out = run("export", "messages", "-o", "-", "--since", "2026-11-20")[1]
    assert [row["id"] for row in read(out)] == ["2", "3", "9999"]
    assert len(read(run("export", "messages", "-o", "-")[1])) == 2 * PAGE + 4


def test_all_rows_are_of_one_moment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written while it reads is not in it, however long it takes."""
    from classcord.store.sqlite import reading

    with closing(opened(DATABASE)) as server:
        server.execute("BEGIN")
        for number in range(10, 10 + PAGE):
            add(server, number)
        server.execute("COMMIT")
        rows = reading.rows

        def slow(*asked: Any) -> Any:
            add(server, 50_000 + asked[2])
            return rows(*asked)

        monkeypatch.setattr(reading, "rows", slow)
        out = run("export", "messages", "-o", "-")[1]
    assert max(int(row["id"]) for row in read(out)) == 9 + PAGE


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_without_a_database_of_this_version_it_is_refused(run: Run) -> None:
    """2 and why; no folder is made. Nor is a database of a newer or an older one read."""
    assert run("export", "users", "--data", "other")[::2] == (
        2,
        f"classcord: {Path('other/classcord.db').absolute()}: there is no database\n",
    )
    assert not Path("other").exists()
    newer, older = "INSERT INTO schema_version VALUES (1000, 0)", "DELETE FROM schema_version WHERE version > 1"
    for change, why in ((newer, "from a newer ClassCord"), (older, "`classcord init` brings it up to date")):
        with closing(sqlite3.connect(DATABASE, isolation_level=None)) as connection:
            connection.execute(change)
        status, out, err = run("export", "users")
        assert (status, out) == (2, "")
        assert why in err
    assert run("export", "passwords")[0] == 2


def test_a_damaged_database_is_told(run: Run) -> None:
    """And leaves no file that looks like an export."""
    raw = DATABASE.read_bytes()
    DATABASE.write_bytes(raw[: len(raw) // 3 * 2] + b"\xff" * (len(raw) // 3 + 1))
    status, out, err = run("export", "messages")
    assert (status != 0, out) == (True, "")
    assert err.startswith("classcord: ")
    assert "Traceback" not in err
    assert not EXPORTS.exists() or names(EXPORTS) == set()
