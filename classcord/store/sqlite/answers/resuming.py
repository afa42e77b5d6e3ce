"""The answer to what a session missed."""

from __future__ import annotations

import sqlite3

from classcord.chat.messages.vocabulary import Message, MessageAdded, PrivateMessageAdded
from classcord.chat.resuming.vocabulary import Missing
from classcord.store.sqlite import reading
from classcord.store.sqlite.answers.registry import answers
from classcord.store.sqlite.statements import ARCHIVE, RESUMING

LOOKED_THROUGH = 20_000  # messages of everybody among which a person's private ones are looked for: some 5 ms


@answers
def missing(connection: sqlite3.Connection, question: Missing) -> list[Message] | None:
    if question.private_up_to - question.private_after > LOOKED_THROUGH:
        return None
    limit = question.most + 1
    where: dict[str, object] = {
        "who": question.who,
        "after": question.private_after,
        "up_to": question.private_up_to,
        "limit": limit,
    }
    found: list[Message] = [*reading.messages(connection, PrivateMessageAdded, RESUMING.private_messages.sql, where)]
    for channel_id in question.channels:
        if len(found) > question.most:
            return None
        where = {"channel_id": channel_id, "after": question.after, "limit": limit}
        after = reading.messages(connection, MessageAdded, ARCHIVE.channel_after.sql, where)
        found += (message for message in after if message.message_id <= question.up_to)
    if len(found) > question.most:
        return None
    return sorted(found, key=lambda message: message.message_id)
