"""The index of the words of messages, for search: how it is filled, and how a place or an author stands in it.

A message is added to the index some time after it was stored, together with others: so it costs a group of commits
nothing, and a database of an earlier version is filled little by little. What the index lacks is looked through by the
search itself (answers/search.py). Runs in the writer's thread. Knows no query.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import msgspec

from classcord.chat.names import name_key
from classcord.chat.search.folding import folded
from classcord.store.ports import Obstacle
from classcord.store.sqlite.reading import together
from classcord.store.sqlite.statements import WORDS

BATCH = 500  # messages at a time, as many as a busy group has; one that comes meanwhile waits for some milliseconds
_INDEXED = "id, channel_id, conversation, author, content"
"""What the index needs of a message."""


def update(connection: sqlite3.Connection, obstacle: Obstacle = lambda: None) -> bool:
    """Bring the index up to date with up to BATCH messages: edited and deleted ones, new ones, then older ones.

    Return whether there may be more to do. Nothing is written while `obstacle` returns a reason.
    """
    first, last = WORDS.indexed(connection)
    outdated = _read(connection, WORDS.outdated.sql, limit=BATCH)
    newer = _read(connection, WORDS.newer.sql, last=last, limit=BATCH - len(outdated))
    older = _read(connection, WORDS.older.sql, first=first, limit=BATCH - len(outdated) - len(newer))
    count = len(outdated) + len(newer) + len(older)
    if not count:
        return False

    def work() -> None:
        if outdated:
            _renew(connection, outdated)
        WORDS.added(connection, entries=_entries([*older[::-1], *newer]))
        WORDS.noted(connection, first=older[-1][0] if older else first, last=newer[-1][0] if newer else last)

    return written(connection, work, obstacle) and count == BATCH


def is_outdated(connection: sqlite3.Connection) -> bool:
    """Whether words of edited or deleted messages are still in the index."""
    return bool(WORDS.is_outdated(connection))


def _renew(connection: sqlite3.Connection, outdated: list[list[Any]]) -> None:
    """Take edited and deleted messages out of the index, and add the edited ones as they are now."""
    WORDS.removed(connection, entries=_entries(outdated))
    last = outdated[-1][0]
    edited = _read(connection, WORDS.edited.sql, after=-1, before=last + 1, limit=-1)
    WORDS.added(connection, entries=_entries(edited[::-1]))
    WORDS.done(connection, last=last)
    WORDS.taken_out(connection, count=len(outdated))


def written(connection: sqlite3.Connection, work: Callable[[], None], obstacle: Obstacle) -> bool:
    """Change the index by `work`, in one transaction; return whether that was committed.

    It is rolled back if `obstacle` returns a reason.
    """
    with _unsynchronised(connection):
        connection.execute("BEGIN IMMEDIATE")
        try:
            work()
            is_free = obstacle() is None
            connection.execute("COMMIT" if is_free else "ROLLBACK")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    return is_free


@contextmanager
def _unsynchronised(connection: sqlite3.Connection) -> Iterator[None]:
    """Do not wait for the disk: what a power failure takes from the index is added again from the messages."""
    synchronous: int = connection.execute("PRAGMA synchronous").fetchone()[0]
    connection.execute(f"PRAGMA synchronous = {min(synchronous, 1)}")  # NORMAL: the file stays whole
    try:
        yield
    finally:
        connection.execute(f"PRAGMA synchronous = {synchronous}")


def _read(connection: sqlite3.Connection, query: str, **values: int) -> list[list[Any]]:
    return together(connection, query, _INDEXED, values)


def _entries(messages: Iterable[list[Any]]) -> str:
    """Return rows of the index as an array in JSON; a message without content has none, for it was deleted."""
    return msgspec.json.encode(
        [
            (message_id, folded(content), _places(channel_id, conversation, author))
            for message_id, channel_id, conversation, author, content in messages
            if content
        ]
    ).decode()


@lru_cache(maxsize=4096)
def _places(channel_id: int | None, conversation: str | None, author: str) -> str:
    """Return the words for where a message was said and by whom; most messages are said where others were."""
    if channel_id is not None:
        where = in_channel(channel_id)
    else:
        people = (f"{of_account(int(who))} " for who in (conversation or "").split(":") if who.isdecimal())
        where = "".join(people) + in_conversation(conversation or "")
    return f"{where} {by(name_key(author))}"


def in_channel(channel_id: int) -> str:
    """Return the word of the index for the messages of a channel."""
    return f"c{channel_id}"


def of_account(account_id: int) -> str:
    """Return the word for the private messages of an account: those that it wrote, and those to it."""
    return f"u{account_id}"


def in_conversation(key: str) -> str:
    """Return the word for the private messages of a conversation."""
    return f"p{key.encode('utf-8', 'surrogatepass').hex()}"


def by(author: str) -> str:
    """Return the word for the messages of an author, given by the name's key."""
    return f"n{author.encode('utf-8', 'surrogatepass').hex()}"
