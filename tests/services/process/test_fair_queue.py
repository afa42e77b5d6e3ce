"""The queue in which groups, and within them members, take turns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from classcord.services.process.fair_queue import FairQueue

PUTS = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 2)), max_size=60)


def filled(*puts: tuple[str, int, str]) -> FairQueue[str]:
    queue: FairQueue[str] = FairQueue()
    for group, member, item in puts:
        queue.put(group, member, item)
    return queue


def taken(queue: FairQueue[str]) -> list[str]:
    return [queue.take() for _ in range(len(queue))]


def test_groups_take_turns() -> None:
    """Who asks a hundred times is served once before somebody who asks once."""
    queue = filled(*(("crowd", number, f"crowd {number}") for number in range(100)), ("zoé", 1, "zoé"))
    assert taken(queue)[:3] == ["crowd 0", "zoé", "crowd 1"]


def test_members_take_turns() -> None:
    """Within one group too: a classroom is one address."""
    queue = filled(("room", 1, "a1"), ("room", 1, "a2"), ("room", 1, "a3"), ("room", 2, "b1"))
    assert taken(queue) == ["a1", "b1", "a2", "a3"]


def test_the_newest_of_the_largest_group_gives_way() -> None:
    """What is taken from behind is of the group with the most, and what it had first stays."""
    queue = filled(("few", 1, "few"), ("many", 1, "many 1"), ("many", 2, "many 2"), ("many", 3, "many 3"))
    assert queue.largest() == "many"
    assert queue.take_newest("many") == "many 3"
    assert taken(queue) == ["few", "many 1", "many 2"]


@given(PUTS)
def test_nothing_is_lost_and_a_member_keeps_its_order(puts: list[tuple[str, int]]) -> None:
    """Whatever is put in comes out once, of each member in its order."""
    queue: FairQueue[tuple[str, int, int]] = FairQueue()
    for place, (group, member) in enumerate(puts):
        queue.put(group, member, (group, member, place))
    out = [queue.take() for _ in range(len(queue))]
    assert sorted(place for _, _, place in out) == list(range(len(puts)))
    for asker in set(puts):
        assert [place for group, member, place in out if (group, member) == asker] == [
            place for place, put in enumerate(puts) if put == asker
        ]


@given(PUTS, st.sampled_from("ABC"))
def test_nobody_waits_longer_than_one_round(puts: list[tuple[str, int]], late: str) -> None:
    """A new member of a group is served after one item of each other group and member at the most."""
    queue: FairQueue[str] = FairQueue()
    for group, member in puts:
        queue.put(group, member, "another")
    queue.put(late, "newcomer", "newcomer")
    members = len({put for put in puts if put[0] == late}) + 1
    assert taken(queue).index("newcomer") < members * len({group for group, _ in puts} | {late})
