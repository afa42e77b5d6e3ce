"""The service: people who leave midway, several sessions of one, what was kept, backpressure, the log and the end."""

from __future__ import annotations

import gc

import pytest
from twisted.internet.defer import Deferred

from classcord.chat.errors import Conflict
from classcord.chat.identity.vocabulary import SessionEnded
from classcord.chat.messages import pages
from classcord.services.chat import lookups, pipeline
from tests.harness import Client, House, contents, encoded, login, notices, running, say, tell


def said_in(house: House) -> list[str]:
    """Return what the store has, in the order of ids."""
    return house.store.asked("SELECT content FROM messages ORDER BY id")


# -- leaving midway ----------------------------------------------------------------------------------------------------


def test_who_leaves_during_hashing_never_came(house: House) -> None:
    """The login is cancelled: nobody hears of it, and what was pipelined behind it is not done."""
    bob = house.member("bob")
    house.account("alice")
    house.hasher.holding = True
    alice = house.client()
    alice.send(login("alice"), say("from nobody"))
    alice.leave()
    house.hasher.let_go()
    house.turn()
    assert bob.raw() == b""
    assert house.hub.state.account("alice") is not None
    assert len(house.store.asked("SELECT id FROM sessions")) == 1
    assert house.chat.pipeline.lookups == {}


def test_who_leaves_while_the_login_is_stored_came_and_went(house: House) -> None:
    """The others hear both, in order; no ghost stays, and the row of the session has its end."""
    bob = house.member("bob")
    house.account("alice")
    house.store.holding = True
    alice = house.client()
    alice.ask(login("alice"))
    alice.leave()
    house.store.holding = False
    house.store.let_go()
    house.turn()
    assert [line["state"] for line in bob.lines() if line["type"] == "status"] == ["online", "offline"]
    assert bob.one({"type": "users"})["users"] == ["bob"]
    assert dict(house.store.asked("SELECT name, ended_at IS NULL FROM sessions")) == {
        "bob": True,
        "alice": False,
    }


def test_what_was_said_before_leaving_is_delivered(house: House) -> None:
    """Messages whose commit is under way, and those behind them, are the last words; then the departure."""
    bob, alice = house.member("bob"), house.member("alice")
    bob.raw()
    house.store.holding = True
    alice.send(say("one"), {"type": "join", "channel": "#dev"}, say("two"))
    house.turn()
    alice.leave()
    house.store.holding = False
    house.store.let_go()
    house.turn()
    received = bob.lines()
    assert contents(received) == ["one", "two"]
    assert received[-1]["content"] == "alice has left."


def test_who_leaves_while_reading_history_leaves(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look-up that is under way holds nobody back."""
    alice = house.member("alice")
    monkeypatch.setattr(house.store, "page", lambda **_: Deferred())
    alice.send({"type": "history"})
    alice.leave()
    assert house.hub.state.people == {}
    assert house.chat.connections == {}


# -- sessions of one account -------------------------------------------------------------------------------------------


def test_several_sessions_of_one_account(house: House) -> None:
    """Private messages reach all of them, the person is listed once, and goes offline with the last one."""
    bob = house.member("bob")
    sessions = [house.member("alice") for _ in range(3)]
    assert [line["user"] for line in bob.lines() if line["type"] == "status"] == []
    bob.ask(tell("alice", "psst"))
    assert [contents(session.lines()) for session in sessions] == [["psst"]] * 3
    for session in sessions[:2]:
        session.leave()
    assert bob.raw() == b""
    sessions[2].leave()
    assert [line["state"] for line in bob.lines() if line["type"] == "status"] == ["offline"]


def test_a_message_reaches_the_authors_other_sessions(house: House) -> None:
    """What I say in a channel is on my other screen; a state that I set there is on this one."""
    here, there = house.modern("alice"), house.modern("alice")
    here.ask(say("hello"))
    assert contents(there.lines()) == ["hello"]
    there.ask({"type": "status", "state": "invisible"})
    assert here.lines() == [{"type": "status", "user": "alice", "state": "invisible"}]


def test_kept_messages_are_handed_over_once(house: House) -> None:
    """Though one arrives while another is being handed over (both were written while their reader was away)."""
    house.account("alice")
    bob = house.member("bob")
    bob.ask(tell("alice", "first"))
    house.store.holding = True
    alice = house.client()
    alice.ask(login("alice"))
    bob.ask(tell("alice", "second"))
    house.store.let_go()
    house.turn()
    alice.send({"type": "users"})
    house.turn()
    while house.store.held:
        house.store.let_go()
        house.turn()
    assert [content[-6:] for content in contents(alice.lines())] == [" first", "second"]
    assert house.store.asked("SELECT id FROM messages WHERE waiting_for = 1") == []


@pytest.mark.parametrize("modern", [True, False])
def test_many_kept_messages_come_in_pieces(house: House, modern: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many at once as fit, the next ones a second later, each once and in order."""
    monkeypatch.setattr(lookups, "HANDED_AT_ONCE", 3)
    monkeypatch.setattr(pages, "ROOM", 10)
    house.account("alice")
    bob = house.member("bob")
    words = ["aaaa", "bbbb", "cccc", "dddddddddddd", "e", "f", "g", "h"]
    bob.ask(*[tell("alice", word) for word in words])
    alice = house.modern() if modern else house.client()
    alice.send(login("alice"))
    house.pass_time(20)
    received = contents(alice.lines())
    assert [content.removeprefix("[20:36] ") for content in received] == words
    assert house.store.asked("SELECT id FROM messages WHERE waiting_for = 1") == []


def test_a_private_message_whose_reader_left_meanwhile_is_kept(house: House) -> None:
    """Decided while they were here, stored when they were gone: kept, its author told, delivered at the next login."""
    alice, bob = house.member("alice"), house.member("bob")
    bob.raw()
    house.store.holding = True
    alice.send({"type": "logout"})
    house.turn()
    bob.send(tell("alice", "wait"))
    house.store.holding = False
    house.store.let_go()
    house.turn()
    assert any("alice is not here" in sentence for sentence in notices(bob.lines()))
    again = house.client()
    again.ask(login("alice"))
    assert [content[-4:] for content in contents(again.ask({"type": "users"}))] == ["wait"]


# -- backpressure ------------------------------------------------------------------------------------------------------


def reading(client: Client) -> bool:
    return bool(client.transport.producerState == "producing")


def test_a_session_whose_requests_wait_is_not_read_on(house: House) -> None:
    """Past the bound reading stops, nothing is lost, and it goes on by itself when the work is done."""
    house.account("alice")
    house.hasher.holding = True
    client = house.client()
    client.send(login("alice"))
    for _ in range(pipeline.MOST_BACKLOG):
        client.send({"type": "ping"})
    assert reading(client)
    client.send({"type": "ping"})
    assert not reading(client)
    house.hasher.let_go()
    house.turn()
    assert reading(client)
    assert len([line for line in client.lines() if line["type"] in ("ping", "error")]) == pipeline.MOST_BACKLOG + 1


def test_a_session_has_a_bounded_number_of_commits_under_way() -> None:
    """A flood of messages stops being read when that many wait for the store; each is stored in the end."""
    with running(messages_per_second=0) as house:
        alice = house.member("alice")
        house.store.holding = True
        count = pipeline.MOST_IN_FLIGHT + pipeline.MOST_BACKLOG + 50
        for number in range(count):
            alice.send(encoded(say(str(number))))
        house.turn()
        assert not reading(alice)
        (connection,) = house.chat.connections.values()
        assert (connection.in_flight, len(connection.backlog)) == (pipeline.MOST_IN_FLIGHT, pipeline.MOST_BACKLOG + 1)
        house.store.holding = False
        while house.store.held:
            house.store.let_go()
            house.turn()
        assert said_in(house) == [str(number) for number in range(count)]


def test_a_session_that_is_closed_while_it_waits_is_not_resumed() -> None:
    """Its work may end after its connection has: nothing is asked of a transport that is gone."""
    with running(bad_lines=2) as house:
        house.account("alice")
        house.hasher.holding = True
        client = house.client()
        client.send(encoded(login("alice")) + b'{"type":"ping"}\n' * (pipeline.MOST_BACKLOG + 1) + b"?\n" * 3)
        assert client.transport.disconnecting
        house.hasher.let_go()
        gc.collect()  # a Deferred that failed unseen is logged now
        assert house.faults == []


# -- announcements, the log, the end -----------------------------------------------------------------------------------


def test_a_system_message_reaches_whom_it_is_for(house: House) -> None:
    """Everyone, the listeners of a channel, or one person on each session; nobody is no error."""
    alice, bob = house.member("alice"), house.member("bob")
    alice.ask({"type": "join", "channel": "#dev"})
    alice.raw(), bob.raw()
    for to in ("global", "#dev", "bob", "#nowhere", "nobody"):
        house.chat.send_system_message(to, f"for {to} {{x}}")
    house.turn()
    assert notices(alice.lines()) == ["for global {x}", "for #dev {x}"]
    assert notices(bob.lines()) == ["for global {x}", "for bob {x}"]


@pytest.mark.parametrize("asked", [True, False])
def test_messages_are_logged_only_where_that_is_asked_for(asked: bool) -> None:
    """Who, where and what; a refused one is not in the log."""
    with running(log_messages=asked) as house:
        bob = house.member("bob")
        house.member("alice")
        house.store.bad = lambda record: Conflict() if getattr(record, "content", "") == "bad" else None
        bob.ask(say("{hello}"), say("bad"), say("dev", channel="dev"), tell("alice", "psst"))
        said = [line[line.index("bob -> ") :] for line in house.logged if "bob -> " in line]
        assert said == (["bob -> #général: {hello}", "bob -> #dev: dev", "bob -> alice: (private)"] if asked else [])


def test_a_shutdown_tells_everyone_and_flushes(house: House) -> None:
    """Who is identified hears of it, nobody is read any more, what was said is stored, every session has its end."""
    alice, bob, silent = house.member("alice"), house.member("bob"), house.client()
    alice.raw()
    house.store.holding = True
    bob.send(say("last words"))
    house.turn()
    house.chat.shut_down()
    bob.send(say("too late"))
    flushed = house.journal.flushed()
    house.store.holding = False
    house.store.let_go()
    house.turn()
    assert flushed.called
    gone = house.chat.hang_up()
    house.turn()
    assert gone.called
    received = alice.lines()
    assert contents(received) == ["last words"]
    assert notices(received) == ["The server is stopping."]
    assert silent.raw() == b""
    assert all(client.closed for client in (alice, bob, silent))
    assert said_in(house) == ["last words"]
    assert all(house.store.asked("SELECT ended_at IS NOT NULL FROM sessions"))


def test_who_leaves_during_the_shutdown_is_not_waited_for(house: House) -> None:
    """The last one that goes ends the wait, also before the hanging up."""
    alice = house.member("alice")
    house.chat.shut_down()
    alice.leave()
    assert house.chat.hang_up().called
    records = [record for group in house.store.groups for commit in group for record in commit.records]
    assert not any(isinstance(record, SessionEnded) for record in records)
