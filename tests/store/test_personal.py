"""Everything that is kept about one person, as the store tells it: all of it, page by page, and nothing of others."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

import msgspec
import pytest

from classcord.chat.channel_moderators.vocabulary import ModeratorNamed
from classcord.chat.held_messages.vocabulary import HeldFile
from classcord.chat.privacy.vocabulary import DataKept, DataOf
from classcord.store.sqlite.answers import answer
from classcord.store.sqlite.answers.personal import KINDS, MOST, ROOM
from classcord.store.sqlite.in_memory import MemoryConnection
from classcord.store.sqlite.writing import write_group
from tests.chat.files import a_file
from tests.store.examples import AT, closed, commit, copied, held, reported, said
from tests.store.test_erasing import EVERYWHERE

SINCE = (
    commit(ModeratorNamed(channel_id=2, user_id=2, at=AT)),
    commit(
        held(1, channel_id=2),
        HeldFile(held_id=1, file=a_file("x", name="a.png")),
    ),
    commit(held(2, conversation="1:2", recipient="Zoé", content="à toi", why="quiet_hours", until=AT)),
    commit(held(3, channel_id=2, author="Zoé", author_id=1, owner="1", content="celui de Zoé")),
    commit(reported(1, reason="il insulte", author="Léa", author_id=3), copied(1), closed(1)),
    commit(reported(2, reporter="Zoé", reporter_key="1", reporter_id=1, author="Bob", author_id=2, reason="zq")),
)
HELD = [("may I?", "#dev", None, "hold"), ("à toi", None, "Zoé", "quiet_hours")]
REPORTS = [("Léa", "#dev", "il insulte", "acted")]
BOB = DataOf(user_id=2, name="Bob", name_key="bob")


@pytest.fixture
def store() -> Iterator[sqlite3.Connection]:
    memory = MemoryConnection()
    assert write_group(memory.connection, [*EVERYWHERE, *SINCE]) == {}
    yield memory.connection
    memory.close()


def pages(store: sqlite3.Connection, question: DataOf = BOB) -> list[tuple[DataKept, ...]]:
    found = []
    while True:
        part = answer(store, question)
        found.append(part.kept)
        if part.after is None:
            return found
        question = msgspec.structs.replace(question, kind=part.kind, after=part.after)
        assert len(found) < 100


def everything(store: sqlite3.Connection, question: DataOf = BOB) -> dict[str, list[dict[str, object]]]:
    told: dict[str, list[dict[str, object]]] = {}
    for kept in pages(store, question):
        for each in kept:
            told.setdefault(each.kind, []).append(json.loads(each.data))
    return told


def test_each_kind_is_told(store: sqlite3.Connection) -> None:
    """Bob is everywhere, so each kind has something of his; messages with what they said before."""
    told = everything(store)
    assert set(told) == set(KINDS)
    assert told["profile"] == [
        {
            "name": "Bob",
            "role": "member",
            "alias": "Bobby",
            "first_name": "Bobert",
            "last_name": "Bobson",
            "email": "bob@example.org",
            "status_text": None,
        }
    ]
    assert [(each["content"], each["before"]) for each in told["messages"][:2]] == [
        ("le mot de Bob", []),
        ("après", ["avant"]),
    ]
    assert told["memberships"] == told["moderates"] == [{"channel": "#dev"}]
    assert [(row["content"], row["channel"], row["to"], row["why"]) for row in told["held"]] == HELD
    assert [(row["author"], row["channel"], row["reason"], row["outcome"]) for row in told["reports"]] == REPORTS
    assert told["connections"][0]["address"] == "10.0.0.77"
    assert [each["action"] for each in told["acts"]] == ["role-changed"]
    assert len(told["about"]) == 2


def test_nothing_of_others_is_told(store: sqlite3.Connection) -> None:
    """Not what they wrote, nor who sanctioned him, nor their addresses; no digest of a password, and no token."""
    text = "".join(each.data for kept in pages(store) for each in kept)
    for word in ('psst", "to": "Bob', '10.0.0.1"', "digest", "à ôter", "SHA256", "celui de Zoé", "zq", "aïe"):
        assert word not in text
    assert not any("by" in row or "actor" in row for rows in everything(store).values() for row in rows)


def test_who_has_nothing_is_told_the_account(store: sqlite3.Connection) -> None:
    """And an account that is gone has not even that."""
    assert set(everything(store, DataOf(user_id=99, name="x", name_key="x"))) == set()


def test_pages_are_bounded_and_whole(store: sqlite3.Connection) -> None:
    """By their rows, and by what is in them; together they have each message once."""
    write_group(store, [commit(*(said(n, author="Bob", author_id=2) for n in range(100, 100 + 2 * MOST + 5)))])
    write_group(store, [commit(*(said(n, "x" * 10_000, author="Bob", author_id=2) for n in range(1_000, 1_050)))])
    found = pages(store)
    assert max(map(len, found)) == MOST
    assert max(sum(len(each.data) for each in kept) for kept in found) < ROOM + 11_000
    messages = [each for kept in found for each in kept if each.kind == "messages"]
    assert len(messages) == 5 + 2 * MOST + 5 + 50
    assert len({each.data + str(each.at) for each in messages}) == len(messages)
