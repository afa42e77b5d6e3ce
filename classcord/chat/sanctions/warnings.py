"""Decisions about warnings: sanctions that keep nobody from anything, but are counted. Knows no clock.

A warning is in force for a year. The person reads it in all sessions, or at the next login.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.effects import Commit, Deliver, Effect, TellSecurity
from classcord.chat.errors import BadRequest
from classcord.chat.reasons import checked_reason
from classcord.chat.registry import applies, decides
from classcord.chat.sanctions.in_force import DAY, WARN, warning
from classcord.chat.sanctions.rules import lift
from classcord.chat.sanctions.targets import aim
from classcord.chat.sanctions.vocabulary import (
    SanctionAdded,
    Sanctioned,
    SanctionLifted,
    TooManyWarnings,
    Unwarn,
    Warn,
    WarningTold,
)
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.people import Account, Session
    from classcord.chat.world import World

YEAR = 365 * DAY
MOST_WARNINGS = 50  # in force against one person


@decides
def warn(world: World, session: Session, request: Warn, now: float) -> list[Effect]:
    assert session.person is not None
    reason = checked_reason(request.reason)
    if not reason:
        raise BadRequest(field="reason", why=Text(N_("a warning needs a reason, which the person reads")))
    aimed, at = aim(world, session, request.user), int(now * 1000)
    if len(world.state.sanctions.warnings(aimed.key, at)) >= MOST_WARNINGS:
        raise TooManyWarnings(name=aimed.name, limit=MOST_WARNINGS)
    added = SanctionAdded(
        sanction_id=world.state.sanction_ids.next(),
        kind=WARN,
        of="name",
        target=aimed.key,
        shown=aimed.name,
        by=session.name,
        by_role=session.person.role.label,
        reason=reason,
        added_at=at,
        until=at + YEAR,
        told=aimed.account is None,  # a guest is here; the next one of that name is another
    )
    answer = Sanctioned(target=aimed.name, until=rfc3339(at + YEAR), reason=reason)
    return [Commit(session, (added,), request, answer), TellSecurity(WARN, aimed.name, reason)]


@decides
def unwarn(world: World, session: Session, request: Unwarn, now: float) -> list[Effect]:
    aimed = aim(world, session, request.user)
    found = world.state.sanctions.warnings(aimed.key, now * 1000)
    return lift(world, session, request, found[-1] if found else None, aimed.name, now=now)


def ended_with(world: World, account: Account, at: int) -> tuple[SanctionLifted, ...]:
    """Return the records that lift the warnings of an account that goes; `at` is when, in milliseconds.

    They keep from nothing, so that nobody gets around one by going; and the next person of that name is another.
    """
    found = world.state.sanctions.warnings(account.key, at)
    return tuple(SanctionLifted(sanction_id=each.sanction_id, by=each.by, lifted_at=at) for each in found)


@applies
def warning_told(world: World, record: WarningTold) -> list[Effect]:
    """Note that a person has heard of a warning; a newcomer hears it now."""
    found, session = world.state.sanctions.tell(record.sanction_id), world.session_of(record)
    return [Deliver(warning(found, record.at), (session,))] if found is not None and session is not None else []


def tell_missed(world: World, session: Session, now: float) -> list[Effect]:
    """Tell a newcomer the warnings that came while the person was away."""
    person, at = session.person, int(now * 1000)
    assert person is not None
    untold = [each for each in world.state.sanctions.warnings(person.key, at) if not each.told]
    return [
        Commit(session, (WarningTold(sanction_id=each.sanction_id, at=at),), holds=False)
        for each in untold
        if not person.at_machine
    ]
