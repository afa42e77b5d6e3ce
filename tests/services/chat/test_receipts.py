"""Receipts: a private message is handed over when a machine has acknowledged it, once for an account; else it waits."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.faces.acknowledged_bytes import NEVER
from classcord.services.chat.receipts import LOOK, SLOW
from tests.harness import Client, House, contents, login, notices, running, say, tell


class Machine:
    """The machine of a client, which acknowledges what the server has written when it is told to.

    It stands in the place of the session's listener, and knows no bytes: each mark is one further.
    """

    def __init__(self, client: Client) -> None:
        peer = client.transport.protocol.peer
        assert peer is not None
        assert peer.connection is not None
        self.outbox = peer.outbox
        self.marks = self.reached = 0
        self._listener = peer.connection.session.listener
        peer.connection.session.listener = self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._listener, name)

    def mark(self) -> int:
        if self.outbox._closed:
            return NEVER
        self.marks += 1
        return self.marks

    def acknowledged(self) -> int:
        return self.reached

    def acknowledge(self, count: int | None = None) -> None:
        """Acknowledge everything, or `count` further marks."""
        self.reached = self.marks if count is None else self.reached + count


def waiting(house: House) -> list[str]:
    """Return the private messages that wait for somebody."""
    return house.store.asked("SELECT content FROM messages WHERE waiting_for IS NOT NULL ORDER BY id")


def on_a_machine(house: House, name: str = "alice", *, modern: bool = True) -> tuple[Client, Machine]:
    """Return a client that has logged in, on a machine that acknowledges nothing by itself."""
    if house.hub.state.account(name) is None:
        house.account(name)
    client = house.modern() if modern else house.client()
    machine = Machine(client)
    assert client.ask(login(name))[0]["status"] == "ok"
    house.pass_time(6)
    client.raw()
    return client, machine


DIALECTS = pytest.mark.parametrize("modern", [True, False], ids=["modern", "classic"])


@DIALECTS
def test_a_message_waits_until_it_is_acknowledged(house: House, modern: bool) -> None:
    """It is heard at once, and waits in the store all the same; one look later than the receipt it does not."""
    bob = house.member("bob")
    alice, machine = on_a_machine(house, modern=modern)
    bob.ask(tell("alice", "psst"))
    assert contents(alice.lines()) == ["psst"]
    house.pass_time(10)
    assert waiting(house) == ["psst"]
    machine.acknowledge()
    house.pass_time(LOOK)
    assert waiting(house) == []
    assert alice.raw() == b""


@DIALECTS
def test_a_link_that_dies_loses_nothing(house: House, modern: bool) -> None:
    """The next login gets what was not acknowledged, and nothing else, once; the author hears that they had gone."""
    bob = house.member("bob")
    alice, machine = on_a_machine(house, modern=modern)
    bob.ask(tell("alice", "arrives"))
    machine.acknowledge()
    house.pass_time(LOOK)
    bob.ask(tell("alice", "lost"), tell("alice", "lost, too"))
    bob.raw()
    alice.leave()
    assert waiting(house) == ["lost", "lost, too"]
    told = [each for each in notices(bob.lines()) if "is not here" in each]
    assert told == ["alice is not here: your message will be delivered at their next login."]
    for expected in (["lost", "lost, too"], []):
        again = house.modern() if modern else house.client()
        again.send(login("alice"))
        house.pass_time(6)
        assert [each.removeprefix("[20:36] ") for each in contents(again.lines())] == expected
        again.leave()
    assert waiting(house) == []


def test_a_receipt_that_came_last_counts(house: House) -> None:
    """What a machine has acknowledged when its connection ends is handed over, though nobody has looked since."""
    bob = house.member("bob")
    alice, machine = on_a_machine(house)
    bob.ask(tell("alice", "one"))
    bob.ask(tell("alice", "two"))
    machine.acknowledge(1)
    alice.leave()
    assert waiting(house) == ["two"]


def test_what_a_connection_does_not_take_has_not_arrived(house: House) -> None:
    """A closing connection hears nothing more: a message that comes then waits, and its author is told."""
    bob = house.member("bob")
    alice, machine = on_a_machine(house)
    alice.transport.loseConnection = lambda: None  # type: ignore[method-assign]  # the last line is on its way
    machine.outbox.close(after=9)
    bob.ask(tell("alice", "psst"))
    machine.acknowledge()
    house.pass_time(3)
    assert waiting(house) == ["psst"]
    alice.leave()
    assert (contents(alice.lines()), waiting(house)) == ([], ["psst"])
    assert any("alice is not here" in each for each in notices(bob.lines()))


def test_one_machine_of_an_account_is_enough(house: House) -> None:
    """The other one may be gone without a word: nothing is kept, and nobody told."""
    bob = house.member("bob")
    alice, dead = on_a_machine(house)
    phone, alive = on_a_machine(house)
    bob.ask(tell("alice", "psst"))
    assert [contents(each.lines()) for each in (alice, phone)] == [["psst"], ["psst"]]
    alive.acknowledge()
    house.pass_time(LOOK)
    assert waiting(house) == []
    bob.raw()
    alice.leave()
    assert (waiting(house), bob.raw()) == ([], b"")
    assert dead.reached == 0


def test_a_session_that_has_heard_it_gets_it_no_second_time(house: House) -> None:
    """Both have it unacknowledged; one ends; the other still brings it, or at its own end it waits."""
    bob = house.member("bob")
    alice, _ = on_a_machine(house)
    phone, machine = on_a_machine(house)
    bob.ask(tell("alice", "psst"))
    alice.leave()
    house.pass_time(10)
    assert contents(phone.lines()) == ["psst"]
    assert waiting(house) == ["psst"]
    machine.acknowledge()
    house.pass_time(LOOK)
    assert waiting(house) == []


@DIALECTS
def test_who_comes_back_on_a_new_connection_gets_it_there(house: House, modern: bool) -> None:
    """The old link is dead, and nobody knows: what it has not acknowledged for two seconds is handed over again."""
    bob = house.member("bob")
    dead, _ = on_a_machine(house, modern=modern)
    bob.ask(tell("alice", "psst"))
    house.pass_time(30)
    again = house.modern() if modern else house.client()
    again.send(login("alice"))
    house.pass_time(6)
    assert [each[-4:] for each in contents(again.lines())] == ["psst"]
    assert waiting(house) == []
    bob.raw()
    dead.leave()
    house.pass_time(10)
    assert (again.raw(), bob.raw()) == (b"", b"")


def test_a_receipt_on_its_way_spares_a_second_session_the_message(house: House) -> None:
    """Whoever logs in just then does not get as kept what the first session has received."""
    bob = house.member("bob")
    alice, machine = on_a_machine(house)
    bob.ask(tell("alice", "psst"))
    phone = house.modern()
    phone.ask(login("alice"))
    machine.acknowledge()
    house.pass_time(10)
    assert (contents(alice.lines()), contents(phone.lines())) == (["psst"], [])
    assert waiting(house) == []


def test_without_that_receipt_the_second_session_gets_it(house: House) -> None:
    bob = house.member("bob")
    on_a_machine(house)
    bob.ask(tell("alice", "psst"))
    phone = house.modern()
    phone.ask(login("alice"))
    assert contents(phone.lines()) == []
    house.pass_time(SLOW + 2)
    assert contents(phone.lines()) == ["psst"]


def test_the_first_sessions_end_hands_it_to_the_second(house: House) -> None:
    """At once: nobody waits until the receipt would be late."""
    bob = house.member("bob")
    alice, _ = on_a_machine(house)
    bob.ask(tell("alice", "psst"))
    phone = house.modern()
    phone.ask(login("alice"))
    bob.raw()
    alice.leave()
    assert contents(phone.lines()) == ["psst"]
    assert bob.raw() == b""
    house.pass_time(5)
    assert (contents(phone.lines()), waiting(house)) == ([], [])


def test_kept_messages_are_handed_over_by_receipts(house: House) -> None:
    """What waited for a login goes on waiting until it is acknowledged; a new message meanwhile changes nothing."""
    house.account("alice")
    bob = house.member("bob")
    bob.ask(tell("alice", "kept"))
    alice, machine = on_a_machine(house)
    bob.ask(tell("alice", "live"))
    machine.acknowledge(1)
    house.pass_time(LOOK)
    assert waiting(house) == ["live"]
    alice.leave()
    again, machine = on_a_machine(house)
    assert machine.marks == 1
    again.leave()
    assert waiting(house) == ["live"]


def test_a_live_receipt_leaves_what_is_still_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept messages come in portions; a message that is acknowledged between them does not count for those to come."""
    monkeypatch.setattr("classcord.services.chat.lookups.HANDED_AT_ONCE", 2)
    house.account("alice")
    bob = house.member("bob")
    bob.ask(*[tell("alice", str(number)) for number in range(5)])
    alice = house.modern()
    machine = Machine(alice)
    alice.send(login("alice"))
    house.turn()
    bob.ask(tell("alice", "live"))
    assert contents(alice.lines()) == ["0", "1", "live"]
    machine.acknowledge()
    house.pass_time(LOOK)
    assert waiting(house) == ["2", "3", "4"]
    for _ in range(4):
        house.pass_time(2)
        machine.acknowledge()
    assert contents(alice.lines()) == ["2", "3", "4"]
    assert waiting(house) == []


def test_one_commit_for_all_that_one_look_finds(house: House) -> None:
    """A flood of messages costs one commit a look, not one a message."""
    with running(messages_per_second=0) as quick:
        bob = quick.member("bob")
        _, machine = on_a_machine(quick)
        for number in range(50):
            bob.ask(tell("alice", str(number)))
        machine.acknowledge()
        groups = len(quick.store.groups)
        quick.pass_time(LOOK)
        assert waiting(quick) == []
        assert sum(len(group) for group in quick.store.groups[groups:]) == 1


def test_messages_to_channels_ask_for_no_receipt(house: House) -> None:
    """They are in the history that everybody reads; only private messages pay for receipts."""
    bob = house.member("bob")
    alice, machine = on_a_machine(house)
    timers = len(house.clock.getDelayedCalls())
    bob.ask(say("to all"))
    assert contents(alice.lines()) == ["to all"]
    assert (machine.marks, len(house.clock.getDelayedCalls())) == (0, timers)


@pytest.mark.house(heartbeat=0)
def test_no_timer_runs_while_nothing_is_on_its_way(house: House) -> None:
    """The look begins with the first message, and ends with the last receipt or the end of the connection."""
    bob = house.member("bob")
    alice, machine = on_a_machine(house)
    timers = len(house.clock.getDelayedCalls())
    bob.ask(tell("alice", "psst"))
    assert len(house.clock.getDelayedCalls()) == timers + 1
    machine.acknowledge()
    house.pass_time(LOOK)
    assert len(house.clock.getDelayedCalls()) == timers
    bob.ask(tell("alice", "psst"))
    alice.leave()
    house.pass_time(LOOK)
    assert len(house.clock.getDelayedCalls()) == timers


def test_a_crash_between_delivery_and_receipt_loses_nothing(house: House) -> None:
    """The message waits from its very commit: a server that stops dead there hands it over after its next start."""
    bob = house.member("bob")
    house.account("alice")
    on_a_machine(house)
    bob.send(tell("alice", "psst"))
    house.turn()
    (group,) = [g for g in house.store.groups if any(r.is_message for commit in g for r in commit.records)]
    assert len(group) == 1
    assert waiting(house) == ["psst"]


def test_a_stop_stores_the_last_receipts(house: House) -> None:
    """What was acknowledged before the end does not come again; what was not, does."""
    bob = house.member("bob")
    _, machine = on_a_machine(house)
    bob.ask(tell("alice", "one"))
    bob.ask(tell("alice", "two"))
    machine.acknowledge(1)
    house.chat.shut_down()
    house.turn()
    house.chat.hang_up()
    house.turn()
    assert waiting(house) == ["two"]
    house.pass_time(5)
    assert house.journal.idle


def test_an_error_of_ours_in_the_fan_out_hands_nothing_over(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not written waits, though later messages are acknowledged."""
    bob = house.member("bob")
    _, machine = on_a_machine(house)
    flush = house.chat._fanout.flush

    def fail() -> None:
        house.chat._fanout._batches.clear()
        house.chat._fanout._answers.clear()
        raise RuntimeError("disk of the fan-out")

    monkeypatch.setattr(house.chat._fanout, "flush", fail)
    bob.ask(tell("alice", "unwritten"))
    monkeypatch.setattr(house.chat._fanout, "flush", flush)
    house.events.clear()
    bob.ask(tell("alice", "written"))
    machine.acknowledge()
    house.pass_time(LOOK)
    assert waiting(house) == ["unwritten"]
