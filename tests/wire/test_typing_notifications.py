"""Typing notifications on the wire: who is told, in which dialect, and in which order with messages."""

from __future__ import annotations

import pytest

from tests.harness import House, say

pytestmark = pytest.mark.house(messages_per_second=0)


def test_modern_sessions_are_told(house: House) -> None:
    """A classic session hears nothing of it, and the writer's answer comes only with an id."""
    alice, bob, carol = house.modern("alice"), house.modern("bob"), house.member("carol")
    alice.raw(), bob.raw(), carol.raw()
    assert alice.ask({"type": "typing", "channel": "#général"}) == []
    assert bob.lines() == [{"type": "typing", "from": "alice", "channel": "#général"}]
    assert carol.lines() == []
    assert alice.ask({"type": "typing", "user": "bob", "id": 0}) == [{"type": "typing", "status": "ok", "id": 0}]
    assert bob.lines() == [{"type": "typing", "from": "alice", "user": "alice"}]
    assert carol.ask({"type": "typing", "user": "bob"}) == []
    assert bob.lines() == [{"type": "typing", "from": "carol", "user": "carol"}]


def test_it_is_in_the_order_of_the_messages(house: House) -> None:
    """Who has sent the message is not seen writing it afterwards; and nothing of it is stored."""
    alice, bob = house.modern("alice"), house.modern("bob")
    house.store.holding = True
    assert alice.ask({"type": "typing", "id": 1}, say("Bonjour", id=2)) == []
    bob.raw()
    house.store.let_go()
    house.turn()
    assert [line["type"] for line in bob.lines()] == ["typing", "message"]
    assert [line["type"] for line in alice.lines()] == ["typing", "ack"]
    assert house.store.asked("SELECT count(*) FROM messages") == [1]
