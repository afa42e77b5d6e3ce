"""Answers about conversations: which an account has, how far they are read, what is unread.

What is unread is counted in the indexes: the rows of a conversation lie all over the file, and to read a thousand of
them takes a hundred times as long.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import msgspec

from classcord.chat.conversations.vocabulary import (
    MOST_COUNTED,
    MOST_MENTIONS,
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
MOST_OWN = 200  # own messages that are looked at: each is a row somewhere in the file
_FOREVER = 2**53  # higher than every id


@answers
def conversations(connection: sqlite3.Connection, question: ConversationsOf) -> ConversationsPage:
    """Return a page: what has messages, in the order of the newest ones; on the last page, channels without any."""
    before = _FOREVER if question.before is None else question.before
    heard, silent = _channels(connection, question, before)
    private = _private(connection, question, before)
    listed = sorted((*heard, *private), key=lambda each: each.newest, reverse=True)
    page = [*islice(listed, question.limit)]
    if question.whole:
        page = _with_messages(connection, page)
    if question.user_id is not None:
        page = _with_counts(connection, question.user_id, page)
    more = len(page) < len(listed)
    return ConversationsPage(conversations=(*page, *(() if more else silent)), more=more)


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


def _with_messages(connection: sqlite3.Connection, listed: list[StoredConversation]) -> list[StoredConversation]:
    """Return those conversations whose newest messages have room in one answer, with these messages."""
    known = details(connection, DetailsOf(message_ids=tuple(each.newest for each in listed)))
    found: list[StoredConversation] = []
    room = ROOM
    for each in listed:
        newest = message(connection, MessageById(message_id=each.newest))
        room -= len(newest.content) if newest is not None else 0
        if room < 0 and found:
            break
        about = known.get(each.newest, NO_DETAILS)
        found.append(msgspec.structs.replace(each, message=newest, details=about))
    return found


# -- what is unread ---------------------------------------------------------------------------------------------------


def _with_counts(
    connection: sqlite3.Connection, user_id: int, listed: list[StoredConversation]
) -> list[StoredConversation]:
    """Return the conversations with what an account has read of them, and what not."""
    channels = [each.channel_id for each in listed if each.channel_id is not None]
    markers = {channel_id: _channel_marker(connection, user_id, channel_id) for channel_id in channels}
    written = _written(connection, user_id, min(markers.values(), default=_FOREVER))
    found = []
    for each in listed:
        if each.channel_id is not None:
            last_read, unread = _of_channel(connection, user_id, each, markers[each.channel_id], written)
        else:
            last_read = each.last_read
            unread, _ = _since(connection, last_read, each)
        found.append(msgspec.structs.replace(each, last_read=last_read, unread=unread))
    return _with_mentions(connection, user_id, found)


class _Written(NamedTuple):
    """An account's newest own message in each channel, as far as its newest messages go: those after `since`."""

    newest: dict[int | None, int]
    since: int


def _written(connection: sqlite3.Connection, user_id: int, after: int) -> _Written:
    asked = {"user_id": user_id, "after": after, "limit": MOST_OWN}
    rows = connection.execute(CONVERSATIONS.own_messages.sql, asked).fetchall()
    newest: dict[int | None, int] = {}
    for message_id, channel_id in rows:
        newest.setdefault(channel_id, message_id)
    return _Written(newest, rows[-1][0] if len(rows) == MOST_OWN else after)


def _of_channel(
    connection: sqlite3.Connection, user_id: int, channel: StoredConversation, marker: int, written: _Written
) -> tuple[int, int]:
    """Return up to where an account has read a channel, and how many messages are unread.

    Whoever writes has read what came before. Rarely, somebody's own newest message in a channel is older than many
    messages of theirs elsewhere: then it is looked for among the messages that would count.
    """
    last_read = max(marker, written.newest.get(channel.channel_id, 0))
    unread, oldest = _since(connection, last_read, channel)
    if unread and last_read == marker and oldest < written.since:
        where = {"channel_id": channel.channel_id, "user_id": user_id, "after": oldest, "before": written.since}
        own = CONVERSATIONS.own_in_channel(connection, **where)
        if own is not None:
            return own, _since(connection, own, channel)[0]
    return last_read, unread


def _since(connection: sqlite3.Connection, after: int, of: StoredConversation) -> tuple[int, int]:
    """Return how many messages are newer than an id, up to a number, and an id below which none of these is."""
    where: dict[str, int | str | None] = {"after": after}
    if of.channel_id is not None:
        many, count = CONVERSATIONS.many_in_channel, CONVERSATIONS.count_in_channel
        where["channel_id"] = of.channel_id
    else:
        many, count = CONVERSATIONS.many_in_private, CONVERSATIONS.count_in_private
        where["conversation"] = of.conversation
    last = many(connection, **where, others=MOST_COUNTED - 1)
    return (MOST_COUNTED, last - 1) if last is not None else (count(connection, **where, newest=of.newest), after)


def _with_mentions(
    connection: sqlite3.Connection, user_id: int, found: list[StoredConversation]
) -> list[StoredConversation]:
    """Return the conversations with the number of messages that mention the account, and which it has not read so."""
    last_read = {each.channel_id or each.conversation: each.last_read for each in found}
    after = min((each.last_read for each in found if each.unread), default=_FOREVER)
    counted: Counter[int | str | None] = Counter()
    asked = {"user_id": user_id, "after": after, "limit": MOST_MENTIONS}
    for message_id, channel_id, conversation in connection.execute(CONVERSATIONS.mentions.sql, asked):
        where = channel_id or conversation
        counted[where] += where in last_read and message_id > last_read[where]
    for message_id, channel_id, conversation in _by_edit(connection, user_id):
        where = channel_id or conversation
        counted[where] += where in last_read and message_id <= last_read[where]
    return [msgspec.structs.replace(each, mentions=counted[each.channel_id or each.conversation]) for each in found]


def _by_edit(connection: sqlite3.Connection, user_id: int) -> list[tuple[int, int | None, str | None]]:
    asked = {"user_id": user_id, "limit": MOST_MENTIONS}
    return connection.execute(CONVERSATIONS.mentions_by_edit.sql, asked).fetchall()


def _channel_marker(connection: sqlite3.Connection, user_id: int, channel_id: int | None) -> int:
    asked = {"channel_id": channel_id, "user_id": user_id}
    row = connection.execute(CONVERSATIONS.channel_marker.sql, asked).fetchone()
    return int(row[0]) if row is not None else 0


@answers
def marker(connection: sqlite3.Connection, question: MarkerOf) -> Marker:
    anew = _by_edit(connection, question.user_id)
    mentioned = any(
        (channel, conversation) == (question.channel_id, question.conversation) for _, channel, conversation in anew
    )
    if question.conversation is not None:
        asked = {"user_id": question.user_id, "conversation": question.conversation}
        row = connection.execute(CONVERSATIONS.private_marker.sql, asked).fetchone()
        last_read, newest = row if row is not None else (0, 0)
    else:
        row = connection.execute(CONVERSATIONS.newest_of_channel.sql, {"channel_id": question.channel_id}).fetchone()
        last_read = _channel_marker(connection, question.user_id, question.channel_id)
        newest = row[0] if row is not None else 0
    return Marker(last_read=last_read, newest=newest, mentioned=mentioned)
