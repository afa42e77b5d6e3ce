"""Reactions over connections: who hears of them, in which dialect, and what the history says."""

from __future__ import annotations

import pytest

from classcord.chat.roles import Role
from tests.harness import Client, House, say, tell

pytestmark = pytest.mark.house(messages_per_second=0)


def react(number: int, emoji: str = "👍", *, on: bool = True) -> dict[str, object]:
    return {"type": "react", "id": "r", "message_id": number, "emoji": emoji, "on": on}


def guest(house: House, name: str) -> Client:
    client = house.modern()
    client.ask({"type": "guest", "username": name})
    return client


def code(client: Client, number: int) -> str:
    """Return the answer to a reaction: the code of its refusal, or ok."""
    (answer,) = [line for line in client.ask(react(number)) if line.get("id") == "r"]
    return str(answer.get("code", answer.get("status")))


def test_modern_sessions_hear_of_a_reaction(house: House) -> None:
    """The answer is not heard before it is stored; a classic session hears nothing; the history has it."""
    ann, bob, old = house.modern("ann"), house.modern("bob"), house.member("old")
    number = ann.ask(say("Bonjour", id=1))[-1]["message_id"]
    bob.raw(), old.raw()
    house.store.holding = True
    assert bob.ask(react(number)) == []
    house.store.holding = False
    house.store.let_go()
    house.turn()
    assert bob.lines() == [{"type": "react", "status": "ok", "id": "r"}]
    event = {"type": "reaction", "message_id": number, "from": "bob", "emoji": "👍", "on": True, "channel": "#général"}
    assert ann.lines() == [event]
    assert old.lines() == []
    (page,) = ann.ask({"type": "history", "id": 2})
    assert page["messages"][0]["reactions"] == {"👍": ["bob"]}
    assert "reaction_counts" not in page["messages"][0]
    assert bob.ask(react(number)) == [{"type": "react", "status": "ok", "id": "r"}]
    assert ann.lines() == []
    bob.ask(react(number, on=False))
    assert ann.lines() == [event | {"on": False}]
    assert "reactions" not in ann.one({"type": "history", "id": 3})["messages"][0]


def test_a_reaction_to_what_one_has_just_said(house: House) -> None:
    """A request does not wait for the acknowledgement of the one before it."""
    ann = house.modern("ann")
    answers = ann.ask(say("Bonjour", id=1), react(1), react(1, "🎉"), react(1, on=False))
    assert [line["type"] for line in answers] == ["ack", "react", "react", "react"]
    assert ann.one({"type": "history", "id": 2})["messages"][0]["reactions"] == {"🎉": ["ann"]}


def test_of_two_devices_the_second_hears_that_it_is_so(house: House) -> None:
    """Both react at the same time: one is stored, the other is refused as a conflict, and nobody hears of it."""
    ann, phone, bob = house.modern("ann"), house.modern("ann"), house.modern("bob")
    ann.ask(say("Bonjour", id=1))
    bob.raw(), phone.raw()
    house.store.holding = True
    ann.send(react(1))
    phone.send(react(1))
    house.turn()
    house.store.holding = False
    while house.store.held:
        house.store.let_go()
        house.turn()
    assert sorted(str(line.get("code")) for line in ann.lines() + phone.lines() if "id" in line) == ["None", "conflict"]
    assert [line["type"] for line in bob.lines()] == ["reaction"]


def test_what_one_may_not_read_is_not_there(house: House) -> None:
    """Private messages, private channels, channels one is not in: to whoever asks, whatever their role."""
    ann, bob = house.modern("ann"), house.modern("bob")
    ann.ask({"type": "create", "channel": "#jury", "kind": "private"}, {"type": "create", "channel": "#club"})
    secret = ann.ask(say("a", channel="#jury", id=1))[-1]["message_id"]
    club = ann.ask(say("b", channel="#club", id=1))[-1]["message_id"]
    private = ann.ask(tell("bob", "c", id=1))[-1]["message_id"]
    outsiders = [guest(house, "Zoé")]
    for role in (Role.MEMBER, Role.MODERATOR, Role.ADMIN, Role.OWNER):
        house.account(f"eve {role.label}", role=role)
        outsiders.append(house.modern(f"eve {role.label}"))
    for outsider in outsiders:
        assert [code(outsider, number) for number in (secret, club, private, 999)] == ["not_found"] * 4
    assert [code(bob, number) for number in (secret, club, private)] == ["not_found", "not_found", "ok"]
    assert [code(ann, number) for number in (secret, club, private)] == ["ok"] * 3
    assert house.store.asked("SELECT DISTINCT who FROM reactions ORDER BY who") == [1, 2]


def test_a_guest_takes_nothing_of_a_former_guest_back(house: House) -> None:
    """Not even under the same name; both are named in the history."""
    ann = house.modern("ann")
    zoe = guest(house, "Zoé")
    ann.ask(say("Bonjour", id=1))
    assert code(zoe, 1) == "ok"
    zoe.leave()
    other = guest(house, "Zoé")
    assert other.ask(react(1, on=False))[-1] == {"type": "react", "status": "ok", "id": "r"}
    assert code(other, 1) == "ok"
    house.turn()
    ann.raw()
    assert ann.one({"type": "history", "id": 2})["messages"][0]["reactions"] == {"👍": ["Zoé", "Zoé"]}
    other.ask(react(1, on=False))
    ann.raw()
    assert ann.one({"type": "history", "id": 3})["messages"][0]["reactions"] == {"👍": ["Zoé"]}


def test_bad_reactions(house: House) -> None:
    """The field at fault is named."""
    ann = house.modern("ann")
    for wrong, field in (
        ({"message_id": 1}, "emoji"),
        ({"emoji": "👍"}, "message_id"),
        ({"message_id": 1, "emoji": "ok"}, "emoji"),
        ({"message_id": -1, "emoji": "👍"}, "message_id"),
        ({"message_id": 2**53, "emoji": "👍"}, "message_id"),
        ({"message_id": "1", "emoji": "👍"}, "message_id"),
        ({"message_id": 1, "emoji": 7}, "emoji"),
        ({"message_id": 1, "emoji": "👍", "on": "no"}, "on"),
    ):
        answer = ann.one({"type": "react", "id": 1, **wrong})
        assert (answer["code"], answer["field"]) == ("bad_request", field)


def test_a_history_of_many_reactions(house: House) -> None:
    """The first names are told, and how many people there are."""
    ann = house.modern("ann")
    ann.ask(say("Bonjour", id=1))
    rows = [(-number, f"Zoé {number}") for number in range(1, 1001)]
    house.store.connection.executemany("INSERT INTO reactions VALUES (1, '👍', ?, ?)", rows)
    (message,) = ann.one({"type": "history", "id": 2})["messages"]
    assert len(message["reactions"]["👍"]) == 10
    assert message["reaction_counts"] == {"👍": 1000}
