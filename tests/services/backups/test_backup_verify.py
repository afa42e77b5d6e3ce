"""What is wrong with a backup, found before anybody needs it."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from classcord.services.backups.backup import Backups
from classcord.store.ports import Contents, Progress
from classcord.store.sqlite import copying
from classcord.store.sqlite.migrate import steps
from tests.backups import (
    ALL,
    NOW,
    WRONG,
    backed_up,
    backups,
    database,
    names,
    of_another_program,
    packed,
    reasons,
    summed,
)

NEWEST = len(steps())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with three messages."""
    return database(tmp_path)


@pytest.fixture
def file(path: Path) -> Iterator[Path]:
    """A backup; whatever is done to check it leaves the folder as it was."""
    file = backed_up(path)
    yield file
    assert {name for name in names(file.parent) if name.startswith(".")} == set()


def verdict(file: Path) -> str:
    return reasons(lambda: backups(file.parent.parent).verify(file))


def test_a_good_one_is_told_with_what_is_in_it(file: Path, tmp_path: Path) -> None:
    """Wherever it lies; a database as it is, such as an upgrade keeps, needs no sum."""
    contents = Contents(schema=NEWEST, newest=NEWEST, messages=3, accounts=1)
    assert backups(tmp_path).verify(file) == contents
    moved = summed(tmp_path / "moved.gz", file.read_bytes())
    assert backups(tmp_path).verify(moved) == contents
    plain = tmp_path / "plain.db"
    plain.write_bytes(gzip.decompress(file.read_bytes()))
    assert backups(tmp_path).verify(plain) == contents


@pytest.mark.parametrize("keep", [0, 10, 1000, -9, -1])
def test_one_that_is_cut_off(file: Path, keep: int) -> None:
    """Its sum says so; and should the sum be that of what is left, its end is missing."""
    raw = file.read_bytes()
    file.write_bytes(raw[:keep])
    assert "it is empty" in verdict(file) or "its sum is not the one in" in verdict(file)
    summed(file, raw[:keep])
    assert verdict(file) in {"it is empty", "it is cut off: its end is missing"}


@pytest.mark.parametrize("place", [0, 5, 30, 500, -6, -3])
def test_one_with_a_wrong_byte(file: Path, place: int) -> None:
    """Found by its sum; and without that by what gzip and SQLite know."""
    raw = bytearray(file.read_bytes())
    raw[place] ^= 0xFF
    file.write_bytes(raw)
    assert "its sum is not the one in" in verdict(file)
    summed(file, bytes(raw))
    if place != 5:  # a time in the header, which nobody reads
        assert "damaged" in verdict(file) or "cut off" in verdict(file) or "too little room" in verdict(file)


def test_one_without_a_sum_that_fits(file: Path) -> None:
    """Missing, empty, no sum at all, or another one's."""
    beside = file.with_name(f"{file.name}.sha256")
    good = beside.read_text("utf-8")
    beside.write_text(good.replace(good[0], "f" if good[0] != "f" else "e", 1), "utf-8")
    assert verdict(file) == f"it is not what was written: its sum is not the one in {beside}"
    for nothing in ("", "\n", "deadbeef  x\n", "\0" * 9000):
        beside.write_text(nothing, "utf-8")
        assert verdict(file) == f"{beside} has no sum in it"
    beside.unlink()
    assert verdict(file) == f"its sum is missing: there is no {beside}"
    beside.write_text(good.upper().replace("  ", " *"), "utf-8")  # as --binary writes it, and others do
    assert backups(file.parent.parent).verify(file).messages == 3


def test_what_is_no_backup(file: Path, tmp_path: Path) -> None:
    """Not there, a folder, a text, a compressed text, a compressed database of something else."""
    assert verdict(tmp_path / "nowhere") == "there is no such file"
    assert verdict(tmp_path) == "this is not a file"
    assert "it is no backup, or damaged" in verdict(summed(tmp_path / "text", b"Bonjour, je suis un texte."))
    assert verdict(packed(tmp_path / "text.gz", b"Bonjour")) == "there is no database in it"
    assert verdict(packed(tmp_path / "nothing.gz", b"")) == "it is empty"
    other = tmp_path / "other.db"
    other.touch()
    assert verdict(other) == "it is empty"
    of_another_program(other)
    assert "not ClassCord's" in verdict(packed(tmp_path / "other.gz", other.read_bytes()))


def test_one_of_a_newer_schema_or_a_damaged_one(path: Path, file: Path, tmp_path: Path) -> None:
    """Right sums do not make a good database."""
    raw = gzip.decompress(file.read_bytes())
    plain = tmp_path / "plain.db"
    for spoil, why in WRONG[3:7]:
        plain.write_bytes(raw)
        spoil(plain)
        assert why in verdict(packed(tmp_path / "spoilt.gz", plain.read_bytes()))


def test_one_that_would_fill_the_disk_is_not_expanded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how large it is before it is."""

    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(1000))
    assert "there is too little room in" in verdict(file)


def test_a_check_changes_nothing(file: Path, tmp_path: Path) -> None:
    """The backup, its sum and their times are as they were."""
    before = {each: (each.read_bytes(), each.stat().st_mtime_ns) for each in file.parent.iterdir()}
    Backups(tmp_path / "backups", copying, lambda: NOW).verify(file)
    assert {each: (each.read_bytes(), each.stat().st_mtime_ns) for each in file.parent.iterdir()} == before


class Lines:
    """Copies of another kind of store, whose database is lines of text."""

    FIRST = b"lines of a store\n"

    def begins(self, beginning: bytes) -> bool:
        return beginning.startswith(self.FIRST)

    def copy(self, source: Path, target: Path, progress: Progress) -> None:
        progress("copy", 0, 0)
        shutil.copyfile(source, target)

    def examine(self, file: Path, progress: Progress) -> Contents:
        progress("check", 0, 0)
        return Contents(schema=1, newest=1, messages=file.read_bytes().count(b"\n") - 1, accounts=0)

    def digests(self, file: Path) -> frozenset[str]:
        assert file.exists()
        return frozenset()

    def beside(self, file: Path) -> tuple[Path, ...]:
        assert file
        return ()

    def size(self, file: Path) -> int:
        return file.stat().st_size

    def settle(self, file: Path) -> bool:
        return file.exists()


def test_the_store_says_what_its_database_begins_with(tmp_path: Path, file: Path) -> None:
    """A backup of another kind of store is made and read, packed and as it is; one of SQLite is no database there."""
    other = tmp_path / "other.lines"
    other.write_bytes(Lines.FIRST + b"Bonjour\nBonsoir\n")
    lines = Backups(tmp_path / "of lines", Lines(), lambda: NOW)
    made = lines.make(other, ALL).file
    assert lines.verify(made).messages == lines.verify(other).messages == 2
    assert reasons(lambda: lines.verify(file)) == "there is no database in it"
    assert reasons(lambda: backups(tmp_path).verify(made)) == "there is no database in it"
