"""The answers to what a session missed, and which messages have changed meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from classcord.chat.messages.pages import that_fit
from classcord.chat.messages.vocabulary import Message, MessageAdded, PrivateMessageAdded, StoredById
from classcord.chat.resuming.vocabulary import ChangedMessage, ChangedSince, Missing, WhatWasMissed
from classcord.store.sqlite import reading
from classcord.store.sqlite.answers.details import details_of
from classcord.store.sqlite.answers.messages import stored_message
from classcord.store.sqlite.answers.registry import answers
from classcord.store.sqlite.statements import ARCHIVE, MESSAGES, RESUMING

LOOKED_THROUGH = 20_000  # messages of everybody among which a guest's private ones are looked for: some 5 ms


@answers
def missing(connection: sqlite3.Connection, question: Missing) -> WhatWasMissed:
    messages = _messages(connection, question)
    changes: tuple[ChangedMessage, ...] | None = ()
    if question.changed:
        since = ChangedSince(
            channels=question.channels, user_id=question.user_id, after=question.after, most=question.most
        )
        changes = changed_since(connection, since)
    if messages is None or changes is None:
        return WhatWasMissed(changes=changes)
    details = details_of(connection, [message.message_id for message in messages])
    return WhatWasMissed(messages=tuple(messages), details=details, changes=changes)


def _messages(connection: sqlite3.Connection, question: Missing) -> list[Message] | None:
    """Return the messages that were missed, by their ids; None if they are too many for one answer."""
    if question.user_id is None and question.named_up_to - question.named_after > LOOKED_THROUGH:
        return None
    found: list[Message] = []
    for part in _parts(connection, question):
        found += (message for message in part if message.message_id <= question.up_to)
        if len(found) > question.most:
            return None
    found.sort(key=lambda message: message.message_id)
    return found if that_fit(found) == len(found) else None


def _parts(
    connection: sqlite3.Connection, question: Missing
) -> Iterator[list[MessageAdded] | list[PrivateMessageAdded]]:
    """Yield what was said in each channel and in each conversation; of each, a message more than may be missing."""
    bounds: dict[str, object] = {"after": question.after, "limit": question.most + 1}
    for channel_id in question.channels:
        where = {**bounds, "channel_id": channel_id}
        yield reading.messages(connection, MessageAdded, ARCHIVE.channel_after.sql, where)
    if question.user_id is None:
        where = {
            "guest": question.guest,
            "after": question.named_after,
            "up_to": question.named_up_to,
            "limit": question.most + 1,
        }
        yield reading.messages(connection, PrivateMessageAdded, RESUMING.of_guest.sql, where)
        return
    mine = connection.execute(RESUMING.conversations.sql, {**bounds, "user_id": question.user_id})
    for (key,) in mine.fetchall():
        where = {**bounds, "conversation": key}
        yield reading.messages(connection, PrivateMessageAdded, ARCHIVE.conversation_after.sql, where)


@answers
def changed_since(connection: sqlite3.Connection, question: ChangedSince) -> tuple[ChangedMessage, ...] | None:
    where = {
        "after": question.after,
        "channels": f"[{','.join(map(str, question.channels))}]",
        "who": " " if question.user_id is None else f":{question.user_id}:",  # a space is in no key
        "most": question.most + 1,
    }
    words = {message_id for (message_id,) in connection.execute(MESSAGES.changed_since.sql, where)}
    marks = {message_id for (message_id,) in connection.execute(MESSAGES.marked_since.sql, where)}
    if len(words | marks) > question.most:
        return None
    found = []
    for message_id in sorted(words | marks):
        stored = stored_message(connection, StoredById(message_id=message_id))
        pinned = bool(MESSAGES.is_pinned(connection, message_id=message_id)) if message_id in marks else None
        if stored is not None:
            found.append(ChangedMessage(stored=stored, has_other_words=message_id in words, pinned=pinned))
    return tuple(found) if that_fit([each.stored.message for each in found]) == len(found) else None
