"""A row of the database that no ClassCord has written: which one it is, and what helps. Knows no connection."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from typing import Any, NoReturn

from classcord.chat.text import N_, is_readable
from classcord.store.ports import StoreError

_SHOWN = 40  # characters of the value
_DAMAGED = N_(
    "{table}, row {row}: {column} cannot be {value}. Correct it with the program that has changed it, or put a backup "
    "back: classcord restore"
)


def refuse(error: Exception, sql: str, columns: Sequence[str], row: Sequence[Any]) -> NoReturn:
    """Raise the StoreError that names the row; `error` is what msgspec, json or SQLite says of one of its values.

    The first column is the row's number, `columns` are named as the fields of the record.
    """
    table = re.search(r"FROM (\w+)", sql)
    column = _column(error, columns, row)
    raise StoreError(
        _DAMAGED,
        table=table[1] if table else "?",
        row=_shown(row[0]) if row else "?",
        column=column or "?",
        value=_shown(row[columns.index(column)]) if column in columns else "?",
    ) from error


def _column(error: Exception, columns: Sequence[str], row: Sequence[Any]) -> str | None:
    """Return the column that is meant: msgspec ends its sentence with the way to it, as `$.added_at` or `$[0][2]`."""
    if isinstance(error, json.JSONDecodeError):
        return next((name for name, value in zip(columns, row, strict=True) if value == error.doc), None)
    if isinstance(error, sqlite3.Error):  # bytes where there are none
        return next((name for name, value in zip(columns, row, strict=True) if isinstance(value, bytes)), None)
    way = re.search(r"`\$([^`]*)`$", str(error))
    names = re.findall(r"\.(\w+)", way[1]) if way else []
    places = re.findall(r"\[(\d+)\]", way[1]) if way else []
    if names:
        return str(names[-1])
    return columns[int(places[-1])] if places else None


def _shown(value: object) -> str:
    text = f"“{value}”" if isinstance(value, str) and is_readable(value[:_SHOWN]) else ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
