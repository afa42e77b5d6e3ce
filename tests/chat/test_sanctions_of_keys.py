"""Who came in by a key, and has no account: they are kicked, banned and muted by rank, like everybody."""

from __future__ import annotations

import pytest

from classcord.chat.accounts.vocabulary import DelUser, Passwd, SetRole
from classcord.chat.announcements.vocabulary import Announce
from classcord.chat.effects import Close, Effect
from classcord.chat.errors import ChatError, KeyAlone, NotFound
from classcord.chat.hub import Hub
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.people import Session
from classcord.chat.requests import Request
from classcord.chat.roles import Operator, Role, outranks
from classcord.chat.sanctions.vocabulary import (
    Ban,
    Banned,
    Kick,
    Kicked,
    Mute,
    Muted,
    NotThisRole,
    NotYourself,
    Unban,
    Unmute,
)
from tests.chat.hubs import NOON, a_hub, add_account, ask, come_in, connect, decide, heard_by, log_in

STAFF = [Role.MODERATOR, Role.ADMIN, Role.OWNER]
KINDS: dict[str, tuple[Request, Request, type[ChatError]]] = {
    "kick": (Kick(user="Prof", duration=60), Unban(target="prof"), Kicked),
    "ban": (Ban(target="Prof", duration=60), Unban(target="prof"), Banned),
    "mute": (Mute(user="Prof", duration=60), Unmute(user="prof"), Muted),
}


def key(role: Role, name: str = "prof") -> Operate:
    return Operate(operator=Operator(name=name, role=role))


def acting(hub: Hub, role: Role, face: str) -> Session:
    """Return a session of somebody with this role, who came in on this face."""
    if face == "chat":
        add_account(hub, "actor", role.label)
        return log_in(hub, "actor")
    session = connect(hub)
    account = add_account(hub, "actor", role.label) if face == "password" else None
    by = face if face in ("key", "password") else "machine"
    operator = Operator(name="actor", role=role, by=by, account_id=account.id if account else None)
    ask(hub, session, Operate(operator=operator))
    return session


def closed(effects: list[Effect]) -> set[Session]:
    return {session for effect in effects if isinstance(effect, Close) for session in effect.sessions or ()}


def a_hub_with_key(role: Role | None) -> Hub:
    """Return a hub that knows the key of prof; None: its file cannot be read."""
    hub = a_hub()
    hub.reserved = frozenset({"prof"})
    hub.key_roles = {} if role is None else {"prof": role}
    return hub


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("face", ["chat", "key", "password", "machine"])
@pytest.mark.parametrize("actor", STAFF)
@pytest.mark.parametrize("role", [*STAFF, None])
@pytest.mark.parametrize("online", [True, False])
def test_by_rank(kind: str, face: str, actor: Role, role: Role | None, online: bool) -> None:
    """Every role against every key, used or not: on those below, owners on owners; the unknown role is the highest."""
    imposed, lifted, error = KINDS[kind]
    hub = a_hub_with_key(role)
    used = role or Role.OWNER
    sessions = [connect(hub), connect(hub)] if online and role is not None else []
    for session in sessions:
        ask(hub, session, key(used))
    session = acting(hub, actor, face)
    if not outranks(actor, used):
        with pytest.raises(NotThisRole):
            decide(hub, session, imposed)
        return
    effects = ask(hub, session, imposed)
    if kind == "mute":
        assert all(len(heard_by(each, effects)) == 2 for each in sessions)  # as those who keep order, and themselves
        ask(hub, tries := connect(hub), key(used))
    else:
        assert closed(effects) == set(sessions)
        tries = connect(hub)
    request = Announce(content="hello") if kind == "mute" else key(used)
    with pytest.raises(error):
        decide(hub, tries, request)
    ask(hub, session, lifted)
    assert decide(hub, tries, request)
    ask(hub, session, imposed)
    with pytest.raises(error):
        decide(hub, tries, request)
    assert decide(hub, tries, request, NOON + 61)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("actor", STAFF)
def test_a_key_that_is_used_counts_as_well_as_the_file(kind: str, actor: Role) -> None:
    """A guest of the name, or a file that was lowered or removed a moment ago, lends nobody power over who is here."""
    for reserved, roles in ((frozenset({"prof"}), {"prof": Role.MODERATOR}), (frozenset[str](), {})):
        hub = a_hub()
        come_in(hub, "prof")
        ask(hub, connect(hub), key(Role.OWNER))
        hub.reserved, hub.key_roles = reserved, roles
        session = acting(hub, actor, "key")
        if actor is Role.OWNER:
            assert decide(hub, session, KINDS[kind][0])
        else:
            with pytest.raises(NotThisRole):
                decide(hub, session, KINDS[kind][0])


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize("kind", KINDS)
def test_nobody_sanctions_their_own_key_and_nobody_lifts_above_them(kind: str, role: Role) -> None:
    """Not with another session of it either; and what an owner imposed stays for the others."""
    imposed, lifted, _ = KINDS[kind]
    hub = a_hub_with_key(role)
    session = connect(hub)
    ask(hub, session, key(role))
    with pytest.raises(NotYourself):
        decide(hub, session, imposed)
    ask(hub, acting(hub, Role.OWNER, "machine"), imposed)
    ask(hub, colleague := connect(hub), key(role, "colleague"))
    if role is Role.OWNER:
        assert decide(hub, colleague, lifted)
    else:
        with pytest.raises(ChatError):
            decide(hub, colleague, lifted)


@pytest.mark.parametrize("actor", STAFF)
@pytest.mark.parametrize("role", STAFF)
def test_what_needs_an_account_says_that_it_is_a_key(actor: Role, role: Role) -> None:
    """Whatever the rank is: passwd, role and deluser change nothing of a key."""
    hub = a_hub_with_key(role)
    ask(hub, connect(hub), key(role))
    session = acting(hub, actor, "key")
    for request in (Passwd(user="prof"), SetRole(user="prof", role="member"), DelUser(user="prof")):
        if request.permission in hub.permissions[actor]:
            with pytest.raises(KeyAlone):
                decide(hub, session, request)
    if actor is Role.OWNER:
        with pytest.raises(KeyAlone):
            decide(hub, session, Ban(target="prof", delete_account=True))


@pytest.mark.parametrize("request_", [Kick(user="nobody"), Mute(user="nobody"), Ban(target="nobody")])
def test_a_name_that_nobody_has(request_: Request) -> None:
    """Neither an account nor a key, and nobody is here by it: nor is who sits at the machine."""
    hub = a_hub_with_key(Role.OWNER)
    console = connect(hub)
    ask(hub, console, Operate(operator=Operator(name="nobody", role=Role.OWNER, by="machine")))
    with pytest.raises(NotFound):
        decide(hub, acting(hub, Role.OWNER, "key"), request_)
