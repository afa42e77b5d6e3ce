"""How much of what people do goes into the audit trail: first entries, then counts; whatever the staff does, always."""

from __future__ import annotations

import json

import pytest

from classcord.chat.audit.trail import Room
from classcord.chat.audit.vocabulary import Audited
from classcord.chat.hub import CHANGES_AT_ONCE, REFUSALS_AT_ONCE
from classcord.chat.roles import Role
from classcord.chat.subjects import WIRE
from tests.harness import House


def entries(house: House, action: str) -> list[Audited]:
    """Return the entries of the trail of one kind, as they were stored."""
    records = (record for group in house.store.groups for commit in group for record in commit.records)
    return [record for record in records if isinstance(record, Audited) and record.action == action]


def left_out(found: list[Audited]) -> int:
    return sum(json.loads(entry.after or "{}").get("left_out", 0) for entry in found)


pytestmark = pytest.mark.house(messages_per_second=0, bad_lines=0)


ADMINISTRATIVE = sorted(str(kind.__struct_config__.tag) for kind in WIRE if kind.permission.is_administrative)
EXAMPLE: dict[str, object] = {
    "code_id": 1,
    "held_id": 1,
    "user": "alice",
    "username": "alice",
    "target": "alice",
    "content": "x",
    "channel": "#dev",
    "role": "owner",
}
EXAMPLE |= {"report_id": 1, "outcome": "acted", "reason": "x"}


@pytest.mark.no_cover  # thousands of requests
@pytest.mark.parametrize("role", [Role.MEMBER, Role.GUEST, Role.MODERATOR])
def test_refused_requests_are_counted(house: House, role: Role) -> None:
    """Whoever asks for what they may not, thousands of times: a few entries, and how many more there were."""
    asked = {"type": "role", **EXAMPLE}
    client = house.guest("eve") if role is Role.GUEST else house.member("eve", role=role)
    for _ in range(20):
        client.ask(*[asked] * 100)
    found = entries(house, "refused")
    assert len(found) == REFUSALS_AT_ONCE
    assert {entry.actor for entry in found} == {"eve"}
    house.chat.keep_left_out()
    house.turn()
    found = entries(house, "refused")
    assert len(found) == REFUSALS_AT_ONCE + 1
    assert left_out(found) == 2_000 - REFUSALS_AT_ONCE
    house.chat.keep_left_out()
    house.turn()
    assert len(entries(house, "refused")) == REFUSALS_AT_ONCE + 1, "there is nothing more to tell"


@pytest.mark.parametrize("wanted", ADMINISTRATIVE)
def test_every_administrative_request_that_is_refused(house: House, wanted: str) -> None:
    """It leaves a trace, and a flood of it no more than a few."""
    house.member("eve").ask(*[{"type": wanted, **EXAMPLE}] * 100)
    found = entries(house, "refused")
    assert 1 <= len(found) <= REFUSALS_AT_ONCE
    assert {entry.object_id for entry in found} == {wanted}


def test_the_next_entry_tells_what_was_left_out_before_it(house: House) -> None:
    """After a while one is kept again, with the count of those between."""
    client = house.member("eve")
    kick = {"type": "kick", **EXAMPLE}
    client.ask(*[kick] * 12)
    house.clock.advance(601)
    client.ask(kick)
    last = entries(house, "refused")[-1]
    assert json.loads(last.after or "") == {"code": "not_allowed", "left_out": 12 - REFUSALS_AT_ONCE, "user": "alice"}


def test_a_flood_hides_nobody_else(house: House) -> None:
    """Another person's first refusals are entries, and another request's of the same person."""
    eve, mallory = house.member("eve"), house.member("mallory")
    eve.ask(*[{"type": "kick", **EXAMPLE}] * 50)
    eve.ask({"type": "ban", **EXAMPLE})
    mallory.ask({"type": "kick", **EXAMPLE})
    found = [(entry.actor, entry.object_id) for entry in entries(house, "refused")]
    assert found[-2:] == [("eve", "ban"), ("mallory", "kick")]


def test_coming_and_going_is_counted(house: House) -> None:
    """A member who joins and leaves a channel without end: each change is made, and the trail says how many."""
    client = house.member("eve")
    for _ in range(200):
        client.ask({"type": "join", "channel": "#dev"}, {"type": "leave", "channel": "#dev"})
    for action in ("member-added", "member-removed"):
        assert len(entries(house, action)) == CHANGES_AT_ONCE
    house.chat.keep_left_out()
    house.turn()
    for action in ("member-added", "member-removed"):
        assert left_out(entries(house, action)) == 200 - CHANGES_AT_ONCE


def test_what_the_staff_does_is_never_left_out(house: House) -> None:
    """Each sanction, and each end of one."""
    mod = house.member("mod", role=Role.MODERATOR)
    house.account("bob")
    for _ in range(120):
        mod.ask({"type": "mute", "user": "bob", "reason": "x"}, {"type": "unmute", "user": "bob"})
    assert len(entries(house, "mute")) == len(entries(house, "sanction-lifted")) == 120


def test_all_of_them_together_have_a_bound() -> None:
    """However many actors there are, as guests who take one name after the other."""
    room = Room(5)
    kept = 0
    for number in range(20_000):
        each = Audited(
            at=0,
            actor=f"guest {number}",
            actor_address="",
            actor_key="",
            action="refused",
            object_type="request",
            object_id="kick",
        )
        kept += room.take(each, 0) is not None
    assert kept == Room.ALL_AT_ONCE
    assert len(room.left_out(0)) <= Room.TOLD + 1
