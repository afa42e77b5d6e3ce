"""The SQL of queries/, loaded once. Knows names, no tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import resources
from operator import attrgetter
from typing import Any, NamedTuple

import aiosql

from classcord.chat.audit.vocabulary import Audited
from classcord.chat.records import Record
from classcord.chat.requests import subclasses


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


def _statement(named: str) -> Statement:
    """Return a statement with numbered parameters instead of named ones; SQLite binds them in half the time."""
    names = re.findall(r":(\w+)", named)
    return Statement(re.sub(r":\w+", "?", named), attrgetter(*names) if len(names) > 1 else _single(names[0]))


def _single(name: str) -> Callable[[Record], tuple[object, ...]]:
    return lambda record: (getattr(record, name),)


_records = load("records")
RECORDS: dict[type[Record], Statement] = {
    kind: _statement(getattr(_records, _snake(kind.__name__)).sql)
    for kind in subclasses(Record)
    if kind.stored and kind is not Audited
}
"""The statement for each kind of record, by its name; an entry of the audit trail needs more (audit_chain.py)."""
ARCHIVE = load("archive")
CONVERSATIONS = load("conversations")
CONVERSED = _statement(CONVERSATIONS.conversed.sql)
"""The second statement for a private message: it enters the lists of its two people."""
MESSAGES = load("messages")
RESUMING = load("resuming")
WORDS = load("words")
START = load("start")
EXPORTS = load("exports")
INSPECTION = load("inspection")
TRAIL = load("trail")
