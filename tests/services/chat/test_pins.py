"""Pins over connections: who hears of them, what is listed, and what becomes of them."""

from __future__ import annotations

import pytest

from classcord.chat.roles import Role
from tests.harness import House, say, tell

pytestmark = pytest.mark.house(messages_per_second=0)


def test_pins_in_a_channel(house: House) -> None:
    """Modern sessions hear of them, a classic one does not; a deleted message is pinned no more."""
    house.account("mod", role=Role.MODERATOR)
    mod, bob, old = house.modern("mod"), house.modern("bob"), house.member("old")
    first, second = (bob.ask(say(words, id=1))[-1]["message_id"] for words in ("a", "b"))
    for client in (mod, bob, old):
        client.raw()
    ok = {"type": "pin", "status": "ok", "id": 2}
    assert mod.ask(*({"type": "pin", "id": 2, "message_id": number} for number in (second, first, first))) == [ok] * 3
    told = bob.lines()
    assert [(line["type"], line["message_id"], line["from"], line["on"], line["channel"]) for line in told] == [
        ("pinned", second, "mod", True, "#général"),
        ("pinned", first, "mod", True, "#général"),
    ]
    assert old.lines() == []
    assert bob.one({"type": "pin", "id": 3, "message_id": first, "on": False})["code"] == "not_allowed"
    page = bob.one({"type": "pins", "id": 4})
    assert (page["channel"], page["more"]) == ("#général", False)
    assert page["messages"] == bob.one({"type": "history", "id": 5})["messages"]
    assert bob.one({"type": "delete", "id": 6, "message_id": first})["status"] == "ok"
    mod.raw()
    assert [m["message_id"] for m in mod.one({"type": "pins", "id": 7})["messages"]] == [second]
    assert mod.one({"type": "pin", "id": 8, "message_id": first})["code"] == "conflict"


def test_pins_in_a_conversation(house: House) -> None:
    """Both people have them; to others there is no such message."""
    ann, bob, eve = house.modern("ann"), house.modern("bob"), house.modern("eve")
    number = ann.ask(tell("bob", "psst", id=1))[-1]["message_id"]
    bob.raw()
    assert bob.one({"type": "pin", "id": 2, "message_id": number})["status"] == "ok"
    (event,) = ann.lines()
    assert (event["type"], event["user"], event["from"]) == ("pinned", "bob", "bob")
    assert [m["content"] for m in ann.one({"type": "pins", "id": 3, "user": "bob"})["messages"]] == ["psst"]
    assert eve.one({"type": "pin", "id": 4, "message_id": number})["code"] == "not_found"
    assert eve.one({"type": "pins", "id": 5, "user": "bob"})["messages"] == []
