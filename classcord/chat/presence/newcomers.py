"""The lines that a newcomer hears unasked: who is not online, the earlier and the kept messages, what lesson is held.

Clients show these lines among the messages, so the lines wait until the client asks for a list; but not for ever.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from classcord.chat.effects import Again, Commit, Deliver, Effect, Pace
from classcord.chat.lessons.vocabulary import RecallLessons
from classcord.chat.limits import TokenBucket
from classcord.chat.messages.vocabulary import HandOver
from classcord.chat.presence.vocabulary import AwayTold, Settled, StatusChanged
from classcord.chat.registry import applies, decides

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classcord.chat.people import Person, Session
    from classcord.chat.world import World


MOST_AWAY = 200  # lines about who is not online; a client shows each of them
AWAY_TIMES = 3  # such lists for one connection at once, then one a minute: enough for a guest who then logs in
MINUTE = 60.0  # seconds


def users_listed(world: World, session: Session, now: float) -> list[Effect]:
    """Return the effects after an answered `users`: first a notice who is not online, then the history (rule 16)."""
    if session.person is None or not session.traits.history_at_join:
        return []
    effects = _not_online(world, session, now)
    session.listed = True
    if session.history_after:
        session.history_after -= 1
        return effects
    return effects + _history(session)


def members_listed(session: Session) -> list[Effect]:
    """Return the effects after an answered `who`: the history (classic rule 22)."""
    return _history(session) if session.person is not None and session.traits.history_at_join else []


def state_told(session: Session) -> list[Effect]:
    """Note a `status` before the first `users`.

    Two clients send it so. They read their first list outside the chat window, and show only the last line of a burst:
    so their history follows the second list, and their lines are paced (classic rule 22).
    """
    if not session.traits.lists_elsewhere or not session.history_due or session.listed or session.history_after:
        return []
    session.history_after = 1
    return [Pace()]


@decides
def settled(world: World, session: Session, request: Settled, now: float) -> list[Effect]:
    if session.person is None or session.row != request.row:
        return []
    effects: list[Effect] = []
    if session.history_due and session.traits.history_at_join:  # no more after a `hello`: such a client asks for it
        effects = _not_online(world, session, now) + _history(session)
    session.listed = True
    if effects or not session.kept_due:
        return effects or _lessons(session)
    return [*_lessons(session), Again(HandOver())]


def _history(session: Session) -> list[Effect]:
    """Return the effects that bring the history, and after it what is held; what is decided again last comes first."""
    if not session.history_due:
        return []
    session.history_due = False
    return [*_lessons(session), Again(HandOver(history=True))]


def _lessons(session: Session) -> list[Effect]:
    return [Again(RecallLessons())] if session.lessons_due else []


def _not_online(world: World, session: Session, now: float) -> list[Effect]:
    """Return the effects that tell a session who is not online, if anybody is (classic rule 25).

    A connection hears it a few times in a minute: a client that leaves and comes again without end gets nothing more.
    """
    person = session.person
    if session.listed or person is None or not any(_others_away(world, person)):
        return []
    if session.away_lines is None:
        session.away_lines = TokenBucket(1 / MINUTE, AWAY_TIMES, now)
    if not session.away_lines.take(now):
        return []
    return [Commit(session, (AwayTold(),), holds=False)]


@applies
def away_told(world: World, record: AwayTold) -> list[Effect]:
    session = world.session_of(record)
    person = session.person if session else None
    if session is None or person is None:
        return []
    audience = (session,)  # one tuple, so that all lines are written together
    return [
        Deliver(StatusChanged(user=each.name, state=each.state), audience)
        for each in islice(_others_away(world, person), MOST_AWAY)
    ]


def _others_away(world: World, person: Person) -> Iterator[Person]:
    """Yield the people who are visible and not online, except the person: nobody hears their own state (rule 7)."""
    return (each for each in world.state.away.values() if each is not person)
