"""Decisions about presence: the list of people, and their states. Knows no login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.effects import Again, Commit, Deliver, DeliverPresence, Effect, Reply
from classcord.chat.errors import BadRequest, NotIdentified, TooLong
from classcord.chat.identity.rules import enter_registered, just_registered
from classcord.chat.presence.newcomers import state_told, users_listed
from classcord.chat.presence.vocabulary import PresenceSet, Status, StatusChanged, StatusSet, Users, UsersListed
from classcord.chat.registry import applies, decides
from classcord.chat.requests import LONGEST_STATE
from classcord.chat.text import N_, Text, can_be_shown

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.world import World


@decides
def users(world: World, session: Session, request: Users, now: float) -> list[Effect]:
    names = world.state.visible()
    effects: list[Effect] = [Reply(request, UsersListed(users=session.spelling(names)))]
    return effects + users_listed(world, session, now)


@decides
def status(world: World, session: Session, request: Status, now: float) -> list[Effect]:
    person = session.person
    if person is None:
        return _of_nobody(world, session, request, now)
    state = " ".join(request.state.split())
    if not state or not can_be_shown(state):
        raise BadRequest(field="state", why=Text(N_("a state is a short word such as online, away, dnd or invisible")))
    if len(state) > LONGEST_STATE:
        raise TooLong(field="state", limit=LONGEST_STATE)
    first = state_told(session)
    if state == person.state and not session.traits.answers_same_state:
        return first  # a second event would reset the selected recipient in three of the clients (classic rule 11)
    answer = StatusSet(user=person.name, state=state) if session.traits.hears_own_state else None
    return [*first, Commit(session, (PresenceSet(state=state),), request, answer)]


def _of_nobody(world: World, session: Session, request: Status, now: float) -> list[Effect]:
    """Log in the account just made on this connection; else keep the state for the guest (classic rules 19 and 20)."""
    if not session.traits.enters_by_message:
        raise NotIdentified
    account = just_registered(world, session, now, request.user)
    if account is not None:
        return [*enter_registered(world, session, account, request, now), Again(request)]
    state = " ".join(request.state.split())
    if state and can_be_shown(state) and len(state) <= LONGEST_STATE:
        session.state_asked = state
    return []


@applies
def presence_set(world: World, record: PresenceSet) -> list[Effect]:
    session = world.session_of(record)
    person = session.person if session else None
    if person is None:
        return []
    seen, person.state = person.seen, record.state
    world.state.presence_changed(person)
    effects: list[Effect] = []
    if seen != person.seen and world.state.default is not None:
        changed = StatusChanged(user=person.name, state=person.seen)
        effects.append(DeliverPresence(changed, world.state.default, tuple(person.sessions)))
    mine = tuple(s for s in person.sessions if s is not session and s.traits.hears_own_state)
    if mine:
        effects.append(Deliver(StatusChanged(user=person.name, state=person.state), mine))
    return effects
