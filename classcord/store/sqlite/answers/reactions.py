"""Answers about reactions to messages."""

from __future__ import annotations

import sqlite3

from classcord.chat.messages.vocabulary import MessageById
from classcord.chat.reactions.vocabulary import ReactedTo, ReactionsTo
from classcord.store.sqlite.answers.messages import message
from classcord.store.sqlite.answers.registry import answers
from classcord.store.sqlite.statements import MESSAGES


@answers
def reactions(connection: sqlite3.Connection, question: ReactionsTo) -> ReactedTo:
    found = message(connection, MessageById(message_id=question.message_id))
    rows = MESSAGES.reactions_with_own(connection, message_id=question.message_id, who=question.who)
    emoji = [(each, own) for each, own in rows]
    return ReactedTo(
        message=found,
        is_deleted=bool(MESSAGES.is_deleted(connection, message_id=question.message_id)),
        emoji=tuple(each for each, _ in emoji),
        own=tuple(each for each, own in emoji if own),
    )
