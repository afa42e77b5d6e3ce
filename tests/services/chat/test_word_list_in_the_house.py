"""The word list in a whole server: what waits in both dialects, who hears of it, what an edit does, and evasions."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.roles import Role
from classcord.chat.word_list.rules import go_by_list
from classcord.chat.word_list.words import WordList
from tests.harness import Client, House, contents, notices, say, tell

pytestmark = pytest.mark.house(messages_per_second=0)

LIST = ("Crétin", "ferme ta gueule", "débil*")
EVASIONS = (
    "crétin",
    "CRÉTIN",
    "cretin",
    "cre\u0301tin",  # the accent by itself
    "c r é t i n",
    "c.r.e.t.i.n",
    "cré\u200btin",  # a space of no width
    "cré\u00adtin",  # a soft hyphen
    "\u202ecrétin\u202c",  # another direction
    "crét\u0456n",  # a Cyrillic letter that looks the same
    "ｃｒéｔｉｎ",
    "espèce de crétin !",
    "Ferme…  ta\tGUEULE",
    "débilement",
)
NOT_FOUND = ("crétins", "secrétinage", "cr3tin", "crétiin", "ferme la")


@pytest.fixture
def school(house: House) -> House:
    """Bob and Ann in #dev, and the list."""
    house.account("mod", role=Role.MODERATOR)
    for name in ("bob", "ann"):
        house.account(name)
    go_by_list(house.hub, WordList(LIST))
    return house


def connect(house: House, name: str, dialect: str) -> Client:
    client = house.modern(name) if dialect == "modern" else house.member(name)
    client.ask({"type": "join", "channel": "#dev"})
    client.raw()
    return client


def to_dev(content: str, dialect: str) -> dict[str, Any]:
    request = {"type": "message", "channel": "#dev", "content": content}
    return {**request, "id": 1} if dialect == "modern" else {**request, "subtype": "channel", "to": "#dev"}


def told_to_wait(lines: list[dict[str, Any]], dialect: str) -> bool:
    """Whether these lines tell an author that the message waits for a moderator."""
    if dialect == "modern":
        return [(line.get("status"), line.get("why")) for line in lines if line.get("id") == 1] == [("held", "words")]
    return any("attend" in each or "waits" in each for each in notices(lines))


@pytest.mark.parametrize("dialect", ["modern", "classic"])
def test_a_message_waits_and_is_approved(school: House, dialect: str) -> None:
    """Its author is told in either dialect, the room hears nothing until a moderator has read it, then everybody."""
    bob, classic, modern = connect(school, "bob", dialect), connect(school, "ann", "classic"), school.modern("eve")
    modern.ask({"type": "join", "channel": "#dev"})
    mod = school.modern("mod")
    for client in (bob, classic, modern, mod):
        client.raw()
    assert told_to_wait(bob.ask(to_dev("Quel crétin", dialect)), dialect)
    assert contents(classic.lines()) == contents(modern.lines()) == []
    (event,) = [line for line in mod.lines() if line["type"] == "message_held"]
    assert (event["why"], event["words"], event["content"], event["from"]) == ("words", "Crétin", "Quel crétin", "bob")
    assert school.store.asked("SELECT content FROM held_messages") == ["Quel crétin"]
    mod.ask({"type": "approve", "held_id": event["held_id"], "id": 2})
    assert contents(classic.lines()) == contents(modern.lines()) == ["Quel crétin"]
    assert school.store.asked("SELECT content FROM messages WHERE content LIKE '%crétin'") == ["Quel crétin"]
    assert school.store.asked("SELECT count(*) FROM held_messages") == [0]


@pytest.mark.parametrize("dialect", ["modern", "classic"])
def test_one_is_refused(school: House, dialect: str) -> None:
    """Its author hears why, the room never of it."""
    bob, ann, mod = connect(school, "bob", dialect), connect(school, "ann", "modern"), school.modern("mod")
    bob.ask(to_dev("crétin", dialect))
    (event,) = [line for line in mod.lines() if line["type"] == "message_held"]
    bob.raw()
    mod.ask({"type": "refuse", "held_id": event["held_id"], "reason": "On se respecte"})
    assert b"On se respecte" in bob.raw()
    assert contents(ann.lines()) == []
    assert school.store.asked("SELECT count(*) FROM messages WHERE content = 'crétin'") == [0]


@pytest.mark.parametrize("dialect", ["modern", "classic"])
def test_what_gets_around_it_does_not(school: House, dialect: str) -> None:
    """Accents, case, spaces, invisible characters, letters of other alphabets: each waits, and nobody hears it."""
    bob, ann = connect(school, "bob", dialect), connect(school, "ann", "classic")
    for text in EVASIONS:
        assert told_to_wait(bob.ask(to_dev(text, dialect)), dialect), text
        assert contents(ann.lines()) == [], text
    for text in NOT_FOUND:
        bob.ask(to_dev(text, dialect))
        assert contents(ann.lines()) == [text]


def test_every_way_to_write_to_a_room(school: House) -> None:
    """To everyone by the classic and the modern form, with a file's caption, as a reply, by a guest's first message."""
    bob, ann = connect(school, "bob", "modern"), connect(school, "ann", "classic")
    first = bob.ask({"type": "message", "channel": "#dev", "content": "bonjour", "id": 9})
    number = next(line["message_id"] for line in first if line.get("id") == 9)
    ann.raw()
    for request in (
        {"type": "message", "content": "crétin"},
        {"type": "message", "content": "crétin", "channel": "#dev", "reply_to": number},
        {"type": "message", "content": "@ann crétin", "channel": "#dev", "client_id": "once"},
    ):
        assert told_to_wait(bob.ask({**request, "id": 1}), "modern"), request
    stranger = school.client()
    stranger.ask({"type": "message", "subtype": "global", "to": "global", "from": "zoé", "content": "crétin"})
    school.member("eve").ask(say("crétin"))
    assert "crétin" not in "".join(contents(ann.lines()))


def test_an_edit_does_not_bring_such_a_word(school: House) -> None:
    """The author hears that it would have to wait, and the message is what it was; another text is taken."""
    bob, ann = connect(school, "bob", "modern"), connect(school, "ann", "modern")
    sent = bob.ask(to_dev("Salut", "modern"))
    number = next(line["message_id"] for line in sent if line.get("id") == 1)
    for text in ("Salut crétin", "Salut c r é t i n", "Salut cré\u200btin"):
        (answer,) = [e for e in bob.ask({"type": "edit", "message_id": number, "content": text, "id": 2}) if "id" in e]
        assert (answer["type"], answer["code"]) == ("error", "held")
    assert school.store.asked("SELECT content FROM messages WHERE content LIKE 'Salut%'") == ["Salut"]
    assert [line for line in ann.lines() if line["type"] == "edited"] == []
    bob.ask({"type": "edit", "message_id": number, "content": "Salut à toi", "id": 3})
    assert school.store.asked("SELECT content FROM messages WHERE content LIKE 'Salut%'") == ["Salut à toi"]


def test_private_messages_wait_only_where_the_settings_say_so(school: House) -> None:
    """In both dialects; and to oneself everything may be written."""
    bob, ann = school.member("bob"), school.modern("ann")
    bob.ask(tell("ann", "crétin"))
    assert contents(ann.lines()) == ["crétin"]
    go_by_list(school.hub, WordList(LIST, private=True))
    bob.ask(tell("ann", "crétin encore"), tell("bob", "crétin que je suis"))
    ann.ask({**tell("bob", "débile"), "id": 1})
    assert contents(ann.lines()) == []
    assert sorted(school.store.asked("SELECT content FROM held_messages")) == ["crétin encore", "débile"]


def test_what_waits_survives_a_restart() -> None:
    """It is there for whoever approves, after the list and the server began anew."""
    first = House(messages_per_second=0)
    first.account("bob")
    first.account("mod", role=Role.MODERATOR)
    go_by_list(first.hub, WordList(LIST))
    first.modern("bob").ask({"type": "message", "content": "crétin"})
    again = House(messages_per_second=0, store=first.store)
    go_by_list(again.hub, WordList(LIST))
    mod = again.modern("mod")
    (answer,) = [line for line in mod.ask({"type": "held", "id": 1}) if line.get("id") == 1]
    assert [(row["user"], row["content"], row["words"]) for row in answer["messages"]] == [("bob", "crétin", "Crétin")]
