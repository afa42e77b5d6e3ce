"""What is read from the database: messages, password hashes, the audit trail, exports. Runs in the readers' threads.

Knows connections, no pools and no Deferreds.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, TypeVar

import msgspec

from classcord.chat.messages.vocabulary import MessageAdded, PrivateMessageAdded
from classcord.chat.records import Record
from classcord.store.ports import AuditEntry
from classcord.store.sqlite import damaged_rows
from classcord.store.sqlite.statements import ARCHIVE, EXPORTS, TRAIL

M = TypeVar("M", MessageAdded, PrivateMessageAdded)


BESIDE = frozenset({*Record.__struct_fields__, "sent_to", "reply_to", "mentions", "author_role", "file"})
"""The fields of a message that are not in its row: actor and session, who was here, and what its Details have."""


def messages(connection: sqlite3.Connection, kind: type[M], sql: str, parameters: dict[str, object]) -> list[M]:
    """Return the messages that a statement finds."""
    names, decode = _columns_of(kind)
    text = _in_json(connection, sql, ", ".join(names).replace("message_id", "id"), parameters)
    try:
        return [kind(**dict(zip(names, row, strict=True))) for row in decode(text)]
    except msgspec.ValidationError as error:
        number = int(re.findall(r"\[(\d+)\]", str(error))[0])
        damaged_rows.refuse(error, "FROM messages", names, _decode(text)[number])


def together(
    connection: sqlite3.Connection, sql: str, columns: str, parameters: Mapping[str, object]
) -> list[list[Any]]:
    """Return the rows that a statement finds, handed over as one value.

    At each row that is asked for, Python's lock is given up and taken again: beside a busy reactor, whoever reads some
    hundred rows would spend most of the time with that.
    """
    return _decode(_in_json(connection, sql, columns, parameters))


def _in_json(connection: sqlite3.Connection, sql: str, columns: str, parameters: Mapping[str, object]) -> str:
    """Return the rows that a statement finds, as JSON; StoreError if one has bytes, which are no value of JSON."""
    try:
        return str(connection.execute(_in_one(sql, columns), parameters).fetchone()[0])
    except sqlite3.OperationalError as error:
        if "BLOB" in str(error):
            found = connection.execute(f"SELECT {columns} FROM ({_inner(sql)}\n)", parameters)  # noqa: S608 (our own)
            for row in found:
                if any(isinstance(value, bytes) for value in row):
                    damaged_rows.refuse(error, sql, columns.split(", "), row)
        raise


_decode = msgspec.json.Decoder(list[list[Any]]).decode


@cache
def _columns_of(kind: type[Any]) -> tuple[list[str], Callable[[str], list[Any]]]:
    """Return the columns of a kind of message, and what decodes their rows: each value has the type of its field."""
    fields = [field for field in msgspec.structs.fields(kind) if field.name not in BESIDE]
    types = tuple(field.type for field in fields)
    return [field.name for field in fields], msgspec.json.Decoder(list[tuple[types]]).decode  # type: ignore[valid-type]


@lru_cache(maxsize=64)
def _in_one(sql: str, columns: str) -> str:
    return f"SELECT json_group_array(json_array({columns})) FROM ({_inner(sql)}\n)"  # noqa: S608 (our own)


def _inner(sql: str) -> str:
    return sql.rstrip().rstrip(";")


def messages_backwards(
    connection: sqlite3.Connection, kind: type[M], sql: str, parameters: dict[str, object]
) -> list[M]:
    return messages(connection, kind, sql, parameters)[::-1]


def latest(connection: sqlite3.Connection, channels: Sequence[tuple[int, int]], limit: int) -> list[MessageAdded]:
    found: list[MessageAdded] = []
    for channel_id, up_to in channels:
        bounds: dict[str, object] = {"channel_id": channel_id, "before": up_to + 1, "limit": limit}
        found += messages(connection, MessageAdded, ARCHIVE.channel_before.sql, bounds)
    return sorted(found, key=lambda message: message.message_id)[-limit:] if limit else []


def password_hash(connection: sqlite3.Connection, name_key: str) -> str | None:
    digest = ARCHIVE.password_hash(connection, name_key=name_key)
    return None if digest is None else str(digest)


def came_in(connection: sqlite3.Connection, since: int, most: int) -> list[tuple[str, str, int]]:
    found = ARCHIVE.came_in(connection, since=since, most=most)
    last = {(address, name): at for address, name, at in found}
    return [(address, name, at) for (address, name), at in last.items()]


def entries(
    connection: sqlite3.Connection, limit: int, before_id: int, actor: str | None, action: str | None
) -> list[AuditEntry]:
    sql = _ENTRIES[actor is not None, action is not None].sql
    where = {"limit": limit, "before_id": before_id, "actor": actor, "action": action}
    names = AuditEntry.__struct_fields__
    return [AuditEntry(**dict(zip(names, row, strict=True))) for row in connection.execute(sql, where)][::-1]


# One statement for each combination of filters, so that each can use an index.
_ENTRIES = {
    (False, False): TRAIL.entries,
    (True, False): TRAIL.entries_of_actor,
    (False, True): TRAIL.entries_of_action,
    (True, True): TRAIL.entries_of_actor_and_action,
}


def rows(connection: sqlite3.Connection, what: str, after_id: int, limit: int) -> tuple[list[str], list[Sequence[Any]]]:
    cursor = connection.execute(getattr(EXPORTS, what).sql, {"after_id": after_id, "limit": limit})
    return [column[0] for column in cursor.description], cursor.fetchall()
