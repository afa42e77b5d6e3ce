"""Sanctions against everybody's sessions, who may lift them, and that mute means mute: every role, every request."""

from __future__ import annotations

import typing
from typing import Any

import msgspec
import pytest

from classcord.chat.announcements.vocabulary import Announce
from classcord.chat.channels.vocabulary import Create, Join, Topic
from classcord.chat.effects import Close, Deliver, Effect, ShutOut
from classcord.chat.errors import ChatError, NotAllowed
from classcord.chat.events import Notice
from classcord.chat.identity.vocabulary import Guest, Login, Logout
from classcord.chat.join_requests.vocabulary import Reject
from classcord.chat.messages.vocabulary import Say
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.people import Session
from classcord.chat.presence.vocabulary import Status
from classcord.chat.requests import Request
from classcord.chat.roles import Operator, Role, may_lift
from classcord.chat.sanctions.enforcing import HARMLESS_STATES
from classcord.chat.sanctions.vocabulary import (
    Ban,
    Banned,
    Kick,
    Kicked,
    Mute,
    Muted,
    NotSanctioned,
    NotYourself,
    SanctionAdded,
    Unban,
    Unmute,
)
from classcord.chat.subjects import CONSOLE, WIRE
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    a_hub,
    add_account,
    ask,
    come_in,
    connect,
    decide,
    log_in,
    operates,
    records_of,
    registration,
    verified,
)

STAFF = [Role.MODERATOR, Role.ADMIN, Role.OWNER]
ROLES = list(Role)


def closed(effects: list[Effect]) -> set[Session]:
    return {session for effect in effects if isinstance(effect, Close) for session in effect.sessions or ()}


def a_sanction(kind: str, target: str, by_role: Role | None, *, by: str = "imposer", of: str = "name") -> SanctionAdded:
    return SanctionAdded(
        sanction_id=1,
        kind=kind,
        of=of,
        target=target,
        shown=target,
        by=by,
        by_role=by_role.label if by_role is not None else None,
        reason="",
        added_at=NOON_MS,
    )


# -- whom a sanction ends ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("request_", [Kick(user="bob"), Ban(target="bob")])
def test_a_sanction_ends_every_session_of_its_name(request_: Request) -> None:
    """In the chat, at a console by the account's password, by a key of the name, before a password is changed: all."""
    hub = a_hub()
    key = operates(hub, "bob", Role.OWNER)  # from before there was an account of its name
    account = add_account(hub, "bob", "moderator")
    sessions = {
        key,
        log_in(hub, "bob"),
        operates(hub, "bob", Role.MODERATOR, by="password"),
    }
    account.must_change = True
    sessions.add(log_in(hub, "bob"))
    machine, other = operates(hub, "bob", Role.OWNER, by="machine", address=""), log_in(hub, "eve")
    effects = ask(hub, operates(hub, "boss", Role.OWNER), request_)
    assert closed(effects) == sessions
    assert not {machine, other} & closed(effects)


@pytest.mark.parametrize(("kind", "error"), [("kick", Kicked), ("ban", Banned)])
def test_nobody_comes_back_while_a_sanction_is_in_force(kind: str, error: type[ChatError]) -> None:
    """Not in the chat, not by a password, not by a key of the name; afterwards they do. The machine always does."""
    hub = a_hub()
    add_account(hub, "bob", "moderator")
    hub.restore([msgspec.structs.replace(a_sanction(kind, "bob", Role.OWNER), until=NOON_MS + 60_000)])
    account = hub.state.account("bob")
    assert account is not None
    by_password = Operator(name="bob", role=Role.MODERATOR, by="password", account_id=account.id)
    by_key = Operator(name="bob", role=Role.OWNER)
    requests = (verified(hub, "bob"), Operate(operator=by_password), Operate(operator=by_key))
    for request in requests:
        with pytest.raises(error):
            decide(hub, connect(hub), request)
    assert decide(hub, connect(hub), Operate(operator=Operator(name="bob", role=Role.OWNER, by="machine")))
    for request in requests[:2]:
        assert decide(hub, connect(hub), request, NOON + 61)


def test_a_banned_network_is_left_by_everybody() -> None:
    """Whoever is there from it on any face; and what is open from it without a name, of which the service knows."""
    hub = a_hub()
    boss = operates(hub, "boss", Role.OWNER, address="10.0.0.1")
    add_account(hub, "bob", "moderator")
    sessions = {
        log_in(hub, "bob"),
        operates(hub, "bob", Role.MODERATOR, by="password"),
        operates(hub, "key", Role.ADMIN),
    }
    effects = ask(hub, boss, Ban(target="192.0.2.0/24"))
    assert closed(effects) == sessions
    assert ShutOut("192.0.2.0/24") in effects
    with pytest.raises(Banned):
        decide(hub, connect(hub), Operate(operator=Operator(name="key", role=Role.ADMIN)))


# -- who may lift one -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ROLES)
@pytest.mark.parametrize("imposer", STAFF)
@pytest.mark.parametrize("actor", STAFF)
def test_who_may_lift_what(actor: Role, imposer: Role, target: Role) -> None:
    """Whoever stands as high as who imposed it, and above its target (owners: beside it as well); and nobody else."""
    expected = actor >= imposer and (actor > target or actor is Role.OWNER)
    assert may_lift(actor, imposer, target) is expected
    for kind, request in (("ban", Unban(target="bob")), ("kick", Unban(target="bob")), ("mute", Unmute(user="bob"))):
        hub = a_hub()
        if target is Role.GUEST:
            come_in(hub, "bob")
        else:
            add_account(hub, "bob", target.label)
        hub.restore([a_sanction(kind, "bob", imposer)])
        by_account = log_in(hub, "actor") if add_account(hub, "actor", actor.label) else None
        for session in (by_account, operates(hub, "key", actor)):
            assert session is not None
            if expected:
                assert decide(hub, session, request)
            else:
                with pytest.raises(NotAllowed):
                    decide(hub, session, request)


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize(
    ("kind", "request_"),
    [
        ("ban", Unban(target="bob")),
        ("kick", Unban(target="BOB")),
        ("mute", Unmute(user="bob")),
    ],
)
def test_nobody_lifts_a_sanction_from_themselves(role: Role, kind: str, request_: Request) -> None:
    """Neither as the account, nor by a key of its name; whoever has the machine is not that person."""
    hub = a_hub()
    key = operates(hub, "bob", Role.OWNER)  # from before there was an account of its name
    add_account(hub, "bob", role.label)
    mine = log_in(hub, "bob"), operates(hub, "bob", role, by="password"), key
    hub.restore([a_sanction(kind, "bob", Role.MODERATOR)])
    for session in mine:
        with pytest.raises(NotYourself):
            decide(hub, session, request_)
    assert decide(hub, operates(hub, "bob", Role.OWNER, by="machine", address=""), request_)


def test_nobody_lifts_the_ban_of_their_own_address() -> None:
    """Even if they are connected from it still."""
    hub = a_hub()
    boss = operates(hub, "boss", Role.OWNER)
    hub.restore([a_sanction("ban", "192.0.2.0/24", Role.MODERATOR, of="network")])
    with pytest.raises(NotYourself):
        decide(hub, boss, Unban(target="192.0.2.0/24"))
    assert decide(hub, operates(hub, "root", Role.OWNER, by="machine", address=""), Unban(target="192.0.2.0/24"))


def test_a_sanction_keeps_the_role_of_who_imposed_it() -> None:
    """It is stored with it; of an older one it is that of their account, and of one without an account the highest."""
    hub = a_hub()
    add_account(hub, "bob")
    (record,) = records_of(decide(hub, operates(hub, "chef", Role.ADMIN), Mute(user="bob")))
    assert isinstance(record, SanctionAdded)
    assert record.by_role == "admin"
    add_account(hub, "mod", "moderator")
    for by, may in (("mod", True), ("gone", False)):
        hub.restore([a_sanction("mute", "bob", None, by=by)])
        actor = operates(hub, "key", Role.MODERATOR)
        if may:
            assert decide(hub, actor, Unmute(user="bob"))
        else:
            with pytest.raises(NotAllowed):
                decide(hub, actor, Unmute(user="bob"))


def test_what_is_not_in_force_cannot_be_lifted() -> None:
    """Also by whoever stands high enough."""
    hub = a_hub()
    add_account(hub, "bob")
    with pytest.raises(NotSanctioned):
        decide(hub, operates(hub, "boss", Role.OWNER), Unban(target="bob"))


# -- mute means mute --------------------------------------------------------------------------------------------------

READ_BY_NOBODY = {
    "held": "the audit trail alone keeps why private messages were read",
    "hello": "its client's name is in no list",
    "login": "a name that is there already",
    "guest": "refused by itself: whoever is muted takes no other name, and a listed word makes none",
    "message": "refused by itself",
    "private": "refused by itself, but to who keeps order",
    "upload": "refused by itself, but to who keeps order",
    "react": "an emoji, no words; refused by itself",
    "search": "words that one looks for",
    "accounts": "names that one looks for",
    "find_people": "names that one looks for",
    "password": "a secret",
    "invitation_code": "its note is for its maker, and for who manages accounts",
    "passwd": "a secret, and a name that is there already",
    "password_here": "a secret, and a name that is there already",
    "private_policy": "one of a few words, or roles",
    "report": "whoever is muted may ask for help all the same",
    "export_my_data": "the mark of a page",
    "export_person": "the mark of a page, and a reason that only the audit trail keeps",
    "adduser": "whoever makes accounts is no guest with another name",
}
"""Requests with a text that is no name of somebody or something that is there, and that others do not read."""


KEPT_TO_ONESELF = {
    "Register": ("password", "first_name", "last_name", "email"),
    "Create": ("kind",),
    "Status": ("user",),
    "PersonProfile": ("email",),
    "HoldExam": ("addresses",),
}
"""Fields of other requests that nobody else reads."""


def _writes(kind: type[Request]) -> set[str]:
    """Return the fields of a request with words of one's own: neither chosen from a list, nor what is there already."""
    found = set()
    for field in msgspec.structs.fields(kind):
        meta = str(typing.get_type_hints(kind, include_extras=True)[field.name])
        is_name = any(
            f"'kind': '{each}'" in meta
            for each in ("person", "target", "watched", "channel", "conversation", "secret", "duration")
        )
        text = "str" in meta and "Literal" not in meta and not is_name
        if text and field.name not in {"id", "subtype", *KEPT_TO_ONESELF.get(kind.__name__, ())}:
            found.add(field.name)
    return found


@pytest.mark.parametrize("kind", [*WIRE, *CONSOLE])
def test_each_request_says_which_words_others_read(kind: type[Request]) -> None:
    """A request with a text is told to others (`told`), or is known not to be."""
    looks = {"reason", "only", "action", "address"}  # why one reads or watches, and what one looks for
    quiet = {"history", "messages", "export", "tail", "trace", "audit", "unblock", "versions"}
    unsaid = _writes(kind) - set(kind.told)
    if kind.__struct_config__.tag in quiet:
        unsaid -= looks
    assert not unsaid or kind.__struct_config__.tag in READ_BY_NOBODY, unsaid


def filled(kind: type[Request], field: str) -> Request:
    """Return a request of a kind whose field has words in it."""
    values: dict[str, Any] = {"type": kind.__struct_config__.tag, field: "words"}
    for each in msgspec.structs.fields(kind):
        if each.required and each.name != field:
            values[each.name] = {"state": "on", "message_id": 1, "report_id": 1, "held_id": 1, "outcome": "acted"}.get(
                each.name, "other"
            )
    return msgspec.convert(values, kind)


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind in (*WIRE, *CONSOLE) for field in kind.told], ids=str
)
@pytest.mark.parametrize("face", ["chat", "console"])
def test_mute_means_mute(kind: type[Request], field: str, face: str) -> None:
    """No words that others read, of whoever is muted, in the chat or at the console; when it is over, they may."""
    hub = a_hub()
    add_account(hub, "bob", "owner")
    add_account(hub, "other")
    hub.restore([msgspec.structs.replace(a_sanction("mute", "bob", Role.OWNER), until=NOON_MS + 60_000)])
    bob = log_in(hub, "bob") if face == "chat" else operates(hub, "bob", Role.OWNER, by="password")
    request = filled(kind, field)
    with pytest.raises(Muted):
        decide(hub, bob, request)
    try:
        decide(hub, bob, request, NOON + 61)
    except Muted:
        pytest.fail("it is over")
    except ChatError:
        pass


def test_what_whoever_is_muted_may_do_still() -> None:
    """Read, come and go, say with a button that they are away, sanction without words, write to who keeps order."""
    hub = a_hub()
    add_account(hub, "mod", "moderator")
    add_account(hub, "eve")
    mod = log_in(hub, "mod")
    add_account(hub, "chef", "admin")
    log_in(hub, "chef")
    hub.restore([a_sanction("mute", "mod", Role.ADMIN)])
    for state in HARMLESS_STATES - {"online"}:
        assert decide(hub, mod, Status(state=state.upper()))
    for request in (Topic(), Join(channel="#dev"), Kick(user="eve"), Say(to="chef", subtype="private", content="why?")):
        assert decide(hub, mod, request)
    for refused in (
        Say(content="x"),
        Say(to="eve", subtype="private", content="x"),
        Announce(content="x"),
        Status(state="bob is bad"),
        Create(channel="#bob-is-bad"),
        Topic(topic="bob is bad"),
        Kick(user="eve", reason="bob is bad"),
        Reject(user="eve", channel="#dev", reason="x"),
    ):
        with pytest.raises(Muted):
            decide(hub, mod, refused)


@pytest.mark.parametrize("leaves", [False, True])
def test_a_muted_guest_takes_no_other_name(leaves: bool) -> None:
    """On the same connection not by `guest`, a first message or a new account; nor after leaving the name."""
    hub = a_hub()
    zoe = come_in(hub, "zoé", modern=False)
    hub.restore([a_sanction("mute", "zoé", Role.MODERATOR)])
    if leaves:
        ask(hub, zoe, Logout())
    for request in (Guest(username="bob-is-bad"), Guest(), Say(content="x", from_="bob-is-bad")):
        with pytest.raises(Muted):
            decide(hub, zoe, request)
    if not leaves:
        with pytest.raises(Muted):
            decide(hub, zoe, registration("bob-is-bad"))
    assert decide(hub, zoe, Login(username="eve", password="azerty"))
    assert decide(hub, connect(hub), Guest(username="somebody"))


def test_a_muted_person_hears_so() -> None:
    """On every session of theirs, at the console too."""
    hub = a_hub()
    add_account(hub, "bob", "moderator")
    sessions = {log_in(hub, "bob"), operates(hub, "bob", Role.MODERATOR, by="password")}
    effects = ask(hub, operates(hub, "boss", Role.OWNER), Mute(user="bob"))
    told = [e for e in effects if isinstance(e, Deliver) and isinstance(e.event, Notice)]
    theirs = [set(e.audience) for e in told if "You may not" in e.event.content.render()]  # type: ignore[attr-defined]
    assert theirs == [sessions]
    assert not closed(effects)
