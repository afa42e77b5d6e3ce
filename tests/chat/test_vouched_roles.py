"""What an authenticator says at each login counts: the role, also in what is open, and the channels."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.accounts.vocabulary import Authenticate, Known, RoleChanged, SetRole
from classcord.chat.channels.vocabulary import CloseChannel, Create, Join, Leave, MemberAdded
from classcord.chat.effects import Close, Commit, Refuse, Reply
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import LoggedIn, Logout, SessionStarted
from classcord.chat.join_requests.vocabulary import Accept, JoinDecided, NobodyAsks
from classcord.chat.maintenance.vocabulary import MaintainedBecause, Maintenance
from classcord.chat.people import Session
from classcord.chat.roles import Role
from tests.chat.hubs import (
    a_hub,
    add_account,
    ask,
    changes_of,
    commit,
    connect,
    decide,
    log_in,
    person_of,
    records_of,
    the_commit,
    trail_of,
)
from tests.chat.test_first_login import PASSWORD, from_directory, refusal, vouched


def a_school() -> tuple[Hub, Session]:
    """Return a hub and its owner, whose password is here."""
    hub = a_hub()
    return hub, log_in(hub, add_account(hub, "boss", "owner").name)


def role_of(hub: Hub, name: str) -> Role:
    account = hub.state.account(name)
    assert account is not None
    return account.role


# -- roles ------------------------------------------------------------------------------------------------------------


def test_a_login_brings_the_role_of_today() -> None:
    """In one commit with the login, before it, and in the audit trail; the answer has the new role."""
    hub, _ = a_school()
    from_directory(hub, "prof", role=Role.MEMBER)
    effects = decide(hub, connect(hub), vouched(hub, "prof", role=Role.MODERATOR))
    changed, started = records_of(effects)
    assert isinstance(changed, RoleChanged)
    assert (changed.before, changed.role) == ("member", "moderator")
    assert isinstance(started, SessionStarted)
    answer = the_commit(effects).answer
    assert isinstance(answer, LoggedIn)
    assert answer.role == "moderator"
    assert "role-changed" in [entry.action for entry in trail_of(effects)]
    commit(hub, effects)
    assert role_of(hub, "prof") is Role.MODERATOR


def test_a_demotion_counts_in_what_is_open() -> None:
    """A login anywhere takes the right from every session of the account."""
    hub, _ = a_school()
    first = from_directory(hub, "prof", role=Role.ADMIN)
    assert person_of(first).role is Role.ADMIN
    second = from_directory(hub, "prof", role=Role.MEMBER)
    assert person_of(first).role is person_of(second).role is Role.MEMBER


def test_a_directory_without_roles_changes_none() -> None:
    """Then they are given here, and last."""
    hub, boss = a_school()
    from_directory(hub, "prof")
    assert role_of(hub, "prof") is Role.MEMBER
    ask(hub, boss, SetRole(user="prof", role="admin"))
    from_directory(hub, "prof")
    assert role_of(hub, "prof") is Role.ADMIN


def test_the_last_owner_stays_one() -> None:
    """A directory that forgets a group locks nobody out of the server."""
    hub = a_hub()
    from_directory(hub, "boss", role=Role.OWNER)
    from_directory(hub, "boss", role=Role.MEMBER)
    assert role_of(hub, "boss") is Role.OWNER
    from_directory(hub, "other", role=Role.OWNER)
    from_directory(hub, "boss", role=Role.MEMBER)
    assert role_of(hub, "boss") is Role.MEMBER


def test_maintenance_asks_the_role_of_today() -> None:
    """Who has lost the role this morning does not come in by yesterday's, nor stay out who has got it."""
    hub, boss = a_school()
    from_directory(hub, "prof", role=Role.MODERATOR)
    from_directory(hub, "lea")
    ask(hub, boss, Maintenance(state="on", reason="Travaux"))
    assert type(refusal(hub, connect(hub), vouched(hub, "prof", role=Role.MEMBER))) is MaintainedBecause
    assert records_of(decide(hub, connect(hub), vouched(hub, "lea", role=Role.MODERATOR)))


CONSOLE = Authenticate(username="prof", password=PASSWORD)


def test_a_role_at_a_console_counts_when_it_is_stored() -> None:
    """The answer comes with the commit, so that nobody administers with another role meanwhile."""
    hub, _ = a_school()
    from_directory(hub, "prof", role=Role.ADMIN)
    (effect,) = decide(hub, connect(hub), vouched(hub, "prof", CONSOLE, role=Role.MODERATOR))
    assert isinstance(effect, Commit)
    assert isinstance(effect.answer, Known)
    assert effect.answer.role == "moderator"
    commit(hub, [effect])
    assert role_of(hub, "prof") is Role.MODERATOR


def test_who_may_not_administer_any_more_is_refused_at_a_console() -> None:
    """And is no administrator elsewhere either from then on."""
    hub, _ = a_school()
    session = from_directory(hub, "prof", role=Role.ADMIN)
    effects = decide(hub, connect(hub), vouched(hub, "prof", CONSOLE, role=Role.MEMBER))
    assert any(isinstance(effect, Refuse) for effect in effects)
    commit(hub, effects)
    assert person_of(session).role is Role.MEMBER


def test_the_same_role_at_a_console_stores_nothing() -> None:
    """Whoever comes to repair the storage need not wait for it."""
    hub, _ = a_school()
    from_directory(hub, "prof", role=Role.ADMIN)
    (effect,) = decide(hub, connect(hub), vouched(hub, "prof", CONSOLE, role=Role.ADMIN))
    assert isinstance(effect, Reply)


def test_a_wrong_password_changes_no_role() -> None:
    """Whatever comes with the no."""
    hub, _ = a_school()
    from_directory(hub, "prof", role=Role.MEMBER)
    assert refusal(hub, connect(hub), vouched(hub, "prof", valid=False, role=Role.OWNER))
    assert refusal(hub, connect(hub), vouched(hub, "prof", CONSOLE, valid=False, role=Role.OWNER))


# -- channels ---------------------------------------------------------------------------------------------------------


def a_channel(hub: Hub, boss: Session, name: str, kind: str = "private") -> Any:
    ask(hub, boss, Create(channel=name, kind=kind))
    channel = hub.state.channel(name)
    assert channel is not None
    return channel


@pytest.mark.parametrize("kind", ["private", "approval", "open"])
def test_a_first_login_comes_into_its_channels(kind: str) -> None:
    """And listens there at once."""
    hub, boss = a_school()
    channel = a_channel(hub, boss, "2nde-A", kind)
    lea = from_directory(hub, "lea", channels=("2NDE-a", "nowhere"))
    assert hub.state.is_member(channel, person_of(lea))
    assert lea in channel.sessions


def test_a_later_login_adds_what_is_new_and_nothing_twice() -> None:
    """Who left a class room is back in it: the class is the directory's."""
    hub, boss = a_school()
    channel = a_channel(hub, boss, "2nde-A")
    lea = from_directory(hub, "lea")
    again = from_directory(hub, "lea", channels=("2nde-A", "2NDE-A"))
    assert {lea, again} <= set(channel.sessions)
    assert not any(
        isinstance(record, MemberAdded)
        for record in records_of(decide(hub, connect(hub), vouched(hub, "lea", channels=("2nde-A",))))
    )
    ask(hub, lea, Leave(channel="2nde-A"))
    from_directory(hub, "lea", channels=("2nde-A",))
    assert hub.state.is_member(channel, person_of(lea))


def test_a_channel_that_the_directory_does_not_name_is_left_by_nobody() -> None:
    """Only whoever is in it, or keeps order there, takes somebody out."""
    hub, boss = a_school()
    channel = a_channel(hub, boss, "2nde-A")
    from_directory(hub, "lea", channels=("2nde-A",))
    lea = from_directory(hub, "lea", channels=())
    assert hub.state.is_member(channel, person_of(lea))


@pytest.mark.parametrize("name", ["#admin", "#général", "#fermé"])
def test_some_channels_are_nobodys_to_give(name: str) -> None:
    """Those that a role, or everybody, is in; and closed ones."""
    hub, boss = a_school()
    a_channel(hub, boss, "fermé")
    ask(hub, boss, CloseChannel(channel="fermé"))
    _, started = records_of(decide(hub, connect(hub), vouched(hub, "lea", channels=(name,))))
    assert isinstance(started, SessionStarted)


def test_a_join_request_is_settled_by_it() -> None:
    """Whoever is in need not be admitted any more."""
    hub, boss = a_school()
    a_channel(hub, boss, "Info", "approval")
    lea = from_directory(hub, "lea")
    ask(hub, lea, Join(channel="Info"))
    records = changes_of(decide(hub, connect(hub), vouched(hub, "lea", channels=("Info",))))
    assert [type(record) for record in records][:2] == [JoinDecided, MemberAdded]
    from_directory(hub, "lea", channels=("Info",))
    assert type(refusal(hub, boss, Accept(user="lea", channel="Info"))) is NobodyAsks


def test_who_was_gone_comes_back_with_all_of_it() -> None:
    """The role and the channels are stored with the login, and nobody is turned out by it."""
    hub, boss = a_school()
    channel = a_channel(hub, boss, "2nde-A")
    lea = from_directory(hub, "lea")
    ask(hub, lea, Logout())
    effects = decide(hub, connect(hub), vouched(hub, "lea", role=Role.MODERATOR, channels=("2nde-A",)))
    assert not any(isinstance(effect, Close) for effect in commit(hub, effects))
    account = hub.state.account("lea")
    assert account is not None
    assert (account.role, channel.id in account.channels) == (Role.MODERATOR, True)
