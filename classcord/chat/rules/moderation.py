"""Keeping order: mutes, kicks and bans, announcements, maintenance."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, NamedTuple

from classcord.chat.durations import in_words
from classcord.chat.effects import Alert, Close, Commit, Deliver, Effect, Reply, ShutOut
from classcord.chat.errors import (
    BadRequest,
    ChatError,
    Maintained,
    MaintainedBecause,
    NotAllowed,
    NotFound,
    NotSanctioned,
    NotThisRole,
    NotYourself,
    OthersSanction,
    OwnAddress,
    SharedAddress,
)
from classcord.chat.events import Done, MaintenanceTold, Notice, Performed, Sanctioned, SanctionInfo, SanctionsListed
from classcord.chat.names import name_key
from classcord.chat.records import Announced, SanctionAdded, SanctionLifted, SettingSet, UserRemoved
from classcord.chat.requests import (
    AddUser,
    Announce,
    Ban,
    Bans,
    DelUser,
    Kick,
    Maintenance,
    Mute,
    Passwd,
    Unban,
    Unmute,
)
from classcord.chat.requests.base import LONGEST_REASON
from classcord.chat.roles import Permission, Role, may_lift, outranks
from classcord.chat.rules.lookup import find, nobody
from classcord.chat.sanctions import BAN, KICK, MUTE, because, lasting, near_network, network, refusal
from classcord.chat.state import MAINTENANCE
from classcord.chat.text import N_, Text, is_readable
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classcord.chat.people import Account, Person, Session
    from classcord.chat.records import Record
    from classcord.chat.requests import Request
    from classcord.chat.world import Change, Decision, World


class Aimed(NamedTuple):
    """Who is meant: somebody who is here, an account, both, or a key of admin_keys/."""

    key: str
    name: str
    account: Account | None
    person: Person | None


def aim(world: World, session: Session, name: str) -> Aimed:
    """Return whom `name` means; refuse who is not there, who asks, and who is not below them."""
    actor = session.person
    assert actor is not None
    key = name_key(name)
    person, account = world.state.people.get(key), world.state.accounts.get(key)
    here = person or world.operator_by_key(key)
    if here is None and account is None and key not in world.reserved:
        raise NotFound(field="user", name=name)
    shown = account.name if account else here.name if here else key
    if person is actor or (account is not None and account is actor.account) or _is_own_key(actor, key):
        raise NotYourself(field="user")
    role = world.role_of(key)
    if not outranks(actor.role, role):
        raise NotThisRole(field="user", name=shown, role=role.word)
    return Aimed(key, shown, account, person)


def _is_own_key(actor: Person, key: str) -> bool:
    """Whether who acts came in by the key with this name: a sanction against it would be one against themselves."""
    return actor.operator is not None and actor.operator.by == "key" and actor.key == key


def checked_reason(reason: str) -> str:
    """Return a reason on one line; refuse one that is too long or unreadable."""
    words = " ".join(reason.split())
    if len(words) > LONGEST_REASON or not is_readable(words):
        limit = Text(N_("a reason has {limit} readable characters at the most"), {"limit": LONGEST_REASON})
        raise BadRequest(field="reason", why=limit)
    return words


def refuses_at_once(world: World, session: Session, request: Request) -> bool:
    """Whether a request is refused whatever else is asked about it: a right or a rank is missing, it lasts no time.

    Who would confirm it, or type a password for it, is spared that.
    """
    person = session.person
    needed = {request.permission}
    if isinstance(request, Ban) and _network_meant(world, request.target) is not None:
        needed.add(Permission.BAN_NETWORK)
    elif isinstance(request, Ban) and request.delete_account:
        needed.add(Permission.MANAGE_ACCOUNTS)
    if not all(world.may(person, permission) for permission in needed):
        return True
    if isinstance(request, (Mute, Kick, Ban)) and request.duration == 0:
        return True
    return person is not None and _aims_too_high(world, session, person, request)


def _aims_too_high(world: World, session: Session, person: Person, request: Request) -> bool:
    """Whether a request is about somebody whom this person may not act on, or who is not there."""
    if isinstance(request, AddUser):
        return not outranks(person.role, Role.of(request.role))
    if isinstance(request, Ban):
        target = None if _network_meant(world, request.target) is not None else request.target
    elif isinstance(request, (DelUser, Passwd)):
        account = world.state.account(request.user)
        own = isinstance(request, Passwd) and account is not None and account is person.account
        target = None if own else request.user
    else:
        target = None
    try:
        if target is not None:
            aim(world, session, target)
    except ChatError:
        return True
    return False


def mute(world: World, session: Session, request: Mute, now: float) -> list[Effect]:
    _lasts(request)
    aimed = aim(world, session, request.user)
    return _impose(session, request, aimed, _against(world, session, request, MUTE, aimed, now=now))


def kick(world: World, session: Session, request: Kick, now: float) -> list[Effect]:
    _lasts(request)
    aimed = aim(world, session, request.user)
    return _impose(session, request, aimed, _against(world, session, request, KICK, aimed, now=now))


def ban(world: World, session: Session, request: Ban, now: float) -> list[Effect]:
    _exact(world, request.target)
    _lasts(request)
    where = _network_meant(world, request.target)
    if where is not None:
        return _ban_network(world, session, request, where, now)
    aimed = aim(world, session, request.target)
    added = _against(world, session, request, BAN, aimed, now=now)
    if not request.delete_account:
        return _impose(session, request, aimed, added)
    if aimed.account is None:
        raise nobody(world, request.target, "target")
    _need(world, session, Permission.MANAGE_ACCOUNTS)
    removed = UserRemoved(user_id=aimed.account.id)
    return _impose(session, request, aimed, added, removed)


def _network_meant(world: World, target: str) -> str | None:
    """Return the network that a ban's target is, None where it is the name of somebody."""
    return network(target) if "/" in target or not _is_somebody(world, target) else None


def _lasts(request: Mute | Kick | Ban) -> None:
    """Refuse a sanction that lasts no time: it is none."""
    if request.duration != 0:
        return
    if isinstance(request, Ban):
        raise BadRequest(field="duration", why=Text(N_("a ban of 0 seconds is none; leave the duration out for good")))
    usual = in_words(type(request)(user=request.user).duration)
    why = Text(N_("0 seconds is no time; leave the duration out for {usual}"), {"usual": usual})
    raise BadRequest(field="duration", why=why)


def _exact(world: World, target: str) -> None:
    """Refuse what is nearly an address or a network: whom it would hit is not guessed."""
    misfit = near_network(target)
    if misfit is not None and not _is_somebody(world, target):
        raise BadRequest(field="target", why=misfit)


def _is_somebody(world: World, name: str) -> bool:
    key = name_key(name)
    named = key in world.state.people or key in world.state.accounts or key in world.reserved
    return named or world.operator_by_key(key) is not None


def _need(world: World, session: Session, permission: Permission) -> None:
    if not world.may(session.person, permission):
        raise NotAllowed


def _against(
    world: World, session: Session, request: Mute | Kick | Ban, kind: str, aimed: Aimed, *, now: float
) -> SanctionAdded:
    """Return the record of a sanction; a target whose key has a slash is a network."""
    assert session.person is not None
    at = int(now * 1000)
    return SanctionAdded(
        sanction_id=world.state.sanction_ids.next(),
        kind=kind,
        of="network" if "/" in aimed.key else "name",
        target=aimed.key,
        shown=aimed.name,
        by=session.name,
        by_role=session.person.role.label,
        reason=checked_reason(request.reason),
        added_at=at,
        until=None if request.duration is None else at + max(1, int(request.duration * 1000)),
    )


def _impose(session: Session, request: Request, aimed: Aimed, added: SanctionAdded, *besides: Record) -> list[Effect]:
    hint = None
    if isinstance(request, Ban) and not besides and aimed.account is not None:
        hint = Text(N_("The account is kept; `deluser {name}` deletes it."), {"name": aimed.name})
    answer = Sanctioned(target=aimed.name, until=_time(added.until), reason=added.reason, hint=hint)
    return [Commit(session, (added, *besides), request, answer), Alert(added.kind, aimed.name, added.reason)]


def _ban_network(world: World, session: Session, request: Ban, where: str, now: float) -> list[Effect]:
    _need(world, session, Permission.BAN_NETWORK)
    if request.delete_account:
        raise BadRequest(field="delete_account", why=Text(N_("an address has no account")))
    meant = ip_network(where)
    for shared in world.shared_networks:
        if meant.version == shared.version and meant.overlaps(shared):
            raise SharedAddress(field="target", network=where)
    if _includes(meant, session.address):
        raise OwnAddress(field="target", network=where)
    shown = where.removesuffix("/32").removesuffix("/128")
    aimed = Aimed(where, shown, None, None)
    return _impose(session, request, aimed, _against(world, session, request, BAN, aimed, now=now))


def _includes(where: IPv4Network | IPv6Network, address: str) -> bool:
    mine = network(address) if address else None
    if mine is None:
        return False
    own = ip_network(mine)
    return own.version == where.version and own.overlaps(where)


def sanction_added(world: World, record: SanctionAdded) -> list[Effect]:
    world.state.sanctions.add(record)
    session = world.session_of(record)
    effects = _tell_staff(world, session, _IMPOSED[record.kind], record)
    if record.of == "network":
        where = ip_network(record.target)
        hit = tuple(s for s, _ in world.state.present() if s is not session and _includes(where, s.address))
        effects.append(ShutOut(record.target))
    else:
        hit = tuple(s for s, person in world.state.present() if person.key == record.target)
    if not hit:
        return effects
    told = refusal(record, record.added_at).text
    if record.kind == MUTE:
        return [*effects, Deliver(Notice(content=told, timestamp=rfc3339(record.added_at)), hit)]
    return [*effects, Close(told, hit)]


_IMPOSED = {
    MUTE: N_("{by} has muted {name} {lasting}. {reason}"),
    KICK: N_("{by} has kicked {name} {lasting}. {reason}"),
    BAN: N_("{by} has banned {name} {lasting}. {reason}"),
}


def _tell_staff(world: World, session: Session | None, words: str, record: SanctionAdded) -> list[Effect]:
    others = tuple(s for s in world.staff() if s is not session)
    values: dict[str, object] = {
        "by": record.by,
        "name": record.shown,
        "lasting": lasting(record.until, record.added_at),
        "reason": because(record.reason),
    }
    return [Deliver(Notice(content=Text(words, values), timestamp=rfc3339(record.added_at)), others)] if others else []


def unmute(world: World, session: Session, request: Unmute, now: float) -> list[Effect]:
    aimed = aim(world, session, request.user)
    found = world.state.sanctions.against(MUTE, aimed.key, now * 1000)
    return _lift(world, session, request, found, aimed.name, now=now)


def unban(world: World, session: Session, request: Unban, now: float) -> list[Effect]:
    _exact(world, request.target)
    key, at = name_key(request.target), now * 1000
    sanctions = world.state.sanctions
    found = sanctions.against(BAN, key, at) or sanctions.against(KICK, key, at)
    where = network(request.target)
    if found is None and where is not None:
        _need(world, session, Permission.BAN_NETWORK)
        found = next((s for s in sanctions.in_force(at) if s.of == "network" and s.target == where), None)
    return _lift(world, session, request, found, request.target, now=now)


def _lift(
    world: World, session: Session, request: Request, found: SanctionAdded | None, name: str, *, now: float
) -> list[Effect]:
    if found is None:
        raise NotSanctioned(name=name)
    _check_may_lift(world, session, found)
    record = SanctionLifted(sanction_id=found.sanction_id, by=session.name, lifted_at=int(now * 1000))
    return [Commit(session, (record,), request, Done()), Alert(f"un{found.kind}", found.shown)]


def _check_may_lift(world: World, session: Session, found: SanctionAdded) -> None:
    """Refuse to lift one's own sanction, what a higher role has imposed, and what one could not impose."""
    actor = session.person
    assert actor is not None
    if found.of == "network":
        own, role = _includes(ip_network(found.target), session.address), Role.GUEST
    else:
        own, role = found.target == actor.key, world.role_of(found.target)
    if own and not actor.at_machine:
        raise NotYourself(field="target")
    imposer = _imposer(world, found)
    if may_lift(actor.role, imposer, role):
        return
    if not outranks(actor.role, role):
        raise NotThisRole(field="target", name=found.shown, role=role.word)
    raise OthersSanction(field="target", name=found.by, role=imposer.word)


def _imposer(world: World, sanction: SanctionAdded) -> Role:
    """Return the role in which somebody imposed a sanction; of an old one their account's, else the highest."""
    if sanction.by_role is not None:
        return Role.of(sanction.by_role)
    account = world.state.account(sanction.by)
    return account.role if account else Role.OWNER


def sanction_lifted(world: World, record: SanctionLifted) -> list[Effect]:
    sanction = world.state.sanctions.lift(record.sanction_id)
    if sanction is None or sanction.kind != MUTE:
        return []
    told = tuple(s for s, person in world.state.present() if person.key == sanction.target)
    if not told:
        return []
    notice = Notice(content=Text(N_("You may write again.")), timestamp=rfc3339(record.lifted_at))
    return [Deliver(notice, told)]


def bans(world: World, session: Session, request: Bans, now: float) -> list[Effect]:
    rows = tuple(sanction_info(sanction) for sanction in world.state.sanctions.in_force(now * 1000))
    return [Reply(request, SanctionsListed(sanctions=rows))]


def sanction_info(sanction: SanctionAdded) -> SanctionInfo:
    return SanctionInfo(
        kind=sanction.kind,
        target=sanction.shown,
        by=sanction.by,
        since=rfc3339(sanction.added_at),
        until=_time(sanction.until),
        reason=sanction.reason,
    )


def _time(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


def muted(world: World, session: Session, now: float) -> ChatError | None:
    """Return what whoever this is (or was, on the same connection) is told who is muted; None if nobody is."""
    person = session.person
    if person is not None and person.at_machine:
        return None
    key = session.before if person is None else person.key
    found = world.state.sanctions.against(MUTE, key, now * 1000) if key is not None else None
    return None if found is None else refusal(found, now * 1000)


def check_is_not_muted(world: World, session: Session, now: float) -> None:
    """Refuse whoever is muted."""
    error = muted(world, session, now) if world.state.sanctions else None
    if error is not None:
        raise error


def check_may_be_heard(world: World, session: Session, request: Request, now: float) -> None:
    """Refuse words that others would read, of whoever is muted; what they do without words, they may.

    Mute means mute: it is one rule for all requests, which say what of them others read (Request.told).
    """
    if any(_is_told(field, getattr(request, field)) for field in request.told):
        check_is_not_muted(world, session, now)


def _is_told(field: str, value: str | None) -> bool:
    return bool(value) and not (field == "state" and " ".join(str(value).casefold().split()) in STATES)


STATES = frozenset({
    "online", "available", "away", "afk", "idle", "busy", "dnd", "do not disturb", "invisible", "offline",
    "en ligne", "absent", "occupé", "ne pas déranger", "hors ligne",
})  # fmt: skip
"""What somebody muted may still say of their presence: the words that clients have a button for."""


def check_may_come_in(world: World, address: str, key: str, role: Role, now: float) -> None:
    """Refuse who is banned or kicked by name or address, and during maintenance whoever keeps no order."""
    at = now * 1000
    sanctions = world.state.sanctions
    found = sanctions.against(BAN, key, at) or sanctions.against(KICK, key, at)
    found = found or sanctions.against_address(address, at)
    if found is not None:
        raise refusal(found, at)
    reason = world.state.maintenance
    if reason is not None and not world.role_may(role, Permission.KEEP_ORDER):
        raise _maintained(reason)


def announce(world: World, session: Session, request: Announce, now: float) -> list[Effect]:
    assert session.person is not None
    words = request.content.strip()
    if not words:
        raise BadRequest(field="content", why=Text(N_("an announcement needs content")))
    if "\0" in words:
        raise BadRequest(field="content", why=Text(N_("a text has no NUL character")))
    to = "global" if request.channel is None else find(world, session.person, request.channel).name
    record = Announced(to=to, text=Text("{words}", {"words": words}), at=int(now * 1000))
    return [Commit(session, (record,), request, Done()), Alert("announce", to, words)]


def maintenance(world: World, session: Session, request: Maintenance, now: float) -> list[Effect]:
    if request.state is None:
        found = world.state.maintenance
        return [Reply(request, MaintenanceTold(maintenance=found is not None, maintenance_reason=found or None))]
    value = f"on {checked_reason(request.reason)}".strip() if request.state == "on" else "off"
    answer = Performed(notes=(_EVERYONE if value == "off" else _only_staff(world),))
    record = SettingSet(name=MAINTENANCE, value=value, at=int(now * 1000))
    return [Commit(session, (record,), request, answer), Alert(MAINTENANCE, value)]


_EVERYONE = Text(N_("Everyone may come in again."))


def _only_staff(world: World) -> Text:
    """Return what a maintenance does, and how it ends."""
    out = sum(1 for _ in _not_staff(world))
    template = N_("Only moderators and above come in now; people disconnected: {count}. `maintenance off` ends it.")
    return Text(template, {"count": out})


def _not_staff(world: World) -> Iterator[Person]:
    return (person for person in world.state.people.values() if not world.may(person, Permission.KEEP_ORDER))


def setting_set(world: World, record: SettingSet) -> list[Effect]:
    world.state.switches[record.name] = record.value
    if record.actor is None or record.name != MAINTENANCE:
        return []
    session = world.session_of(record)
    reason = world.state.maintenance
    words = _ENDED if reason is None else _BEGUN
    values: dict[str, object] = {"by": record.actor, "reason": because(reason) if reason else ""}
    staff = tuple(each for each in world.staff() if each is not session)
    told: list[Effect] = (
        [Deliver(Notice(content=Text(words, values), timestamp=rfc3339(record.at)), staff)] if staff else []
    )
    if reason is None:
        return told
    others = tuple(each for person in _not_staff(world) for each in person.sessions)
    return [*told, Close(_maintained(reason).text, others)] if others else told


_BEGUN = N_("{by} has begun a maintenance: only moderators and above come in. {reason}")
_ENDED = N_("{by} has ended the maintenance: everyone may come in again.")


def _maintained(reason: str) -> Maintained:
    return MaintainedBecause(reason=because(reason)) if reason else Maintained()


DECISIONS: dict[type[Request], Decision] = {
    Mute: mute,
    Unmute: unmute,
    Kick: kick,
    Ban: ban,
    Unban: unban,
    Bans: bans,
    Announce: announce,
    Maintenance: maintenance,
}
CHANGES: dict[type[Record], Change] = {
    SanctionAdded: sanction_added,
    SanctionLifted: sanction_lifted,
    SettingSet: setting_set,
}
