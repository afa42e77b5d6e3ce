"""Pacing: a pause between the lines of a burst, whatever the time of day does, and for few lines only."""

from __future__ import annotations

import time

import pytest
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import Clock

from classcord.faces.pacing import MOST_BYTES, MOST_LINES, PACE, Pacing
from classcord.services.chat.offline_messages import OfflineMessages
from classcord.services.monitoring.tracing import LiveTrace
from classcord.services.process.clock import TimeOfDay
from tests.harness import Client, House, contents, login, running, say, tell

STATE = {"type": "status", "state": "online"}


def lines(*numbers: int) -> list[bytes]:
    return [b"%d\n" % number for number in numbers]


def pacing(clock: IReactorTime) -> tuple[Pacing, list[bytes]]:
    written: list[bytes] = []
    return Pacing(written.append, clock, lambda: True), written


def paced(house: House, name: str = "alice") -> Client:
    """Return a client that has logged in and has said its state first, so that its lines are paced."""
    if house.hub.state.account(name) is None:
        house.account(name)
    client = house.client()
    assert client.one(login(name))["status"] == "ok"
    client.ask(STATE)
    return client


# -- the pauses --------------------------------------------------------------------------------------------------------


def test_thirty_lines_leave_at_twenty_milliseconds() -> None:
    """Each line is a write of its own; a later burst, too."""
    clock = Clock()
    slow, written = pacing(clock)
    for _ in range(2):
        written.clear()
        slow.write(lines(*range(30)))
        for count in range(1, 31):
            assert written == lines(*range(count))
            clock.advance(PACE)
        clock.advance(2)


def test_a_time_that_is_set_back_holds_no_line_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait is never longer than one pause, even with a clock that somebody sets back."""
    timers, now = Clock(), 1_700_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    slow, written = pacing(TimeOfDay(timers))
    slow.write(lines(1))
    now -= 86_400.0
    slow.write(lines(2))
    timers.advance(PACE)
    assert written == lines(1, 2)


def test_lines_go_by_the_timers_and_not_by_the_time_of_day(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service's clock, the time of day, is set back by a day: the next lines come as before."""
    now = house.clock.rightNow
    monkeypatch.setattr(time, "time", lambda: now)
    house.chat._performing._clock = TimeOfDay(house.clock)
    bob, alice = house.member("bob"), paced(house)
    bob.ask(say("before"))
    assert contents(alice.lines()) == ["before"]
    now -= 86_400.0
    bob.ask(say("one"), say("two"))
    heard = contents(alice.lines())
    for _ in range(3):
        house.clock.advance(PACE)
        heard += contents(alice.lines())
    assert heard == ["one", "two"]


# -- what is too much --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("burst", [lines(*range(MOST_LINES + 1)), [b"x" * MOST_BYTES, b"y"]])
def test_beyond_the_bound_all_is_one_write(burst: list[bytes]) -> None:
    """In order, and no timer is left."""
    clock = Clock()
    slow, written = pacing(clock)
    slow.write(lines(1, 2, 3))
    slow.write(burst)
    assert written == [b"1\n", b"".join([*lines(2, 3), *burst])]
    assert (slow.size, clock.getDelayedCalls()) == (0, [])


def test_after_all_was_written_at_once_lines_keep_their_distance() -> None:
    """There is one timer for all lines: a line that waits does not leave by an older one."""
    clock = Clock()
    slow, written = pacing(clock)
    slow.write(lines(1, 2, 3))
    clock.advance(PACE / 2)
    slow.flush()
    slow.write(lines(4, 5))
    assert len(clock.getDelayedCalls()) == 1
    clock.advance(PACE / 2)
    assert written == [b"1\n", b"2\n3\n"]
    clock.advance(PACE / 2)
    assert written[2:] == lines(4)
    clock.advance(PACE / 2)
    assert written[2:] == lines(4)
    clock.advance(PACE / 2)
    assert written[2:] == lines(4, 5)


def test_under_a_steady_load_each_group_is_one_write() -> None:
    """More lines than the pace lets out, for ten seconds; when it is quiet again, a burst is paced again."""
    clock = Clock()
    slow, written = pacing(clock)
    for _ in range(100):
        written.clear()
        slow.write(lines(*range(10)))
        clock.advance(0.1)
    assert written == [b"".join(lines(*range(10)))]
    assert clock.getDelayedCalls() == []
    clock.advance(MOST_LINES * PACE)
    written.clear()
    slow.write(lines(*range(30)))
    assert written == lines(0)


def test_a_late_reactor_lets_no_more_lines_wait() -> None:
    """Timers that are late by as much again: what waits stays bounded."""
    clock = Clock()
    slow, _ = pacing(clock)
    for _ in range(1000):
        slow.write(lines(1, 2))
        clock.advance(2 * PACE)
        assert len(slow._lines) <= MOST_LINES


# -- its end -----------------------------------------------------------------------------------------------------------


def test_a_hello_ends_it(house: House) -> None:
    """What waits comes before the answer; from then on a burst is one write."""
    bob, alice = house.member("bob"), paced(house)
    bob.ask(say("one"), say("two"))
    told = alice.ask({"type": "hello"})
    assert contents(told[:2]) == ["one", "two"]
    bob.ask(say("three"), say("four"))
    assert contents(alice.lines()) == ["three", "four"]


def test_the_end_of_the_identity_ends_it(house: House) -> None:
    """Who logs in next on the connection is paced only for a reason of their own, and once."""
    bob, alice = house.member("bob"), paced(house)
    house.account("carol")
    alice.ask({"type": "logout"})
    alice.ask(login("carol"))
    alice.ask({"type": "users"})
    house.pass_time(2)
    alice.raw()
    bob.ask(say("one"), say("two"))
    assert contents(alice.lines()) == ["one", "two"]
    alice.ask({"type": "logout"})
    alice.ask(login("alice"), STATE, STATE)
    house.pass_time(2)
    alice.raw()
    bob.ask(say("one"), say("two"), say("three"))
    for expected in ("one", "two", "three"):
        assert contents(alice.lines()) == [expected]
        house.clock.advance(PACE)


def test_before_the_connection_is_closed_all_is_written(house: House) -> None:
    bob, alice = house.member("bob"), paced(house)
    bob.ask(*[say(str(number)) for number in range(20)])
    told = alice.ask({"type": "disconnect"})
    assert contents(told[:20]) == [str(number) for number in range(20)]
    assert told[-1] == {"type": "disconnect", "status": "ok"}
    house.pass_time(3)
    assert alice.closed


def test_a_connection_that_is_lost_leaves_no_timer(house: House) -> None:
    bob, alice = house.member("bob"), paced(house)
    bob.ask(say("one"), say("two"), say("three"))
    timers = len(house.clock.getDelayedCalls())
    alice.leave()
    house.turn()
    assert len(house.clock.getDelayedCalls()) == timers - 1


# -- kept messages -----------------------------------------------------------------------------------------------------


def waiting(house: House) -> int:
    return len(house.store.asked("SELECT id FROM messages WHERE waiting_for IS NOT NULL"))


def arriving(house: House, count: int) -> Client:
    """Return a paced client to which some kept messages were written, but only the list and the first have left."""
    house.account("alice")
    house.member("bob").ask(*[tell("alice", str(number)) for number in range(count)])
    alice = paced(house)
    alice.ask({"type": "users"})
    house.pass_time(1)
    alice.ask({"type": "users"})
    assert waiting(house) == count
    return alice


def test_kept_messages_count_when_the_last_has_left(house: House) -> None:
    alice = arriving(house, 5)
    for _ in range(4):
        house.clock.advance(PACE)
        assert waiting(house) == 5
    house.clock.advance(PACE)
    house.turn()
    assert waiting(house) == 0
    assert len(contents(alice.lines())) == 5


def test_kept_messages_that_wait_when_the_connection_is_lost_stay_kept(house: House) -> None:
    """The next login gets them all."""
    alice = arriving(house, 5)
    house.clock.advance(PACE)
    alice.leave()
    house.pass_time(3)
    assert waiting(house) == 5
    again = house.client()
    again.ask(login("alice"))
    assert len(contents(again.ask({"type": "users"}))) == 5
    assert waiting(house) == 0


def test_what_waits_for_its_pause_is_not_handed_over_twice(house: House) -> None:
    """Another lookup meanwhile, for a message that was kept as they came, finds the first ones still kept."""
    alice = arriving(house, 5)
    (watched,) = [each for each in house.chat.connections.values() if house.chat._performing.receipts.is_with(each, 5)]
    offline: OfflineMessages = house.chat._performing._offline_messages
    offline._next(watched, 0.0)
    house.pass_time(3)
    assert sorted(map(str, contents(alice.lines()))) == [f"[20:36] {number}" for number in range(5)]
    assert waiting(house) == 0


def test_many_kept_messages_come_in_portions_that_are_paced() -> None:
    """More than may wait: no line comes with another one, and none is missing."""
    with running(burst=1000, messages_per_second=1000) as house:
        alice = arriving(house, 100)
        heard = [contents(alice.lines())]
        for _ in range(400):
            house.clock.advance(PACE)
            heard.append(contents(alice.lines()))
        assert max(map(len, heard)) == 1
        assert [one for each in heard for one in each] == [f"[20:36] {number}" for number in range(100)]
        assert waiting(house) == 0


# -- together with `trace` ---------------------------------------------------------------------------------------------


def traced(house: House, client: Client) -> tuple[LiveTrace, list[str]]:
    shown: list[str] = []
    found = client.transport.protocol.peer.connection  # type: ignore[union-attr]
    assert found is not None
    trace = LiveTrace([found], True, shown.append, house.clock)
    trace.start()
    return trace, shown


def is_paced(house: House, client: Client) -> bool:
    """Say two messages; whether the client hears them one by one."""
    client.raw()
    house.pass_time(2)
    house.clients[0].ask(say("one"), say("two"))
    first = contents(client.lines())
    house.clock.advance(PACE)
    second = contents(client.lines())
    house.clock.advance(PACE)
    assert (first + second + contents(client.lines())) == ["one", "two"]
    return len(second) > 0 or len(first) < 2


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("first_to_end", [0, 1])
def test_traces_and_pacing_leave_each_other_alone(when: str, first_to_end: int) -> None:
    """Two traces, begun before or after the pacing; each ends alone, and the session has its own listener again."""
    with running() as house:
        house.member("bob")
        house.account("alice")
        alice = house.client()
        own = alice.transport.protocol.peer.connection.session.listener  # type: ignore[union-attr]
        traces = [traced(house, alice)] if when == "before" else []
        alice.ask(login("alice"), STATE)
        while len(traces) < 2:
            traces.append(traced(house, alice))
        assert is_paced(house, alice)
        assert all(any('"two"' in line for line in shown) for _, shown in traces)
        ended, other = traces[first_to_end], traces[1 - first_to_end]
        ended[0].stop()
        for _, shown in traces:
            shown.clear()
        assert is_paced(house, alice)
        assert (len(ended[1]), len(other[1])) == (0, 2)
        other[0].stop()
        assert is_paced(house, alice)
        connection = alice.transport.protocol.peer.connection  # type: ignore[union-attr]
        assert connection is not None
        assert (len(other[1]), connection.session.listener is own, connection.tracer) == (2, True, None)
