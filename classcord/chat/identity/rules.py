"""The identity of a session: login, guest, logout, and the end of the connection. Knows no socket and no digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.accounts.vocabulary import PasswordChanged
from classcord.chat.conversations.missed import MOST_AT_LOGIN, conversations_of, missed
from classcord.chat.effects import Again, Commit, Effect, Refuse, TellSecurity, Verify
from classcord.chat.errors import NotAllowed, TooLong
from classcord.chat.events import Done
from classcord.chat.identity.vocabulary import (
    Guest,
    LoggedIn,
    Login,
    LoginFailed,
    Logout,
    PasswordSpent,
    PasswordUsed,
    SessionEnded,
    SessionStarted,
    TooManySessions,
)
from classcord.chat.identity.vouching import memberships, refreshed, role_of
from classcord.chat.names import name_key
from classcord.chat.paces import check_login
from classcord.chat.passwords import LONGEST as LONGEST_PASSWORD
from classcord.chat.people import Account, Arriving, Person
from classcord.chat.registration.rules import free_guest_name, own_name, vouched_for
from classcord.chat.registry import applies, decides
from classcord.chat.resuming.issuing import ended_with, issued
from classcord.chat.rights.told import told_to
from classcord.chat.roles import Operator, Role
from classcord.chat.sanctions.enforcing import check_is_not_muted, check_may_come_in
from classcord.chat.sources import is_own, source

if TYPE_CHECKING:
    from classcord.chat.checked_passwords.vocabulary import Verified
    from classcord.chat.conversations.vocabulary import ConversationsOf
    from classcord.chat.people import Session
    from classcord.chat.profiles.vouched import Profile
    from classcord.chat.records import Record
    from classcord.chat.requests import Request
    from classcord.chat.world import World


COMES_BACK = 600.0  # seconds after the first use of a one-time password
MOST_SESSIONS = 100  # of one account at a time; no person opens so many windows


@decides
def login(world: World, session: Session, request: Login, now: float) -> list[Effect]:
    account = world.state.account(request.username)
    if session.registered is not None and (account is None or account.id != session.registered.account_id):
        session.registered = None  # somebody else may sit here now
    if len(request.password) > LONGEST_PASSWORD:
        raise TooLong(field="password", limit=LONGEST_PASSWORD)
    pause = world.throttle.tried(name_key(request.username), session.address, now)
    version = account.password_version if account else None
    return [Verify(request, request.username, request.password, version, pause, _missed_by(world, session, account))]


def _missed_by(world: World, session: Session, account: Account | None) -> ConversationsOf | None:
    """Return what the store is to be asked for the login's answer; a client that gets the history unasked needs none.

    Nor does a person with a one-time password, who reads nothing before it is changed.
    """
    if account is None or account.must_change or session.traits.history_at_join:
        return None
    person = Person(account.name, account.key, account)
    return conversations_of(world, person, limit=MOST_AT_LOGIN, whole=False)


def logged_in(world: World, session: Session, asked: Login, verified: Verified, now: float) -> list[Effect]:
    key = name_key(asked.username)
    account = world.state.account(asked.username)
    profile = verified.profile
    if account is None and verified.valid and profile is not None and name_key(profile.name) == key:
        return _first_login(world, session, verified, profile, now)
    if account is None or not opens(verified, account):
        session.registered = None
        return [TellSecurity("login-failed", asked.username), Refuse(asked, LoginFailed())]
    world.throttle.succeeded(key, session.address)
    role = role_of(world, account, profile)
    check_may_come_in(world, session.address, key, role, now)
    here = world.state.people.get(account.key)
    if here is not None and len(here.sessions) >= MOST_SESSIONS and not is_own(session.address):
        raise TooManySessions(name=account.name, limit=MOST_SESSIONS)
    if is_spent(world, session, account, now):
        return spent(asked, account)
    check_login(world, session, account, now)
    started = identify(world, session, account.name, account.id, now, typed=asked.username)
    token = None
    if not account.must_change:
        token, started = issued(world, session, started, now)
    records = (
        *spend(session, account, now),
        *refreshed(world, account, profile, now),
        *started,
        *rehashed(account, verified),
    )
    role = min(role, Role.MEMBER) if account.must_change else role
    name = as_typed(session, account.name, asked.username)
    page = verified.missed if not account.must_change else None
    answer = LoggedIn(
        username=name,
        role=role.label,
        must_change=account.must_change or None,
        conversations=missed(world, account, page) if page is not None else None,
        session=token,
        more=page.more or None if page is not None else None,
        may=None if account.must_change else told_to(world, session, role),
    )
    return [Commit(session, records, asked, answer), TellSecurity("login", account.name)]


def _first_login(world: World, session: Session, verified: Verified, profile: Profile, now: float) -> list[Effect]:
    """Make an account for a person for whom an authenticator vouches, and log the person in, in one commit.

    While another commit with this name is under way, an empty commit waits behind it in the journal. Then the login is
    decided again, because another first login of the same person may have made the account.
    """
    asked, key = verified.asked, name_key(profile.name)
    typed = asked.username if isinstance(asked, Login) else ""
    world.throttle.succeeded(key, session.address)
    check_may_come_in(world, session.address, key, profile.role or Role.MEMBER, now)
    if key in world.state.promised:
        return [Commit(session, (), asked), Again(verified)]
    made = vouched_for(world, profile, now)
    token, started = issued(world, session, identify(world, session, made.name, made.user_id, now, typed=typed), now)
    records = (made, *memberships(world, made.user_id, profile, now), *started)
    may = told_to(world, session, Role.of(made.role))
    answer = LoggedIn(username=as_typed(session, made.name, typed), role=made.role, session=token, may=may)
    return [
        Commit(session, records, asked, answer),
        TellSecurity("registered", made.name),
        TellSecurity("login", made.name),
    ]


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


def is_spent(world: World, session: Session, account: Account, now: float) -> bool:
    """Whether the account's password was for one time, and has been used.

    Whoever has lost the connection before it was changed, as by a page that is loaded anew, comes back with it from the
    same source for some minutes: as long as nobody else is there with it, or about to be there.
    """
    if not account.must_change or not account.password_used:
        return False
    is_there = any(person.account is account for person in world.state.confined.values())
    is_there = is_there or bool(world.state.arriving_as(account))
    is_back = account.used_from == source(session.address) and 0 <= now - account.used_at / 1000 < COMES_BACK
    return is_there or not account.used_at or not is_back


def spent(asked: Request, account: Account) -> list[Effect]:
    """Refuse a right password that was for one time, and has been used."""
    told = TellSecurity("login-refused", account.name, "its one-time password has been used")
    return [told, Refuse(asked, PasswordSpent(name=account.name))]


def spend(session: Session, account: Account, now: float) -> tuple[Record, ...]:
    """Return the record that the password is used, if it is a one-time password that was not."""
    if not account.must_change or account.password_used:
        return ()
    used = PasswordUsed(user_id=account.id, name=account.name, source=source(session.address), at=int(now * 1000))
    return (used,)


@applies
def password_used(world: World, record: PasswordUsed) -> list[Effect]:
    account = world.state.accounts_by_id[record.user_id]
    account.password_used, account.used_from, account.used_at = True, record.source, record.at
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
    return [Commit(session, records, request), TellSecurity("login", account.name)]


@decides
def guest(world: World, session: Session, request: Guest, now: float) -> list[Effect]:
    session.registered = None  # who sits here chose to be a guest
    name, started = become_guest(world, session, request.username, now)
    token, records = issued(world, session, started, now)
    name_read, may = as_typed(session, name, request.username), told_to(world, session, Role.GUEST)
    answer = LoggedIn(username=name_read, role=Role.GUEST.label, session=token, may=may)
    return [
        Commit(session, records, request, answer),
        TellSecurity("guest", name),
    ]


def become_guest(world: World, session: Session, wanted: str, now: float) -> tuple[str, tuple[Record, ...]]:
    """Return the name that a guest gets, and the records that make the person a guest."""
    if not world.policy.guests:
        raise NotAllowed
    check_is_not_muted(world, session, now)  # a muted person takes no other name
    check_may_come_in(world, session.address, name_key(wanted), Role.GUEST, now)
    own = own_name(session)
    name = free_guest_name(world, wanted, own, now)
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
    world.state.arriving[started.session_id] = Arriving(session, account_id)
    if session.row is None:
        return (started,)
    return (started, SessionEnded(session_id=session.row, ended_at=at), *ended_with(world, session.row))


@decides
def logout(world: World, session: Session, request: Logout, now: float) -> list[Effect]:
    return left(world, session, request, now)


def left(world: World, session: Session, request: Request, now: float) -> list[Effect]:
    """Return the effects by which a person leaves: the session is not resumed later."""
    assert session.row is not None
    ended = (SessionEnded(session_id=session.row, ended_at=int(now * 1000)), *ended_with(world, session.row))
    return [Commit(session, ended, request, Done()), TellSecurity("logout", session.name)]
