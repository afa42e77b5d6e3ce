"""Block lists on the wire: what a blocked person is told, in which dialect, and after a restart."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.block_lists.vocabulary import PersonBlocked
from classcord.chat.errors import Conflict
from classcord.chat.roles import Role
from tests.harness import House, contents, notices, running, say, tell

pytestmark = pytest.mark.house(messages_per_second=0)

REFUSAL = "alice does not want private messages from you."


def block(user: str, *, on: bool = True) -> dict[str, Any]:
    return {"type": "block", "user": user, "on": on, "id": 1}


def test_a_modern_client_is_refused_with_a_code(house: House) -> None:
    """The refusal is the answer to the message; nothing of it reaches the other person, now or later."""
    alice, bob = house.modern("alice"), house.modern("bob")
    assert alice.one(block("bob")) == {"type": "block", "status": "ok", "id": 1}
    alice.raw()
    assert bob.one(tell("alice", "psst", id=2)) == {"type": "error", "code": "blocked", "message": REFUSAL, "id": 2}
    assert bob.one({"type": "typing", "user": "alice", "id": 3})["code"] == "blocked"
    assert alice.lines() == []
    assert house.store.asked("SELECT count(*) FROM messages") == [0]


def test_a_classic_client_is_told_by_a_notice(house: House) -> None:
    """It shows no errors (classic rule 24), so a sentence of the server carries the code; commands are told so, too."""
    alice, bob = house.modern("alice"), house.member("bob")
    alice.ask(block("bob"))
    bob.raw()
    for request in (
        tell("alice", "psst"),
        say("/mp alice psst"),
        {"type": "private", "to": "alice", "content": "psst"},
    ):
        (line,) = bob.ask(request)
        assert (line["subtype"], line["code"], line["content"]) == ("system", "blocked", REFUSAL)
    assert contents(alice.lines()) == []


def test_a_message_before_the_block_still_comes(house: House) -> None:
    """What was accepted for an absent person is handed over, and stays in the history."""
    alice, bob = house.modern("alice"), house.modern("bob")
    alice.leave()
    bob.ask(tell("alice", "before"))
    alice = house.client()
    alice.one({"type": "hello"})
    assert contents(alice.ask({"type": "login", "username": "alice", "password": "azerty"}, block("bob"))) == ["before"]
    assert contents(alice.one({"type": "history", "user": "bob"})["messages"]) == ["before"]


def test_an_edit_is_no_way_round(house: House) -> None:
    """Another text of an old message, or a reaction to it, is refused like a new one, while the other is away too."""
    alice, bob = house.modern("alice"), house.modern("bob")
    sent = bob.one(tell("alice", "before"))["message_id"]
    alice.ask(block("bob"))
    edit = {"type": "edit", "message_id": sent, "content": "psst"}
    assert bob.one(edit)["code"] == "blocked"
    assert bob.one({"type": "react", "message_id": sent, "emoji": "👎", "on": True})["code"] == "blocked"
    alice.leave()
    bob.raw()
    assert bob.one(edit)["code"] == "blocked"


def test_a_list_survives_a_restart(house: House) -> None:
    """It is stored, and restored before anybody comes in."""
    alice, bob = house.modern("alice"), house.modern("bob")
    house.account("eve")
    alice.ask(block("bob"), block("eve"), block("eve", on=False))
    for each in (alice, bob):
        each.leave()
    with running(store=house.store, messages_per_second=0) as again:
        alice, bob = again.modern("alice"), again.modern("bob")
        assert alice.one({"type": "blocks"}) == {"type": "blocks", "users": ["bob"]}
        assert bob.one(tell("alice", "psst"))["code"] == "blocked"


def test_a_block_that_cannot_be_stored_is_refused(house: House) -> None:
    """Then nobody is blocked."""
    alice, bob = house.modern("alice"), house.modern("bob")
    house.store.bad = lambda record: Conflict() if isinstance(record, PersonBlocked) else None
    assert alice.one(block("bob"))["code"] == "conflict"
    assert alice.one({"type": "blocks"})["users"] == []
    assert bob.one(tell("alice", "psst"))["type"] == "ack"


def test_a_role_given_later_counts_more_than_a_list(house: House) -> None:
    """Who has come to keep order is heard."""
    alice, bob, prof = house.modern("alice"), house.modern("bob"), house.member("prof", role=Role.OWNER)
    alice.ask(block("bob"))
    prof.ask({"type": "role", "user": "bob", "role": "moderator"})
    alice.raw(), bob.raw()
    assert bob.one(tell("alice", "psst"))["type"] == "ack"
    assert contents(alice.lines()) == ["psst"]
    assert notices(alice.ask(block("bob"))) == []
