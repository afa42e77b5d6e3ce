"""What a message has beside its words: pushed and in every page the same, after a restart too."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred

from classcord.chat.channels.vocabulary import MemberRemoved
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


def test_an_edit_mentions_anew(house: House) -> None:
    """The history tells whom the text mentions that is there now, and only who may read it is mentioned."""
    ann, bob = house.modern("ann"), house.modern("bob")
    house.account("carol")
    number = bob.ask({**say("@ann @carol"), "id": 1})[-1]["message_id"]
    ann.lines()
    for content, names in (("@carol seule", ["carol"]), ("personne", None), ("@ann, @nobody", ["ann"])):
        assert bob.ask({"type": "edit", "id": 2, "message_id": number, "content": content})[-1]["status"] == "ok"
        (event,) = ann.lines()
        assert (event["type"], event.get("mentions")) == ("edited", names)
        assert ann.one({"type": "history", "id": 3})["messages"][0].get("mentions") == names
    private = bob.ask({**tell("ann", "psst"), "id": 4})[-1]["message_id"]
    bob.ask({"type": "edit", "id": 5, "message_id": private, "content": "@ann @carol"})
    assert bob.one({"type": "history", "user": "ann", "id": 6})["messages"][0]["mentions"] == ["ann"]


def test_who_is_mentioned_by_an_edit_finds_it(house: House) -> None:
    """It is an unread mention although the message was read, until the channel is read again; a restart keeps it."""
    ann, bob = house.modern("ann"), house.modern("bob")
    number = bob.ask({**say("Bonjour"), "id": 1})[-1]["message_id"]
    ann.ask({"type": "read", "channel": "#général", "message_id": number})

    def mentions() -> int:
        rows = ann.ask({"type": "conversations", "id": 2})[-1]["conversations"]
        return next(int(row["mentions"]) for row in rows if row.get("channel") == "#général")

    for content in ("Bonjour @ann", "Bonjour, @ann !"):
        bob.ask({"type": "edit", "id": 3, "message_id": number, "content": content})
        assert mentions() == 1
    assert ann.one({"type": "read", "id": 4, "channel": "#général", "message_id": number})["message_id"] == number
    assert mentions() == 0
    bob.ask({"type": "edit", "id": 3, "message_id": number, "content": "Bonjour"})
    bob.ask({"type": "edit", "id": 3, "message_id": number, "content": "@ann"})
    assert mentions() == 1
    bob.ask({"type": "delete", "id": 5, "message_id": number})
    assert mentions() == 0


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


def test_an_edit_is_seen_by_everyone(house: House) -> None:
    """Modern clients hear which message has which words now, a classic one a line of its author that says so."""
    ann, bob, old = house.modern("ann"), house.modern("bob"), house.member("old")
    number = bob.one({**say("Bonjour"), "id": 1})["message_id"]
    ann.lines(), old.lines()
    answer = bob.one({"type": "edit", "id": 2, "message_id": number, "content": "Bonsoir"})
    at = answer.pop("edited_at")
    assert answer == {"type": "edit", "id": 2, "status": "ok", "message_id": number}
    edited = {"type": "edited", "message_id": number, "from": "bob", "channel": "#général", "content": "Bonsoir"}
    assert ann.lines() == [{**edited, "edited_at": at}]
    (line,) = old.lines()
    assert (line["from"], line["subtype"], line["content"]) == ("bob", "global", "(edited) Bonsoir")
    (found,) = ann.one({"type": "history", "id": 3})["messages"]
    assert (found["content"], found["edited_at"]) == ("Bonsoir", at)
    assert house.store.asked("SELECT content FROM message_versions") == ["Bonjour"]


def test_a_deletion_is_seen_by_modern_clients(house: House) -> None:
    """They hear of it, and the history shows that there was a message; a classic client reads nothing of it."""
    ann, bob, old = house.modern("ann"), house.modern("bob"), house.member("old")
    number = bob.one({**say("Bonjour"), "id": 1})["message_id"]
    ann.lines(), old.lines()
    assert bob.one({"type": "delete", "id": 2, "message_id": number})["status"] == "ok"
    (event,) = ann.lines()
    assert (event["type"], event["message_id"], event["channel"], event["from"]) == ("deleted", 1, "#général", "bob")
    assert old.lines() == []
    (found,) = ann.one({"type": "history", "id": 3})["messages"]
    assert (found["content"], found["deleted"], "edited_at" in found) == ("", True, False)
    newcomer = house.member("late")
    assert [line for line in newcomer.ask({"type": "users"}) if line["type"] == "message"] == []
    for request in ({"type": "delete"}, {"type": "edit", "content": "x"}):
        assert bob.one({**request, "id": 4, "message_id": number})["code"] == "conflict"


def test_a_deletion_before_an_edit_is_stored(house: House) -> None:
    """Two devices of one person: who comes second in the order of the journal hears a conflict, and changes nothing."""
    bob, phone = house.modern("bob"), house.modern("bob")
    number = bob.one({**say("Bonjour"), "id": 1})["message_id"]
    phone.lines()
    house.store.holding = True
    assert bob.ask({"type": "delete", "id": 2, "message_id": number}) == []
    assert phone.ask({"type": "edit", "id": 3, "message_id": number, "content": "Bonsoir"}) == []
    house.store.holding = False
    house.store.let_go()
    house.turn()
    assert [line["type"] for line in bob.lines()] == ["delete"]
    assert [line.get("code", line["type"]) for line in phone.lines()] == ["deleted", "conflict"]
    assert house.store.asked("SELECT content FROM messages") == [""]
    assert house.store.asked("SELECT content FROM message_versions") == ["Bonjour"]


def test_a_private_message_deleted_before_it_is_handed_over(house: House) -> None:
    """Its recipient, who was away, never reads it; an edited one is handed over with its new words."""
    house.account("ann")
    bob = house.modern("bob")
    numbers = [bob.ask({**tell("ann", text), "id": text})[0]["message_id"] for text in ("a", "b")]
    bob.ask({"type": "delete", "message_id": numbers[0]})
    bob.ask({"type": "edit", "message_id": numbers[1], "content": "c"})
    lines = house.client().ask({"type": "hello", "protocol": 2}, login("ann"))
    assert [line["content"] for line in lines if line["type"] == "message"] == ["c"]


def test_an_edit_spells_the_readers_name(house: House) -> None:
    """A classic client that logged in as ALICE reads a private edit as it reads a private message (rule 21)."""
    house.account("alice")
    alice = house.client()
    alice.ask(login("ALICE"))
    bob = house.modern("bob")
    number = bob.one({**tell("alice", "a"), "id": 1})["message_id"]
    alice.lines()
    bob.ask({"type": "edit", "message_id": number, "content": "b"})
    (line,) = alice.lines()
    assert (line["type"], line["subtype"], line["to"], line["from"], line["content"]) == (
        "message",
        "private",
        "ALICE",
        "bob",
        "(edited) b",
    )


def test_a_deleted_accounts_messages_have_no_role(house: House) -> None:
    """A guest's are a guest's; what somebody has said whose account is gone says nothing of a role."""
    ann, eve, zoe = house.modern("ann"), house.modern("eve"), house.guest("Zoé")
    eve.ask(say("from eve"))
    zoe.ask(say("from Zoé"))
    house.store.connection.execute("DELETE FROM users WHERE name = 'eve'")
    ann.lines()
    page = ann.one({"type": "history", "id": 1})["messages"]
    assert [(message["from"], message.get("role")) for message in page] == [("eve", None), ("Zoé", "guest")]


def test_a_page_that_comes_too_late(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the store was read, the member was taken out of the channel: the page is refused."""
    bob, ann = house.modern("bob"), house.modern("ann")
    bob.ask({"type": "join", "channel": "#dev"})
    ann.ask({"type": "join", "channel": "#dev"}, say("secret", channel="#dev"))
    bob.lines()
    read, waiting = house.store.page, Deferred[None]()
    monkeypatch.setattr(house.store, "page", lambda **where: waiting.addCallback(lambda _: read(**where)))
    assert bob.ask({"type": "history", "id": 1, "channel": "#dev"}) == []
    house.hub.apply(MemberRemoved(channel_id=2, user_id=1))
    waiting.callback(None)
    house.turn()
    assert [line["code"] for line in bob.lines() if line.get("id") == 1] == ["not_in_channel"]
