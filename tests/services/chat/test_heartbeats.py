"""Heartbeats: whoever said `hello` is never left in silence for longer than the interval that the answer named."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from classcord.services.monitoring.tracing import LiveTrace
from tests.harness import Client, House, login, running, say

HELLO = {"type": "hello", "protocol": 2}


def types(client: Client) -> list[str]:
    return [line["type"] for line in client.lines()]


def heard(house: House, client: Client, seconds: int, says: dict[int, Client] | None = None) -> list[tuple[int, str]]:
    """Let time pass; return what the client hears, and after how many seconds. `says`: who says something then."""
    found = []
    for second in range(1, seconds + 1):
        house.pass_time(1)
        if says and second in says:
            says[second].ask(say("Bonjour"))
        found += [(second, kind) for kind in types(client)]
    return found


@pytest.mark.parametrize("interval", [5, 7, 30, 200])
def test_in_silence_there_is_a_heartbeat_in_every_interval(interval: int) -> None:
    """It begins with `hello`, also before a login; and there are not twice as many of them as intervals."""
    with running(heartbeat=interval) as house:
        client = house.client()
        assert client.one(HELLO)["heartbeat"] == interval
        beats = heard(house, client, 10 * interval)
    assert {kind for _, kind in beats} == {"heartbeat"}
    moments = [0, *(second for second, _ in beats)]
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert max(gaps) <= interval
    assert 10 <= len(beats) < 20


@pytest.mark.parametrize("often", [1, 9, 20, 28, 31, 50])
def test_whoever_hears_something_needs_no_heartbeat(house: House, often: int) -> None:
    """None follows a message sooner than half an interval later, and nothing is silent for longer than one."""
    alice, bob = house.modern("alice"), house.member("bob")
    lines = heard(house, alice, 300, dict.fromkeys(range(often, 300, often), bob))
    for (before, _), (after, kind) in zip([(0, ""), *lines], lines, strict=False):
        assert after - before <= 30
        assert kind == "message" or after - before > 15
    assert any(kind == "heartbeat" for _, kind in lines) == (often > 20)


def test_an_answer_is_heard_as_well(house: House) -> None:
    """Who asks every twenty seconds gets answers, and nothing else."""
    client = house.modern()
    for _ in range(10):
        house.pass_time(20, 1)
        assert client.ask({"type": "ping"}) == [{"type": "ping", "status": "ok"}]


def test_classic_clients_never_hear_it(house: House) -> None:
    """Whether they have logged in or only connected."""
    stranger, alice = house.client(), house.member("alice")
    house.pass_time(300, 1)
    assert (stranger.raw(), alice.raw()) == (b"", b"")
    assert house.clock.getDelayedCalls() == []


def test_there_may_be_none() -> None:
    """With `heartbeat = 0` the answer says so, and no timer runs."""
    with running(heartbeat=0) as house:
        client = house.client()
        assert client.one(HELLO)["heartbeat"] == 0
        house.pass_time(300, 1)
        assert client.raw() == b""
        assert house.clock.getDelayedCalls() == []


def changed(house: House, heartbeat: int) -> None:
    house.hub.set_policy(msgspec.structs.replace(house.hub.policy, heartbeat=heartbeat))


def test_an_interval_is_kept_to_as_it_was_said() -> None:
    """New settings are for whoever says `hello` after them, also for the second time."""
    with running(heartbeat=5) as house:
        client = house.modern()
        changed(house, 300)
        assert len(heard(house, client, 50)) >= 10
        assert client.one(HELLO)["heartbeat"] == 300
        assert heard(house, client, 150) == []
        changed(house, 5)
        assert client.one(HELLO)["heartbeat"] == 5
        assert len(heard(house, client, 50)) >= 10
        changed(house, 0)
        assert client.one(HELLO)["heartbeat"] == 0
        assert heard(house, client, 50) == []


def test_the_timer_ends_with_the_last_connection(house: House) -> None:
    """A `hello` that is decided only when its connection is gone begins none."""
    first, second = house.modern(), house.modern()
    first.leave()
    assert len(house.clock.getDelayedCalls()) == 1
    second.leave()
    assert house.clock.getDelayedCalls() == []
    house.account("bob")
    house.hasher.holding = True
    third = house.client()
    third.send(login("bob"), HELLO)
    third.leave()
    house.hasher.let_go()
    house.turn()
    assert house.clock.getDelayedCalls() == []


def test_the_timer_ends_when_the_server_stops(house: House) -> None:
    """Whoever says `hello` at that moment is not promised to be kept company."""
    client = house.modern("alice")
    house.chat.shut_down()
    house.turn()
    client.raw()
    house.pass_time(60, 1)
    assert client.raw() == b""
    assert house.clock.getDelayedCalls() == []


def test_those_who_come_together_are_not_all_written_to_at_once(house: House) -> None:
    """After a restart a whole school is back within a second."""
    clients = [house.modern() for _ in range(70)]
    for second in range(30):
        house.pass_time(1)
        assert sum(types(client) == ["heartbeat"] for client in clients) <= 10, second


def test_a_heartbeat_comes_behind_what_waits(house: House) -> None:
    """It is written as everything is: in order, and to sessions that somebody watches, too."""
    seen: list[Any] = []
    client = house.modern("alice")
    connection = client.transport.protocol.peer.connection  # type: ignore[union-attr]
    assert connection is not None
    trace = LiveTrace([connection], True, lambda *line: seen.append(line), house.clock)
    trace.start()
    house.pass_time(31, 1)
    trace.stop()
    assert types(client) == ["heartbeat"]
    assert "heartbeat" in repr(seen)


def test_only_the_first_write_after_a_look_is_noted(house: House) -> None:
    """Every other one goes straight to the outbox: the fan-out pays nothing for heartbeats."""
    client, bob = house.modern("alice"), house.member("bob")
    house.pass_time(31, 1)
    peer = client.transport.protocol.peer
    assert peer is not None
    assert peer.connection is not None
    listener = peer.connection.session.listener
    house.pass_time(8, 1)
    assert listener.sink is not peer.outbox
    bob.ask(say("Bonjour"))
    assert listener.sink is peer.outbox
