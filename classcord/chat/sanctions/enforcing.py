"""The enforcement of sanctions: muted people are not heard, banned people may not log in. Knows no request by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.errors import ChatError
from classcord.chat.lessons.enforcing import check_may_come_from, check_no_exam
from classcord.chat.maintenance.rules import maintained
from classcord.chat.registry import guards_words
from classcord.chat.roles import Permission, Role
from classcord.chat.sanctions.in_force import BAN, KICK, MUTE, refusal

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.requests import Request
    from classcord.chat.world import World


def muted(world: World, session: Session, now: float) -> ChatError | None:
    """Return the refusal for a session whose person, or an earlier person of it, is muted; None if nobody is."""
    person = session.person
    if person is not None and person.at_machine:
        return None
    key = session.before if person is None else person.key
    found = world.state.sanctions.against(MUTE, key, now * 1000) if key is not None else None
    return None if found is None else refusal(found, now * 1000)


def check_is_not_muted(world: World, session: Session, now: float) -> None:
    """Refuse a muted person."""
    error = muted(world, session, now) if world.state.sanctions else None
    if error is not None:
        raise error


@guards_words
def check_may_be_heard(world: World, session: Session, request: Request, now: float) -> None:
    """Refuse words that others would read of who is muted, or sits in an exam; without such words all is permitted.

    It is one rule for all requests; each kind of request says which fields others read (Request.told).
    """
    if words_of(request):
        check_is_not_muted(world, session, now)
        _check_no_exam(world, session, request)


def _check_no_exam(world: World, session: Session, request: Request) -> None:
    """Refuse the same words during an exam; a message, new or edited, is refused by where it would stand."""
    person = session.person
    if person is not None and world.state.lessons and words_of(request, but=frozenset({"content"})):
        check_no_exam(world, person)


def words_of(request: Request, but: frozenset[str] = frozenset()) -> list[str]:
    """Return the fields of a request, except some, that have words which others would read."""
    return [each for each in request.told if each not in but and _is_told(each, getattr(request, each))]


def _is_told(field: str, value: str | None) -> bool:
    return bool(value) and not (field == "state" and " ".join(str(value).casefold().split()) in HARMLESS_STATES)


HARMLESS_STATES = frozenset(
    {
        "online",
        "available",
        "away",
        "afk",
        "idle",
        "busy",
        "dnd",
        "do not disturb",
        "invisible",
        "offline",
        "en ligne",
        "absent",
        "occupé",
        "ne pas déranger",
        "hors ligne",
    }
)
"""The states of presence that a muted person may still set: those for which clients have a button."""


def check_may_come_in(world: World, address: str, key: str, role: Role, now: float) -> None:
    """Refuse a person banned or kicked by name or address, and who comes to an exam from elsewhere than its room.

    During maintenance, refuse everyone who does not keep order.
    """
    at = now * 1000
    sanctions = world.state.sanctions
    found = sanctions.against(BAN, key, at) or sanctions.against(KICK, key, at)
    found = found or sanctions.against_address(address, at)
    if found is not None:
        raise refusal(found, at)
    reason = world.state.maintenance
    if reason is not None and not world.role_may(role, Permission.KEEP_ORDER):
        raise maintained(reason)
    if world.state.lessons:
        check_may_come_from(world, address, key, role)
