"""Search over a whole server: what a person finds is what the person may read, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from classcord.chat.roles import Role
from classcord.chat.search import rules
from classcord.services.chat import lookups
from tests.harness import Client, House, contents, running, say, tell

pytestmark = pytest.mark.house(messages_per_second=0)


@pytest.fixture(autouse=True)
def pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a person search as often as a test does (tests/chat/test_search.py looks at the pace)."""
    monkeypatch.setattr(rules, "SEARCHES", 10_000)


def found(client: Client, query: str, **fields: Any) -> list[str]:
    """Return the contents that a search finds."""
    client.raw()
    answer = client.one({"type": "search", "id": 1, "query": query, **fields})
    assert answer["type"] == "search", answer
    assert answer["more"] is False
    return contents(answer["messages"])


def fill(house: House) -> None:
    """Say so much that the index has everything said before."""
    zoe = house.modern("filler")
    for _ in range(6):
        zoe.ask(*[say("Bonjour") for _ in range(200)])


# -- who finds what ---------------------------------------------------------------------------------------------------

ROLES = {
    "guest": None,
    "stranger": Role.MEMBER,
    "member": Role.MEMBER,
    "moderator": Role.MODERATOR,
    "admin": Role.ADMIN,
    "owner": Role.OWNER,
}
"""Who looks; `member` is in all channels and conversations, the others are in none."""
READABLE = {
    "everyone": set(ROLES),
    "open": {"member"},
    "approval": {"member"},
    "private": {"member"},
    "staff": {"moderator", "admin", "owner"},
    "conversation": {"member"},
    "guest conversation": {"member"},
    "own": {"member"},
    "left": set(),
    "removed": set(),
    "others": set(),
    "deleted": set(),
    "edited away": set(),
    "edited": set(ROLES),
    "purged": set(),
}
"""The place of each word, and who may find it."""


def word(place: str) -> str:
    return "secret" + place.replace(" ", "")


def say_everything(house: House) -> None:
    """Say one word in each place."""
    boss = house.modern("boss")
    house.hub.state.accounts["boss"].role = Role.OWNER
    for channel, kind in (("#open", "open"), ("#appr", "approval"), ("#priv", "private"), ("#left", "open")):
        assert boss.one({"type": "create", "channel": channel, "kind": kind})["type"] == "create"
    boss.ask({"type": "create", "channel": "#gone", "kind": "open"})
    house.account("member")
    member = house.modern("member")
    for channel in ("#open", "#left", "#gone"):
        member.ask({"type": "join", "channel": channel})
    for channel in ("#appr", "#priv"):
        house.hub.state.channel(channel).members.add(house.hub.state.accounts["member"].id)  # type: ignore[union-attr]
        house.hub.state.accounts["member"].channels.add(house.hub.state.channel(channel).id)  # type: ignore[union-attr]
    house.account("eve")
    zoe = house.guest("Zoé")
    boss.ask(say(word("everyone")))
    places = {"open": "#open", "approval": "#appr", "private": "#priv", "staff": "#admin", "left": "#left"}
    for place, channel in (places | {"removed": "#gone"}).items():
        assert boss.one({"type": "message", "id": 1, "channel": channel, "content": word(place)})["type"] == "ack"
    boss.ask(tell("member", word("conversation")), tell("eve", word("others")))
    zoe.ask(tell("member", word("guest conversation")))
    member.ask(tell("member", word("own")))
    boss.ask(*[say(word(place)) for place in ("deleted", "edited away", "purged")])
    member.ask({"type": "leave", "channel": "#left"})
    boss.ask({"type": "delete_channel", "channel": "#gone"})
    for client in (member, boss, zoe):
        client.leave()


CHANGED = f"""
UPDATE messages SET content = '' WHERE content = '{word("deleted")}';
UPDATE messages SET content = '{word("edited")}' WHERE content = '{word("edited away")}';
DELETE FROM messages WHERE content = '{word("purged")}';
"""


@pytest.mark.parametrize("indexed", ["nothing", "before the changes", "everything"])
@pytest.mark.parametrize("who", ROLES)
def test_nobody_finds_what_they_may_not_read(house: House, who: str, indexed: str) -> None:
    """Every role and every kind of place; by its word alone, by its beginning, by an author, in the place's name."""
    say_everything(house)
    if indexed != "nothing":
        fill(house)
    role = ROLES[who]
    if role is None:
        client = house.modern()
        assert client.one({"type": "guest", "username": "Gast"})["status"] == "ok"
    else:
        if house.hub.state.account(who) is None:
            house.account(who, role=role)
        client = house.modern(who)
    house.store.connection.executescript(CHANGED)
    if indexed == "everything":
        fill(house)
    for place, readers in READABLE.items():
        expected = [word(place)] if who in readers else []
        assert found(client, word(place)) == expected
        assert found(client, word(place)[:-1] + "*", order="newest") == expected
        assert found(client, word(place), since="2000-01-01", until="2100-01-01", after=0, before=10**9) == expected
    mine = {word(place) for place, readers in READABLE.items() if who in readers}
    assert set(found(client, "secret*", limit=200)) == mine
    assert set(found(client, "secret*", limit=200, **{"from": "boss"})) <= mine
    assert len(house.store.asked("SELECT message_id FROM words_outdated")) == (
        3 if indexed == "before the changes" else 0
    )


@pytest.mark.parametrize("who", ["stranger", "guest"])
def test_a_place_is_not_asked_for_by_name(house: House, who: str) -> None:
    """A channel or a conversation that is not one's own answers as its history does."""
    say_everything(house)
    if who == "guest":
        client = house.modern()
        client.ask({"type": "guest", "username": "Gast"})
    else:
        client = house.modern(who)
    places = [{"channel": each} for each in ("#open", "#appr", "#priv", "#admin", "#left", "#gone", "#nirgends")]
    for where in (*places, {"user": "eve"}, {"user": "member"}, {"user": "nobody"}):
        answer = client.one({"type": "search", "id": 1, "query": "secret*", **where})
        asked = client.one({"type": "history", "id": 1, **where})
        if asked["type"] == "history":  # a conversation of one's own, in which nothing was said
            assert (answer["type"], answer["messages"], asked["messages"]) == ("search", [], [])
        else:
            assert (answer["code"], answer.get("field")) == (asked["code"], asked.get("field"))


@pytest.mark.parametrize("is_indexed", [False, True])
def test_in_step_with_edits_and_deletions(house: House, is_indexed: bool) -> None:
    """An edited message is found by its new words alone, a deleted one by none; moderators find no earlier version."""
    house.account("mod", role=Role.MODERATOR)
    bob, mod = house.modern("bob"), house.modern("mod")
    ids = [bob.one({**say(text), "id": 1})["message_id"] for text in ("avant", "effacé", "resté")]
    if is_indexed:
        fill(house)
    bob.raw()
    assert bob.one({"type": "edit", "id": 1, "message_id": ids[0], "content": "après"})["type"] == "edit"
    assert bob.one({"type": "delete", "id": 1, "message_id": ids[1]})["type"] == "delete"
    for _ in range(2):
        for client in (bob, mod):
            words = {word: found(client, word) for word in ("avant", "efface", "apres", "reste")}
            assert words == {"avant": [], "efface": [], "apres": ["après"], "reste": ["resté"]}
        fill(house)
    bob.raw()
    page = bob.one({"type": "history", "id": 1, "around": ids[0], "limit": 1})["messages"]
    assert bob.one({"type": "search", "id": 1, "query": "apres"})["messages"] == page
    assert "edited_at" in page[0]


# -- how it is asked --------------------------------------------------------------------------------------------------


def test_a_message_is_as_in_the_history(house: House) -> None:
    """Field by field; a classic client, too, is answered."""
    house.member("bob").ask(say("un mot"))
    bob = house.modern("bob")
    page = bob.one({"type": "history", "id": 1})
    assert bob.one({"type": "search", "id": 2, "query": "mot"})["messages"] == page["messages"]
    (answer,) = house.member("bob").ask({"type": "search", "query": "mot"})
    assert [message["content"] for message in answer["messages"]] == ["un mot"]


@pytest.mark.parametrize("order", ["best", "newest"])
def test_pages(house: House, order: str) -> None:
    """`next` leads to all messages, each once, though others are said meanwhile."""
    bob = house.modern("bob")
    bob.ask(*[say(f"mot {number}") for number in range(12)])
    seen: list[str] = []
    page: dict[str, Any] = {}
    while True:
        answer = bob.one({"type": "search", "id": 1, "query": "mot", "order": order, "limit": 5, **page})
        seen += contents(answer["messages"])
        assert answer["more"] == ("next" in answer)
        if not answer["more"]:
            break
        page = {"page": answer["next"]}
        bob.ask(say("encore un mot"))
    later = [each for each in seen if each == "encore un mot"]
    assert sorted(set(seen) - set(later)) == sorted(f"mot {number}" for number in range(12))
    assert len(seen) == 12 + len(later)
    assert order == "best" or seen == [f"mot {number}" for number in range(11, -1, -1)]


def test_an_answer_has_a_size(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit is on the next page; one message always fits."""
    monkeypatch.setattr("classcord.chat.messages.pages.ROOM", 75)
    bob = house.modern("bob")
    bob.ask(*[say(f"mot {number} " + "x" * 25) for number in range(5)])
    for order in ("best", "newest"):
        page: dict[str, Any] = {}
        sizes = []
        while True:
            answer = bob.one({"type": "search", "id": 1, "query": "mot", "order": order, **page})
            sizes.append(len(answer["messages"]))
            if not answer["more"]:
                break
            page = {"page": answer["next"]}
        assert sizes == [2, 2, 1]


def test_one_at_a_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the store looks for one, the next waits, and history does not; who waits too long in vain hears `busy`."""
    monkeypatch.setattr(lookups, "SLOW", 2)
    clients = [house.modern(name) for name in ("ann", "bob", "eve")]
    real, held = house.store.find, []

    def find(question: Any) -> Deferred[Any]:
        if not question.slow:
            return real(question)
        waiting: Deferred[Any] = Deferred()
        held.append((question, waiting))
        return waiting

    monkeypatch.setattr(house.store, "find", find)
    for client in clients:
        client.send({"type": "search", "id": 1, "query": "mot"}, {"type": "ping", "id": 2})
    house.turn()
    assert len(held) == 1
    (answer, pong) = clients[2].lines()
    assert (answer["code"], pong["id"]) == ("busy", 2)
    assert clients[0].lines() == clients[1].lines() == []
    assert house.modern("tom").one({"type": "history", "id": 3})["type"] == "history"
    for index in range(2):
        question, waiting = held[index]
        real(question).chainDeferred(waiting)
        house.turn()
        assert [line["id"] for line in clients[index].lines()] == [1, 2]
    assert len(held) == 2


def test_a_search_that_takes_long_is_given_up() -> None:
    """It is answered by `busy`, and the next one is served."""
    with running(messages_per_second=0) as house:
        bob = house.modern("bob")
        bob.ask(*[say("mot") for _ in range(50)])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("classcord.store.sqlite.answers.search.PATIENCE", -1.0)
            patch.setattr("classcord.store.sqlite.answers.search.STEPS", 1)
            answer = bob.one({"type": "search", "id": 1, "query": "mot"})
        assert (answer["code"], answer["retry_after"]) == ("busy", 5)
        assert len(found(bob, "mot", limit=100)) == 50
