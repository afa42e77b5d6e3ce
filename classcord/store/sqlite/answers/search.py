"""The answer to a search: a page of the messages that have all terms, from the index and from what it lacks.

The newest RANKED matches are ranked, then the next ones: to rank all would take seconds for a word that is in every
message.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from heapq import merge
from itertools import islice
from math import inf
from typing import NamedTuple

import msgspec

from classcord.chat.messages.pages import that_fit
from classcord.chat.messages.vocabulary import DetailsOf, Message, MessageById
from classcord.chat.names import converses, name_key
from classcord.chat.search.folding import folded
from classcord.chat.search.ranking import score
from classcord.chat.search.terms import Term
from classcord.chat.search.vocabulary import Mark, MessagesMatching, Page, SearchTakesLong
from classcord.store.sqlite import word_index
from classcord.store.sqlite.answers.details import details
from classcord.store.sqlite.answers.messages import message
from classcord.store.sqlite.answers.registry import answers
from classcord.store.sqlite.reading import together
from classcord.store.sqlite.statements import WORDS

RANKED = 500  # matches that are ranked with each other
PATIENCE = 2.0  # seconds, after which a search is given up
STEPS = 10_000  # of SQLite's machine, from one look at the time to the next
MOST_UNINDEXED = 5_000  # messages that a search looks through without the index


MessageParts = tuple[int, "int | None", str, str, str]
"""A message's id, channel, conversation, author and content."""


class Match(NamedTuple):
    """A message that was found, and its folded text."""

    id: int
    text: str


@answers
def matching(connection: sqlite3.Connection, question: MessagesMatching) -> Page:
    deadline = time.monotonic() + PATIENCE
    connection.execute("BEGIN")  # index and messages as they are at one moment
    try:
        connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
        page = _page(connection, question)
        of = DetailsOf(message_ids=tuple(message.message_id for message in page.messages))
        return msgspec.structs.replace(page, details=details(connection, of))
    except sqlite3.OperationalError:
        if time.monotonic() > deadline:
            raise SearchTakesLong(retry_after=5) from None
        raise
    finally:
        connection.set_progress_handler(None, 0)
        connection.execute("ROLLBACK")  # it has only read


def _page(connection: sqlite3.Connection, question: MessagesMatching) -> Page:
    place = question.place
    if not question.terms or not (place.channels or place.conversation or place.account_id is not None):
        return Page(messages=(), following=None, details={})
    after, before = _between(connection, question)
    matches = _matches(connection, question, after, before)
    return (_ranked if question.ranked else _newest)(connection, question, matches, before)


def _ranked(connection: sqlite3.Connection, question: MessagesMatching, matches: Iterator[Match], before: int) -> Page:
    """Rank a set of matches, and return the part of it that was asked for."""
    found = list(islice(matches, RANKED + 1))
    ranked = sorted(found[:RANKED], key=lambda match: (-score(question.terms, match.text), -match.id))
    skip = question.mark.skip
    messages = _read(connection, ranked[skip : skip + question.limit])
    seen = skip + len(messages)
    if seen < len(ranked):
        return Page(messages=messages, following=Mark(before=before, skip=seen), details={})
    following = Mark(before=found[RANKED].id + 1) if len(found) > RANKED else None
    return Page(messages=messages, following=following, details={})


def _newest(connection: sqlite3.Connection, question: MessagesMatching, matches: Iterator[Match], _: int) -> Page:
    found = list(islice(matches, question.limit + 1))
    messages = _read(connection, found[: question.limit])
    following = Mark(before=messages[-1].message_id) if len(messages) < len(found) else None
    return Page(messages=messages, following=following, details={})


def _read(connection: sqlite3.Connection, found: Sequence[Match]) -> tuple[Message, ...]:
    """Return the messages that were found, as many of them as fit into one answer."""
    messages = [one for match in found if (one := message(connection, MessageById(message_id=match.id))) is not None]
    return tuple(messages[: that_fit(messages)])


def _matches(connection: sqlite3.Connection, question: MessagesMatching, after: int, before: int) -> Iterator[Match]:
    """Yield the messages that match, the newest first.

    The index only proposes: each message is looked at as it is now, and so are those that the index lacks.
    """
    _, last = WORDS.indexed(connection)
    at_once = RANKED + 1 if question.ranked else question.limit + 1
    read = partial(_rows, connection, at_once)
    newer = read(WORDS.unindexed.sql, MOST_UNINDEXED, after=max(after, last), before=before)
    yield from _that_match(question, newer)
    before = min(before, last + 1)
    edited = read(WORDS.edited.sql, MOST_UNINDEXED, after=after, before=before)
    proposed = read(WORDS.matching.sql, inf, after=after, before=before, expression=_expression(question))
    seen = None
    for match in merge(_that_match(question, edited), _that_match(question, proposed), key=lambda match: -match.id):
        if match.id != seen:  # an edited message may be proposed too
            yield match
        seen = match.id


def _rows(
    connection: sqlite3.Connection, at_once: int, sql: str, most: float, **where: int | str
) -> Iterator[MessageParts]:
    """Yield up to `most` of the messages that a statement finds, the newest first; so many are read at once."""
    while most > 0:
        limit = min(at_once, most)
        found = together(connection, sql, "id, channel_id, conversation, author, content", {**where, "limit": limit})
        yield from found  # type: ignore[misc]
        if len(found) < limit:
            return
        where["before"], most = found[-1][0], most - limit


def _that_match(question: MessagesMatching, rows: Iterable[MessageParts]) -> Iterator[Match]:
    """Yield the messages that match, by their own words and places."""
    place = question.place
    channels = frozenset(place.channels)
    for message_id, channel_id, conversation, author, content in rows:
        if channel_id is not None:
            here = channel_id in channels
        elif place.conversation is not None:
            here = conversation == place.conversation
        else:
            here = place.account_id is not None and converses(place.account_id, conversation)
        if here and (question.author is None or name_key(author) == question.author):
            text = folded(content)
            if all(term.is_in(f" {text} ") for term in question.terms):
                yield Match(message_id, text)


def _expression(question: MessagesMatching) -> str:
    """Return what is asked in FTS5's syntax; folded words contain nothing that has a meaning there."""
    place = question.place
    places = [word_index.in_channel(channel_id) for channel_id in place.channels]
    if place.account_id is not None:
        places.append(word_index.of_account(place.account_id))
    if place.conversation is not None:
        places.append(word_index.in_conversation(place.conversation))
    parts = [
        f"words : ({' AND '.join(map(_term, question.terms))})",
        f"places : ({' OR '.join(places)})",
    ]
    if question.author is not None:
        parts.append(f"places : {word_index.by(question.author)}")
    return " AND ".join(parts)


def _term(term: Term) -> str:
    return f'"{term.words}" *' if term.begins else f'"{term.words}"'


def _between(connection: sqlite3.Connection, question: MessagesMatching) -> tuple[int, int]:
    """Return the ids between which the messages lie, both excluded."""
    after, before = question.after, question.mark.before
    if question.since is not None:
        after = max(after, _first_since(connection, question.since) - 1)
    if question.until is not None:
        before = min(before, _first_since(connection, question.until))
    return after, before


def _first_since(connection: sqlite3.Connection, moment: int) -> int:
    """Return the id from which on messages were said at `moment` or later: times grow with ids, as clocks do."""
    low, high = 1, WORDS.last_id(connection) + 1
    while low < high:
        middle = (low + high) // 2
        found = WORDS.next_time(connection, message_id=middle)
        if found is None or found[1] >= moment:
            high = middle
        else:
            low = int(found[0]) + 1
    return low
