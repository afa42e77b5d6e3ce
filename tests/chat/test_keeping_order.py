"""Sanctions as they are asked for, what they are against, announcements, and maintenance."""

from __future__ import annotations

import msgspec
import pytest

from classcord.chat.accounts.vocabulary import AddUser, CheckElsewhere, CheckHere, DelUser, Passwd, UserRemoved
from classcord.chat.addresses import network
from classcord.chat.announcements.vocabulary import Announce
from classcord.chat.effects import Close, Commit, Deliver, Effect, Reply, ShutOut, TellSecurity
from classcord.chat.errors import BadRequest, ChatError, KeyAlone, NotAllowed, NotFound
from classcord.chat.events import Notice
from classcord.chat.hub import Hub
from classcord.chat.maintenance.vocabulary import Maintained, MaintainedBecause, Maintenance, SettingSet
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.people import Session
from classcord.chat.requests import Request
from classcord.chat.roles import Operator, Role
from classcord.chat.sanctions.enforcing import check_may_come_in
from classcord.chat.sanctions.targets import refuses_at_once
from classcord.chat.sanctions.vocabulary import (
    Ban,
    Banned,
    Bans,
    Kick,
    Mute,
    NotThisRole,
    NotYourself,
    OwnAddress,
    SanctionAdded,
    Sanctioned,
    SanctionInfo,
    SanctionsListed,
    SharedAddress,
    Unban,
    Unmute,
)
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    NOON_WRITTEN,
    a_hub,
    add_account,
    answered,
    ask,
    changes_of,
    connect,
    decide,
    heard_by,
    log_in,
    moderator,
    records_of,
    the_commit,
    unsigned,
    verified,
)

TEN_MINUTES_LATER = "2026-11-20T12:10:00.000Z"


def operate(hub: Hub, role: Role, address: str = "192.0.2.1") -> Session:
    session = connect(hub)
    session.address = address
    ask(hub, session, Operate(operator=Operator(name=f"the {role.label}", role=role)))
    return session


def refused(hub: Hub, session: Session, request: Request, now: float = NOON) -> ChatError:
    with pytest.raises(ChatError) as error:
        decide(hub, session, request, now)
    return error.value


def words(session: Session, effects: list[Effect]) -> list[str]:
    return [event.content.render() for event in heard_by(session, effects) if isinstance(event, Notice)]


# -- sanctions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "kind", "until"),
    [
        (Mute(user="BOB", duration=600.0, reason=" Trop  de\nbruit "), "mute", TEN_MINUTES_LATER),
        (Kick(user="BOB", duration=600.0, reason="Trop de bruit"), "kick", TEN_MINUTES_LATER),
        (Ban(target="BOB", reason="Trop de bruit"), "ban", None),
        (Ban(target="BOB", duration=0.0001, reason="Trop de bruit"), "ban", "2026-11-20T12:00:00.001Z"),
    ],
)
def test_a_sanction_is_stored_with_who_why_and_until_when(request_: Request, kind: str, until: str | None) -> None:
    """Under the name as its account has it; `bans` shows it while it is in force, and only then."""
    hub = a_hub()
    bob = add_account(hub, "Bob")
    mod, other = moderator(hub), moderator(hub, "other")
    effects = decide(hub, mod, request_)
    answer = the_commit(effects).answer
    assert isinstance(answer, Sanctioned)
    assert (answer.target, answer.until, answer.hint is not None) == ("Bob", until, kind == "ban")
    assert effects[1:] == [TellSecurity(kind, "Bob", "Trop de bruit")]
    [added] = records_of(effects)
    assert isinstance(added, SanctionAdded)
    assert (added.target, added.shown, added.by, added.by_role, added.of) == (
        bob.key,
        "Bob",
        "mod",
        "moderator",
        "name",
    )
    [heard] = words(other, hub.apply(added))
    assert heard.startswith("mod has ")
    assert heard.endswith("Reason: Trop de bruit")
    row = SanctionInfo(kind=kind, target="Bob", by="mod", since=NOON_WRITTEN, until=until, reason="Trop de bruit")
    assert answered(hub, mod, Bans()) == SanctionsListed(sanctions=(row,))
    [reply] = decide(hub, mod, Bans(), NOON + 600)
    assert isinstance(reply, Reply)
    assert reply.answer == SanctionsListed(sanctions=() if until else (row,))


@pytest.mark.parametrize("request_", [Mute(user="bob"), Kick(user="bob"), Ban(target="bob"), Unmute(user="bob")])
def test_whom_a_sanction_cannot_mean(request_: Request) -> None:
    """Nobody of that name, oneself, who is not below."""
    hub = a_hub()
    mod = moderator(hub)
    assert type(refused(hub, mod, request_)) is NotFound
    add_account(hub, "bob", "moderator")
    assert type(refused(hub, mod, request_)) is NotThisRole
    assert type(refused(hub, log_in(hub, "bob"), request_)) is NotYourself


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (Mute(user="bob", duration=0.0), "0 seconds is no time; leave the duration out for 10 min"),
        (Kick(user="bob", duration=0.0), "0 seconds is no time; leave the duration out for 5 min"),
        (Ban(target="bob", duration=0.0), "a ban of 0 seconds is none; leave the duration out for good"),
        (Kick(user="bob", reason="x" * 301), "a reason has 300 readable characters at the most"),
        (Kick(user="bob", reason="x\u202e"), "a reason has 300 readable characters at the most"),
        (Ban(target="10.0.0.7/24"), "10.0.0.7/24 is no network; write 10.0.0.7 for the one address, or 10.0.0.0/24"),
        (Ban(target="10.0.0.999"), "10.0.0.999 is no address and no network"),
        (Unban(target="10.0.0.7/24"), "10.0.0.7/24 is no network"),
    ],
)
def test_what_a_sanction_cannot_be(request_: Request, why: str) -> None:
    """For no time, for a reason that cannot be shown, against what is nearly an address."""
    hub = a_hub()
    add_account(hub, "bob")
    error = refused(hub, operate(hub, Role.ADMIN), request_)
    assert isinstance(error, BadRequest)
    assert why in error.text.render()


def test_what_nearly_an_address_is_may_be_a_name() -> None:
    """Somebody is called so: then it is they who are meant."""
    hub = a_hub()
    add_account(hub, "1.2.3.4.5")
    [added] = records_of(decide(hub, operate(hub, Role.ADMIN), Ban(target="1.2.3.4.5")))
    assert isinstance(added, SanctionAdded)
    assert added.of == "name"


def test_a_ban_that_deletes_the_account() -> None:
    """By who may delete accounts, and of whom there is one; both are one commit."""
    hub = a_hub()
    bob = add_account(hub, "bob")
    request = Ban(target="bob", delete_account=True)
    assert type(refused(hub, moderator(hub), request)) is NotAllowed
    added, removed = records_of(decide(hub, operate(hub, Role.ADMIN), request))
    assert isinstance(added, SanctionAdded)
    assert unsigned(removed) == UserRemoved(user_id=bob.id, at=NOON_MS)
    hub.reserved = frozenset({"key"})
    hub.key_roles = {"key": Role.MODERATOR}
    assert type(refused(hub, operate(hub, Role.OWNER), Ban(target="key", delete_account=True))) is KeyAlone


@pytest.mark.parametrize("target", ["10.1.0.0/16", "2001:db8::/32", "10.1.2.3"])
def test_a_ban_of_a_network(target: str) -> None:
    """By who may; connections from there are ended, and nobody else's; nobody is let in from there."""
    hub = a_hub()
    add_account(hub, "bob"), add_account(hub, "eve")
    bob, eve = connect(hub), connect(hub)
    bob.address = "2001:db8::7" if ":" in target else "10.1.2.3"
    for name, session in (("bob", bob), ("eve", eve)):
        log_in(hub, name, session)
    assert type(refused(hub, moderator(hub), Ban(target=target))) is NotAllowed
    admin = operate(hub, Role.ADMIN)
    [added] = records_of(decide(hub, admin, Ban(target=target)))
    effects = hub.apply(added)
    assert [e.network for e in effects if isinstance(e, ShutOut)] == [network(target)]
    assert [e.sessions for e in effects if isinstance(e, Close)] == [(bob,)]
    with pytest.raises(Banned):
        check_may_come_in(hub, bob.address, "bob", Role.MEMBER, NOON)
    check_may_come_in(hub, "10.2.0.1", "bob", Role.MEMBER, NOON)
    check_may_come_in(hub, "no address", "bob", Role.MEMBER, NOON)
    assert type(refused(hub, moderator(hub, "mod2"), Unban(target=target))) is NotAllowed
    ask(hub, admin, Unban(target=target))
    check_may_come_in(hub, bob.address, "bob", Role.MEMBER, NOON)


def test_a_ban_of_a_network_ends() -> None:
    """At its time, without anybody lifting it."""
    hub = a_hub()
    ask(hub, operate(hub, Role.ADMIN), Ban(target="10.1.0.0/16", duration=60.0))
    with pytest.raises(Banned):
        check_may_come_in(hub, "10.1.2.3", "bob", Role.MEMBER, NOON + 59)
    check_may_come_in(hub, "10.1.2.3", "bob", Role.MEMBER, NOON + 60)


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (Ban(target="10.1.2.0/24", delete_account=True), BadRequest),
        (Ban(target="10.3.0.0/16"), SharedAddress),
        (Ban(target="10.3.1.7"), SharedAddress),
        (Ban(target="192.0.2.0/24"), OwnAddress),
        (Ban(target="192.0.2.1"), OwnAddress),
    ],
)
def test_networks_that_are_not_banned(request_: Request, error: type[ChatError]) -> None:
    """One with an account to delete, one that many share, one's own."""
    hub = a_hub(shared_networks=("10.3.0.0/16", "2001:db8::/32"))
    assert type(refused(hub, operate(hub, Role.OWNER), request_)) is error


def test_who_has_no_address_bans_any_network() -> None:
    """An operator at the machine itself."""
    hub = a_hub()
    assert decide(hub, operate(hub, Role.OWNER, address=""), Ban(target="0.0.0.0/0"))


def test_a_sanction_that_was_replaced_is_lifted_alone() -> None:
    """The newer one of the same kind stays in force; what was lifted already changes nothing."""
    hub = a_hub()
    older = SanctionAdded(
        sanction_id=1,
        kind="kick",
        of="name",
        target="bob",
        shown="bob",
        by="mod",
        by_role="moderator",
        reason="",
        added_at=NOON_MS,
        until=NOON_MS + 60_000,
    )
    newer = msgspec.structs.replace(older, sanction_id=2)
    hub.restore([older, newer])
    sanctions = hub.state.sanctions
    assert sanctions.lift(1) == older
    assert sanctions.against("kick", "bob", NOON_MS) == newer
    assert sanctions.lift(1) is None


@pytest.mark.parametrize(
    ("role", "request_", "at_once"),
    [
        (Role.MODERATOR, Kick(user="bob"), False),
        (Role.MODERATOR, Kick(user="bob", duration=0.0), True),
        (Role.MODERATOR, Ban(target="bob"), False),
        (Role.MODERATOR, Ban(target="bob", delete_account=True), True),
        (Role.MODERATOR, Ban(target="10.0.0.1"), True),
        (Role.ADMIN, Ban(target="bob", delete_account=True), False),
        (Role.ADMIN, Ban(target="10.0.0.1"), False),
        (Role.MEMBER, Kick(user="bob"), True),
        (Role.ADMIN, AddUser(username="eve", role="moderator"), False),
        (Role.ADMIN, AddUser(username="eve", role="admin"), True),
        (Role.ADMIN, DelUser(user="bob"), False),
        (Role.ADMIN, DelUser(user="nobody"), True),
        (Role.ADMIN, DelUser(user="me"), True),
        (Role.ADMIN, Passwd(user="bob"), False),
        (Role.ADMIN, Passwd(user="boss"), True),
        (Role.ADMIN, Passwd(user="me"), False),
        (Role.ADMIN, CheckHere(user="bob"), True),
        (Role.ADMIN, CheckElsewhere(user="bob"), True),
    ],
)
def test_what_is_refused_before_anything_is_asked(role: Role, request_: Request, at_once: bool) -> None:
    """Nobody confirms what they may not do, or what lasts no time."""
    hub = a_hub()
    add_account(hub, "bob"), add_account(hub, "me", role.label), add_account(hub, "boss", "owner")
    assert refuses_at_once(hub, log_in(hub, "me"), request_) is at_once


def test_where_a_password_is_checked_already() -> None:
    """With another login beside the local one, only what changes something is confirmed."""
    hub = a_hub(other_logins=True)
    bob, _ = add_account(hub, "bob"), add_account(hub, "me", "admin")
    me = log_in(hub, "me")
    both = (CheckElsewhere(user="bob"), CheckHere(user="bob"))
    assert [refuses_at_once(hub, me, each) for each in both] == [False, True]
    bob.password_elsewhere = True
    assert [refuses_at_once(hub, me, each) for each in both] == [True, False]


# -- announcements ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("channel", "hears"), [(None, {"bob", "eve"}), ("#dev", {"bob"})])
def test_an_announcement_is_heard(channel: str | None, hears: set[str]) -> None:
    """By everybody, or by a channel; as it was written, whatever braces it has."""
    hub = a_hub()
    admin, bob, eve = operate(hub, Role.ADMIN), log_in(hub, "bob"), log_in(hub, "eve")
    hub.state.channels_by_id[2].enter(bob, 0)
    effects = decide(hub, admin, Announce(content="  Bonjour {name}  ", channel=channel))
    assert effects[1:] == [TellSecurity("announce", channel or "global", "Bonjour {name}")]
    [record] = records_of(effects)
    told = hub.apply(record)
    heard = {name for name, session in (("bob", bob), ("eve", eve)) if words(session, told) == ["Bonjour {name}"]}
    assert heard == hears


@pytest.mark.parametrize("content", ["", " \n ", "a\0b"])
def test_an_announcement_has_words(content: str) -> None:
    hub = a_hub()
    assert type(refused(hub, operate(hub, Role.ADMIN), Announce(content=content))) is BadRequest


# -- maintenance ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "value", "error"), [("", "on", Maintained), (" Retour à\n18 h ", "on Retour à 18 h", MaintainedBecause)]
)
def test_maintenance_keeps_all_but_staff_out(reason: str, value: str, error: type[ChatError]) -> None:
    """Those who are here are told and closed, others are refused with the reason; until it is over."""
    hub = a_hub()
    mod, bob, owner = moderator(hub), log_in(hub, "bob"), operate(hub, Role.OWNER)
    effects = decide(hub, owner, Maintenance(state="on", reason=reason))
    assert changes_of(effects) == [SettingSet(name="maintenance", value=value, at=NOON_MS)]
    assert effects[1:] == [TellSecurity("maintenance", value)]
    told = ask(hub, owner, Maintenance(state="on", reason=reason))
    assert [each.sessions for each in told if isinstance(each, Close)] == [(bob,)]
    with pytest.raises(error):
        decide(hub, connect(hub), verified(hub, "bob"))
    assert decide(hub, connect(hub), verified(hub, mod.name))
    ask(hub, owner, Maintenance(state="off"))
    assert decide(hub, connect(hub), verified(hub, "bob"))


def test_maintenance_with_nobody_here_closes_nobody() -> None:
    """Nor does a start in maintenance."""
    hub = a_hub()
    owner = operate(hub, Role.OWNER)
    effects = ask(hub, owner, Maintenance(state="on"))
    assert not [each for each in effects if isinstance(each, (Close, Commit, Deliver))]
    assert hub.apply(SettingSet(name="maintenance", value="on")) == []
