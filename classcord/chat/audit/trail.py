"""The entry of a change in the audit trail: who, from where, the object before and after. Knows no store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from classcord.chat import registry
from classcord.chat.audit.vocabulary import Audited
from classcord.chat.limits import Sparing
from classcord.chat.records import Record

if TYPE_CHECKING:
    from classcord.chat.errors import ChatError
    from classcord.chat.people import Session
    from classcord.chat.registry import Fields, What
    from classcord.chat.requests import Request
    from classcord.chat.world import World


SERVER = "server"  # the actor of changes that nobody asked for
_encode = msgspec.json.Encoder(order="deterministic").encode


def entry(
    session: Session | None,
    now: float,
    what: What,
    *,
    actor: str = SERVER,
) -> Audited:
    """Return the entry of an action of a session; `actor` names who did it if there is no session."""
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
    """Return the entries of the changes that these records are about to make."""
    found = (registry.entries[type(record)](world, record) for record in records if type(record) in registry.entries)
    return tuple(entry(session, now, what, actor=actor) for what in found if what)


class Room:
    """Room in the trail for actions of ordinary people: for each actor and action some entries, then a count.

    `at_once` entries, then one in ten minutes, with the number of entries left out before it; all of them together have
    room for `ALL_AT_ONCE`, then `ALL_A_SECOND`. Actions of people who keep order are never left out; their
    refusals are.
    """

    A_SECOND = 1 / 600
    ALL_AT_ONCE = 2_000
    ALL_A_SECOND = 0.05
    TOLD = 20  # entries of their own for counts, at a time

    def __init__(self, at_once: int) -> None:
        self._sparing = Sparing(self.A_SECOND, at_once, all_a_second=self.ALL_A_SECOND, all_at_once=self.ALL_AT_ONCE)

    def take(self, entry: Audited, now: float) -> Audited | None:
        """Return the entry, with the number of entries left out before it; None if it is left out."""
        if entry.object_type in _ALWAYS:
            return entry
        about = entry.object_id if entry.object_type == "request" else entry.object_type
        left_out = self._sparing.admits((entry.actor, entry.action, about), now)
        if not left_out:
            return None if left_out is None else entry
        after = msgspec.json.decode(entry.after) if entry.after else {}
        return msgspec.structs.replace(entry, after=_encode({**after, "left_out": left_out}).decode())

    def left_out(self, now: float) -> tuple[Audited, ...]:
        """Return entries that count the entries left out since the last call."""
        found = []
        for kind, count in self._sparing.left_out(self.TOLD):
            actor, action, about = kind if isinstance(kind, tuple) else ("-", "left-out", str(kind))
            what = (action, about, "-", None, {"left_out": count})
            found.append(entry(None, now, what, actor=actor))
        return tuple(found)


_ALWAYS = frozenset({"user", "invitation-code", "sanction", "setting", "report"})
"""Accounts and reports have their own limits, and each code its uses; only staff changes the others."""


def refused(session: Session, request: Request, error: ChatError, now: float) -> Audited:
    """Return the entry of an administrative request that was refused."""
    names = {"user", "target", "channel", "what", "username"}
    about = {k: v for k, v in msgspec.structs.asdict(request).items() if k in names and v}
    return entry(session, now, ("refused", "request", request.wire_name, None, {**about, "code": error.code}))


def account_name(world: World, user_id: int) -> str:
    account = world.state.accounts_by_id.get(user_id)
    return account.name if account else f"#{user_id}"


def channel_name(world: World, channel_id: int) -> str:
    channel = world.state.channels_by_id.get(channel_id)
    return channel.name if channel else f"#{channel_id}"


def membership(world: World, channel_id: int, user_id: int) -> Fields:
    return {"channel": channel_name(world, channel_id), "name": account_name(world, user_id)}
