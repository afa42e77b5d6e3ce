"""What a message has beside its words: pushed and in every page the same, after a restart too."""

from __future__ import annotations

from tests.harness import House, login, say, tell


def test_a_reply_is_seen_by_modern_clients(house: House) -> None:
    """It names the message that it answers, live and in the history; a classic client reads the words alone."""
    ann, bob, old = house.modern("ann"), house.modern("bob"), house.member("old")
    first = ann.one({**say("Bonjour"), "id": 1})["message_id"]
    house.turn()
    bob.lines()
    old.lines()
    assert bob.one({**say("Salut"), "id": 2, "reply_to": first})["type"] == "ack"
    (event,) = ann.lines()
    assert (event["content"], event["reply_to"]) == ("Salut", first)
    (line,) = old.lines()
    assert (line["content"], "reply_to" in line) == ("Salut", False)
    page = ann.one({"type": "history", "id": 3})["messages"]
    assert [message.get("reply_to") for message in page] == [None, first]
    assert {**page[1]} == event
    assert set(page[1]) - set(page[0]) == {"reply_to"}


def test_mentions_are_seen_by_modern_clients(house: House) -> None:
    """A message tells whom it mentions, live and in the history; after the account is deleted, no more."""
    ann, bob, old = house.modern("ann"), house.modern("bob"), house.member("old")
    house.account("Léo Paul")
    ann.lines(), old.lines()
    bob.ask({**say("@ann @léo paul @personne"), "id": 2})
    (event,) = ann.lines()
    assert event["mentions"] == ["ann", "Léo Paul"]
    (line,) = old.lines()
    assert "mentions" not in line
    assert ann.one({"type": "history", "id": 3})["messages"] == [event]
    house.store.connection.execute("DELETE FROM users WHERE name = 'Léo Paul'")
    assert ann.one({"type": "history", "id": 4})["messages"][0]["mentions"] == ["ann"]
    assert len(house.store.asked("SELECT user_id FROM mentions")) == 1


def test_a_kept_reply(house: House) -> None:
    """A private reply to who is away is handed over with what it answers."""
    house.account("ann")
    bob = house.modern("bob")
    first = bob.ask({**tell("ann", "a"), "id": 1})[0]["message_id"]
    bob.ask({**tell("ann", "b"), "id": 2, "reply_to": first})
    ann = house.client()
    lines = ann.ask({"type": "hello", "protocol": 2}, login("ann"))
    kept = [line for line in lines if line["type"] == "message"]
    page = ann.one({"type": "history", "user": "bob", "id": 3})["messages"]
    assert [(message["content"], message.get("reply_to")) for message in page] == [("a", None), ("b", first)]
    assert kept == page


def test_a_reply_to_nothing(house: House) -> None:
    """The refusal names the field, and the message is not stored."""
    bob = house.modern("bob")
    error = bob.one({**say("x"), "id": 5, "reply_to": 4000})
    assert (error["code"], error["field"], error["id"]) == ("not_found", "reply_to", 5)
    assert house.store.asked("SELECT count(*) FROM messages") == [0]
