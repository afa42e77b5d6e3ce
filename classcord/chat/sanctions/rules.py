"""Decisions about sanctions: mute, kick, ban, and their lifting. Knows no clock."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.addresses import near_network, network
from classcord.chat.durations import in_words
from classcord.chat.effects import Close, Commit, Deliver, Effect, Reply, ShutOut, TellSecurity
from classcord.chat.errors import BadRequest, NotAllowed
from classcord.chat.events import Done, Notice
from classcord.chat.finding import unknown_name
from classcord.chat.names import name_key
from classcord.chat.reasons import because, checked_reason
from classcord.chat.records import Record
from classcord.chat.registry import applies, audits, decides, reserves
from classcord.chat.roles import Permission, Role, may_lift, outranks
from classcord.chat.sanctions.in_force import BAN, KICK, MUTE, WARN, lasting, refusal, warning
from classcord.chat.sanctions.targets import Aimed, aim, is_somebody, network_meant
from classcord.chat.sanctions.vocabulary import (
    Ban,
    Bans,
    Kick,
    Mute,
    NotSanctioned,
    NotThisRole,
    NotYourself,
    OthersSanction,
    OwnAddress,
    SanctionAdded,
    Sanctioned,
    SanctionInfo,
    SanctionLifted,
    SanctionsListed,
    SharedAddress,
    Unban,
    Unmute,
    WarningTold,
)
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.registry import What
    from classcord.chat.requests import Request
    from classcord.chat.world import World


@decides
def mute(world: World, session: Session, request: Mute, now: float) -> list[Effect]:
    _lasts(request)
    aimed = aim(world, session, request.user)
    return _impose(session, request, aimed, _against(world, session, request, MUTE, aimed, now=now))


@decides
def kick(world: World, session: Session, request: Kick, now: float) -> list[Effect]:
    _lasts(request)
    aimed = aim(world, session, request.user)
    return _impose(session, request, aimed, _against(world, session, request, KICK, aimed, now=now))


@decides
def ban(world: World, session: Session, request: Ban, now: float) -> list[Effect]:
    _exact(world, request.target)
    _lasts(request)
    where = network_meant(world, request.target)
    if where is not None:
        return _ban_network(world, session, request, where, now)
    aimed = aim(world, session, request.target)
    added = _against(world, session, request, BAN, aimed, now=now)
    if not request.delete_account:
        return _impose(session, request, aimed, added)
    if aimed.account is None:
        raise unknown_name(world, request.target, "target")
    _need(world, session, Permission.MANAGE_ACCOUNTS)
    removed = UserRemoved(user_id=aimed.account.id, at=int(now * 1000))
    return _impose(session, request, aimed, added, removed)


def _lasts(request: Mute | Kick | Ban) -> None:
    """Refuse a sanction with a duration of zero."""
    if request.duration != 0:
        return
    if isinstance(request, Ban):
        raise BadRequest(field="duration", why=Text(N_("a ban of 0 seconds is none; leave the duration out for good")))
    usual = in_words(type(request)(user=request.user).duration)
    why = Text(N_("0 seconds is no time; leave the duration out for {usual}"), {"usual": usual})
    raise BadRequest(field="duration", why=why)


def _exact(world: World, target: str) -> None:
    """Refuse a target that is nearly an address or a network: it is not guessed whom it would hit."""
    misfit = near_network(target)
    if misfit is not None and not is_somebody(world, target):
        raise BadRequest(field="target", why=misfit)


def _need(world: World, session: Session, permission: Permission) -> None:
    if not world.may(session.person, permission):
        raise NotAllowed


def _against(
    world: World, session: Session, request: Mute | Kick | Ban, kind: str, aimed: Aimed, *, now: float
) -> SanctionAdded:
    """Return the record of a sanction; if the key of the target has a slash, it is a network."""
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
    return [Commit(session, (added, *besides), request, answer), TellSecurity(added.kind, aimed.name, added.reason)]


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


@reserves
def _sanction_id_is_given_out(world: World, record: SanctionAdded) -> None:
    world.state.sanction_ids.pass_over(record.sanction_id)


@applies
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
    if record.kind == WARN:
        reading = tuple(session for session in hit if session.shows_events)
        heard = WarningTold(sanction_id=record.sanction_id, at=record.added_at)
        told_now = [Deliver(warning(record, record.added_at), reading), Commit(None, (heard,))]
        return [*effects, *told_now] if reading else effects
    told = refusal(record, record.added_at).text
    if record.kind == MUTE:
        return [*effects, Deliver(Notice(content=told, timestamp=rfc3339(record.added_at)), hit)]
    return [*effects, Close(told, hit)]


@audits
def _audited_sanction_added(_: World, record: SanctionAdded) -> What:
    after = {"target": record.shown, "until": record.until, "reason": record.reason}
    return record.kind, "sanction", record.sanction_id, None, after


_IMPOSED = {
    MUTE: N_("{by} has muted {name} {lasting}. {reason}"),
    KICK: N_("{by} has kicked {name} {lasting}. {reason}"),
    BAN: N_("{by} has banned {name} {lasting}. {reason}"),
    WARN: N_("{by} has warned {name}. {reason}"),
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


@decides
def unmute(world: World, session: Session, request: Unmute, now: float) -> list[Effect]:
    aimed = aim(world, session, request.user)
    found = world.state.sanctions.against(MUTE, aimed.key, now * 1000)
    return lift(world, session, request, found, aimed.name, now=now)


@decides
def unban(world: World, session: Session, request: Unban, now: float) -> list[Effect]:
    _exact(world, request.target)
    key, at = name_key(request.target), now * 1000
    sanctions = world.state.sanctions
    found = sanctions.against(BAN, key, at) or sanctions.against(KICK, key, at)
    where = network(request.target)
    if found is None and where is not None:
        _need(world, session, Permission.BAN_NETWORK)
        found = next((s for s in sanctions.in_force(at) if s.of == "network" and s.target == where), None)
    return lift(world, session, request, found, request.target, now=now)


def lift(
    world: World, session: Session, request: Request, found: SanctionAdded | None, name: str, *, now: float
) -> list[Effect]:
    """Lift a sanction, if there is one that this person may lift."""
    if found is None:
        raise NotSanctioned(name=name)
    _check_may_lift(world, session, found)
    record = SanctionLifted(sanction_id=found.sanction_id, by=session.name, lifted_at=int(now * 1000))
    return [Commit(session, (record,), request, Done()), TellSecurity(f"un{found.kind}", found.shown)]


def _check_may_lift(world: World, session: Session, found: SanctionAdded) -> None:
    """Refuse to lift one's own sanction, a sanction by a higher role, and one that the person could not impose."""
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
    """Return the role in which a sanction was imposed; for an old one the account's role, else the highest role."""
    if sanction.by_role is not None:
        return Role.of(sanction.by_role)
    account = world.state.account(sanction.by)
    return account.role if account else Role.OWNER


@applies
def sanction_lifted(world: World, record: SanctionLifted) -> list[Effect]:
    sanction = world.state.sanctions.lift(record.sanction_id)
    if sanction is not None and sanction.kind == BAN and sanction.target in world.state.accounts:
        world.state.accounts[sanction.target].left_at = None  # whoever is let in again has not left
    if sanction is None or sanction.kind not in _LIFTED:
        return []
    told = tuple(s for s, person in world.state.present() if person.key == sanction.target)
    if not told:
        return []
    notice = Notice(content=Text(_LIFTED[sanction.kind]), timestamp=rfc3339(record.lifted_at))
    return [Deliver(notice, told)]


_LIFTED = {MUTE: N_("You may write again."), WARN: N_("A warning against you was lifted.")}


@audits
def _audited_sanction_lifted(world: World, record: SanctionLifted) -> What:
    in_force = world.state.sanctions.in_force(record.lifted_at)
    found = next((s for s in in_force if s.sanction_id == record.sanction_id), None)
    before = {"target": found.shown, "kind": found.kind} if found else None
    return "sanction-lifted", "sanction", record.sanction_id, before, None


@decides
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
