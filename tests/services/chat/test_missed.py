"""What a session missed: nothing lost, nothing twice, and no more at once than a connection takes."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred, fail

from classcord.chat.errors import StorageUnavailable
from classcord.chat.messages import pages
from classcord.chat.messages.vocabulary import PrivateMessageAdded
from tests.harness import House, contents, login, running, say, tell


def test_what_an_outbox_does_not_take_is_still_kept() -> None:
    """A hand-over that ends the connection has delivered nothing: the next login gets it all."""
    with running(outbox_bytes=100) as house:
        house.account("alice")
        house.member("bob").ask(*[tell("alice", f"{number}" * 40) for number in range(3)])
        alice = house.client()
        alice.send(login("alice"))
        house.turn()
        alice.transport.protocol.peer.outbox.pauseProducing()  # type: ignore[union-attr]
        alice.transport.protocol.peer.outbox.write(b"x" * 90)  # type: ignore[union-attr]
        house.pass_time(6)
        assert alice.closed
        assert len(house.store.asked("SELECT id FROM messages WHERE waiting_for = 1")) == 3


def test_a_read_that_fails_is_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has logged in stays, and gets what was kept for them when the store can be read again."""
    house.account("alice")
    house.member("bob").ask(tell("alice", "wait"))
    reads: list[int] = []
    kept = house.store.kept

    def unreadable_at_first(user_id: int, limit: int) -> Deferred[list[PrivateMessageAdded]]:
        reads.append(user_id)
        return fail(StorageUnavailable()) if len(reads) == 1 else kept(user_id, limit)

    monkeypatch.setattr(house.store, "kept", unreadable_at_first)
    alice = house.modern("alice")
    assert contents(alice.lines()) == []
    house.pass_time(6)
    assert contents(alice.lines()) == ["wait"]
    assert not alice.closed


def test_a_channel_is_left_while_its_history_is_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A classic session is told nothing of it any more; of its other channels it is."""
    owner = house.modern("owner")
    owner.ask({"type": "join", "channel": "#dev"})
    tablet = house.modern("bob")
    tablet.ask({"type": "join", "channel": "#dev"})
    owner.ask(say("secret", channel="#dev"), say("hello"))
    latest = house.store.latest
    reads: list[tuple[Deferred[Any], Deferred[Any]]] = []

    def slow(*asked: Any) -> Deferred[Any]:
        reads.append((latest(*asked), Deferred()))
        return reads[-1][1]

    monkeypatch.setattr(house.store, "latest", slow)
    bob = house.client()
    bob.ask(login("bob"), {"type": "users"})
    bob.raw()
    tablet.ask({"type": "leave", "channel": "#dev"})
    found, waiting = reads.pop()
    found.chainDeferred(waiting)
    house.turn()
    assert [content.partition("] ")[2] for content in contents(bob.lines())] == ["hello"]


@pytest.mark.parametrize("words", ["x" * 30, "é" * 5])
def test_a_page_is_bounded_by_what_it_weighs(house: House, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    """Messages beyond the room are on the next page, in both directions; one at least is on each."""
    monkeypatch.setattr(pages, "ROOM", 75)
    bob = house.modern("bob")
    bob.ask(*[say(f"{number}{words}") for number in range(5)])
    for direction, expected in (({"after": 0}, ["0", "1"]), ({}, ["3", "4"]), ({"before": 5}, ["2", "3"])):
        page = bob.one({"type": "history", "id": 1, **direction})
        assert [message["content"][0] for message in page["messages"]] == expected
        assert page["more"]
    monkeypatch.setattr(pages, "ROOM", 1)
    assert len(bob.one({"type": "history", "id": 2})["messages"]) == 1


def test_history_neither_repeats_what_a_guest_has_heard_nor_skips_a_channel(house: House) -> None:
    """What was heard as a guest is not history after the login; what was said before a join is."""
    house.account("alice")
    bob = house.member("bob")
    alice = house.client()
    alice.ask({"type": "guest", "username": "zoé"})
    bob.ask(say("heard"))
    assert contents(alice.lines()) == ["heard"]
    alice.ask(login("alice"))
    bob.ask(say("in dev", channel="#dev"))
    alice.ask({"type": "join", "channel": "#dev"})
    assert [content.removeprefix("[20:36] ") for content in contents(alice.ask({"type": "users"}))] == ["in dev"]
