"""Answers about single messages."""

from __future__ import annotations

import sqlite3

from classcord.chat.messages.vocabulary import Message, MessageAdded, MessageById, PrivateMessageAdded
from classcord.store.sqlite.answers.registry import answers
from classcord.store.sqlite.statements import MESSAGES


@answers
def message(connection: sqlite3.Connection, question: MessageById) -> Message | None:
    row = connection.execute(MESSAGES.message.sql, {"message_id": question.message_id}).fetchone()
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
