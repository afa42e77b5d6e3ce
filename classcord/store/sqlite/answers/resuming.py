"""The answer to what a session missed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from classcord.chat.messages.vocabulary import Message, MessageAdded, PrivateMessageAdded
from classcord.chat.resuming.vocabulary import Missing
from classcord.store.sqlite import reading
from classcord.store.sqlite.answers.registry import answers
from classcord.store.sqlite.statements import ARCHIVE, RESUMING

LOOKED_THROUGH = 20_000  # messages of everybody among which a guest's private ones are looked for: some 5 ms


@answers
def missing(connection: sqlite3.Connection, question: Missing) -> list[Message] | None:
    if question.user_id is None and question.named_up_to - question.named_after > LOOKED_THROUGH:
        return None
    found: list[Message] = []
    for part in _parts(connection, question):
        found += (message for message in part if message.message_id <= question.up_to)
        if len(found) > question.most:
            return None
    return sorted(found, key=lambda message: message.message_id)


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
