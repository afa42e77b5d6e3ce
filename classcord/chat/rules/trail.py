"""What of a change goes into the audit trail: who, from where, what it was before and after. Knows no store."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from classcord.chat.limits import Sparing
from classcord.chat.records import (
    Announced,
    Audited,
    ChannelAdded,
    ChannelArchived,
    ChannelRemoved,
    JoinDecided,
    JoinRequested,
    MemberAdded,
    MemberRemoved,
    PasswordChanged,
    Record,
    RoleChanged,
    SanctionAdded,
    SanctionLifted,
    SettingSet,
    TopicSet,
    UserAdded,
    UserRemoved,
)

if TYPE_CHECKING:
    from classcord.chat.errors import ChatError
    from classcord.chat.people import Session
    from classcord.chat.requests import Request
    from classcord.chat.world import World

SERVER = "server"  # the actor of what nobody has asked for

Fields = dict[str, Any]
What = tuple[str, str, object, "Fields | None", "Fields | None"]
"""Action, type and id of its object, what it was, what it is."""

_encode = msgspec.json.Encoder(order="deterministic").encode


def entry(
    session: Session | None,
    now: float,
    what: What,
    *,
    actor: str = SERVER,
) -> Audited:
    """Return the entry of what a session has done; `actor` is who, where there is no session."""
    action, object_type, object_id, before, after = what
    operator = session.person.operator if session and session.person else None
    return Audited(
        at=int(now * 1000),
        actor=(session.name if session else actor) or "-",
        actor_address=session.address if session else "",
        actor_key=operator.fingerprint if operator else "",
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        before=_encode(before).decode() if before else None,
        after=_encode(after).decode() if after else None,
        session_id=session.number if session else None,
    )


def entries(
    world: World, records: Iterable[Record], session: Session | None, now: float, *, actor: str = SERVER
) -> tuple[Audited, ...]:
    """Return the entries of what these records are about to change."""
    found = ((_CHANGES[type(record)](world, record)) for record in records if type(record) in _CHANGES)
    return tuple(entry(session, now, what, actor=actor) for what in found if what)


class Room:
    """What of what ordinary people cause goes into the trail: of each actor and action some entries, then a count.

    `at_once` entries, then one in ten minutes, which says how many were left out before it; of all of them together no
    more than `ALL_AT_ONCE`, then `ALL_A_SECOND`. What those do who keep order is never left out, only their refusals.
    """

    A_SECOND = 1 / 600
    ALL_AT_ONCE = 2_000
    ALL_A_SECOND = 0.05
    TOLD = 20  # counts that are told by themselves at a time

    def __init__(self, at_once: int) -> None:
        self._sparing = Sparing(self.A_SECOND, at_once, all_a_second=self.ALL_A_SECOND, all_at_once=self.ALL_AT_ONCE)

    def take(self, entry: Audited, now: float) -> Audited | None:
        """Return the entry, with the count of those left out before it; None if it is left out."""
        if entry.object_type in _ALWAYS:
            return entry
        about = entry.object_id if entry.object_type == "request" else entry.object_type
        left_out = self._sparing.admits((entry.actor, entry.action, about), now)
        if not left_out:
            return None if left_out is None else entry
        after = msgspec.json.decode(entry.after) if entry.after else {}
        return msgspec.structs.replace(entry, after=_encode({**after, "left_out": left_out}).decode())

    def left_out(self, now: float) -> tuple[Audited, ...]:
        """Return entries that count what was left out since this was last asked."""
        found = []
        for kind, count in self._sparing.left_out(self.TOLD):
            actor, action, about = kind if isinstance(kind, tuple) else ("-", "left-out", str(kind))
            what = (action, about, "-", None, {"left_out": count})
            found.append(entry(None, now, what, actor=actor))
        return tuple(found)


_ALWAYS = frozenset({"user", "sanction", "setting"})  # accounts have a bound of their own, the others are for the staff


def refused(session: Session, request: Request, error: ChatError, now: float) -> Audited:
    """Return the entry of an administrative request that was refused."""
    names = {"user", "target", "channel", "what", "username"}
    about = {k: v for k, v in msgspec.structs.asdict(request).items() if k in names and v}
    return entry(session, now, ("refused", "request", request.wire_name, None, {**about, "code": error.code}))


def _user_added(_: World, record: UserAdded) -> What:
    return "user-added", "user", record.user_id, None, {"name": record.name, "role": record.role}


def _named(world: World, user_id: int) -> str:
    account = world.state.accounts_by_id.get(user_id)
    return account.name if account else f"#{user_id}"


def _password_changed(world: World, record: PasswordChanged) -> What | None:
    if record.rehashed:
        return None
    return "password-changed", "user", record.user_id, None, {"name": _named(world, record.user_id)}


def _role_changed(world: World, record: RoleChanged) -> What:
    name = _named(world, record.user_id)
    after = {"name": name, "role": record.role}
    return "role-changed", "user", record.user_id, {"name": name, "role": record.before}, after


def _user_removed(world: World, record: UserRemoved) -> What:
    account = world.state.accounts_by_id.get(record.user_id)
    before = {"name": _named(world, record.user_id), "role": account.role.label if account else ""}
    return "user-removed", "user", record.user_id, before, None


def _channel_added(_: World, record: ChannelAdded) -> What:
    after = {"name": record.name, "kind": record.kind, "topic": record.topic}
    return "channel-added", "channel", record.channel_id, None, after


def _channel_removed(world: World, record: ChannelRemoved) -> What:
    channel = world.state.channels_by_id.get(record.channel_id)
    before: Fields = {"name": _channel(world, record.channel_id)}
    if channel is not None:
        before |= {"kind": channel.kind.value, "topic": channel.topic, "members": len(channel.members)}
    return "channel-removed", "channel", record.channel_id, before, None


def _channel(world: World, channel_id: int) -> str:
    channel = world.state.channels_by_id.get(channel_id)
    return channel.name if channel else f"#{channel_id}"


def _channel_archived(world: World, record: ChannelArchived) -> What:
    name = _channel(world, record.channel_id)
    action = "channel-closed" if record.archived else "channel-reopened"
    return action, "channel", record.channel_id, None, {"name": name}


def _topic_set(world: World, record: TopicSet) -> What:
    channel = world.state.channels_by_id.get(record.channel_id)
    name = _channel(world, record.channel_id)
    before = {"name": name, "topic": channel.topic if channel else ""}
    return "topic-set", "channel", record.channel_id, before, {"name": name, "topic": record.topic}


def _member_added(world: World, record: MemberAdded) -> What:
    return "member-added", "channel", record.channel_id, None, _membership(world, record)


def _member_removed(world: World, record: MemberRemoved) -> What:
    return "member-removed", "channel", record.channel_id, _membership(world, record), None


def _membership(world: World, record: MemberAdded | MemberRemoved | JoinRequested) -> Fields:
    return {"channel": _channel(world, record.channel_id), "name": _named(world, record.user_id)}


def _join_requested(world: World, record: JoinRequested) -> What:
    return "join-requested", "join-request", record.request_id, None, _membership(world, record)


def _join_decided(world: World, record: JoinDecided) -> What:
    asked = world.state.admissions.get(record.request_id)
    about = _membership(world, asked) if asked else {}
    after = about | {"state": record.state} | ({"reason": record.reason} if record.reason else {})
    return "join-decided", "join-request", record.request_id, None, after


def _sanction_added(_: World, record: SanctionAdded) -> What:
    after = {"target": record.shown, "until": record.until, "reason": record.reason}
    return record.kind, "sanction", record.sanction_id, None, after


def _sanction_lifted(world: World, record: SanctionLifted) -> What:
    in_force = world.state.sanctions.in_force(record.lifted_at)
    found = next((s for s in in_force if s.sanction_id == record.sanction_id), None)
    before = {"target": found.shown, "kind": found.kind} if found else None
    return "sanction-lifted", "sanction", record.sanction_id, before, None


def _setting_set(world: World, record: SettingSet) -> What:
    before = {"value": world.state.switches.get(record.name, "")}
    return "setting-set", "setting", record.name, before, {"value": record.value}


def _announced(_: World, record: Announced) -> What:
    return "announce", "announcement", record.to, None, {"content": record.text.render()}


_CHANGES: dict[type[Record], Callable[[World, Any], What | None]] = {
    UserAdded: _user_added,
    PasswordChanged: _password_changed,
    RoleChanged: _role_changed,
    UserRemoved: _user_removed,
    ChannelAdded: _channel_added,
    ChannelArchived: _channel_archived,
    ChannelRemoved: _channel_removed,
    TopicSet: _topic_set,
    MemberAdded: _member_added,
    MemberRemoved: _member_removed,
    JoinRequested: _join_requested,
    JoinDecided: _join_decided,
    SanctionAdded: _sanction_added,
    SanctionLifted: _sanction_lifted,
    SettingSet: _setting_set,
    Announced: _announced,
}
