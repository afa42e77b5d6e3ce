"""Exports: every row, in forms that other programs read, and nothing that is not theirs to carry."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable, Sequence
from datetime import timezone, tzinfo
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from classcord.chat.errors import StorageUnavailable
from classcord.chat.roles import Role
from classcord.chat.text import readable
from classcord.services.export import PAGE, PIECE, PRIVATE, Exporter
from classcord.store.sqlite.database import Database
from tests.harness import BEGINNING, House, running, say, tell
from tests.store.examples import audited, commit, user

TIME = "2026-11-20T20:36:27.625Z"
T = TypeVar("T")
CSV_NEEDS = "\n\t"
FILE = "messages-20261120-203627"
CASE = SynchronousTestCase()


def result(done: Deferred[T]) -> T:
    found: T = CASE.successResultOf(done)
    return found


def failure(done: Deferred[Any], *kinds: type[BaseException]) -> None:
    CASE.failureResultOf(done, *kinds)


class Disk:
    """Does what threads do: at once, or when it is told to."""

    def __init__(self) -> None:
        self.holding = False
        self.held: list[tuple[Deferred[Any], Callable[..., Any], tuple[Any, ...]]] = []
        self.done: list[str] = []

    def run(self, work: Callable[..., Any], /, *args: Any) -> Deferred[Any]:
        waiting: Deferred[Any] = Deferred()
        self.held.append((waiting, work, args))
        if not self.holding:
            self.let_go()
        return waiting

    def let_go(self) -> None:
        waiting, work, args = self.held.pop(0)
        self.done.append(work.__name__)
        try:
            waiting.callback(work(*args))
        except OSError:
            waiting.errback(Failure())


class Table:
    """A store with one table; it counts what it is asked for."""

    def __init__(self, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
        self.columns, self.all, self.asked = columns, rows, 0
        self.fails_at: int | None = None

    def rows(self, what: str, *, after_id: int, limit: int) -> Deferred[tuple[list[str], list[Sequence[Any]]]]:
        self.asked += 1
        if self.asked == self.fails_at:
            return fail(StorageUnavailable())
        found: list[Sequence[Any]] = [row for row in self.all if row[0] > after_id]
        return succeed((self.columns, found[:limit]))


def messages(count: int) -> Table:
    columns = ["id", "at", "channel", "author", "recipient", "content"]
    rows = [(number, 0, "#dev", "bob", None, f"message {number}") for number in range(1, count + 1)]
    return Table(columns, rows)


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.rightNow = BEGINNING
    return clock


async def _gathered(export: Exporter, what: str, form: str, **how: Any) -> list[bytes]:
    return [piece async for piece in export.pieces(what, form, **how)]


def pieces(store: Any, what: str, form: str, *, private: bool = False, excel: tzinfo | None = None) -> list[bytes]:
    """Return the pieces of an export."""
    return result(Deferred.fromCoroutine(_gathered(Exporter(store, Clock()), what, form, private=private, excel=excel)))


def written(store: Any, what: str, form: str, *, private: bool = False, excel: tzinfo | None = None) -> str:
    return b"".join(pieces(store, what, form, private=private, excel=excel)).decode()


def read(text: str, form: str) -> list[dict[str, Any]]:
    """Return the rows as another program reads them."""
    if form == "csv":
        return list(csv.DictReader(io.StringIO(text, newline="")))
    return [json.loads(line) for line in text.splitlines()] if form == "ndjson" else list(json.loads(text))


# -- what is written ---------------------------------------------------------------------------------------------------


def test_csv_is_what_rfc_4180_says() -> None:
    """A header, CRLF, quotes doubled, line ends within quotes, UTF-8; what is absent is empty."""
    table = Table(["id", "name", "alias"], [(1, 'Zoé "Zo"', None), (2, "a,b\nc", "x")])
    assert written(table, "users", "csv") == 'id,name,alias\r\n1,"Zoé ""Zo""",\r\n2,"a,b\nc",x\r\n'


def test_json_is_one_array_and_ndjson_an_object_a_line() -> None:
    """Absent is null, numbers are numbers; nothing at all is an empty array, or no line."""
    table = Table(["id", "name"], [(1, "Zoé"), (2, None)])
    assert written(table, "users", "ndjson") == '{"id": 1, "name": "Zoé"}\n{"id": 2, "name": null}\n'
    assert written(table, "users", "json") == '[\n{"id": 1, "name": "Zoé"},\n{"id": 2, "name": null}\n]\n'
    nothing = Table(["id", "name"], [])
    assert written(nothing, "users", "json") == "[\n]\n"
    assert written(nothing, "users", "ndjson") == ""
    assert written(nothing, "users", "csv") == "id,name\r\n"


@pytest.mark.parametrize(
    "begin",
    [
        "=",
        "+",
        "-",
        "@",
        "\t",
        "\r",
        "\n",
        "  =",
        "\u00a0=",
        "＝",
        "＋",
        "－",
        "＠",
        "\u200b=",
        "\ufeff+",
        "\u202e-",
        " \u2060 @",
        "\x00=",
        "\x1b=",
        "\ufe0f=",
        "\u3164=",
        "\u200d\u200b\t",
        "\u200b\r",
        "\u200b\n",
        "\U000e0041=",
    ],
)
def test_a_spreadsheet_runs_nothing_of_it(begin: str) -> None:
    """What would be a formula is text; a number below zero stays a number, and JSON is left as it is."""
    table = Table(["id", "name"], [(1, f"{begin}1+1"), (2, -5), (3, "a=b")])
    assert [row["name"] for row in read(written(table, "users", "csv"), "csv")] == [
        f"'{readable(begin, but=CSV_NEEDS)}1+1",
        "-5",
        "a=b",
    ]
    assert read(written(table, "users", "ndjson"), "ndjson")[0]["name"] == f"{begin}1+1"


@pytest.mark.parametrize("part", [";", "\n", "\r\n"])
def test_a_spreadsheet_that_parts_cells_elsewhere_runs_nothing_either(part: str) -> None:
    """A French one parts them at ";", and takes no quotes in the middle of a cell for any."""
    table = Table(["id", "name"], [(1, f'a{part}=cmd|x{part} +1{part}"-2{part}@b{part}\tc{part}d=e')])
    raw = written(table, "users", "csv").partition("\r\n")[2]
    cells = re.split(r"[;\r\n]+", raw)
    assert len(cells) == 8
    assert [cell for cell in cells if cell.strip('" ').startswith(("=", "+", "-", "@", "\t"))] == []


def test_a_french_excel_opens_it_by_a_double_click() -> None:
    """UTF-8's mark, semicolons, times as it reads them where the school is; the mark comes once."""
    table = messages(2 * PAGE + 1)
    table.all[0] = (1, 1_795_203_387_607, "#dev", "Zoé", None, "un; deux, trois")
    lines = written(table, "messages", "csv", excel=ZoneInfo("Europe/Paris")).split("\r\n")
    assert lines[:2] == [
        "\N{ZERO WIDTH NO-BREAK SPACE}id;at;channel;author;recipient;content",
        '1;2026-11-20 20:36:27;#dev;Zoé;;"un; deux, trois"',
    ]
    assert len(lines) == 2 * PAGE + 3
    assert not [line for line in lines[1:] if "\N{ZERO WIDTH NO-BREAK SPACE}" in line]


@given(text=st.text("a=+-@;,\t\r\n'\" \u00a0＝", min_size=1))
def test_a_french_excel_runs_nothing_of_it(text: str) -> None:
    """Each cell, as it reads them, is no formula."""
    raw = written(Table(["id", "name"], [(1, text)]), "users", "csv", excel=timezone.utc).partition("\r\n")[2]
    cells = [cell for row in csv.reader(io.StringIO(raw, newline=""), delimiter=";") for cell in row]
    assert [cell for cell in cells if re.match("[ \u00a0]*[=+@\t＝-]", cell)] == []


def unprotected(text: str) -> str:
    """Return a cell without the marks that make text of a formula."""
    blank = r"(?:[ \u00a0\u202f\u3000]|\\x..|\\u.{4}|\\U.{8}|\\r)*"
    return re.sub(rf"(^|[;\n]\"*)'(?={blank}(?:[=+\-@\t\n＝＋－＠]|\\r))", r"\1", text)


@settings(max_examples=200)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.text("a;=+-@\t\r\n'\" "))
def test_every_text_reads_back(text: str) -> None:
    """Whatever people write in JSON; in a CSV, which is for people, with what is not to be seen written out."""
    table = Table(["id", "name"], [(1, text)])
    for form in ("json", "ndjson"):
        raw = b"".join(pieces(table, "users", form)).decode()
        rows = [json.loads(line) for line in raw.split("\n")[:-1]] if form == "ndjson" else json.loads(raw)
        assert rows == [{"id": 1, "name": text}]
    assert unprotected(read(written(table, "users", "csv"), "csv")[0]["name"]) == unprotected(
        readable(text.replace("\r\n", "\n"), but=CSV_NEEDS)
    )


OBEYED = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


@pytest.mark.parametrize("excel", [None, timezone.utc])
@given(text=st.text())
@example(text="\x1b]0;pwned\x07\x1b[31m\x08\x9b2J\r\u202e\u2066\U000e0041\ud800")
def test_no_terminal_obeys_a_csv(excel: tzinfo | None, text: str) -> None:
    """Whoever has it shown, at once or from a file: controls, marks of direction and what hides are written out."""
    for column in ("name", "content"):
        table = Table(["id", column], [(1, text)])
        raw = written(table, "users", "csv", private=True, excel=excel).removeprefix("\ufeff")
        assert OBEYED.findall(raw.replace("\r\n", "\n")) == []


def test_what_a_csv_shows_in_the_place_of_what_is_not_to_be_seen() -> None:
    """The same as the console shows; line breaks and tabs are the table's, and a typed backslash is one."""
    table = Table(["id", "name"], [(1, "a\x1b]0;x\x07\r\u202e\u2066\U000e0041\x9b\ud800\tb\r\nc\\x1b")])
    assert read(written(table, "users", "csv"), "csv")[0]["name"] == (
        "a\\x1b]0;x\\x07\\r\\u202e\\u2066\\U000e0041\\x9b\\ud800\tb\nc\\x1b"
    )


def test_what_cannot_be_written_is_written_out() -> None:
    """Half a character, as an older file may hold one, does not end the export."""
    assert "a\\ud800" in written(Table(["id", "name"], [(1, "a\ud800")]), "users", "csv")


@pytest.mark.parametrize("form", ["csv", "ndjson", "json"])
def test_what_people_said_is_there_with_its_time(house: House, form: str) -> None:
    """Channel, author, recipient, content; of what is private only that it was written."""
    bob = house.member("bob")
    house.member("alice")
    bob.ask(say("Bonjour"), say("ici", channel="dev"), tell("alice", "between us"))
    for private in (False, True):
        rows = read(written(house.store, "messages", form, private=private), form)
        assert [(row["channel"] or None, row["recipient"] or None, row["content"]) for row in rows] == [
            ("#général", None, "Bonjour"),
            ("#dev", None, "ici"),
            (None, "alice", "between us" if private else PRIVATE),
        ]
        assert {row["author"] for row in rows} == {"bob"}
        assert {row["at"] for row in rows} == {TIME}


def test_a_message_without_a_channel_is_private() -> None:
    """Also when the recipient's name was erased."""
    table = messages(1)
    table.all = [(1, 0, None, "bob", None, "between us")]
    assert "between us" not in written(table, "messages", "csv")


def test_no_password_is_ever_written_out(house: House) -> None:
    """Neither from the store in use, nor from one that hands over more than it should."""
    house.account("bob", role=Role.OWNER, digest="the digest")
    (row,) = read(written(house.store, "users", "json", private=True), "json")
    assert (row["name"], row["role"], row["added_at"]) == ("bob", "owner", TIME)
    assert not any("password" in name or value == "the digest" for name, value in row.items())
    careless = Table(["id", "name", "password_hash", "role"], [(1, "bob", "the digest", "owner")])
    assert written(careless, "users", "csv") == "id,name,role\r\n1,bob,owner\r\n"
    assert written(careless, "users", "ndjson") == '{"id": 1, "name": "bob", "role": "owner"}\n'


def test_the_audit_trail_is_written_whole() -> None:
    """Each entry with all its columns."""
    store = Database.in_memory()
    store.write([commit(user(1, "Zoé"), audited(action="user-removed"))])
    (row,) = read(written(store, "audit", "ndjson"), "ndjson")
    assert row["action"] == "user-removed"
    assert row["at"].endswith("Z")
    assert row.keys() >= {"actor", "actor_address", "object_type", "object_id", "before", "after"}


# -- page by page ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE + 7])
@pytest.mark.parametrize("form", ["csv", "ndjson", "json"])
def test_every_row_is_there_once(count: int, form: str) -> None:
    """Also where a page ends with the last of them."""
    rows = read(written(messages(count), "messages", form), form)
    assert [int(row["id"]) for row in rows] == list(range(1, count + 1))


def test_rows_are_not_gathered() -> None:
    """The next page is read when the one before it is written out, and no piece is large."""
    table = messages(3 * PAGE)

    async def asked() -> list[int]:
        return [table.asked async for _ in Exporter(table, Clock()).pieces("messages", "ndjson", private=False)]

    per_page = PAGE // PIECE
    assert result(Deferred.fromCoroutine(asked())) == [1] * per_page + [2] * per_page + [3] * per_page
    assert max(piece.count(b"\n") for piece in pieces(table, "messages", "ndjson")) == PIECE
    short = messages(PAGE - 1)
    pieces(short, "messages", "csv")
    assert short.asked == 1


def test_a_store_that_cannot_be_read_ends_it() -> None:
    """Whoever asked is told; what was written until then is no array."""
    table = messages(2 * PAGE)
    table.fails_at = 2
    failure(
        Deferred.fromCoroutine(_gathered(Exporter(table, Clock()), "messages", "json", private=False)),
        StorageUnavailable,
    )


# -- to a file ---------------------------------------------------------------------------------------------------------


def to_file(table: Table, clock: Clock, folder: Path, disk: Disk, form: str = "csv") -> Deferred[Path]:
    export = Exporter(table, clock, disk.run)
    return Deferred.fromCoroutine(export.to_file(folder, "messages", form, private=False))


def test_a_file_is_named_by_what_it_is_and_when(clock: Clock, tmp_path: Path) -> None:
    """It holds the same as the stream; only its owner can read it, or look into its folder."""
    folder = tmp_path / "exports"
    umask = os.umask(0)
    try:
        file = result(to_file(messages(PAGE + 1), clock, folder, Disk()))
    finally:
        os.umask(umask)
    assert file == folder / f"{FILE}.csv"
    assert file.read_bytes() == b"".join(pieces(messages(PAGE + 1), "messages", "csv"))
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(folder.iterdir()) == [file]


def test_two_files_of_one_second_are_two(clock: Clock, tmp_path: Path) -> None:
    """One after the other, and at the same time: nothing is written over."""
    first = result(to_file(messages(1), clock, tmp_path, Disk()))
    slow, fast = Disk(), Disk()
    slow.holding = True
    second = to_file(messages(2), clock, tmp_path, slow)
    third = result(to_file(messages(3), clock, tmp_path, fast))
    while slow.held:
        slow.let_go()
    files = [first, result(second), third]
    assert [file.name for file in files] == [f"{FILE}.csv", f"{FILE}-2.csv", f"{FILE}-3.csv"]
    assert [len(file.read_text("utf-8").splitlines()) for file in files] == [2, 3, 4]


def test_the_disk_is_written_to_by_threads_and_read_behind_it(clock: Clock, tmp_path: Path) -> None:
    """While a piece is on its way to the disk, the store is not asked for more, and there is no file yet."""
    disk, table = Disk(), messages(PAGE + 1)
    disk.holding = True
    waiting = to_file(table, clock, tmp_path, disk)
    for _ in range(PAGE // PIECE):
        disk.let_go()
    assert table.asked == 1
    assert [file.name for file in tmp_path.iterdir()] == [f".{FILE}.csv.partial"]
    while disk.held:
        disk.let_go()
    assert disk.done[-1] == "finish"
    assert result(waiting).name == f"{FILE}.csv"


@pytest.mark.parametrize("done", [0, 1, 3])
def test_a_cancelled_export_leaves_nothing(clock: Clock, tmp_path: Path, done: int) -> None:
    """Its file is gone at once, and closed behind what a thread still writes."""
    disk = Disk()
    disk.holding = True
    waiting = to_file(messages(PIECE), clock, tmp_path, disk)
    for _ in range(min(done, 2)):
        disk.let_go()
    if done == 3:  # all is written; the name is being given
        assert disk.held[0][1].__name__ == "finish"
    waiting.cancel()
    failure(waiting, CancelledError)
    assert list(tmp_path.iterdir()) == []
    while disk.held:
        disk.let_go()
    assert disk.done[-1] == "close"
    assert list(tmp_path.iterdir()) == []


def test_a_failed_export_leaves_nothing(clock: Clock, tmp_path: Path) -> None:
    """The store was unreadable in the middle of it."""
    table, disk = messages(2 * PAGE), Disk()
    table.fails_at = 2
    failure(to_file(table, clock, tmp_path, disk), StorageUnavailable)
    assert list(tmp_path.iterdir()) == []
    assert disk.done[-1] == "close"


def test_a_disk_that_takes_nothing_is_told_and_logged(clock: Clock, tmp_path: Path) -> None:
    """A full one, and a folder that is none."""
    (tmp_path / "exports").touch()
    with running(faulty=True) as house:
        failure(to_file(messages(1), clock, tmp_path / "exports", Disk()), StorageUnavailable)

        def full(work: Callable[..., Any], /, *args: Any) -> Deferred[Any]:
            return fail(OSError(28, "No space left on device")) if work.__name__ == "write" else succeed(work(*args))

        export = Exporter(messages(1), clock, full)
        written = Deferred.fromCoroutine(export.to_file(tmp_path / "full", "messages", "csv", private=False))
        failure(written, StorageUnavailable)
        assert list((tmp_path / "full").iterdir()) == []
        assert sum("cannot be written" in fault for fault in house.faults) == 2
