"""Warnings: who gives them, where they are read, what they count, and how they end."""

from __future__ import annotations

import msgspec
import pytest

from classcord.chat.accounts.vocabulary import DelUser
from classcord.chat.effects import Effect
from classcord.chat.errors import BadRequest
from classcord.chat.events import Notice
from classcord.chat.hub import Hub
from classcord.chat.messages.vocabulary import HandOver, Say
from classcord.chat.people import Session
from classcord.chat.privacy.vocabulary import Erase
from classcord.chat.requests import Request
from classcord.chat.roles import Role
from classcord.chat.sanctions.vocabulary import (
    Bans,
    Mute,
    NotSanctioned,
    NotThisRole,
    NotYourself,
    SanctionAdded,
    SanctionsListed,
    TooManyWarnings,
    Unwarn,
    Warn,
    WarningTold,
)
from classcord.chat.sanctions.warnings import YEAR
from tests.chat.hubs import (
    NOON_MS,
    a_hub,
    add_account,
    answered,
    ask,
    changes_of,
    come_in,
    connect,
    decide,
    heard_by,
    log_in,
    moderator,
    operates,
    refused,
    trail_of,
    verified,
)


def told(session: Session, effects: list[Effect]) -> list[str]:
    return [event.content.render() for event in heard_by(session, effects) if isinstance(event, Notice)]


def in_force(hub: Hub, session: Session) -> list[tuple[str, str]]:
    answer = answered(hub, session, Bans())
    assert isinstance(answer, SanctionsListed)
    return [(each.kind, each.target) for each in answer.sanctions]


def test_a_warning_is_read_and_counted() -> None:
    """In every session; it keeps from nothing, is in the list, in the audit trail, and told to the staff."""
    hub = a_hub()
    mod, other, bob, phone = moderator(hub), moderator(hub, "mod2"), log_in(hub, "bob"), log_in(hub, "bob")
    effects = decide(hub, mod, Warn(user="bob", reason=" une \n fois "))
    (added,) = changes_of(effects)
    assert isinstance(added, SanctionAdded)
    assert (added.kind, added.target, added.reason, added.until) == ("warn", "bob", "une fois", NOON_MS + YEAR)
    (entry,) = trail_of(effects)
    assert (entry.action, entry.object_type) == ("warn", "sanction")
    follow = ask(hub, mod, Warn(user="bob", reason="deux fois"))
    for session in (bob, phone):
        assert told(session, follow) == ["A moderator has warned you. Reason: deux fois"]
    assert told(other, follow) == ["mod has warned bob. Reason: deux fois"]
    ask(hub, mod, Warn(user="bob", reason="trois fois"))
    assert in_force(hub, mod) == [("warn", "bob")] * 2
    assert decide(hub, bob, Say(content="bon"))
    assert hub.state.sanctions.warnings("bob", NOON_MS + YEAR) == []


def test_whoever_is_away_reads_it_at_the_next_login() -> None:
    """Once; and an operator at a console as well."""
    hub = a_hub()
    mod = moderator(hub)
    add_account(hub, "bob")
    ask(hub, mod, Warn(user="bob", reason="chut"))
    bob = log_in(hub, "bob")
    bob.kept_due = True
    effects = decide(hub, bob, HandOver())
    assert [type(each) for each in changes_of(effects)] == [WarningTold]
    assert told(bob, ask(hub, bob, HandOver())) == []
    (record,) = changes_of(effects)
    assert told(bob, hub.apply(msgspec.structs.replace(record, session_id=bob.number))) != []
    assert hub.apply(msgspec.structs.replace(record, session_id=bob.number)) == []
    bob.kept_due = True
    assert changes_of(decide(hub, bob, HandOver())) == []


def test_a_guest_is_warned_now_or_never() -> None:
    """The next guest of that name is another."""
    hub = a_hub()
    zoe = come_in(hub, "Zoé")
    assert told(zoe, ask(hub, moderator(hub), Warn(user="Zoé", reason="chut"))) != []
    assert all(each.told for each in hub.state.sanctions.warnings("zoé", NOON_MS))


def test_who_is_warned_by_whom() -> None:
    """People below, and nobody else; with a reason, and not for ever more."""
    hub = a_hub()
    mod = moderator(hub)
    add_account(hub, "boss", "admin")
    add_account(hub, "bob")
    for request, error in (
        (Warn(user="mod", reason="x"), NotYourself),
        (Warn(user="boss", reason="x"), NotThisRole),
        (Warn(user="bob", reason="  "), BadRequest),
        (Unwarn(user="bob"), NotSanctioned),
    ):
        assert isinstance(refused(hub, mod, request), error)


def test_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is an end to them."""
    monkeypatch.setattr("classcord.chat.sanctions.warnings.MOST_WARNINGS", 2)
    hub = a_hub()
    mod = moderator(hub)
    add_account(hub, "bob")
    for _ in range(2):
        ask(hub, mod, Warn(user="bob", reason="x"))
    assert isinstance(refused(hub, mod, Warn(user="bob", reason="x")), TooManyWarnings)


def test_a_warning_is_lifted() -> None:
    """The last one first; the person hears it."""
    hub = a_hub()
    mod, bob = moderator(hub), log_in(hub, "bob")
    for reason in ("une", "deux"):
        ask(hub, mod, Warn(user="bob", reason=reason))
    assert told(bob, ask(hub, mod, Unwarn(user="bob"))) == ["A warning against you was lifted."]
    assert [each.reason for each in hub.state.sanctions.warnings("bob", NOON_MS)] == ["une"]


def test_an_operator_is_warned() -> None:
    """A key that is in use reads it at its console."""
    hub = a_hub()
    key, owner = operates(hub, "dupont", Role.MODERATOR), operates(hub, "root", Role.OWNER)
    assert told(key, ask(hub, owner, Warn(user="dupont", reason="chut"))) != []


@pytest.mark.parametrize("asked", [Erase(user="bob"), DelUser(user="bob")], ids=["erase", "deluser"])
def test_a_warning_ends_with_the_account(asked: Request) -> None:
    """It kept from nothing; whoever takes the name later has heard of none, and a mute stays with the name."""
    hub = a_hub()
    add_account(hub, "bob")
    add_account(hub, "chef", role="admin")
    mod, chef = moderator(hub), log_in(hub, "chef")
    ask(hub, mod, Warn(user="bob", reason="Moqueries"))
    ask(hub, mod, Mute(user="bob", duration=3600, reason="Bruit"))
    ask(hub, chef, asked)
    assert [each.kind for each in hub.state.sanctions.in_force(NOON_MS)] == ["mute"]
    add_account(hub, "bob")
    bob = connect(hub)
    effects = ask(hub, bob, verified(hub, "bob")) + ask(hub, bob, HandOver())
    assert not [each for each in told(bob, effects) if "Moqueries" in each]
