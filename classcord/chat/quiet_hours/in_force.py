"""Whether quiet hours hold now, and whom they concern: by the calendar, and unless they are suspended.

Knows no request and no clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from classcord.chat.channels.channel import Channel
from classcord.chat.held_messages.vocabulary import QUIET_HOURS
from classcord.chat.quiet_hours.vocabulary import LONGEST, DuringQuietHours
from classcord.chat.roles import Permission
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.people import Person
    from classcord.chat.world import World


EARLY = 5.0  # seconds before they begin: the clock is looked at once a second


class Suspension(NamedTuple):
    """Until when quiet hours are suspended, in milliseconds, and why."""

    until: int
    reason: str


def suspension(world: World, at: float) -> Suspension | None:
    """Return the suspension that counts at a time in milliseconds.

    A wrong clock that is set back must not turn an evening into years.
    """
    until, _, reason = world.state.switches.get(QUIET_HOURS, "").partition(" ")
    if not until.isdecimal() or not at < int(until) <= at + LONGEST * 1000:
        return None
    return Suspension(int(until), reason)


def quiet_until(world: World, now: float) -> int | None:
    """Return when the quiet hours end that hold at `now` (seconds); None if none hold."""
    at = now * 1000
    until = world.quiet.end(at)
    return None if until is None or suspension(world, at) is not None else until


def keep_holding(world: World, now: float) -> int | None:
    """Make the hub look at each message from shortly before quiet hours until their end; return the end."""
    until = quiet_until(world, now) if world.quiet else None
    if until is not None or (world.quiet and quiet_until(world, now + EARLY) is not None):
        world.holding.add(QUIET_HOURS)
    else:
        world.holding.discard(QUIET_HOURS)
    return until


def is_concerned(world: World, person: Person) -> bool:
    """Whether quiet hours are for this person: not for operators, nor for the roles that the settings exempt."""
    return not (person.is_operator or world.may(person, Permission.WRITE_AT_ANY_TIME))


def waits_until(world: World, person: Person, place: Channel | Person, now: float) -> int | None:
    """Return until when a message of a person waits in a channel, or to another person; None if it does not wait.

    A note to oneself disturbs nobody.
    """
    if QUIET_HOURS not in world.holding or not is_concerned(world, person):
        return None
    if place.key in world.quiet.rooms if isinstance(place, Channel) else place.is_same(person):
        return None
    return quiet_until(world, now)


def check_is_not_quiet(world: World, person: Person, place: Channel | Person, now: float) -> None:
    """Refuse a reaction or a pin where a message would wait: others would hear of it at once."""
    until = waits_until(world, person, place, now)
    if until is not None:
        raise DuringQuietHours(until=rfc3339(until))
