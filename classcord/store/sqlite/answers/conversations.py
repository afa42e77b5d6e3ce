"""Answers about conversations: which an account has, how far they are read, what is unread."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from itertools import islice

import msgspec

from classcord.chat.conversations.vocabulary import (
    MOST_COUNTED,
    ConversationsOf,
    ConversationsPage,
    Marker,
    MarkerOf,
    StoredConversation,
)
from classcord.chat.messages.vocabulary import NO_DETAILS, DetailsOf, MessageById
from classcord.store.sqlite.answers.details import details
from classcord.store.sqlite.answers.messages import message
from classcord.store.sqlite.answers.registry import answers
from classcord.store.sqlite.statements import CONVERSATIONS

ROOM = 150_000  # characters of the newest messages in one page, six bytes each at the most; the rest is the next page
_FOREVER = 2**53  # higher than every id


@answers
def conversations(connection: sqlite3.Connection, question: ConversationsOf) -> ConversationsPage:
    """Return a page: what has messages, in the order of the newest ones; on the last page, channels without any."""
    before = _FOREVER if question.before is None else question.before
    heard, silent = _channels(connection, question, before)
    private = _private(connection, question, before)
    listed = sorted((*heard, *private), key=lambda each: each.newest, reverse=True)
    found: list[StoredConversation] = []
    room = ROOM
    for each in islice(listed, question.limit):
        counted = _counted(connection, question, each)
        room -= len(counted.message.content) if counted.message is not None else 0
        if room < 0 and found:
            break
        found.append(counted)
    more = len(found) < len(listed)
    found = _with_mentions(connection, question, found)
    if question.whole:
        known = details(connection, DetailsOf(message_ids=tuple(each.newest for each in found)))
        found = [msgspec.structs.replace(each, details=known.get(each.newest, NO_DETAILS)) for each in found]
    return ConversationsPage(conversations=(*found, *(() if more else silent)), more=more)


def _channels(
    connection: sqlite3.Connection, question: ConversationsOf, before: int
) -> tuple[list[StoredConversation], list[StoredConversation]]:
    """Return the channels whose newest message is older than an id, and those without a message."""
    heard, silent = [], []
    for channel_id in question.channels:
        row = connection.execute(CONVERSATIONS.newest_of_channel.sql, {"channel_id": channel_id}).fetchone()
        newest = row[0] if row is not None else 0
        found = StoredConversation(channel_id=channel_id, newest=newest, last_read=0, unread=0)
        if not newest:
            silent.append(found)
        elif newest < before:
            heard.append(found)
    return heard, silent


def _private(connection: sqlite3.Connection, question: ConversationsOf, before: int) -> Iterator[StoredConversation]:
    if question.user_id is None:
        return
    asked = {"user_id": question.user_id, "before": before, "limit": question.limit + 1}
    for key, other, newest, read_up_to in connection.execute(CONVERSATIONS.private.sql, asked):
        yield StoredConversation(conversation=key, other=other, newest=newest, last_read=read_up_to, unread=0)


def _counted(
    connection: sqlite3.Connection, question: ConversationsOf, found: StoredConversation
) -> StoredConversation:
    """Return a conversation with its read marker, what is unread, and the newest message if it is wanted."""
    last_read, unread = found.last_read, 0
    where: dict[str, str | int | None]
    if question.user_id is not None:
        if found.conversation is not None:
            sql, where = CONVERSATIONS.since_in_private.sql, {"conversation": found.conversation}
        else:
            sql, where = CONVERSATIONS.since_in_channel.sql, {"channel_id": found.channel_id}
            last_read = _channel_marker(connection, question.user_id, found.channel_id)
        rows = connection.execute(sql, {**where, "after": last_read, "limit": MOST_COUNTED})
        for message_id, author_id in rows:
            if author_id == question.user_id:  # whoever writes has read what came before
                last_read = message_id
                break
            unread += 1
    newest = message(connection, MessageById(message_id=found.newest)) if question.whole else None
    return msgspec.structs.replace(found, last_read=last_read, unread=unread, message=newest)


def _with_mentions(
    connection: sqlite3.Connection, question: ConversationsOf, found: list[StoredConversation]
) -> list[StoredConversation]:
    """Return the conversations with the number of unread messages that mention the account."""
    unread = {each.channel_id or each.conversation: each.last_read for each in found if each.unread}
    if not unread:
        return found
    asked = {"user_id": question.user_id, "after": min(unread.values()), "limit": MOST_COUNTED}
    counted: Counter[int | str | None] = Counter()
    for message_id, channel_id, conversation in connection.execute(CONVERSATIONS.mentions.sql, asked):
        where = channel_id or conversation
        counted[where] += where in unread and message_id > unread[where]
    return [msgspec.structs.replace(each, mentions=counted[each.channel_id or each.conversation]) for each in found]


def _channel_marker(connection: sqlite3.Connection, user_id: int, channel_id: int | None) -> int:
    asked = {"channel_id": channel_id, "user_id": user_id}
    row = connection.execute(CONVERSATIONS.channel_marker.sql, asked).fetchone()
    return int(row[0]) if row is not None else 0


@answers
def marker(connection: sqlite3.Connection, question: MarkerOf) -> Marker:
    if question.conversation is not None:
        asked = {"user_id": question.user_id, "conversation": question.conversation}
        row = connection.execute(CONVERSATIONS.private_marker.sql, asked).fetchone()
        return Marker(last_read=row[0], newest=row[1]) if row is not None else Marker(last_read=0, newest=0)
    row = connection.execute(CONVERSATIONS.newest_of_channel.sql, {"channel_id": question.channel_id}).fetchone()
    last_read = _channel_marker(connection, question.user_id, question.channel_id)
    return Marker(last_read=last_read, newest=row[0] if row is not None else 0)
