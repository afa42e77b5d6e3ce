"""TimeSlices: how long everybody else waits for what is done over SSH, and in which order it is done."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from twisted.conch.ssh.common import NS
from twisted.internet.task import Clock

from classcord.faces.ssh.time_slices import LENGTH, PART, SAVED, TimeSlices
from classcord.services.export import PIECE
from tests.faces.ssh_line import Client, Gate
from tests.harness import House, say

pytestmark = pytest.mark.house(messages_per_second=0)


class Work:
    """Pieces of work that take time, and note when they are done."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.time_slices = TimeSlices(self.clock)
        self.done: list[str] = []

    def piece(self, name: str, seconds: float = LENGTH) -> Callable[[], None]:
        def work() -> None:
            self.clock.rightNow += seconds
            self.done.append(name)

        return work

    def exhaust(self) -> None:
        """Use up what was saved."""
        self.time_slices.take(self.piece("much", 2 * SAVED))
        self.done.clear()

    def run(self, seconds: float) -> float:
        """Let time pass, a little at a time; return how much of it was worked."""
        end = self.clock.seconds() + seconds
        rested = 0.0
        while self.clock.seconds() < end:
            self.clock.advance(LENGTH / 4)
            rested += LENGTH / 4
        return seconds - rested


@pytest.fixture
def work() -> Work:
    work = Work()
    work.clock.advance(100)
    return work


def test_alone(work: Work) -> None:
    """What is short is done at once, where nobody has worked for a while."""
    assert work.time_slices.take(work.piece("a", 0.0001))
    assert work.time_slices.take(work.piece("b", 0.0001))
    assert work.done == ["a", "b"]


def test_a_part_of_the_time(work: Work) -> None:
    """However much there is to do, it takes its part of the time, no more."""
    for _ in range(2000):
        work.time_slices.wait(work.piece("x"))
    assert work.run(1) == pytest.approx(PART, abs=0.05)


def test_in_the_order_of_coming(work: Work) -> None:
    """Who has to wait is served in turn, and whoever comes later does not go before, nor is anything left out."""
    work.exhaust()
    for name in "abc":
        assert not work.time_slices.take(work.piece(name))
    assert work.done == []
    work.run(0.05)
    assert not work.time_slices.take(work.piece("d"))
    work.run(1)
    assert work.done == ["a", "b", "c", "d"]
    assert work.clock.getDelayedCalls() == []


def test_one_turn_at_a_time(work: Work) -> None:
    """Between two turns others have theirs; many short pieces are one."""
    work.exhaust()
    for name in "abc":
        work.time_slices.wait(work.piece(name))
    for name in "defg":
        work.time_slices.wait(work.piece(name, LENGTH / 4))
    seen = [""]
    for _ in range(10_000):
        work.clock.advance(LENGTH / 4)
        if "".join(work.done) != seen[-1]:
            seen.append("".join(work.done))
    assert seen == ["", "a", "ab", "abc", "abcdefg"]


def test_what_is_not_done_in_its_turn(work: Work) -> None:
    """It sees that its turn is over, and waits for another behind the others."""
    seen = []

    def long() -> None:
        seen.append(work.time_slices.is_over)
        work.clock.rightNow += LENGTH
        seen.append(work.time_slices.is_over)
        work.time_slices.wait(work.piece("the rest"))

    work.time_slices.wait(long)
    work.time_slices.wait(work.piece("another"))
    work.run(1)
    assert (seen, work.done) == ([False, True], ["another", "the rest"])


def test_within_a_turn(work: Work) -> None:
    """Whoever is at work is not interrupted by what comes meanwhile."""

    def first() -> None:
        assert not work.time_slices.take(work.piece("second", 0))
        work.done.append("first")

    assert work.time_slices.take(first)
    work.run(0.01)
    assert work.done == ["first", "second"]


def test_forgotten(work: Work) -> None:
    """Who has gone has no turn; to forget what there is not is nothing."""
    work.exhaust()
    gone, other = work.piece("gone"), work.piece("other")
    work.time_slices.take(gone)
    work.time_slices.take(other)
    work.time_slices.forget(gone)
    work.time_slices.forget(gone)
    work.run(1)
    assert work.done == ["other"]
    work.time_slices.take(gone)
    work.time_slices.forget(gone)
    work.run(1)
    work.time_slices.take(other)
    assert work.done == ["other", "gone", "other"]


def test_a_fault(work: Work) -> None:
    """A piece that fails does not keep the others from theirs."""

    def fail() -> None:
        raise ZeroDivisionError

    work.time_slices.wait(fail)
    work.time_slices.wait(work.piece("other"))
    with pytest.raises(ZeroDivisionError):
        work.clock.advance(0)
    work.run(0.1)
    assert work.done == ["other"]


# -- over SSH ---------------------------------------------------------------------------------------------------------


class Busy(TimeSlices):
    """TimeSlices of so many packets."""

    PACKETS = 10
    left = 0

    @property
    def is_over(self) -> bool:
        self.left -= 1
        return self.left <= 0

    def _do(self, work: Callable[[], None]) -> None:
        self.left = self.PACKETS

        def long() -> None:
            work()
            self._clock.rightNow += 0.1 * PART  # type: ignore[attr-defined]

        super()._do(long)


@pytest.fixture
def busy(gate: Gate) -> Client:
    """Somebody who has come in, and sends a thousand requests to a server that has other things to do."""
    client = gate.come_in("prof", gate.admit("prof"))
    gate.factory.time_slices = Busy(gate.house.clock)
    for _ in range(1000):
        client.connection.sendGlobalRequest(b"x", b"", 1).addErrback(lambda _: None)  # type: ignore[no-untyped-call]
    return client


def unanswered(client: Client) -> int:
    return len(client.connection.deferreds["global"])


def test_a_flood_of_packets(gate: Gate, busy: Client) -> None:
    """A turn has its length: then the connection is not read until its next one; in the end all is done, in order."""
    left = [1000]
    while left[-1] and len(left) < 200:
        gate.pass_time(0.1)
        left.append(unanswered(busy))
    assert max(before - after for before, after in pairwise(left)) <= 2 * Busy.PACKETS
    gate.pass_time(1)
    assert (left[-1], busy.closed, busy.line.near.paused) == (0, False, False)


def test_others_within_a_flood(gate: Gate, busy: Client) -> None:
    """Somebody else comes in, and has an answer, long before a flood is over."""

    def soon() -> None:
        for _ in range(8):
            gate.pass_time(0.1)

    key = gate.admit("chef")
    other = gate.connect()
    soon()
    other.begin()
    soon()
    other.try_key("chef", key)
    soon()
    session = other.open()
    soon()
    session.request(b"exec", NS(b"version"))
    soon()
    assert (session.status, unanswered(busy) > 500) == (0, True)


def test_a_flood_that_ends(gate: Gate, busy: Client) -> None:
    """Whoever goes in the middle has no more turns, and nothing waits for them."""
    gate.turn()
    busy.line.hang_up()
    assert len(gate.factory.time_slices._waiting) == 0
    assert gate.factory._transports == {}


def test_a_large_export(gate: Gate, house: House) -> None:
    """It goes on piece by piece, a few in a turn, also to somebody who reads all at once."""
    bob = house.member("bob")
    for start in range(0, 2000, 100):
        bob.send(*(say(str(start + each)) for each in range(100)))
        house.turn()
    client = gate.come_in("prof", gate.admit("prof"))
    gate.factory.time_slices = Busy(house.clock)
    session = client.open()
    client.connection.sendRequest(session, b"exec", NS(b"export messages --format ndjson"))  # type: ignore[no-untyped-call]
    rows = [0]
    while not session.is_closed and len(rows) < 100:
        gate.pass_time(0.1)
        rows.append(session.out.count(b"\n"))
    assert (session.status, rows[-1]) == (0, 2000)
    assert max(after - before for before, after in pairwise(rows)) <= 2 * Busy.PACKETS * PIECE


def test_a_crowd_that_is_not_greeted_yet(gate: Gate) -> None:
    """Connections that find everybody busy wait for their greeting, whatever they send; those past the limit end."""
    gate.factory.time_slices = Busy(gate.house.clock)
    gate.set(max_connections=3)
    lines = [gate.line() for _ in range(6)]
    for line in lines:
        line.send(b"SSH-2.0-x\r\n")
    assert [bool(line.heard) for line in lines] == [True, False, False, False, False, False]
    for _ in range(20):
        gate.pass_time(0.1)
    assert sum(b"SSH-2.0-ClassCord" in line.heard and not line.lost for line in lines) == 3
    gate.pass_time(2)
    assert sum(not line.lost for line in lines) == 3


def test_a_crowd_where_there_is_no_room(gate: Gate) -> None:
    """When all places are taken by those who have come in, and everybody is busy, nobody waits to hear so."""
    gate.come_in("prof", gate.admit("prof"))
    gate.set(max_connections=1)
    gate.factory.time_slices = Busy(gate.house.clock)
    first, *others = [gate.line() for _ in range(4)]
    gate.turn()
    assert (b"too many connections" in first.heard, bool(first.lost)) == (True, True)
    assert {(line.heard, bool(line.lost)) for line in others} == {(b"", True)}
