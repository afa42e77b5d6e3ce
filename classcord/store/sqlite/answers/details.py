"""The details of stored messages: what lies in tables of its own, because only some messages have it.

A part is a function that reads one table for all messages of the question. To tell something more of stored messages,
add a field to Details, a part here with its query, and the field to `said` (chat/messages/telling.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from classcord.chat.messages.vocabulary import Details, DetailsOf, Tally
from classcord.store.sqlite.answers.files import stored_file
from classcord.store.sqlite.answers.registry import answers
from classcord.store.sqlite.statements import FILES, MESSAGES

Part = Iterator[tuple[int, dict[str, Any]]]
"""The ids of those messages that have something to tell, each with fields of its Details."""


@answers
def details(connection: sqlite3.Connection, question: DetailsOf) -> dict[int, Details]:
    return details_of(connection, question.message_ids)


def details_of(connection: sqlite3.Connection, message_ids: Iterable[int]) -> dict[int, Details]:
    """Return the details of those messages that have any."""
    ids = {"message_ids": f"[{','.join(map(str, message_ids))}]"}
    found: dict[int, dict[str, Any]] = {}
    for part in _PARTS:
        for message_id, fields in part(connection, ids):
            found.setdefault(message_id, {}).update(fields)
    return {message_id: Details(**fields) for message_id, fields in found.items()}


def _replies(connection: sqlite3.Connection, ids: dict[str, str]) -> Part:
    for message_id, reply_to in connection.execute(MESSAGES.replies.sql, ids):
        yield message_id, {"reply_to": reply_to}


def _mentions(connection: sqlite3.Connection, ids: dict[str, str]) -> Part:
    names: dict[int, list[str]] = {}
    for message_id, name in connection.execute(MESSAGES.mentions.sql, ids):
        names.setdefault(message_id, []).append(name)
    for message_id, found in names.items():
        yield message_id, {"mentions": tuple(found)}


def _changes(connection: sqlite3.Connection, ids: dict[str, str]) -> Part:
    for message_id, edited_at, edits, content, deleted_at, deleted_by, sealed in connection.execute(
        MESSAGES.changes.sql, ids
    ):
        changes = {"edited_at": edited_at, "edits": edits, "content": content, "sealed": bool(sealed)}
        yield message_id, {**changes, "deleted_at": deleted_at, "deleted_by": deleted_by}


def _author_roles(connection: sqlite3.Connection, ids: dict[str, str]) -> Part:
    for message_id, role in connection.execute(MESSAGES.author_roles.sql, ids):
        yield message_id, {"author_role": role}


def _authors_gone(connection: sqlite3.Connection, ids: dict[str, str]) -> Part:
    for (message_id,) in connection.execute(MESSAGES.authors_gone.sql, ids):
        yield message_id, {"author_gone": True}


def _files(connection: sqlite3.Connection, ids: dict[str, str]) -> Part:
    for message_id, *row in connection.execute(FILES.of_messages.sql, ids):
        yield message_id, {"file": stored_file(*row)}


def _reactions(connection: sqlite3.Connection, ids: dict[str, str]) -> Part:
    tallies: dict[int, list[tuple[int, str, int]]] = {}
    for number, message_id, emoji, people in connection.execute(MESSAGES.tallies.sql, ids):
        tallies.setdefault(message_id, []).append((number, emoji, people))
    for message_id, found in tallies.items():
        yield message_id, {"reactions": tuple(_tallies(connection, message_id, sorted(found)))}


NAMED = 10  # people with one emoji
MOST_NAMED = 50  # people with all emoji to one message together


def _tallies(connection: sqlite3.Connection, message_id: int, tallies: list[tuple[int, str, int]]) -> Iterator[Tally]:
    room = MOST_NAMED
    for _, emoji, people in tallies:
        about = {"message_id": message_id, "emoji": emoji, "most": min(NAMED, room)}
        names = tuple(name for (name,) in connection.execute(MESSAGES.reacting.sql, about))
        room -= len(names)
        yield Tally(emoji=emoji, people=people, names=names)


_PARTS: tuple[Callable[[sqlite3.Connection, dict[str, str]], Part], ...] = (
    _replies,
    _mentions,
    _changes,
    _author_roles,
    _authors_gone,
    _reactions,
    _files,
)
