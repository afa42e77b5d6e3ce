"""How rules register themselves."""

from __future__ import annotations

import pytest

from classcord.chat import registry
from classcord.chat.effects import Effect
from classcord.chat.hub import Hub
from classcord.chat.messages.vocabulary import Say, SayPrivately
from classcord.chat.people import Session
from classcord.chat.questions import Found
from classcord.chat.records import Record
from classcord.chat.registry import abandon, applies, audits, decides
from classcord.chat.requests import Internal, subclasses
from classcord.chat.sanctions.rules import kick
from classcord.chat.sanctions.vocabulary import Kick, SanctionAdded
from classcord.chat.subjects import CONSOLE, INTERNAL, WIRE
from classcord.chat.world import World
from tests.chat.hubs import a_hub


def test_a_rule_registers_itself_by_its_annotation() -> None:
    """Nobody writes down in a table which request a decision is about."""
    assert registry.decisions[Kick] is kick


def test_every_request_is_decided_and_every_record_applied() -> None:
    """An alias is decided like its parent; what only other classes are made from is no request."""
    decided = {alias for kind in registry.decisions for alias in (kind, *subclasses(kind))}
    assert decided == {*WIRE, *CONSOLE, *INTERNAL} - {Internal, Found}
    asked_again = {*subclasses(Found)}  # tests/chat/test_rights_lost.py
    assert {*Hub.decisions} == decided
    assert all(Hub.decisions[kind] is registry.decision_of(kind) for kind in decided - asked_again)
    assert registry.decision_of(SayPrivately) is registry.decisions[Say]
    assert set(registry.changes) == set(subclasses(Record))
    assert set(registry.entries) | set(registry.cancellations) <= set(registry.changes)


def test_a_second_rule_for_the_same_thing_is_refused() -> None:
    """Which one counts would hang on the order of imports."""

    def other_kick(world: World, session: Session, request: Kick, now: float) -> list[Effect]:
        return []

    def other_change(world: World, record: SanctionAdded) -> list[Effect]:
        return []

    def other_entry(world: World, record: SanctionAdded) -> None:
        return None

    with pytest.raises(TypeError, match="Kick has two rules"):
        decides(other_kick)
    with pytest.raises(TypeError, match="SanctionAdded has two rules"):
        applies(other_change)
    with pytest.raises(TypeError, match="SanctionAdded has two rules"):
        audits(other_entry)
    assert registry.decisions[Kick] is kick


def test_nothing_is_taken_back_for_most_records() -> None:
    """Only what was promised beforehand is: names, and the place of somebody who arrives."""
    hub = a_hub()
    abandon(
        hub,
        [
            SanctionAdded(
                sanction_id=1, kind="mute", of="name", target="bob", shown="bob", by="a", reason="", added_at=0
            )
        ],
    )
    assert not hub.state.sanctions
