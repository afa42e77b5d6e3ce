"""The rows of a CSV table, as spreadsheets write it: where a row ends, what separates its values. Knows no column."""

from __future__ import annotations

import csv
import re
import string
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from classcord.chat.text import N_
from classcord.cli.tables.refusing import ImportRefused

MAX_CHARACTERS = 1000  # of one value; the longest hash that is known has about 200
DELIMITERS = ",;\t"
_JOINED = 20  # lines that one quoted value may span
LONGEST_ROW = 64 * MAX_CHARACTERS  # characters of a row; csv itself accepts twice as many
_SEP = re.compile(r'"?sep=(?P<mark>.)"?[,;\t]*', re.IGNORECASE)  # Excel's own first line
_BLANKS = "\ufeff\u200b\u2060"  # in addition to what str.strip removes: a second BOM, spaces of no width
NOTHING = f"{string.whitespace}\N{NO-BREAK SPACE}{_BLANKS}{DELIMITERS}"  # the characters of a line without values

QUOTES = N_("its quotes do not match")
_SEPARATOR = N_("“sep={mark}”: a comma, a semicolon or a tab is wanted")


class TableLine(NamedTuple):
    """A row of the table: the line where it begins, and its values, or None if its quotes do not match."""

    number: int
    text: str
    values: list[str] | None


def stripped(value: str) -> str:
    return value.strip().strip(_BLANKS).strip()


def is_empty(row: TableLine) -> bool:
    return row.values is not None and not any(map(stripped, row.values))


def take_separator(name: str, numbered: list[tuple[int, str]]) -> str | None:
    """Remove Excel's own line `sep=;` from the table, and return its separator."""
    found = numbered and _SEP.fullmatch(numbered[0][1].strip(_BLANKS + " "))
    if not found:
        return None
    number, _ = numbered.pop(0)
    if found["mark"] not in DELIMITERS:
        raise ImportRefused(f"{name}:{number}", _SEPARATOR, mark=found["mark"])
    return found["mark"]


def read_rows(numbered: Sequence[tuple[int, str]], delimiter: str) -> Iterator[TableLine]:
    """Yield the rows; a row with open quotes continues if a following line closes them (RFC 4180 §2.6)."""
    place = 0
    while place < len(numbered):
        number, text = numbered[place]
        values, taken = _split(text, delimiter), 1
        if values is None and (end := _closed(numbered, place)):
            values = _split("\n".join(line for _, line in numbered[place:end]), delimiter)
            taken = end - place if values is not None else 1
        yield TableLine(number, text, values)
        place += taken


def _closed(numbered: Sequence[tuple[int, str]], place: int) -> int | None:
    """Return after which of the following lines the quotes that this line opens are closed."""
    is_open = False
    for end in range(place, min(place + _JOINED, len(numbered))):
        is_open ^= numbered[end][1].count('"') % 2 == 1
        if not is_open:
            return end + 1
    return None


def _split(line: str, delimiter: str) -> list[str] | None:
    """Return the values of a row; None if its quotes do not match. A row that is too long is returned as one value."""
    if len(line) > LONGEST_ROW:
        return [line]
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        return None


def likely_delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter that splits the most lines into as many values as the first.

    Csv.Sniffer would also guess quotes.
    """
    first = lines[0]
    return max(
        DELIMITERS, key=lambda mark: mark in first and sum(line.count(mark) == first.count(mark) for line in lines)
    )
