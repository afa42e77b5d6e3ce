"""The SQL of queries/, loaded once. Knows names, no tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import resources
from operator import attrgetter
from typing import Any, NamedTuple, get_origin

import aiosql
import msgspec

from classcord.chat.audit.vocabulary import Audited
from classcord.chat.frozen import Frozen
from classcord.chat.messages.vocabulary import PrivateMessageAdded
from classcord.chat.records import Record
from classcord.chat.subjects import RECORDS as KINDS


def load(name: str) -> Any:
    """Return the queries of queries/NAME.sql as aiosql builds them: one function a statement."""
    file = resources.files("classcord.store.sqlite") / "queries" / f"{name}.sql"
    return aiosql.from_str(file.read_text(encoding="utf-8"), "sqlite3", mandatory_parameters=False)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Statement(NamedTuple):
    """How one kind of record is stored.

    Its SQL with a `?` for each value, and the function that reads the values from a record.
    """

    sql: str
    values: Callable[[Record], tuple[object, ...]]

    def of_many(self, rows: int) -> str:
        """Return the SQL that inserts so many rows at once."""
        insert, keyword, rest = self.sql.rstrip().removesuffix(";").partition("VALUES")
        row, *conflict = rest.partition("ON CONFLICT")
        return "".join([insert, keyword, ",".join([row] * rows), *conflict])


@cache
def lists_of(kind: type[Record]) -> frozenset[str]:
    """Return which fields of a kind of record are tuples; they are stored as JSON arrays."""
    return frozenset(field.name for field in msgspec.structs.fields(kind) if get_origin(field.type) is tuple)


def _statement(named: str, kind: type[Record]) -> Statement:
    """Return a statement with numbered parameters instead of named ones; SQLite binds them in half the time."""
    names = re.findall(r":(\w+)", named)
    ways = [_way_to(kind, name) for name in names]
    read = attrgetter(*ways) if len(ways) > 1 else _single(ways[0])
    if lists_of(kind).intersection(names):
        read = _listed(read)
    return Statement(re.sub(r":\w+", "?", named), read)


@cache
def values_within(kind: type[Record]) -> dict[str, tuple[str, ...]]:
    """Return the fields of a kind of record that are values with fields of their own, which have columns."""
    fields = ((field.name, field.type) for field in msgspec.structs.fields(kind))
    return {name: of.__struct_fields__ for name, of in fields if isinstance(of, type) and issubclass(of, Frozen)}


def _way_to(kind: type[Record], name: str) -> str:
    """Return how a value is reached from its record: `token` is `file.token` where a record has it in its file."""
    if name in kind.__struct_fields__:
        return name
    return next((f"{field}.{name}" for field, inner in values_within(kind).items() if name in inner), name)


def _single(way: str) -> Callable[[Record], tuple[object, ...]]:
    read = attrgetter(way)
    return lambda record: (read(record),)


def _listed(read: Callable[[Record], tuple[object, ...]]) -> Callable[[Record], tuple[object, ...]]:
    """Return the same values, but each tuple of numbers as an array, which `json_each` reads."""
    return lambda record: tuple(str(list(each)) if isinstance(each, tuple) else each for each in read(record))


_records = load("records")
RECORDS: dict[type[Record], Statement] = {
    kind: _statement(getattr(_records, _snake(kind.__name__)).sql, kind)
    for kind in KINDS
    if kind.stored and kind is not Audited
}
"""The statement for each kind of record, by its name; an entry of the audit trail needs more (audit_chain.py)."""
ARCHIVE = load("archive")
CONVERSATIONS = load("conversations")
CONVERSED = _statement(CONVERSATIONS.conversed.sql, PrivateMessageAdded)
"""The second statement for a private message: it enters the lists of its two people."""
ERASING = load("erasing")
FILES = load("files")
MESSAGES = load("messages")
PERSONAL = load("personal")
PROFILES = load("profiles")
PURGING = load("purging")
REPORTS = load("reports")
RESUMING = load("resuming")
WORDS = load("words")
START = load("start")
EXPORTS = load("exports")
INSPECTION = load("inspection")
TRAIL = load("trail")
