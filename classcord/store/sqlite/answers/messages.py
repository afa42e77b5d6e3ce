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
    message_id, at, channel_id, conversation, author, author_id, recipient, waiting_for, content = row
    if channel_id is not None:
        return MessageAdded(
            message_id=message_id,
            at=at,
            channel_id=channel_id,
            author=author,
            author_id=author_id,
            content=content,
        )
    return PrivateMessageAdded(
        message_id=message_id,
        at=at,
        conversation=conversation,
        author=author,
        author_id=author_id,
        recipient=recipient,
        waiting_for=waiting_for,
        content=content,
    )
