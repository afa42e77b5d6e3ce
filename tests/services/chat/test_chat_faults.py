"""The service under faults: a rule that breaks, a store in trouble, a record that is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from classcord.chat.channels.vocabulary import TopicSet
from classcord.chat.connections.vocabulary import Ping
from classcord.chat.errors import Conflict
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import SessionStarted
from classcord.chat.messages.vocabulary import MessageAdded
from classcord.chat.records import Record
from classcord.chat.roles import Role
from classcord.services.chat import closing
from classcord.services.chat.journal import Journal
from tests.harness import House, contents, login, notices, register, running, say, tell
from tests.office import Office


@pytest.fixture
def faulty() -> Iterator[House]:
    """A house whose log may have faults, by the test's own doing."""
    with running(faulty=True) as house:
        yield house


def broken(*_: object) -> Any:
    raise ZeroDivisionError("a mistake in a rule")


async def broken_lookup() -> None:
    broken()


def said_in(house: House) -> list[str]:
    """Return what the store has, in the order of ids."""
    return house.store.asked("SELECT content FROM messages ORDER BY id")


def trouble(house: House, seconds: float) -> None:
    """Let the store be full for so long; each try fails."""
    house.store.trouble = "disk full"
    house.pass_time(seconds, step=0.1)


# -- faults of ours ----------------------------------------------------------------------------------------------------


def reference_told(received: list[dict[str, Any]], house: House) -> bool:
    """Whether the last line tells a reference that the log has a failure under."""
    message = received[-1]["message"]
    reference = message.partition("reference ")[2].partition(")")[0]
    return bool(reference) and any(f"fault {reference} of session" in fault for fault in house.faults)


def test_a_lookup_of_which_nothing_can_be_told_is_in_the_log(faulty: House) -> None:
    """Where even the failure cannot be told, the log has it, and the session goes on with its next request."""
    alice, bob = faulty.member("alice"), faulty.member("bob")
    (connection,) = (each for each in faulty.chat.connections.values() if each.session.name == "alice")
    faulty.chat.pipeline.run(connection, broken_lookup(), broken, broken)
    assert ["why a lookup has failed could not be told" in fault for fault in faulty.faults] == [True]
    alice.ask(say("encore là"))
    assert contents(bob.lines()) == ["encore là"]


def test_an_exception_in_a_decision_costs_only_its_session(faulty: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its client is told a reference that the log has too, then closed; the others talk on."""
    alice, bob = faulty.member("alice"), faulty.member("bob")
    monkeypatch.setattr(Hub, "decisions", Hub.decisions | {Ping: broken})
    received = bob.ask({"type": "ping"}, say("never said"))
    assert reference_told(received, faulty)
    assert len(faulty.faults) == 1
    assert "ZeroDivisionError" in faulty.faults[0]
    assert bob.closed
    assert alice.ask({"type": "users"})[-1]["users"] == ["alice"]
    assert said_in(faulty) == []


def test_a_fault_is_told_behind_what_was_under_way(faulty: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the session had said before is stored, delivered and acknowledged first; then the end."""
    alice, bob = faulty.member("alice"), faulty.modern("bob")
    monkeypatch.setattr(Hub, "decisions", Hub.decisions | {Ping: broken})
    alice.raw()
    received = bob.ask(say("before", id=1), {"type": "ping", "id": 2})
    assert [(line["type"], line["id"]) for line in received] == [("ack", 1), ("error", 2)]
    assert reference_told(received, faulty)
    assert bob.closed
    assert contents(alice.lines()) == ["before"]


def test_a_faulty_session_is_closed_though_nothing_can_be_stored(
    faulty: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not hang on to its connection while the store is in trouble."""
    bob = faulty.member("bob")
    monkeypatch.setattr(Hub, "decisions", Hub.decisions | {Ping: broken})
    faulty.store.holding = True
    bob.send(say("under way"), {"type": "ping"})
    faulty.turn()
    assert not bob.closed
    faulty.pass_time(closing.LINGER)
    assert bob.closed


def test_an_exception_in_a_change_costs_only_its_session(faulty: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that breaks while it applies a record: the others of the group are applied and told."""
    alice, bob, carol = (faulty.modern(name) for name in ("alice", "bob", "carol"))
    monkeypatch.setattr(Hub, "changes", Hub.changes | {TopicSet: broken})
    alice.ask({"type": "create", "channel": "#club"})
    for client in (alice, bob, carol):
        client.raw()
    bob.send(say("one", id=1))
    alice.send({"type": "topic", "channel": "#club", "topic": "x", "id": 2})
    carol.send(say("two", id=3))
    faulty.turn()
    assert reference_told([line for line in alice.lines() if line["type"] == "error"], faulty)
    assert [alice.closed, bob.closed, carol.closed] == [True, False, False]
    assert contents(bob.lines()) == ["two"]
    assert contents(carol.lines()) == ["one"]


def test_a_fault_of_the_archive_costs_only_its_session(faulty: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look-up that fails is told under a reference, and the session ends."""
    bob = faulty.member("bob")
    monkeypatch.setattr(faulty.store, "page", broken)
    assert reference_told(bob.ask({"type": "history"}), faulty)
    assert bob.closed


def test_a_fault_without_a_session_is_logged(faulty: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An announcement that breaks is in the log; everybody is still there."""
    alice = faulty.member("alice")
    monkeypatch.setattr(Hub, "apply", broken)
    faulty.chat.send_system_message("global", "hello")
    faulty.turn()
    monkeypatch.undo()
    assert len(faulty.faults) == 1
    assert alice.one({"type": "users"})["users"] == ["alice"]


def test_a_fault_in_the_fan_out_leaves_nobody_waiting(faulty: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waited for the group is decided all the same, and the next group is delivered."""
    alice, bob = faulty.member("alice"), faulty.member("bob")
    alice.raw()
    monkeypatch.setattr(faulty.chat._fanout, "flush", broken)
    bob.send({"type": "join", "channel": "#dev"}, {"type": "users"})
    faulty.turn()
    monkeypatch.undo()
    assert len(faulty.faults) == 1
    assert [line["type"] for line in bob.lines()] == ["users"]  # the answer to the join went down with its group
    bob.ask(say("after"))
    assert contents(alice.lines()) == ["after"]


# -- one bad record in a group -----------------------------------------------------------------------------------------


def refuse(wanted: str, error: Exception) -> Callable[[Record], Exception | None]:
    """Return what refuses the message of this content."""
    return lambda record: error if isinstance(record, MessageAdded) and record.content == wanted else None


def test_a_refused_record_is_an_error_to_its_sender_alone(house: House) -> None:
    """The rest of the group is stored, delivered and acknowledged, in order."""
    alice, bob, carol = (house.modern(name) for name in ("alice", "bob", "carol"))
    alice.raw(), bob.raw()
    house.store.bad = refuse("bad", Conflict())
    bob.send(say("one", id=1), say("bad", id=2), say("two", id=3))
    carol.send(say("three", id=4))
    house.turn()
    answers = [(line["type"], line["id"], line.get("code")) for line in bob.lines() if "id" in line]
    assert answers == [("ack", 1, None), ("error", 2, "conflict"), ("ack", 3, None)]
    assert contents(alice.lines()) == ["one", "two", "three"]
    assert said_in(house) == ["one", "two", "three"]
    assert not bob.closed


def test_a_record_that_the_store_cannot_hold_costs_its_session(faulty: House) -> None:
    """An error that is no refusal is a fault of ours: logged, told by its reference, in its place; nobody else's."""
    alice, bob, carol = (faulty.modern(name) for name in ("alice", "bob", "carol"))
    for client in (alice, bob, carol):
        client.raw()
    faulty.store.bad = refuse("bad", OverflowError("too large"))
    bob.send(say("one", id=1), say("bad", id=2), say("two", id=3))
    carol.send(say("three", id=4))
    faulty.turn()
    received = [line for line in bob.lines() if "id" in line]
    assert [(line["type"], line["id"]) for line in received] == [("ack", 1), ("error", 2), ("ack", 3)]
    assert reference_told(received[:2], faulty)
    assert bob.closed
    assert contents(alice.lines()) == ["one", "two", "three"]
    assert [line["type"] for line in carol.lines() if "id" in line] == ["ack"]


def test_two_registrations_of_one_name_have_one_winner(house: House) -> None:
    """Both were decided while the name was free: the store refuses the second, and its sender hears so."""
    clients = [house.client(), house.client()]
    house.hasher.holding = True
    for client in clients:
        client.send(register("alice"))
    house.hasher.let_go()
    house.hasher.let_go()
    house.turn()
    answers = [client.lines()[0] for client in clients]
    assert [answer.get("code", answer["type"]) for answer in answers] == ["register", "username_taken"]
    house.hasher.holding = False
    assert clients[1].one(login("alice"))["status"] == "ok"


def test_a_guest_whose_arrival_is_refused_is_told_once(house: House) -> None:
    """The first message of a guest is not tried for ever when the guest itself cannot be stored."""
    house.store.bad = lambda record: Conflict() if isinstance(record, SessionStarted) else None
    guest = house.client()
    assert guest.one(say("hello", **{"from": "Zoé"}))["code"] == "conflict"
    assert guest.one({"type": "users"})["users"] == []
    house.store.bad = lambda _: None
    guest.ask(say("hello again", **{"from": "Zoé"}))
    assert guest.one({"type": "users"})["users"] == ["Zoé"]


# -- trouble of the store ----------------------------------------------------------------------------------------------


def test_a_short_trouble_is_only_a_delay(house: House) -> None:
    """Within the bound messages wait, nothing is refused, nothing delivered early; then all of it comes, in order."""
    alice, bob = house.modern("alice"), house.modern("bob")
    alice.raw(), bob.raw()
    house.store.trouble = "disk full"
    bob.send(say("one", id=1), say("two", id=2))
    house.pass_time(Journal.PATIENCE - 1)
    bob.send(say("three", id=3))
    house.turn()
    assert (alice.raw(), bob.raw()) == (b"", b"")
    house.store.trouble = None
    house.pass_time(Journal.LONGEST_RETRY)
    assert [line["id"] for line in bob.lines()] == [1, 2, 3]
    assert contents(alice.lines()) == ["one", "two", "three"]
    house.events.clear()  # the trouble itself is an error in the log


def test_administrators_come_in_while_nothing_can_be_stored(house: House, tmp_path: Path) -> None:
    """They see what is wrong, and what they would change is refused; their session is stored when that goes again."""
    office, bob = Office(house, tmp_path), house.modern("bob")
    house.store.trouble = "disk full"
    bob.send(say("accepted"))
    house.pass_time(Journal.PATIENCE + 1)
    assert (office.run("who").status, office.run("stats").status) == (0, 0)
    refused = office.run("mute bob 10m")
    assert (refused.status, "cannot store" in refused.err) == (1, True)
    house.store.trouble = None
    house.pass_time(Journal.LONGEST_RETRY)
    house.turn()
    assert not house.hub.state.operators
    assert house.store.asked("SELECT ended_at IS NOT NULL FROM sessions WHERE face <> 'tcp'") == [True] * 3
    house.events.clear()


def test_a_long_trouble_refuses_and_heals_by_itself(house: House) -> None:
    """Past the bound a new write is `storage_unavailable`; reading goes on; what was accepted is there."""
    alice, bob = house.modern("alice"), house.modern("bob")
    alice.raw(), bob.raw()
    house.store.trouble = "disk full"
    assert bob.ask(say("accepted", id=1)) == []
    house.pass_time(Journal.PATIENCE + 1)
    for request in (say("refused", id=2), {"type": "join", "channel": "#dev", "id": 3}, tell("alice", "x", id=4)):
        bob.send(request)
    stranger, guest = house.client(), house.client()
    assert stranger.one(register("carol"))["code"] == "storage_unavailable"
    assert stranger.one(login("alice"))["code"] == "storage_unavailable"
    assert guest.one(say("hello", **{"from": "Zoé"}))["code"] == "storage_unavailable"
    assert stranger.one({"type": "users"})["users"] == ["alice", "bob"]
    house.store.trouble = None
    house.pass_time(Journal.LONGEST_RETRY)
    answers = [(line["id"], line.get("code", line["type"])) for line in bob.lines()]
    assert answers == [(1, "ack"), (2, "storage_unavailable"), (3, "storage_unavailable"), (4, "storage_unavailable")]
    assert contents(alice.lines()) == ["accepted"]
    assert said_in(house) == ["accepted"]
    assert stranger.one(register("carol"))["status"] == "ok"
    assert guest.ask(say("hello", **{"from": "Zoé"})) == []
    assert contents(alice.lines()) == ["hello"]
    house.events.clear()


def test_administrators_are_told_of_trouble_and_of_its_end(house: House) -> None:
    """On each of their sessions, once; nobody else is; the log has it too."""
    root, bob = house.member("root", role=Role.ADMIN), house.member("bob")
    root.raw(), bob.raw()
    bob.send(say("x"))
    trouble(house, 3)
    assert notices(root.lines()) == ["Nothing can be stored: disk full. Messages wait until it can."]
    house.store.trouble = None
    house.pass_time(Journal.LONGEST_RETRY)
    assert notices(root.lines()) == ["The storage works again."]
    assert bob.raw() == b""
    assert len(house.faults) == 1
    assert "disk full" in house.faults[0]
    house.events.clear()
