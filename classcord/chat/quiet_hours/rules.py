"""Decisions about quiet hours: when they begin and end, who is told, who suspends them; what waits meanwhile.

A message waits by the ordinary way of held messages. Other words that people read at once (topics, states, profiles)
are refused as long as quiet hours hold. Knows no clock and no calendar.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from classcord.chat.channels.channel import Channel
from classcord.chat.durations import in_words
from classcord.chat.effects import Commit, Deliver, Effect, Reply, TellSecurity
from classcord.chat.errors import AlreadySo, BadRequest, NotAllowed
from classcord.chat.held_messages.vocabulary import QUIET_HOURS, Waits
from classcord.chat.quiet_hours.in_force import is_concerned, keep_holding, quiet_until, suspension, waits_until
from classcord.chat.quiet_hours.vocabulary import (
    LONGEST,
    DuringQuietHours,
    ExemptChannelsTold,
    NoQuietHours,
    NotSuspended,
    QuietHours,
    QuietHoursBegun,
    QuietHoursChanged,
    QuietHoursEnded,
    QuietHoursSet,
    QuietHoursTold,
    QuietPeriod,
)
from classcord.chat.reasons import checked_reason
from classcord.chat.registry import applies, audits, cancels, decides, guards_words, holds_messages, on_time
from classcord.chat.roles import Permission
from classcord.chat.sanctions.enforcing import words_of
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable

    from classcord.chat.people import Person, Session
    from classcord.chat.records import Record
    from classcord.chat.registry import What
    from classcord.chat.requests import Request
    from classcord.chat.world import World

MOST_SHOWN = 7  # periods in one answer


# -- what waits, and what is refused ----------------------------------------------------------------------------------


@holds_messages
def waits_for_the_end(world: World, author: Person, place: Channel | Person, content: str, now: float) -> Waits | None:
    """Let a message wait until the quiet hours end."""
    until = waits_until(world, author, place, now)
    return None if until is None else Waits(why=QUIET_HOURS, until=until)


@guards_words
def words_at_night(world: World, session: Session, request: Request, now: float) -> None:
    """Refuse words elsewhere than in messages: topics, descriptions, names, states. A reason goes to who keeps order.

    Otherwise people would talk in the topic of a channel at night.
    """
    person = session.person
    if QUIET_HOURS not in world.holding or person is None or not is_concerned(world, person):
        return
    if not words_of(request, but=_ELSEWHERE):
        return
    until = quiet_until(world, now)
    if until is None or _is_exempt(world, getattr(request, "channel", None)):
        return
    raise DuringQuietHours(until=rfc3339(until))


_ELSEWHERE = frozenset({"content", "reason"})
"""What is refused or waits by another rule, and what only those read who keep order."""


def _is_exempt(world: World, name: object) -> bool:
    channel = world.state.channel(name) if isinstance(name, str) else None
    return channel is not None and channel.key in world.quiet.rooms


# -- when they hold, and who suspends them ----------------------------------------------------------------------------


@decides
def quiet_hours(world: World, session: Session, request: QuietHours, now: float) -> list[Effect]:
    reason = checked_reason(request.reason)
    at = int(now * 1000)
    if request.state is None:
        found = suspension(world, at)
        return [Reply(request, _told(world, session, now, found.until if found else 0, found.reason if found else ""))]
    if not world.may(session.person, Permission.SET_RULES):
        raise NotAllowed
    if request.state == "on":
        if suspension(world, at) is None:
            raise NotSuspended(field="state")
        record = QuietHoursSet(value="", at=at)
        answer = _told(world, session, now, 0, "")
        return [Commit(session, (record,), request, answer), TellSecurity("quiet-hours-on")]
    if not world.quiet:
        raise NoQuietHours(field="state")
    until = int((now + _checked(request.duration)) * 1000)
    value = f"{until} {reason}".strip()
    if value == world.state.switches.get(QUIET_HOURS):
        raise AlreadySo
    answer = _told(world, session, now, until, reason)
    told = TellSecurity("quiet-hours-off", rfc3339(until))
    return [Commit(session, (QuietHoursSet(value=value, at=at),), request, answer), told]


def _checked(duration: float | None) -> float:
    if duration is None:
        raise BadRequest(field="duration", why=Text(N_("say for how long, as in `quiet-hours off 5h`")))
    if 1 <= duration <= LONGEST:
        return duration
    why = Text(N_("quiet hours are suspended for {longest} at the most"), {"longest": in_words(LONGEST)})
    raise BadRequest(field="duration", why=why)


def _told(world: World, session: Session, now: float, suspended_until: int, reason: str) -> QuietHoursTold:
    person, at = session.person, now * 1000
    assert person is not None
    until = None if suspended_until else world.quiet.end(at)
    staff = world.may(person, Permission.KEEP_ORDER)
    return QuietHoursTold(
        quiet=until is not None,
        until=None if until is None else rfc3339(until),
        concerned=is_concerned(world, person),
        suspended_until=rfc3339(suspended_until) if suspended_until else None,
        reason=reason,
        exempt_channels=_exempt_for(world, person),
        held_messages=world.state.held.count_for(QUIET_HOURS) if staff else None,
        periods=tuple(
            QuietPeriod(since=rfc3339(since), until=rfc3339(until))
            for since, until in world.quiet.following(at, MOST_SHOWN)
        ),
    )


def _exempt_for(world: World, person: Person) -> tuple[str, ...]:
    """Return the channels without quiet hours that a person sees."""
    there = (world.state.channels.get(key) for key in world.quiet.rooms)
    seen = (each for each in there if each is not None and world.may_see(each, person))
    return tuple(each.name for each in sorted(seen, key=lambda each: each.id))


@on_time
def begin_and_end(world: World, now: float) -> list[Record]:
    """Let messages wait or go as the calendar and a suspension say, and return the record that tells people so."""
    quiet, until = world.quiet, keep_holding(world, now)
    same_rooms, quiet.told_rooms = quiet.rooms == quiet.told_rooms, quiet.rooms
    at = int(now * 1000)
    if until == quiet.told and quiet.begun:
        return [] if same_rooms or until is None else [ExemptChannelsTold(until=until, at=at)]
    before, quiet.told = quiet.told, until
    if not quiet.begun:  # whoever comes from now on is told at the login
        quiet.begun = True
        return []
    if until is not None:
        return [QuietHoursBegun(until=until, at=at)]
    if before is None:
        return []
    found = suspension(world, at)
    return [QuietHoursEnded(at=at, suspended_until=None if found is None else found.until)]


@cancels
def _not_told(world: World, record: QuietHoursBegun | QuietHoursEnded | ExemptChannelsTold) -> None:
    world.quiet.told = None if isinstance(record, QuietHoursBegun | ExemptChannelsTold) else 0


# -- who hears of it --------------------------------------------------------------------------------------------------


@applies
def quiet_hours_set(world: World, record: QuietHoursSet) -> list[Effect]:
    world.state.switches[QUIET_HOURS] = record.value
    return []  # the clock looks at it within a second, and tells people


@applies
def quiet_hours_begun(world: World, record: QuietHoursBegun) -> list[Effect]:
    return _tell(world, "begun", record.until, record.at)


@applies
def quiet_hours_ended(world: World, record: QuietHoursEnded) -> list[Effect]:
    state = "ended" if record.suspended_until is None else "suspended"
    return _tell(world, state, record.suspended_until, record.at)


@applies
def exempt_channels_told(world: World, record: ExemptChannelsTold) -> list[Effect]:
    """Tell those whose clients show where messages wait; whoever reads only sentences knows that quiet hours hold."""
    people = world.state.people.values()
    present = ((session, person) for person in people for session in person.sessions)
    audience = ((session, person) for session, person in present if not session.traits.history_at_join)
    return _told_to(world, audience, "held", record.until, record.at)


def _tell(world: World, state: str, until: int | None, at: int) -> list[Effect]:
    """Tell everyone who is here; those whose messages do not wait hear that."""
    audience: Iterable[tuple[Session, Person]] = (
        *((session, person) for person in world.state.people.values() for session in person.sessions),
        *world.state.operators.items(),
    )
    return _told_to(world, audience, state, until, at)


def _told_to(
    world: World, audience: Iterable[tuple[Session, Person]], state: str, until: int | None, at: int
) -> list[Effect]:
    """Tell each what is true of them."""
    found: dict[QuietHoursChanged, list[Session]] = defaultdict(list)
    for session, person in audience:
        found[_event(world, person, state, until, at)].append(session)
    return [Deliver(event, tuple(sessions)) for event, sessions in found.items()]


def _event(world: World, person: Person, state: str, until: int | None, at: int) -> QuietHoursChanged:
    return QuietHoursChanged(
        state=state,  # type: ignore[arg-type]
        timestamp=rfc3339(at),
        until=None if until is None else rfc3339(until),
        concerned=is_concerned(world, person),
        exempt_channels=_exempt_for(world, person) if state in {"begun", "held"} else (),
    )


def came_at_night(world: World, person: Person, session: Session, at: int) -> list[Effect]:
    """Tell a newcomer that quiet hours hold.

    A classic client has no window yet in which it would be read: its person hears it with a first message that waits.
    """
    until = quiet_until(world, at / 1000)
    if until is None or session.traits.history_at_join:
        return []
    return [Deliver(_event(world, person, "held", until, at), (session,))]


@audits
def _audited_quiet_hours_set(world: World, record: QuietHoursSet) -> What:
    before = {"value": world.state.switches.get(QUIET_HOURS, "")}
    return "setting-set", "setting", QUIET_HOURS, before, {"value": record.value}
