"""The identity of a session: login, guest, logout, and the end of the connection. Knows no socket and no digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.accounts.vocabulary import PasswordChanged
from classcord.chat.effects import Again, Alert, Commit, Deliver, Effect, Later, Refuse, Verify
from classcord.chat.elsewhere import elsewhere
from classcord.chat.errors import NotAllowed, TooLong
from classcord.chat.events import Done, Notice
from classcord.chat.identity.vocabulary import (
    Guest,
    LoggedIn,
    Login,
    LoginFailed,
    Logout,
    PasswordSpent,
    PasswordUsed,
    SessionEnded,
    SessionsClosed,
    SessionStarted,
    TooManySessions,
)
from classcord.chat.messages.vocabulary import HandOver
from classcord.chat.names import guest_name, name_key
from classcord.chat.paces import check_login
from classcord.chat.passwords import LONGEST as LONGEST_PASSWORD
from classcord.chat.people import Account, Person
from classcord.chat.presence.vocabulary import Settled, StatusChanged
from classcord.chat.registration.rules import own_name, resemblance, vouched_for
from classcord.chat.registry import applies, cancels, decides
from classcord.chat.roles import Operator, Role
from classcord.chat.sanctions.enforcing import check_is_not_muted, check_may_come_in
from classcord.chat.sources import is_own
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.channel import Channel
    from classcord.chat.checked_passwords.vocabulary import Verified
    from classcord.chat.people import Session
    from classcord.chat.profiles import Profile
    from classcord.chat.records import Record
    from classcord.chat.requests import Request
    from classcord.chat.world import World


MOST_SESSIONS = 100  # of one account at a time; no person opens so many windows
KEPT_AFTER = 5.0  # seconds after a classic login without `users` (classic rule 16)


@decides
def login(world: World, session: Session, request: Login, now: float) -> list[Effect]:
    account = world.state.account(request.username)
    if session.registered is not None and (account is None or account.id != session.registered.account_id):
        session.registered = None  # somebody else may sit here now
    if len(request.password) > LONGEST_PASSWORD:
        raise TooLong(field="password", limit=LONGEST_PASSWORD)
    pause = world.throttle.tried(name_key(request.username), session.address, now)
    return [Verify(request, request.username, request.password, account.password_version if account else None, pause)]


def logged_in(world: World, session: Session, asked: Login, verified: Verified, now: float) -> list[Effect]:
    key = name_key(asked.username)
    account = world.state.account(asked.username)
    profile = verified.profile
    if account is None and verified.valid and profile is not None and name_key(profile.name) == key:
        return _first_login(world, session, verified, profile, now)
    if account is None or not opens(verified, account):
        session.registered = None
        return [Alert("login-failed", asked.username), Refuse(asked, LoginFailed())]
    world.throttle.succeeded(key, session.address)
    check_may_come_in(world, session.address, key, account.role, now)
    here = world.state.people.get(account.key)
    if here is not None and len(here.sessions) >= MOST_SESSIONS and not is_own(session.address):
        raise TooManySessions(name=account.name, limit=MOST_SESSIONS)
    if is_spent(account):
        return spent(asked, account)
    check_login(world, session, account, now)
    started = identify(world, session, account.name, account.id, now, typed=asked.username)
    records = (*spend(account), *started, *rehashed(account, verified))
    role = min(account.role, Role.MEMBER) if account.must_change else account.role
    name = as_typed(session, account.name, asked.username)
    answer = LoggedIn(username=name, role=role.label, must_change=account.must_change or None)
    return [Commit(session, records, asked, answer), Alert("login", account.name)]


def _first_login(world: World, session: Session, verified: Verified, profile: Profile, now: float) -> list[Effect]:
    """Make an account for a person for whom an authenticator vouches, and log the person in, in one commit.

    While another commit with this name is under way, an empty commit waits behind it in the journal. Then the login is
    decided again, because another first login of the same person may have made the account.
    """
    asked, key = verified.asked, name_key(profile.name)
    typed = asked.username if isinstance(asked, Login) else ""
    world.throttle.succeeded(key, session.address)
    check_may_come_in(world, session.address, key, profile.role, now)
    if key in world.state.promised:
        return [Commit(session, (), asked), Again(verified)]
    made = vouched_for(world, profile, now)
    records = (made, *identify(world, session, made.name, made.user_id, now, typed=typed))
    answer = LoggedIn(username=as_typed(session, made.name, typed), role=made.role)
    return [Commit(session, records, asked, answer), Alert("registered", made.name), Alert("login", made.name)]


def opens(verified: Verified, account: Account) -> bool:
    """Whether a checked password opens this account, as the account is now.

    No other authenticator opens an account whose password is kept here, nor one of another name than the person has for
    whom it vouches. A password that was compared here must still be this account's: not one from before a change, nor
    one of an earlier account of the same name.
    """
    profile = verified.profile
    if profile is not None:
        return verified.valid and account.password_elsewhere and name_key(profile.name) == account.key
    return verified.valid and not account.password_elsewhere and account.password_version == verified.version


def is_spent(account: Account) -> bool:
    """Whether the account's password was for one time, and has been used."""
    return account.must_change and account.password_used


def spent(asked: Request, account: Account) -> list[Effect]:
    """Refuse a right password that was for one time, and has been used."""
    alert = Alert("login-refused", account.name, "its one-time password has been used")
    return [alert, Refuse(asked, PasswordSpent(name=account.name))]


def spend(account: Account) -> tuple[Record, ...]:
    """Return the record that the password is used, if it is a one-time password."""
    return (PasswordUsed(user_id=account.id, name=account.name),) if account.must_change else ()


@applies
def password_used(world: World, record: PasswordUsed) -> list[Effect]:
    world.state.accounts_by_id[record.user_id].password_used = True
    return []


def rehashed(account: Account, verified: Verified) -> tuple[Record, ...]:
    """Return the record of a newer digest of the same password, if it is kept here with an outdated digest."""
    digest, once = verified.rehashed, account.must_change
    if digest is None or account.password_elsewhere:
        return ()
    return (PasswordChanged(user_id=account.id, password_hash=digest, must_change=once, rehashed=True),)


def just_registered(world: World, session: Session, now: float, named: str | None = None) -> Account | None:
    """Return the account that was made on this connection without a name; it needs no login.

    Two clients open their chat right after they have registered (classic rule 19). The account needs a login if the
    request is `named` for another person, if another person has changed the password since, after a refused login or
    a `guest` on this connection, and after an hour.
    """
    made = session.registered
    if made is None or now >= made.until or not session.traits.enters_by_message:
        return None
    account = world.state.accounts_by_id.get(made.account_id)
    if account is None or account.must_change or account.void_before:
        return None
    if named and not named.isspace() and world.state.named(named) is not account:
        return None
    return account


def enter_registered(world: World, session: Session, account: Account, request: Request, now: float) -> list[Effect]:
    """Log in the person who made this account on this connection."""
    check_may_come_in(world, session.address, account.key, account.role, now)
    check_login(world, session, account, now)
    typed = session.registered.typed if session.registered else ""
    records = identify(world, session, account.name, account.id, now, typed=typed)
    session.bucket.give_back()  # the request is decided again, after the login
    return [Commit(session, records, request), Alert("login", account.name)]


@decides
def guest(world: World, session: Session, request: Guest, now: float) -> list[Effect]:
    session.registered = None  # who sits here chose to be a guest
    name, records = become_guest(world, session, request.username, now)
    answer = LoggedIn(username=as_typed(session, name, request.username), role=Role.GUEST.label)
    return [
        Commit(session, records, request, answer),
        Alert("guest", name),
    ]


def become_guest(world: World, session: Session, wanted: str, now: float) -> tuple[str, tuple[Record, ...]]:
    """Return the name that a guest gets, and the records that make the person a guest."""
    if not world.policy.guests:
        raise NotAllowed
    check_is_not_muted(world, session, now)  # a muted person takes no other name
    check_may_come_in(world, session.address, name_key(wanted), Role.GUEST, now)
    own = own_name(session)
    name = guest_name(
        wanted,
        lambda key: world.state.taken(key, own) or key in world.reserved,
        lambda name: resemblance(world, name) is not None,
    )
    if session.person and name_key(name) == own:
        name = session.person.name  # as it was first written
    world.state.promised.add(name_key(name))
    return name, identify(world, session, name, None, now, typed=wanted)


def as_typed(session: Session, name: str, typed: str) -> str:
    """Return a name as it was typed, if it is the same name and the session reads it so (classic rule 21)."""
    return typed if session.traits.spells_own_name and typed and name_key(typed) == name_key(name) else name


def identify(
    world: World,
    session: Session,
    name: str,
    account_id: int | None,
    now: float,
    *,
    operator: Operator | None = None,
    typed: str = "",
) -> tuple[Record, ...]:
    """Return the records of a new identity; they end the identity before it."""
    at = int(now * 1000)
    started = SessionStarted(
        session_id=session.id if session.first_row else world.state.session_ids.next(),
        user_id=account_id,
        name=name,
        address=session.address,
        face=session.face,
        started_at=at,
        operator=operator,
        connection=session.id,
        instead_of=session.row,
        shows_events=session.shows_events,
        typed=typed if as_typed(session, name, typed) != name else "",
        state=session.state_asked if account_id is None and session.state_asked else "online",
    )
    session.first_row = False
    world.state.arriving[started.session_id] = session
    return (started,) if session.row is None else (started, SessionEnded(session_id=session.row, ended_at=at))


@cancels
def _session_not_started(world: World, record: SessionStarted) -> None:
    world.state.promised.discard(name_key(record.name))
    world.state.arriving.pop(record.session_id, None)


@applies
def session_started(world: World, record: SessionStarted) -> list[Effect]:
    state = world.state
    session = _arrived(world, record)
    if session is None:
        return []
    state.sessions[record.session_id] = session
    key = name_key(record.name)
    account = state.accounts_by_id[record.user_id] if record.user_id is not None else None
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
        state.presence_changed()
    before = session.person
    heard = {channel.id: channel.sessions[session] for channel in _listening(world, session)}
    effects = [] if before is None or before is person else _departed(world, session, record.started_at)
    session.row = record.session_id
    session.history_due, session.history_after, session.listed = session.traits.history_at_join, 0, False
    session.kept_due = record.user_id is not None and session.shows_events
    session.called = record.typed
    session.registered, session.state_asked, session.talks_in = None, "", None
    if person is not here and not person.hidden and (here is None or here.seen != person.seen):
        effects += _presence(world, person, N_("{name} is here."), record.started_at)
    session.person = person
    session.quotas = world.quotas_of(session, record.started_at / 1000)
    person.sessions[session] = None
    for channel in state.listens_to(person):
        channel.enter(session, heard.get(channel.id, state.applied))  # it heard these under its other name
    if session.kept_due and session.traits.kept_at_login:
        effects.append(Later(session, 0.0, HandOver()))
    if session.history_due or (session.kept_due and not session.traits.kept_at_login):
        effects.append(Later(session, KEPT_AFTER, Settled(row=record.session_id)))
    return effects


def _arrived(world: World, record: SessionStarted) -> Session | None:
    """Return the session that a record begins: one of this process, or in a replay one of another process.

    None if a session of this process has begun already: an operator's, while nothing could be stored (`StoreLater`).
    """
    session = world.state.arriving.pop(record.session_id, None)
    if session is None and world.replaying:
        return world.state.sessions.get(record.instead_of) or elsewhere(record, world.policy.language)
    return session


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
    return [Later(session, 0.0, HandOver())] if session.kept_due else []


def _listening(world: World, session: Session) -> list[Channel]:
    return [channel for channel in world.state.channels_by_id.values() if session in channel.sessions]


@decides
def logout(world: World, session: Session, request: Logout, now: float) -> list[Effect]:
    assert session.row is not None
    record = SessionEnded(session_id=session.row, ended_at=int(now * 1000))
    return [Commit(session, (record,), request, Done()), Alert("logout", session.name)]


@applies
def session_ended(world: World, record: SessionEnded) -> list[Effect]:
    session = world.state.sessions.pop(record.session_id, None)
    if session is None or session.row != record.session_id:  # the record is of the identity before a second login
        return []
    session.row = None
    state = world.state
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
    world.state.presence_changed()
    if person.hidden:
        return []
    person.state = "offline"
    return _presence(world, person, N_("{name} has left."), at)


def _presence(world: World, person: Person, words: str, at: int) -> list[Effect]:
    """Return the events by which others hear that a person comes or goes; in words only if few people are here."""
    audience = world.state.everyone()
    if not audience:
        return []
    effects: list[Effect] = [Deliver(StatusChanged(user=person.name, state=person.seen), audience)]
    if len(audience) < world.policy.announce_below:
        notice = Notice(content=Text(words, {"name": person.name}), timestamp=rfc3339(at))
        effects.append(Deliver(notice, audience))
    return effects
