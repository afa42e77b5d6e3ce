"""A session that goes on after its connection is lost: every message once, in the order of the chat, then live."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ConnectionDone

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.effects import Commit
from classcord.chat.errors import StorageUnavailable
from classcord.chat.hub import Hub
from classcord.chat.messages import pages
from classcord.chat.questions import Question
from classcord.chat.resuming import rules
from classcord.chat.resuming.vocabulary import Missing, Resume
from classcord.chat.roles import Role
from classcord.chat.text import Text
from classcord.services.chat import replays
from classcord.services.monitoring.masking import incoming, outgoing
from classcord.store.sqlite import database
from tests.harness import PASSWORD, Client, House, contents, encoded, login, notices, running, say, tell

HELLO = {"type": "hello", "client": "phone/1.0"}


def comes(house: House, name: str, address: str = "10.0.0.1") -> tuple[Client, str]:
    """Return a modern client that is logged in, and its token; the others have heard all until now."""
    if house.hub.state.account(name) is None:
        house.account(name)
    client = house.client(address)
    token = str(client.ask(HELLO, login(name))[1]["session"])
    house._all_heard()
    return client, token


def visits(house: House, name: str) -> tuple[Client, str]:
    """Return a guest's modern client, and its token."""
    client = house.client()
    token = str(client.ask(HELLO, {"type": "guest", "username": name})[1]["session"])
    house._all_heard()
    return client, token


def asks(token: str, after: int | None = None) -> dict[str, Any]:
    return {"type": "resume", "session": token, "id": "r"} | ({} if after is None else {"after": after})


def resumed(house: House, token: str, after: int | None = None, address: str = "10.0.0.1") -> tuple[Client, list[Any]]:
    """Return a new connection that has resumed a session, and what it has heard, from the answer on."""
    client = house.client(address)
    heard = client.ask(HELLO, asks(token, after))[1:]
    return client, heard


def cut(client: Client) -> None:
    """Lose a connection without the server's noticing: what it writes there arrives nowhere."""
    client.transport.write = lambda _: None  # type: ignore[method-assign]


def ids(heard: list[Any]) -> list[int]:
    return [line["message_id"] for line in heard if line["type"] == "message"]


@pytest.fixture
def reads() -> list[tuple[Deferred[Any], Any]]:
    """The reads of the store that wait, see `slowly`."""
    return []


@pytest.fixture
def slowly(house: House, monkeypatch: pytest.MonkeyPatch, reads: list[tuple[Deferred[Any], Any]]) -> None:
    """The store answers what a session missed when a test lets it."""
    find = house.store.find

    def waits(question: Question) -> Deferred[Any]:
        found = find(question)
        if not isinstance(question, Missing):
            return found
        waiting: Deferred[Any] = Deferred()
        reads.append((waiting, found))
        return waiting

    monkeypatch.setattr(house.store, "find", waits)


def let_go(reads: list[tuple[Deferred[Any], Any]]) -> None:
    waiting, found = reads.pop(0)
    found.chainDeferred(waiting)


# -- tokens -----------------------------------------------------------------------------------------------------------


def test_who_gets_a_token(house: House) -> None:
    """A login and a guest of a modern client do, each another one; a classic client does not."""
    house.account("bob")
    tokens = set()
    for request in (login("bob"), login("bob"), {"type": "guest", "username": "Zoé"}):
        client = house.client()
        tokens.add(client.ask(HELLO, request)[1]["session"])
        assert "session" not in house.client().ask(request)[0]
    assert len(tokens) == 3
    assert all(len(token) == 43 for token in tokens)


def test_chance(house: House) -> None:
    """A server's tokens are 256 random bits, in letters that need no quotes anywhere."""
    assert house.chance is not None
    tokens = {house.chance() for _ in range(100)}
    assert len(tokens) == 100
    assert all(re.fullmatch(r"[\w-]{43}", token, re.ASCII) for token in tokens)


def test_a_one_time_password_gives_none_before_it_is_changed(house: House) -> None:
    """The login with it is no login yet; the change is, and gives a token."""
    house.one_time("bob")
    bob = house.client()
    assert "session" not in bob.ask(HELLO, login("bob"))[1]
    changed = bob.ask({"type": "password", "old": PASSWORD, "new": "another one"})
    token = next(line["session"] for line in changed if line["type"] == "password")
    bob.leave()
    assert resumed(house, token)[1][0]["username"] == "bob"


def test_without_tokens() -> None:
    """With `session_days = 0` nobody gets one, and nobody comes in by one."""
    with running(session_days=0) as house:
        house.account("bob")
        assert "session" not in house.client().ask(HELLO, login("bob"))[1]
        assert resumed(house, "x" * 43)[1][0]["code"] == "bad_token"


def test_only_a_digest_is_stored(house: House) -> None:
    """Nobody resumes a session by what is in the database; the log and the audit log have no token either."""
    bob, token = comes(house, "bob")
    bob.leave()
    resumed(house, token, 0)
    row = house.store.connection.execute("SELECT * FROM tokens").fetchone()
    assert token not in map(str, row)
    assert len(row[1]) == 64
    assert not [line for line in (*house.logged, *house.audit) if token in line]
    for stored in (row[1], token[:-1], token + "A", "", "é" * 43):
        assert resumed(house, stored)[1][0]["code"] == "bad_token"


# -- coming back ------------------------------------------------------------------------------------------------------


def test_what_was_missed_follows_in_order(house: House) -> None:
    """Messages of one's channels and conversations, of other people and of one's own other session; then live ones."""
    bob, token = comes(house, "bob")
    alice, carol = house.modern("alice"), house.modern("carol")
    bob.ask({"type": "join", "channel": "#dev"})
    seen = bob.ask(say("seen"))[-1]["message_id"]
    bob.leave()
    house.clock.advance(30)
    other = house.modern("bob")
    alice.ask(say("one"), tell("bob", "two"), say("three", channel="#dev", subtype="channel"))
    other.ask(tell("alice", "four"), say("five"))
    carol.ask({"type": "create", "channel": "#elsewhere"}, say("not heard", channel="#elsewhere", subtype="channel"))
    carol.ask(tell("alice", "not for bob"))
    client, heard = resumed(house, token, seen)
    person = {"username": "bob", "role": "member", "may": ["create_channels"]}
    assert heard[0] == {"type": "resume", "status": "ok", **person, "id": "r"}
    assert contents(heard) == ["one", "two", "three", "four", "five"]
    assert ids(heard) == sorted(ids(heard))
    alice.ask(say("six"))
    assert contents(client.lines()) == ["six"]


def test_a_replay_has_the_form_of_what_is_pushed(house: House) -> None:
    """Line by line the same as another session of the person has heard."""
    bob, token = comes(house, "bob")
    stays = house.modern("bob")
    alice = house.modern("alice")
    bob.leave()
    stays.lines()
    number = alice.ask(say("all"))[-1]["message_id"]
    alice.ask(tell("bob", "psst"), say("an answer", reply_to=number))
    live = [line for line in stays.lines() if line["type"] == "message"]
    assert len(live) == 3
    assert resumed(house, token, 0)[1][1:] == live


def test_without_after_nothing_is_replayed(house: House) -> None:
    """Who has no number gets the answer, and hears what is said from then on."""
    bob, token = comes(house, "bob")
    alice = house.modern("alice")
    bob.leave()
    alice.ask(say("missed"))
    client, heard = resumed(house, token)
    assert [line["type"] for line in heard] == ["resume"]
    alice.ask(say("heard"))
    assert contents(client.lines()) == ["heard"]


def test_nothing_was_missed(house: House) -> None:
    """Then the answer is all."""
    bob, token = comes(house, "bob")
    number = bob.one(say("last"))["message_id"]
    bob.leave()
    assert [line["type"] for line in resumed(house, token, number)[1]] == ["resume"]


def test_a_phone_that_changes_networks(house: House) -> None:
    """It is one session that hears every message once, and nobody sees the person leave or come.

    The server has not noticed yet that the old connection is lost.
    """
    bob, token = comes(house, "bob")
    alice = house.modern("alice")
    bob.ask({"type": "join", "channel": "#dev"}, {"type": "status", "state": "away"})
    alice.ask(say("before"))
    seen = ids(bob.lines())[-1]
    alice.lines()
    cut(bob)
    alice.ask(say("into the dark"), tell("bob", "psst"), say("dev", channel="#dev", subtype="channel"))
    alice.lines()
    client, heard = resumed(house, token, seen, "192.0.2.7")
    assert contents(heard) == ["into the dark", "psst", "dev"]
    house.pass_time(5)
    assert bob.closed
    assert alice.lines() == []  # neither `status` nor a sentence
    assert len(house.hub.state.people["bob"].sessions) == 1
    assert house.hub.state.people["bob"].state == "away"
    alice.ask(say("after"), say("dev again", channel="#dev", subtype="channel"))
    assert contents(client.lines()) == ["after", "dev again"]


def test_the_old_connection_hears_why_it_ends(house: House) -> None:
    """A client that is still there when its session is resumed elsewhere is told so."""
    bob, token = comes(house, "bob")
    resumed(house, token)
    assert notices(bob.lines()) == ["This session goes on on another connection."]
    house.pass_time(5)
    assert bob.closed


def test_resumed_twice(house: House) -> None:
    """A token is good for any number of lost connections; each resume ends the connection before it."""
    bob, token = comes(house, "bob")
    alice = house.modern("alice")
    first, _ = resumed(house, token)
    second, heard = resumed(house, token, 0)
    assert heard[0]["status"] == "ok"
    house.pass_time(5)
    assert (bob.closed, first.closed, second.closed) == (True, True, False)
    alice.ask(say("once"))
    assert contents(second.lines()) == ["once"]


def test_resumed_twice_at_the_same_time(house: House) -> None:
    """Of two connections that resume a session in one group, one gets it; the other is told to try again."""
    bob, token = comes(house, "bob")
    bob.leave()
    first, second = house.client(), house.client()
    first.ask(HELLO)
    second.ask(HELLO)
    first.send(asks(token, 0))
    second.send(asks(token, 0))
    house.turn()
    assert [line["type"] for line in first.lines()] == ["resume"]
    refused = second.lines()
    assert [(line["type"], line["code"], line["retry_after"]) for line in refused] == [("error", "conflict", 1.0)]
    assert second.one(asks(token, 0))["type"] == "resume"
    assert len(house.hub.state.people["bob"].sessions) == 1


@pytest.mark.parametrize("first", ["the end", "the resume"])
def test_the_old_connection_ends_in_the_same_moment(house: House, first: str) -> None:
    """The client resumes while the server hears that its old connection has ended: both are in one group."""
    bob, (old, token) = house.modern("bob"), comes(house, "alice")
    new = house.client()
    new.ask(HELLO)
    house.store.holding = True
    bob.send(say("Bonjour"))
    house.turn()  # what follows waits for this group, and is one group then
    if first == "the resume":
        new.send(asks(token, 0))
    old.transport.end(ConnectionDone())
    if first == "the end":
        new.send(asks(token, 0))
    house.turn()
    house.store.holding = False
    house.store.let_go()
    house.turn()
    heard = new.lines()
    assert (heard[0]["type"], heard[0].get("status")) == ("resume", "ok")
    assert contents(heard) == ["Bonjour"]
    assert new.one({"type": "users"})["users"] == ["bob", "alice"]


def test_a_connection_with_a_name(house: House) -> None:
    """It cannot become another session: it hears that it has a name already, and goes on."""
    _, token = comes(house, "bob")
    alice = house.modern("alice")
    assert alice.one(asks(token, 0))["code"] == "conflict"
    assert alice.one(say("still here"))["type"] == "ack"


def test_after_a_restart() -> None:
    """Tokens hold, and what was said while nobody was there is replayed; the numbers of sessions go on."""
    with running() as house:
        bob, token = comes(house, "bob")
        alice = house.modern("alice")
        seen = alice.one(say("seen"))["message_id"]
        bob.leave()
        alice.ask(say("missed"), tell("bob", "kept for bob"))
        stored = database.begin(house.store.connection)
        hub = house.hub
        hub.__dict__.update(Hub(hub.policy, stored.last).__dict__ | {"new_secret": hub.new_secret})
        hub.restore(stored.records)
        client, heard = resumed(house, token, seen)
        assert contents(heard) == ["missed", "kept for bob"]
        house.pass_time(3)
        assert client.lines() == []  # what was kept does not come twice
        assert house.store.asked("SELECT id FROM messages WHERE waiting_for IS NOT NULL") == []


def test_kept_messages_come_once(house: House) -> None:
    """Private messages kept since long before `after` come, and those that the replay has brought do not come again."""
    bob, token = comes(house, "bob")
    alice = house.modern("alice")
    bob.leave()
    alice.ask(tell("bob", "first"))
    between = alice.ask(say("seen elsewhere"))[-1]["message_id"]
    alice.ask(tell("bob", "second"), say("third"))
    client, heard = resumed(house, token, between)
    house.pass_time(3)
    assert sorted(contents([*heard, *client.lines()])) == ["first", "second", "third"]
    assert contents(heard)[:2] == ["second", "third"]
    assert house.store.asked("SELECT id FROM messages WHERE waiting_for IS NOT NULL") == []


# -- a running chat ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("slowly")
def test_under_a_running_chat(house: House, reads: list[tuple[Deferred[Any], Any]]) -> None:
    """What is pushed while the store is read comes after what was missed; later requests are answered after both."""
    bob, token = comes(house, "bob")
    alice = house.modern("alice")
    bob.leave()
    alice.ask(say("missed"))
    client = house.client()
    client.ask(HELLO, asks(token, 0))
    assert client.lines() == []
    alice.ask(say("live"), tell("bob", "psst"))
    client.send({"type": "ping", "id": 7})
    house.turn()
    assert client.lines() == []
    let_go(reads)
    house.turn()
    heard = client.lines()
    assert [line.get("content") or line["type"] for line in heard] == ["resume", "missed", "live", "psst", "ping"]
    assert ids(heard) == sorted(set(ids(heard)))


def test_in_one_group_with_messages(house: House) -> None:
    """A resume that is committed between two messages replays the first and hears the second, each once."""
    bob, token = comes(house, "bob")
    alice = house.modern("alice")
    bob.leave()
    client = house.client()
    client.ask(HELLO)
    house.store.holding = True
    alice.send(say("zero"))
    house.turn()  # is being written; what comes now is one group
    alice.send(say("one"))
    client.send(asks(token, 0))
    alice.send(say("two"))
    house.turn()
    house.store.holding = False
    while house.store.held:
        house.store.let_go()
        house.turn()
    heard = client.lines()
    assert [line.get("content") or line["type"] for line in heard] == ["resume", "zero", "one", "two"]


@pytest.mark.usefixtures("slowly")
def test_too_much_is_pushed_meanwhile(
    house: House, reads: list[tuple[Deferred[Any], Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is held back is bounded: beyond that the session goes on with a gap, and the late answer changes nothing."""
    monkeypatch.setattr(replays, "MOST_HELD", 500)
    bob, token = comes(house, "bob")
    alice = house.modern("alice")
    bob.leave()
    alice.ask(say("missed"))
    client = house.client()
    client.ask(HELLO, asks(token, 0))
    alice.ask(say("x" * 300), say("y" * 300))
    heard = client.lines()
    assert [line["type"] for line in heard] == ["resume", "gap", "message", "message"]
    let_go(reads)
    alice.ask(say("after"))
    assert contents(client.lines()) == ["after"]


@pytest.mark.usefixtures("slowly")
def test_gone_again_before_it_has_come(house: House, reads: list[tuple[Deferred[Any], Any]]) -> None:
    """A connection that is lost during its replay leaves nothing behind, and the token is good for the next."""
    bob, token = comes(house, "bob")
    alice = house.modern("alice")
    bob.leave()
    alice.ask(say("missed"))
    client = house.client()
    client.ask(HELLO, asks(token, 0))
    client.leave()
    reads.clear()
    assert house.left_behind == []
    again = house.client()
    again.ask(HELLO, asks(token, 0))
    let_go(reads)
    house.turn()
    assert contents(again.lines()) == ["missed"]


@pytest.mark.usefixtures("slowly")
def test_turned_out_during_the_replay(house: House, reads: list[tuple[Deferred[Any], Any]]) -> None:
    """A kick does not wait for the store: the session hears why, and is closed."""
    bob, token = comes(house, "bob")
    bob.leave()
    alice = house.modern("alice")
    alice.ask(say("missed"))
    client = house.client()
    client.ask(HELLO, asks(token, 0))
    house.chat.turn_out(house.hub.state.people["bob"], Text("Out."))
    house.pass_time(5)
    assert [line["type"] for line in client.lines()] == ["resume", "gap", "system"]
    assert client.closed
    assert len(reads) == 1


@pytest.mark.usefixtures("slowly")
@pytest.mark.parametrize("how", ["leave", "delete_channel"])
def test_a_channel_is_lost_during_the_replay(house: House, reads: list[tuple[Deferred[Any], Any]], how: str) -> None:
    """What was said there is not told any more, nor what has become of it; what others said elsewhere is."""
    bob, token = comes(house, "bob")
    house.account("owner", role=Role.OWNER)
    owner = house.modern("owner")
    for each in (bob, owner):
        each.ask({"type": "join", "channel": "#dev"})
    (acked,) = [line for line in owner.ask({**say("earlier", channel="#dev"), "id": 1}) if line["type"] == "ack"]
    tablet = house.modern("bob")
    bob.leave()
    owner.ask(say("secret", channel="#dev"), say("missed"))
    owner.ask({"type": "edit", "message_id": acked["message_id"], "content": "another secret"})
    client = house.client()
    client.ask(HELLO, asks(token, acked["message_id"]))
    (tablet if how == "leave" else owner).ask({"type": how, "channel": "#dev"})
    let_go(reads)
    house.turn()
    assert contents(client.lines()) == ["missed"]


@pytest.mark.parametrize("how", ["leave", "delete_channel"])
def test_a_channel_that_was_left_while_away(house: House, how: str) -> None:
    """A session hears nothing of a channel that its person has left on another device, or that is gone."""
    bob, token = comes(house, "bob")
    house.account("owner", role=Role.OWNER)
    owner = house.modern("owner")
    for each in (bob, owner):
        each.ask({"type": "join", "channel": "#dev"})
    (acked,) = [line for line in owner.ask({**say("before", channel="#dev"), "id": 1}) if line["type"] == "ack"]
    tablet = house.modern("bob")
    cut(bob)
    owner.ask(say("while a member", channel="#dev"))
    (tablet if how == "leave" else owner).ask({"type": how, "channel": "#dev"})
    if how == "leave":
        owner.ask(say("afterwards", channel="#dev"))
        owner.ask({"type": "edit", "message_id": acked["message_id"], "content": "edited"})
    owner.ask(say("to all"))
    _, heard = resumed(house, token, acked["message_id"])
    assert contents(heard) == ["to all"]


# -- gaps -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["messages", "bytes", "store"])
def test_a_gap(house: House, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    """Too much to replay, or a store that cannot be read: the client is told from where to read on; live goes on."""
    bob, token = comes(house, "bob")
    alice = house.modern("alice")
    first = alice.one(say("first"))["message_id"]
    bob.leave()
    alice.lines()
    last = [alice.one(say(f"missed {number}"))["message_id"] for number in range(4)][-1]
    if why == "messages":
        monkeypatch.setattr(rules, "MOST_REPLAYED", 3)
    elif why == "bytes":
        monkeypatch.setattr(pages, "ROOM", 20)
    else:
        monkeypatch.setattr(house.store, "find", lambda _: fail(StorageUnavailable()))
    client, heard = resumed(house, token, first)
    assert heard[0]["status"] == "ok"
    assert heard[1:] == [{"type": "gap", "after": first, "up_to": last}]
    alice.ask(say("live"))
    assert contents(client.lines()) == ["live"]
    monkeypatch.undo()
    page = client.one({"type": "history", "after": first})
    assert contents(page["messages"]) == [*(f"missed {number}" for number in range(4)), "live"]


@pytest.mark.parametrize("after", [None, 1, 1000])
def test_what_there_is_to_be_read(house: House, monkeypatch: pytest.MonkeyPatch, after: int | None) -> None:
    """Where nothing is replayed, the answer says what waits, as that of a login does; a replay needs no such list."""
    monkeypatch.setattr(rules, "MOST_REPLAYED", 2)
    bob, token = comes(house, "bob")
    alice = house.modern("alice")
    alice.ask(say("first"))
    bob.leave()
    alice.ask(say("@bob"), say("three"), tell("bob", "psst"))
    _, heard = resumed(house, token, after)
    assert heard[0]["conversations"] == [
        {"user": "alice", "conversation": "1:2", "last_read": 0, "last_message_id": 4, "unread": 1, "mentions": 0},
        {"channel": "#général", "last_read": 0, "last_message_id": 3, "unread": 3, "mentions": 1},
    ]
    assert "more" not in heard[0]
    assert "conversations" not in resumed(house, token, 2)[1][0]
    assert "conversations" not in resumed(house, visits(house, "Zoé")[1], after)[1][0]


def test_a_gap_tells_what_has_become_of_earlier_messages(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are no part of what is to be read; if they are too many, everything is to be read anew."""
    monkeypatch.setattr(rules, "MOST_REPLAYED", 2)
    bob, token = comes(house, "bob")
    alice = house.modern("alice")
    numbers = [alice.one(say(f"{number}"))["message_id"] for number in range(4)]
    bob.leave()
    alice.ask({"type": "edit", "message_id": numbers[0], "content": "now"})
    alice.ask({"type": "react", "message_id": numbers[1], "emoji": "👍"}, say("x"), say("y"), say("z"))
    told = [(line["type"], line.get("message_id"), line.get("after")) for line in resumed(house, token, 4)[1][1:]]
    assert told == [("edited", numbers[0], None), ("changed", numbers[1], None), ("gap", None, 4)]
    alice.ask({"type": "delete", "message_id": numbers[2]})
    _, heard = resumed(house, token, 4)
    assert heard[1:] == [{"type": "gap", "after": 0, "up_to": 7}]
    assert heard[0]["conversations"][0]["last_message_id"] == 7


def test_just_no_gap(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many messages as are replayed at most are replayed."""
    monkeypatch.setattr(rules, "MOST_REPLAYED", 3)
    bob, token = comes(house, "bob")
    alice = house.modern("alice")
    bob.leave()
    alice.ask(say("one"), tell("bob", "two"), say("three"))
    assert contents(resumed(house, token, 0)[1]) == ["one", "two", "three"]


def test_numbers_of_another_history(house: House) -> None:
    """A client that has seen more than there is, because an older backup was restored, is told to read anew."""
    bob, token = comes(house, "bob")
    number = bob.one(say("all there is"))["message_id"]
    bob.leave()
    assert resumed(house, token, number + 1000)[1][1:] == [{"type": "gap", "after": 0, "up_to": number}]


# -- the end of tokens ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end",
    [
        {"type": "logout"},
        {"type": "disconnect"},
        login("carol"),
        {"type": "guest", "username": "Zoé"},
        {"type": "end_session", "others": True},
    ],
)
def test_the_end_of_a_session_is_the_end_of_its_token(house: House, end: dict[str, Any]) -> None:
    """Whoever leaves by themselves, or becomes another person there, cannot be resumed; `others` are the others."""
    house.account("carol")
    bob, token = comes(house, "bob")
    bob.ask(end)
    bob.leave()
    ended = end["type"] != "end_session"
    assert resumed(house, token)[1][0].get("code") == ("bad_token" if ended else None)


def test_a_new_password_ends_the_other_tokens(house: House) -> None:
    """Of one's own sessions, only the one in which the password was changed can be resumed; by `passwd`, none."""
    bob, token = comes(house, "bob")
    _, other = comes(house, "bob")
    bob.ask({"type": "password", "old": PASSWORD, "new": "another one"})
    assert resumed(house, other)[1][0]["code"] == "bad_token"
    assert resumed(house, token)[1][0]["status"] == "ok"
    assert len(house.store.asked("SELECT id FROM tokens")) == 1


def test_a_rehashed_password_ends_none(house: House) -> None:
    """A newer digest of the same password changes nothing for who is there."""
    house.account("dora", digest="0" * 64)
    _, token = comes(house, "bob")
    house.account("old", digest="f2d81a260dea8a100dd517984e53c56a7523d96942a834b9cdc249bd4e8c7aa9")  # azerty, SHA-256
    _, mine = comes(house, "old")
    comes(house, "old")
    assert resumed(house, mine)[1][0]["status"] == "ok"
    assert resumed(house, token)[1][0]["status"] == "ok"


def test_expired(house: House) -> None:
    """14 days after the last use a token is void, and its row is removed; each use prolongs it."""
    day = 86_400.0
    bob, token = comes(house, "bob")
    bob.leave()
    house.clock.advance(13 * day)
    bob, heard = resumed(house, token)
    assert heard[0]["status"] == "ok"
    bob.leave()
    house.clock.advance(13 * day)
    house.chat.forget_old()
    house.turn()
    bob, heard = resumed(house, token)
    assert heard[0]["status"] == "ok"
    bob.leave()
    house.clock.advance(14 * day)
    assert resumed(house, token)[1][0]["code"] == "bad_token"
    house.chat.forget_old()
    house.turn()
    assert house.store.asked("SELECT id FROM tokens") == []
    assert len(house.hub.state.tokens) == 0


def test_who_stays_connected_for_weeks(house: House) -> None:
    """The token of a session that is there does not expire."""
    bob, token = comes(house, "bob")
    for _ in range(60):
        house.clock.advance(43_200.0)
        house.chat.forget_old()
        house.turn()
    bob.leave()
    assert resumed(house, token)[1][0]["status"] == "ok"


@pytest.mark.parametrize("restarted", [False, True])
def test_the_token_of_a_deleted_account(house: House, restarted: bool) -> None:
    """It is void, also for an account that gets the same name later."""
    bob, token = comes(house, "bob")
    bob.leave()
    account = house.hub.state.accounts["bob"]
    house.journal.append(Commit(None, (UserRemoved(user_id=account.id),)))
    house.turn()
    house.account("bob")
    if restarted:
        assert database.begin(house.store.connection).records
    assert house.store.asked("SELECT id FROM tokens") == []
    assert resumed(house, token)[1][0]["code"] == "bad_token"


def test_what_keeps_people_from_logging_in_keeps_them_from_resuming(house: House) -> None:
    """Kicked, banned, and in maintenance; when it is over, the token is good again."""
    bob, token = comes(house, "bob")
    prof = house.modern("prof")
    house.hub.state.accounts["prof"].role = Role.MODERATOR
    house.hub.state.staff_changed()
    prof.ask({"type": "kick", "user": "bob", "duration": 60})
    house.pass_time(3)
    assert bob.closed
    refused = resumed(house, token)[1][0]
    assert refused["code"] == "kicked"
    assert refused["until"] if "until" in refused else refused["retry_after"] > 0
    house.clock.advance(120)
    assert resumed(house, token)[1][0]["status"] == "ok"


def test_guessing(house: House) -> None:
    """After some bad tokens each further one waits longer; nobody with a good one has to wait for that."""
    _, token = comes(house, "bob")
    guesser = house.client("192.0.2.66")
    guesser.ask(HELLO)
    for number in range(5):
        assert guesser.one(asks(f"guess {number}"))["code"] == "bad_token"
    assert guesser.ask(asks("guess")) == []
    house.clock.advance(0.5)
    assert guesser.lines()[0]["code"] == "bad_token"
    assert sum("bad-token" in line for line in house.audit) == 6
    assert resumed(house, token, address="192.0.2.66")[1][0]["status"] == "ok"
    assert guesser.ask(asks("guess")) == []
    house.clock.advance(0.99)
    assert guesser.lines() == []
    house.clock.advance(0.01)
    assert guesser.lines()[0]["code"] == "bad_token"


# -- guests -----------------------------------------------------------------------------------------------------------


def test_a_guest_comes_back(house: House) -> None:
    """With the same name, to what was said to everyone; also after a restart."""
    zoe, token = visits(house, "Zoé")
    alice = house.modern("alice")
    zoe.leave()
    alice.ask(say("missed"))
    client, heard = resumed(house, token, 0)
    assert (heard[0]["username"], heard[0]["role"], contents(heard)) == ("Zoé", "guest", ["missed"])
    assert client.one(say("thanks"))["type"] == "ack"


def test_a_guest_who_comes_back_may_take_reactions_back(house: House) -> None:
    """They are the guest's whom the token says, however often the session was resumed; also after a restart."""
    alice = house.modern("alice")
    number = alice.ask({**say("Bonjour"), "id": 1})[-1]["message_id"]
    guest, token = visits(house, "Zoé")
    react = {"type": "react", "id": 2, "message_id": number, "emoji": "👍"}
    assert guest.one(react)["status"] == "ok"
    for on in (False, True, False):
        guest.leave()
        guest, _ = resumed(house, token)
        guest.ask({**react, "on": on})
        found = alice.ask({"type": "history", "id": 3})[-1]["messages"][0]
        assert found.get("reactions") == ({"👍": ["Zoé"]} if on else None)


def test_a_guest_whose_name_is_taken(house: House) -> None:
    """Somebody else has come under the name: the guest gets another one, and reads nobody's private messages."""
    zoe, token = visits(house, "Zoé")
    alice = house.modern("alice")
    alice.ask(tell("Zoé", "for the first"))
    zoe.leave()
    visits(house, "Zoé")
    alice.ask(tell("Zoé", "for the second"), say("for all"))
    _, heard = resumed(house, token, 0)
    assert heard[0]["username"] != "Zoé"
    assert contents(heard) == ["for the first", "for all"]


def test_a_guest_who_changes_networks(house: House) -> None:
    """The name and the channels stay, private messages included, and nobody sees a thing."""
    zoe, token = visits(house, "Zoé")
    alice = house.modern("alice")
    zoe.ask({"type": "join", "channel": "#dev"})
    alice.ask({"type": "join", "channel": "#dev"})
    zoe.lines()
    cut(zoe)
    alice.ask(tell("Zoé", "psst"), say("dev", channel="#dev", subtype="channel"))
    alice.lines()
    client, heard = resumed(house, token, 0)
    assert heard[0]["username"] == "Zoé"
    assert contents(heard) == ["psst", "dev"]
    assert alice.lines() == []
    alice.ask(say("again", channel="#dev", subtype="channel"))
    assert contents(client.lines()) == ["again"]


def test_guests_are_not_let_in_any_more() -> None:
    """A token of a guest is worth what `guest` is worth now."""
    with running() as house:
        zoe, token = visits(house, "Zoé")
        zoe.leave()
        house.hub.set_policy(rules_policy(house, guests=False))
        assert resumed(house, token)[1][0]["code"] == "not_allowed"


def rules_policy(house: House, **changes: Any) -> Any:
    return msgspec.structs.replace(house.hub.policy, **changes)


def test_client_ids_go_on_with_a_guest(house: House) -> None:
    """What a guest sends again after a resume is one message."""
    zoe, token = visits(house, "Zoé")
    alice = house.modern("alice")
    first = zoe.one(say("once", client_id=1, id=1))
    zoe.leave()
    client, _ = resumed(house, token)
    assert client.one(say("once", client_id=1, id=1)) == first
    assert contents(alice.lines()) == ["once"]


def test_a_trace_shows_no_token(house: House) -> None:
    """Whoever watches a connection sees that a session is resumed, and by no line how."""
    _, token = comes(house, "bob")
    request = Resume(session=token, after=0, id="r")
    line = encoded(asks(token, 0))
    for shown in (
        incoming(line, request, private=True),
        incoming(line, None, private=True),
        incoming(line[:-3], None, private=True),
        outgoing(encoded({"type": "login", "status": "ok", "username": "bob", "session": token}), private=True),
    ):
        assert token not in shown.text
        assert "***" in shown.text


@pytest.mark.parametrize("more", [True, False])
def test_what_has_become_of_earlier_messages(house: House, more: bool) -> None:
    """Edits and deletions that were missed come before the messages; nothing of places that one does not read."""
    bob, eve = house.modern("bob"), house.modern("eve")
    client, token = comes(house, "alice")
    bob.ask({"type": "join", "channel": "#dev"})
    lines = (say("one"), say("two"), say("three"), tell("alice", "psst"), tell("eve", "no"), say("no", channel="#dev"))
    numbers = [next(x for x in bob.ask({**line, "id": 1}) if x["type"] == "ack")["message_id"] for line in lines]
    house._all_heard()
    cut(client)
    seen = numbers[-1]
    for number in (numbers[0], *numbers[3:]):
        bob.ask({"type": "edit", "message_id": number, "content": f"{number} now"})
    bob.ask({"type": "delete", "message_id": numbers[1]})
    if more:
        bob.ask(say("missed"))
    client, heard = resumed(house, token, seen)
    told = [(line["type"], line["message_id"], line.get("content")) for line in heard[1:]]
    assert told == [
        ("edited", numbers[0], f"{numbers[0]} now"),
        ("deleted", numbers[1], None),
        ("edited", numbers[3], f"{numbers[3]} now"),
        *([("message", seen + 1, "missed")] if more else []),
    ]
    assert (heard[3]["user"], heard[3]["to"], heard[2]["from"]) == ("bob", "alice", "bob")
    assert eve.lines() != []


def test_reactions_and_pins_of_earlier_messages(house: House) -> None:
    """Who was away hears of them as they are now, once; nothing of what was so before, or was missed itself."""
    bob, eve = house.modern("bob"), house.modern("eve")
    house.account("root", role=Role.MODERATOR)
    root = house.modern("root")
    client, token = comes(house, "alice")
    bob.ask({"type": "join", "channel": "#dev"})
    lines = (say("one"), say("two"), tell("alice", "psst"), tell("eve", "no"), say("no", channel="#dev"), say("six"))
    numbers = [next(x for x in bob.ask({**line, "id": 1}) if x["type"] == "ack")["message_id"] for line in lines]
    bob.ask({"type": "react", "message_id": numbers[5], "emoji": "👍"}, say("seen"))
    cut(client)
    seen = numbers[-1] + 1
    for number in numbers[1:5]:
        bob.ask({"type": "react", "message_id": number, "emoji": "👍"})
    root.ask({"type": "pin", "message_id": numbers[0]}, {"type": "pin", "message_id": numbers[1]})
    root.ask({"type": "pin", "message_id": numbers[1], "on": False})
    bob.ask({**say("missed"), "id": 1})
    bob.ask({"type": "react", "message_id": seen + 1, "emoji": "👍"})
    client, heard = resumed(house, token, seen)
    thumb = {"reactions": {"👍": ["bob"]}, "pinned": False}
    assert heard[1:-1] == [
        {"type": "changed", "message_id": numbers[0], "channel": "#général", "reactions": {}, "pinned": True},
        {"type": "changed", "message_id": numbers[1], "channel": "#général", **thumb},
        {"type": "changed", "message_id": numbers[2], "user": "bob", **thumb},
    ]
    assert (heard[-1]["content"], heard[-1]["reactions"]) == ("missed", {"👍": ["bob"]})
    assert eve.lines() != []


def test_what_one_has_changed_oneself_elsewhere(house: House) -> None:
    """A private message that was changed on another device is told with the other person's name."""
    house.account("alice")
    client, token = comes(house, "bob")
    number = client.ask({**tell("alice", "a"), "id": 1})[0]["message_id"]
    cut(client)
    house.modern("bob").ask({"type": "edit", "message_id": number, "content": "b"})
    _, heard = resumed(house, token, number)
    assert [(line["type"], line["user"]) for line in heard[1:]] == [("edited", "alice")]
