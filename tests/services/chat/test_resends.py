"""A message that a client sends again: stored once, heard once, and acknowledged as often as it is sent."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.effects import Commit
from classcord.chat.resends.rules import KEPT
from classcord.chat.sanctions.vocabulary import SanctionAdded
from tests.harness import House, contents, login, running, say, tell


def sent(content: str = "once", client_id: str | int = "a", **more: Any) -> dict[str, Any]:
    return say(content, client_id=client_id, id=content, **more)


@pytest.mark.house(heartbeat=0)
def test_sent_again(house: House) -> None:
    """The second ack is the first one, at any later time; alice hears the message once."""
    alice, bob = house.modern("alice"), house.modern("bob")
    first = bob.one(sent())
    house.pass_time(60)
    assert bob.one(sent()) == first
    assert contents(alice.lines()) == ["once"]
    assert house.store.asked("SELECT content FROM messages") == ["once"]


def test_sent_twice_in_one_group(house: House) -> None:
    """Two copies that come together are one message; the answers come in the order of the requests."""
    alice, bob = house.modern("alice"), house.modern("bob")
    answers = bob.ask(sent(), sent(), say("then", id="last"))
    assert [answer["type"] for answer in answers] == ["ack"] * 3
    assert answers[0] == answers[1]
    assert answers[2]["id"] == "last"
    assert contents(alice.lines()) == ["once", "then"]


def test_sent_again_by_another_session(house: House) -> None:
    """Another session of the account, and one that comes after the first has gone, get the same ack."""
    alice, bob, phone = house.modern("alice"), house.modern("bob"), house.modern("bob")
    first = bob.one(sent())
    assert contents(phone.lines()) == ["once"]
    assert phone.one(sent()) == first
    assert contents(alice.lines()) == ["once"]
    bob.leave()
    later = house.client()
    later.ask({"type": "hello"}, login("bob"))
    assert later.one(sent()) == first
    assert contents(alice.lines()) == []


def test_a_private_message_sent_again(house: House) -> None:
    """A private message waits once for a person who is away, and once only is it handed over."""
    house.account("alice")
    bob = house.modern("bob")
    first = bob.ask(tell("alice", "psst", client_id=1))
    again = bob.ask(tell("alice", "psst", client_id=1))
    assert again[0] == first[0]
    assert [line["type"] for line in again] == ["ack"]  # that it waits was told before
    alice = house.client()
    alice.ask({"type": "hello"})
    assert contents(alice.ask(login("alice"))) == ["psst"]


def test_a_message_that_joins_a_channel_sent_again(house: House) -> None:
    """The copy of a message by which its author came into a channel is that message."""
    bob = house.modern("bob")
    first = bob.ask(sent(channel="#dev", subtype="channel"))[-1]
    assert bob.ask(sent(channel="#dev", subtype="channel")) == [first]


@pytest.mark.parametrize("other", [sent("twice"), sent(channel="#dev", subtype="channel"), tell("alice", "once")])
def test_another_message_with_the_same_client_id(house: House, other: dict[str, Any]) -> None:
    """Another text or place with a client id that is taken is refused and not lost in silence; nobody hears it."""
    alice, bob = house.modern("alice"), house.modern("bob")
    bob.ask({"type": "join", "channel": "#dev"})
    bob.one(sent())
    alice.lines()
    refused = bob.one({**other, "client_id": "a", "id": 9})
    assert (refused["type"], refused["code"], refused["field"], refused["id"]) == ("error", "conflict", "client_id", 9)
    assert alice.lines() == []
    assert bob.one(sent("after", "b"))["type"] == "ack"


def test_other_people_have_the_same_client_ids(house: House) -> None:
    """Clients that count from 1 do not disturb each other, guests of one name neither."""
    alice = house.modern("alice")
    for name in ("bob", "carol"):
        assert house.modern(name).one(sent(name, 1))["type"] == "ack"
        assert contents(alice.lines()) == [name]
    for content in ("first", "second"):
        zoe = house.modern()
        zoe.ask({"type": "guest", "username": "Zoé"})
        assert zoe.ask(sent(content, 1))[-1]["type"] == "ack"
        zoe.leave()
        assert contents(alice.lines()) == [content]


def test_a_copy_costs_no_quota() -> None:
    """Whoever sends again after each lost connection uses up no share of what may be stored in a day."""
    with running(stored_bytes_per_day=850, messages_per_second=0) as house:
        house.account("bob")
        bob = house.client("192.0.2.7")
        bob.ask({"type": "hello"}, login("bob"))
        first = bob.one(sent("x" * 50))
        for _ in range(20):
            assert bob.one(sent("x" * 50)) == first
            assert bob.one(sent("y" * 50))["code"] == "conflict"


@pytest.mark.parametrize("client_id", ["", "x" * 65, -1, 2**53, 1.5, [], {}])
def test_bad_client_ids(house: House, client_id: object) -> None:
    """A client id is a word of 1 to 64 characters, or a whole number below 2^53; nothing is sent with another one."""
    alice, bob = house.modern("alice"), house.modern("bob")
    refused = bob.one({**say("hello"), "client_id": client_id})
    assert refused["type"] == "error"
    assert refused["field"] == "client_id"
    assert alice.lines() == []


def test_forgotten_after_a_week(house: House) -> None:
    """After 7 days a client id may be used for another message; before, it may not."""
    bob = house.modern("bob")
    bob.one(sent())
    house.clock.advance(KEPT)
    house.chat.forget_old()
    house.turn()
    assert bob.one(sent("new"))["code"] == "conflict"
    house.clock.advance(1)
    house.chat.forget_old()
    house.turn()
    assert bob.one(sent("new"))["type"] == "ack"


def test_classic_clients_may_have_such_a_field(house: House) -> None:
    """A classic client whose messages all have one client_id is heard with each of them."""
    alice, bob = house.member("alice"), house.member("bob")
    bob.ask(sent("one"), sent("two"), sent("two"))
    assert contents(alice.lines()) == ["one", "two", "two"]


@pytest.mark.parametrize("why", ["muted", "left"])
def test_sent_again_when_it_would_be_refused(house: House, why: str) -> None:
    """A stored message is acknowledged again although its author may not send it now; another one is refused."""
    guest = house.guest("Zoé")
    bob = house.modern("bob")
    first = bob.one(tell("Zoé", "psst", client_id="a", id=1))
    if why == "left":
        guest.leave()
    else:
        house.journal.append(Commit(None, (a_mute("bob"),)))
        house.turn()
    bob.lines()
    assert bob.one(tell("Zoé", "psst", client_id="a", id=1)) == first
    refused = "not_found" if why == "left" else "muted"
    assert bob.one(tell("Zoé", "other", client_id="a", id=2))["code"] == refused
    assert bob.one(tell("Zoé", "new", client_id="b", id=3))["code"] == refused
    assert bob.one(tell("Zoé", "an answer", client_id="b", id=4, reply_to=999))["code"] == refused


def a_mute(name: str) -> SanctionAdded:
    return SanctionAdded(
        sanction_id=1, kind="mute", of="name", target=name, shown=name, by="prof", reason="", added_at=0
    )
