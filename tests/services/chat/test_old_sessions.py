"""What the store has of sessions that have ended: who came from where, and when."""

from __future__ import annotations

from classcord.chat.identity.sessions import KEPT
from tests.harness import House


def test_forgotten_some_time_after_the_end(house: House) -> None:
    """A session that ended thirty days ago is forgotten; one that lasts so long is not, nor one that ended since."""
    stays, leaves, later = house.modern("alice"), house.modern("bob"), house.modern("léa")
    leaves.leave()
    house.pass_time(60)
    later.leave()
    house.clock.advance(KEPT - 60)
    house.chat.forget_old()
    house.turn()
    names = "SELECT name FROM sessions ORDER BY id"
    assert house.store.asked(names) == ["alice", "bob", "léa"]
    house.clock.advance(1)
    house.chat.forget_old()
    house.turn()
    assert house.store.asked(names) == ["alice", "léa"]
    stays.leave()
