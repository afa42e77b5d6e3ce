"""What people are told that they may do: when they come in, when their role changes, when the settings do."""

from __future__ import annotations

import msgspec
import pytest

from classcord.chat.accounts.vocabulary import OwnPasswordChanged, Password, SetRole
from classcord.chat.checked_passwords.vocabulary import Hashed
from classcord.chat.effects import Effect
from classcord.chat.events import Event
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import Guest, LoggedIn
from classcord.chat.people import Session
from classcord.chat.policy import FileLimits
from classcord.chat.rights.vocabulary import Right, RightsChanged, RightsTold
from classcord.chat.roles import Role
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    a_hub,
    add_account,
    applied,
    ask,
    come_in,
    commit,
    connect,
    decide,
    heard_by,
    log_in,
    operates,
    the_commit,
    verified,
)

AS_MEMBER: tuple[Right, ...] = ("create_channels", "send_files")
AS_MODERATOR: tuple[Right, ...] = ("create_channels", "send_files", "write_at_any_time")


@pytest.fixture
def hub() -> Hub:
    """A server that takes files."""
    hub = a_hub()
    hub.uploads.room = lambda: 1_000_000.0
    assert hub.due(NOON) == ()
    return hub


def goes_by(hub: Hub, **terms: object) -> list[Effect]:
    """Return what follows within a second, once the settings are reloaded."""
    hub.set_policy(msgspec.structs.replace(hub.policy, **terms))
    return applied(hub, hub.due(NOON))


def rights_heard(session: Session, effects: list[Effect]) -> list[Event]:
    return [event for event in heard_by(session, effects) if isinstance(event, RightsChanged)]


def may_at_login(hub: Hub, name: str, session: Session) -> object:
    answer = the_commit(decide(hub, session, verified(hub, name))).answer
    assert isinstance(answer, LoggedIn)
    return answer.may


@pytest.mark.parametrize(("role", "may"), [("member", AS_MEMBER), ("moderator", AS_MODERATOR), ("owner", AS_MODERATOR)])
def test_a_login_tells_what_its_role_may(hub: Hub, role: str, may: tuple[str, ...]) -> None:
    """A classic client has no button that it could hide: its answer is as it always was."""
    add_account(hub, "bob", role)
    assert may_at_login(hub, "bob", connect(hub)) == may
    assert may_at_login(hub, "bob", connect(hub, modern=False)) is None


def test_a_guest_is_told_it_too(hub: Hub) -> None:
    answer = the_commit(decide(hub, connect(hub), Guest(username="Zoé"))).answer
    assert answer == LoggedIn(username="Zoé", role="guest", may=())
    goes_by(hub, send_files=Role.GUEST)
    answer = the_commit(decide(hub, connect(hub), Guest(username="Léo"))).answer
    assert answer == LoggedIn(username="Léo", role="guest", may=("send_files",))


def test_who_comes_in_by_changing_a_one_time_password_is_told_then(hub: Hub) -> None:
    """Before that there is nothing that they may do."""
    add_account(hub, "bob", "moderator").must_change = True
    bob = connect(hub)
    assert may_at_login(hub, "bob", bob) is None
    ask(hub, bob, verified(hub, "bob"))
    asked = Hashed(asked=Password(old="abcd", new="azerty"), digest="new")
    effects = decide(hub, bob, asked)
    assert the_commit(effects).answer == OwnPasswordChanged(role="moderator", may=AS_MODERATOR)
    commit(hub, effects)
    assert the_commit(decide(hub, bob, asked)).answer == OwnPasswordChanged()


def test_where_no_file_is_taken_nobody_may_send_one() -> None:
    hub = a_hub()
    add_account(hub, "bob")
    assert may_at_login(hub, "bob", connect(hub)) == ("create_channels",)


def test_a_changed_role_is_told_to_all_sessions_of_the_person(hub: Hub) -> None:
    """At once, each time, and to nobody else."""
    boss, bob, phone, ann = (
        operates(hub, "boss", Role.OWNER),
        log_in(hub, "bob"),
        log_in(hub, "bob"),
        log_in(hub, "ann"),
    )
    effects = ask(hub, boss, SetRole(user="bob", role="moderator"))
    told = [RightsChanged(role="moderator", may=AS_MODERATOR)]
    assert rights_heard(bob, effects) == rights_heard(phone, effects) == told
    assert rights_heard(ann, effects) == []
    effects = ask(hub, boss, SetRole(user="bob", role="member"))
    assert rights_heard(bob, effects) == [RightsChanged(role="member", may=AS_MEMBER)]


def test_reloaded_settings_are_told_to_those_whom_they_concern(hub: Hub) -> None:
    """The roles that may as before hear nothing; what is as it was is not told again."""
    add_account(hub, "prof", "moderator")
    bob, prof, zoe = log_in(hub, "bob"), log_in(hub, "prof"), come_in(hub, "zoé")
    effects = goes_by(hub, send_files=Role.MODERATOR)
    assert rights_heard(bob, effects) == [RightsChanged(role="member", may=("create_channels",))]
    assert rights_heard(prof, effects) == rights_heard(zoe, effects) == []
    assert hub.due(NOON) == ()
    assert goes_by(hub, motd="Bonjour") == []
    effects = goes_by(hub, files=FileLimits(accepted=False))
    assert rights_heard(prof, effects) == [
        RightsChanged(role="moderator", may=("create_channels", "write_at_any_time"))
    ]
    assert rights_heard(bob, effects) == []


def test_what_is_not_told_is_told_later(hub: Hub) -> None:
    """While nothing can be said, the record is abandoned; all roles are then told."""
    bob = log_in(hub, "bob")
    hub.set_policy(msgspec.structs.replace(hub.policy, create_channel=Role.MODERATOR))
    (record,) = hub.due(NOON)
    assert record == RightsTold(roles=("member",), at=NOON_MS)
    hub.abandon([record])
    assert rights_heard(bob, applied(hub, hub.due(NOON))) == [RightsChanged(role="member", may=("send_files",))]
    assert hub.due(NOON) == ()
