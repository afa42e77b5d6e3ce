"""Answers about single messages."""

from __future__ import annotations

import sqlite3

import msgspec

from classcord.chat.messages.vocabulary import (
    NO_DETAILS,
    Message,
    MessageAdded,
    MessageById,
    PrivateMessageAdded,
    StoredById,
    StoredMessage,
)
from classcord.chat.revisions.vocabulary import EarlierText, StoredVersions, VersionsOf
from classcord.store.sqlite import damaged_rows
from classcord.store.sqlite.answers.details import details_of
from classcord.store.sqlite.answers.registry import answers
from classcord.store.sqlite.statements import MESSAGES


@answers
def message(connection: sqlite3.Connection, question: MessageById) -> Message | None:
    return _message(connection, question.message_id)


@answers
def stored_message(connection: sqlite3.Connection, question: StoredById) -> StoredMessage | None:
    found = _message(connection, question.message_id)
    if found is None:
        return None
    details = details_of(connection, (found.message_id,)).get(found.message_id, NO_DETAILS)
    if details.content is not None:
        found = msgspec.structs.replace(found, content=details.content)
    return StoredMessage(message=found, details=details)


@answers
def versions(connection: sqlite3.Connection, question: VersionsOf) -> StoredVersions | None:
    stored = stored_message(connection, StoredById(message_id=question.message_id))
    if stored is None:
        return None
    before = connection.execute(MESSAGES.versions.sql, {"message_id": question.message_id})
    return StoredVersions(stored=stored, before=tuple(EarlierText(at=at, content=content) for at, content in before))


def _message(connection: sqlite3.Connection, message_id: int) -> Message | None:
    row = connection.execute(MESSAGES.message.sql, {"message_id": message_id}).fetchone()
    if row is None:
        return None
    kind: type[Message] = PrivateMessageAdded if row[_COLUMNS.index("channel_id")] is None else MessageAdded
    values = dict(zip(_COLUMNS, row, strict=True))
    try:
        return msgspec.convert({name: values[name] for name in _COLUMNS if name in kind.__struct_fields__}, kind)
    except msgspec.ValidationError as error:
        damaged_rows.refuse(error, "FROM messages", _COLUMNS, row)


_COLUMNS = (
    "message_id",
    "at",
    "channel_id",
    "conversation",
    "author",
    "author_id",
    "recipient",
    "waiting_for",
    "content",
)
"""The columns of the statement, as the fields of messages are called."""
