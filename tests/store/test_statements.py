"""The SQL of queries/ and the records belong together, one statement to each."""

from __future__ import annotations

import pytest

from classcord.chat.audit.vocabulary import Audited
from classcord.chat.messages.vocabulary import MessageAdded, PrivateMessageAdded
from classcord.chat.records import Record
from classcord.chat.requests import subclasses
from classcord.store.sqlite.reading import BESIDE
from classcord.store.sqlite.statements import ARCHIVE, RECORDS, load
from tests.store.examples import HISTORY


def named(queries: object) -> set[str]:
    """Return the names of the statements in a loaded file."""
    available: list[str] = queries.available_queries  # type: ignore[attr-defined]
    return {name for name in available if not name.endswith("_cursor")}


def test_each_record_has_its_statement() -> None:
    """Every stored record but the audit trail's has a statement, and no statement is without its record."""
    assert set(RECORDS) == {kind for kind in subclasses(Record) if kind.stored} - {Audited}
    assert len(named(load("records"))) == len(RECORDS)


@pytest.mark.parametrize(
    "record",
    {type(r): r for c in HISTORY for r in c.records if type(r) in RECORDS}.values(),
    ids=lambda r: type(r).__name__,
)
def test_values_fill_the_statement(record: Record) -> None:
    """A statement has as many places as its record gives values, and names no parameter any more."""
    statement = RECORDS[type(record)]
    assert statement.sql.count("?") == len(statement.values(record))
    assert ":" not in statement.sql


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (MessageAdded, ("channel_before", "channel_after")),
        (PrivateMessageAdded, ("conversation_before", "conversation_after", "kept")),
    ],
)
def test_columns_are_the_fields(kind: type[Record], names: tuple[str, ...]) -> None:
    """What is read of messages are the fields of their records, in the fields' order."""
    own = [name for name in kind.__struct_fields__ if name not in BESIDE]
    fields = ", ".join("id" if name == "message_id" else name for name in own)
    for name in names:
        assert getattr(ARCHIVE, name).sql.partition("FROM")[0].strip() == f"SELECT {fields}"
