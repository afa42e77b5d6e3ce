"""The sessions of people: what their beginning and their end change, and who hears of it. Decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.effects import Close, Deliver, DeliverPresence, Effect, Later
from classcord.chat.elsewhere import elsewhere
from classcord.chat.errors import ChatError
from classcord.chat.events import Notice
from classcord.chat.identity.vocabulary import (
    SessionEnded,
    SessionsClosed,
    SessionStarted,
    SessionTakenOver,
)
from classcord.chat.lessons.hearing import came_to_lesson
from classcord.chat.messages.vocabulary import HandOver
from classcord.chat.names import name_key
from classcord.chat.people import Account, Person
from classcord.chat.presence.vocabulary import Settled, StatusChanged
from classcord.chat.quiet_hours.rules import came_at_night
from classcord.chat.registry import applies, cancels, reserves
from classcord.chat.sanctions.enforcing import check_may_come_in
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339
from classcord.chat.word_list.rules import tell_private_list

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.people import Arriving, Session
    from classcord.chat.world import World

RENEWED = N_("Your password is another one now: please come in again with it.")
KEPT_AFTER = 5.0  # seconds after a classic login without `users` (classic rule 16)


@cancels
def _session_not_started(world: World, record: SessionStarted) -> None:
    world.state.promised.discard(name_key(record.name))
    world.state.arriving.pop(record.session_id, None)


@reserves
def _session_id_is_given_out(world: World, record: SessionStarted) -> None:
    world.state.session_ids.pass_over(record.session_id)


@applies
def session_started(world: World, record: SessionStarted) -> list[Effect]:
    """Begin a session; it ends at once if a change that was under way before it keeps its person out."""
    arriving = world.state.arriving.pop(record.session_id, None)
    session = _arrived(world, record) if arriving is None else arriving.session
    if session is None:
        return []
    effects = _begun(world, record, session)
    why = None if arriving is None or world.replaying else _kept_out(world, record, arriving)
    return effects if why is None else [*effects, Close(why, (session,))]


def _kept_out(world: World, record: SessionStarted, arriving: Arriving) -> Text | None:
    """Return why a person may not come in any more, who was let in by the state before such a change."""
    person = arriving.session.person
    if arriving.is_outdated:
        return Text(RENEWED)
    if person is None or person.at_machine:
        return None
    try:
        check_may_come_in(world, record.address, name_key(record.name), person.role, record.started_at / 1000)
    except ChatError as error:
        return error.text
    return None


def _begun(world: World, record: SessionStarted, session: Session) -> list[Effect]:
    state = world.state
    state.sessions[record.session_id] = session
    key = name_key(record.name)
    account = state.accounts_by_id[record.user_id] if record.user_id is not None else None
    if account is not None:
        account.seen_at, account.left_at = max(account.seen_at, record.started_at), None
    by_password = record.operator is None or record.operator.account_id is not None
    if account is not None and account.must_change and by_password:
        return _confined(world, record, session, account)
    if record.operator is not None:
        return _operator_started(world, record, session, account)
    state.promised.discard(key)
    here = state.people.get(key)
    if here is not None and here.account is account:
        person = here
    else:  # a person with this name who is here is a guest who made the name an account
        person = state.people[key] = Person(record.name, key, account, record.started_at)
        person.state = record.state
        person.came_after = state.applied if account is None else 0
        state.presence_changed(person)
    before = session.person
    heard = {channel.id: channel.sessions[session] for channel in _listening(world, session)}
    effects = [] if before is None or before is person else _departed(world, session, record.started_at)
    session.row, session.since = record.session_id, record.started_at
    session.history_due, session.history_after, session.listed = session.traits.history_at_join, 0, False
    session.lessons_due = False
    session.kept_due = record.user_id is not None and session.shows_events
    session.called = record.typed
    session.registered, session.state_asked, session.talks_in = None, "", None
    if person is not here and not person.hidden and (here is None or here.seen != person.seen):
        effects += _presence(world, person, "arrival", record.started_at, session)
    session.person = person
    session.quotas = world.quotas_of(session, record.started_at / 1000)
    person.sessions[session] = None
    for channel in state.listens_to(person):
        channel.enter(session, heard.get(channel.id, state.applied))  # it heard these under its other name
    effects += _what_holds(world, person, session, record.started_at)
    if session.kept_due and session.traits.kept_at_login:
        effects.append(Later(session, 0.0, HandOver()))
    if session.history_due or (session.kept_due and not session.traits.kept_at_login):
        effects.append(Later(session, KEPT_AFTER, Settled(row=record.session_id)))
    return effects


def _what_holds(world: World, person: Person, session: Session, at: int) -> list[Effect]:
    """Tell a newcomer what holds at the moment: lessons, quiet hours, a word list for private messages."""
    if world.replaying:
        return []
    told = came_to_lesson(world, person, session, at) if world.state.lessons else []
    if world.quiet:
        told += came_at_night(world, person, session, at)
    return told + tell_private_list(world, session, at) if world.words.private else told


def _arrived(world: World, record: SessionStarted) -> Session | None:
    """Return the session that a record begins which was not decided here: in a replay, one of another process.

    None if a session of this process has begun already: an operator's, while nothing could be stored (`StoreLater`).
    """
    if not world.replaying:
        return None
    return world.state.sessions.get(record.instead_of) or elsewhere(record, world.policy.language)


def _confined(world: World, record: SessionStarted, session: Session, account: Account) -> list[Effect]:
    """Begin a session with a one-time password: it may only change the password, and nobody sees the person come."""
    effects = [] if session.person is None else _departed(world, session, record.started_at)
    person = Person(record.name, account.key, account, record.started_at)
    person.operator = record.operator
    person.sessions[session] = None
    session.row = record.session_id
    session.history_due = session.kept_due = False
    session.person = world.state.confined[session] = person
    if not person.is_operator:
        effects.append(Deliver(Notice(content=Text(_CHANGE_IT), timestamp=rfc3339(record.started_at)), (session,)))
    return effects


_CHANGE_IT = N_(
    "Your password was for one time, and cannot be used again. Change it now, before anything else: by the request "
    "`password` on this connection, or have an administrator make a new one and use `classcord chat` or ssh."
)


def _operator_started(world: World, record: SessionStarted, session: Session, account: Account | None) -> list[Effect]:
    """Begin an operator's session: nobody sees the operator come, and the session listens to no channel."""
    person = Person(record.name, name_key(record.name), account, record.started_at)
    person.operator = record.operator
    person.sessions[session] = None
    session.row = record.session_id
    world.state.confined.pop(session, None)
    session.person = world.state.operators[session] = person
    session.quotas = world.quotas.of_operator(person, record.started_at / 1000)
    session.kept_due = account is not None and session.shows_events
    effects: list[Effect] = [Later(session, 0.0, HandOver())] if session.kept_due else []
    effects += _what_holds(world, person, session, record.started_at)
    return effects


def _listening(world: World, session: Session) -> list[Channel]:
    return [channel for channel in world.state.channels_by_id.values() if session in channel.sessions]


@applies
def session_ended(world: World, record: SessionEnded | SessionTakenOver) -> list[Effect]:
    token = world.state.tokens.of_session(record.session_id)
    if token is not None and token.named_up_to is None:
        token.named_up_to = world.state.applied
    session = world.state.sessions.pop(record.session_id, None)
    if session is None or session.row != record.session_id:  # the record is of the identity before a second login
        return []
    session.row = None
    state, account = world.state, session.person.account if session.person else None
    if account is not None:
        account.seen_at = max(account.seen_at, record.ended_at)
    if (state.operators.pop(session, None) or state.confined.pop(session, None)) is not None:
        session.person, session.quotas = None, ()
        return []
    return _departed(world, session, record.ended_at)


@applies
def sessions_closed(world: World, record: SessionsClosed) -> list[Effect]:
    """End all sessions in a replay; a server that stops forgets its own anyway."""
    if world.replaying:
        for session in list(world.state.sessions.values()):
            session_ended(world, SessionEnded(session_id=session.number, ended_at=record.at))
    return []


def _departed(world: World, session: Session, at: int) -> list[Effect]:
    """Take a session from its person; the person leaves with the last session."""
    person = session.person
    assert person is not None
    session.person, session.before, session.quotas = None, person.key, ()
    world.state.confined.pop(session, None)
    del person.sessions[session]
    for channel in world.state.channels_by_id.values():
        channel.leave(session)
    if person.sessions:
        return []
    if world.state.people.get(person.key) is not person:  # the name is an account's now, and its person is here
        return []
    del world.state.people[person.key]
    world.state.presence_changed(person)
    if person.hidden:
        return []
    person.state = "offline"
    return _presence(world, person, "departure", at, session)


_PRESENCE = {"arrival": N_("{name} is here."), "departure": N_("{name} has left.")}


def _presence(world: World, person: Person, kind: str, at: int, session: Session) -> list[Effect]:
    """Return the events by which others hear that a person comes or goes; in words only if few people are here.

    `session` is the one with which the person does: it is no listener yet, or none any more.
    """
    everyone = world.state.default
    if everyone is None or not everyone.sessions:
        return []
    effects: list[Effect] = [DeliverPresence(StatusChanged(user=person.name, state=person.seen), everyone, (session,))]
    if len(everyone.sessions) < world.policy.announce_below:
        notice = Notice(content=Text(_PRESENCE[kind], {"name": person.name}), timestamp=rfc3339(at), kind=kind)
        effects.append(DeliverPresence(notice, everyone, (session,)))
    return effects
