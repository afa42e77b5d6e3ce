"""Answers about pinned messages."""

from __future__ import annotations

import sqlite3

from classcord.chat.messages.vocabulary import MessageById, StoredById, StoredMessage
from classcord.chat.pins.vocabulary import PinOf, PinsIn, PinState
from classcord.store.sqlite.answers.messages import message, stored_message
from classcord.store.sqlite.answers.registry import answers
from classcord.store.sqlite.statements import MESSAGES

_FOREVER = 2**63 - 1


@answers
def pin_state(connection: sqlite3.Connection, question: PinOf) -> PinState:
    found = message(connection, MessageById(message_id=question.message_id))
    if found is None:
        return PinState(message=None)
    about = {"message_id": question.message_id}
    is_pinned, of_channel, of_conversation = connection.execute(MESSAGES.pin_state.sql, about).fetchone()
    return PinState(
        message=found,
        is_deleted=bool(MESSAGES.is_deleted(connection, message_id=question.message_id)),
        is_pinned=bool(is_pinned),
        pins=of_channel + of_conversation,
    )


@answers
def pins(connection: sqlite3.Connection, question: PinsIn) -> tuple[StoredMessage, ...]:
    before = _FOREVER if question.before is None else question.before
    sql = MESSAGES.pins_of_channel.sql if question.conversation is None else MESSAGES.pins_of_conversation.sql
    where = {"channel_id": question.channel_id, "conversation": question.conversation, "before": before}
    ids = [message_id for (message_id,) in connection.execute(sql, where)]
    found = (stored_message(connection, StoredById(message_id=each)) for each in ids)
    return tuple(each for each in found if each is not None)
