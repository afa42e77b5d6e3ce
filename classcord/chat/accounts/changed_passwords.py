"""Changes of passwords: one's own, another's, and whether a password is kept here or checked elsewhere."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from classcord.chat.accounts.vocabulary import (
    AccountMade,
    AddUser,
    CheckElsewhere,
    CheckHere,
    LastOwnerHere,
    NoOtherLogins,
    OwnPassword,
    OwnPasswordChanged,
    Passwd,
    Password,
    PasswordChanged,
    PasswordElsewhere,
)
from classcord.chat.audit.trail import account_name
from classcord.chat.effects import Close, Commit, Effect, Hash, Refuse, TellSecurity, Verify
from classcord.chat.errors import AlreadySo, BadPassword
from classcord.chat.events import Done
from classcord.chat.finding import own_account
from classcord.chat.identity.rules import identify, opens
from classcord.chat.identity.sessions import RENEWED
from classcord.chat.identity.vocabulary import LoginFailed
from classcord.chat.names import name_key
from classcord.chat.passwords import ELSEWHERE, check_password, forms
from classcord.chat.records import Record
from classcord.chat.registry import applies, audits, cancels, decides
from classcord.chat.resuming.issuing import all_ended, issued
from classcord.chat.rights.told import told_to
from classcord.chat.roles import Role
from classcord.chat.sanctions.targets import account_called, aimed_account
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.checked_passwords.vocabulary import Hashed, Verified
    from classcord.chat.people import Account, Session
    from classcord.chat.registry import What
    from classcord.chat.world import World

_CHECKED_ELSEWHERE = N_("The password kept here is forgotten: please come in again with the one of your school.")


@decides
def password(world: World, session: Session, request: Password, now: float) -> list[Effect]:
    account = own_account(session)
    _check_password_is_here(account)
    new = check_password(request.new, world.policy.min_password, field="new")
    if new == forms(request.old)[0]:
        raise BadPassword(field="new", why=Text(N_("it is the old one")))
    pause = world.throttle.tried(account.key, session.address, now)
    return [Verify(request, account.name, request.old, account.password_version, pause)]


def old_password_verified(world: World, session: Session, asked: Password, verified: Verified) -> list[Effect]:
    account = own_account(session)
    if not opens(verified, account):
        return [TellSecurity("login-failed", account.name), Refuse(asked, LoginFailed())]
    world.throttle.succeeded(account.key, session.address)
    return [Hash(asked, forms(asked.new)[0])]


def own_password_changed(world: World, session: Session, asked: Password, hashed: Hashed, now: float) -> list[Effect]:
    account = own_account(session)
    _check_password_is_here(account)
    if session.is_outdated or world.renewing[account.id]:  # it was changed while the new one was hashed
        return [Refuse(asked, LoginFailed())]
    changed = _changed(world, account, hashed.digest)
    records: tuple[Record, ...] = (changed, *all_ended(world, session, account))
    person, answer = session.person, OwnPasswordChanged()
    if person is not None and person.must_change:  # now the person comes in
        started = identify(world, session, account.name, account.id, now, operator=person.operator)
        token, started = issued(world, session, started, now)
        records += started
        may = None if person.is_operator else told_to(world, session, account.role)
        answer = OwnPasswordChanged(session=token, role=account.role.label, may=may)
    return [
        Commit(session, records, asked, answer),
        TellSecurity("password-changed", account.name),
    ]


@decides
def passwd(world: World, session: Session, request: Passwd, now: float) -> list[Effect]:
    own = session.person.account if session.person else None
    if own is None or own.key != name_key(request.user):
        own = aimed_account(world, session, request.user)
    elif not _is_operator(session):
        raise OwnPassword
    _check_password_is_here(own)
    return [Hash(request, given(world, request))]


@decides
def password_elsewhere(world: World, session: Session, request: CheckElsewhere, now: float) -> list[Effect]:
    account = aimed_account(world, session, request.user)
    if account.password_elsewhere:
        raise AlreadySo
    if not world.policy.other_logins:
        raise NoOtherLogins
    if account.role is Role.OWNER and not _other_owners_here(world, account):
        raise LastOwnerHere(name=account.name)
    changed = _changed(world, account, ELSEWHERE)
    records = (changed, *all_ended(world, session, account))
    return [Commit(session, records, request, Done()), TellSecurity("password-elsewhere", account.name)]


def _other_owners_here(world: World, account: Account) -> bool:
    """Whether an owner besides this one has a password that is kept here."""
    owners = (each for each in world.state.accounts.values() if each.role is Role.OWNER)
    return any(each is not account and not each.password_elsewhere for each in owners)


@decides
def password_here(world: World, session: Session, request: CheckHere, now: float) -> list[Effect]:
    account = aimed_account(world, session, request.user)
    _check_password_is_elsewhere(account)
    return [Hash(request, given(world, request))]


def password_given(world: World, session: Session, asked: Passwd | CheckHere, hashed: Hashed) -> list[Effect]:
    account = account_called(world, asked.user)
    (_check_password_is_here if isinstance(asked, Passwd) else _check_password_is_elsewhere)(account)
    once = hashed.made is not None and not _is_own(session, account)
    changed = _changed(world, account, hashed.digest, once=once)
    answer = AccountMade(user=account.name, password=hashed.made, hint=note_of_once(once))
    records = (changed, *all_ended(world, session, account))
    word = "password-here" if account.password_elsewhere else "password-changed"
    return [Commit(session, records, asked, answer), TellSecurity(word, account.name)]


def given(world: World, request: AddUser | Passwd | CheckHere) -> str:
    """Return the form of the given password to hash; "" if none was given, because then one is made up."""
    if not request.password:
        return ""
    return check_password(request.password, world.policy.min_password, field="password")


def note_of_once(once: bool) -> Text | None:
    """Return the note about a password that was made up for a person."""
    if not once:
        return None
    return Text(
        N_("It lets in once, and is changed then: on the page, in `classcord chat`, or over ssh. A chosen one lasts.")
    )


def _check_password_is_here(account: Account) -> None:
    """Refuse to change a password that is not kept here, to its owner and to an administrator."""
    if account.password_elsewhere:
        raise PasswordElsewhere(name=account.name)


def _check_password_is_elsewhere(account: Account) -> None:
    if not account.password_elsewhere:
        raise AlreadySo


def _is_own(session: Session, account: Account) -> bool:
    """Whether an account belongs to the person who asks."""
    return session.person is not None and session.person.owns(account)


def _is_operator(session: Session) -> bool:
    return session.person is not None and session.person.is_operator


def _changed(world: World, account: Account, digest: str, *, once: bool = False) -> PasswordChanged:
    """Return the record of a new password; while it is under way, nobody changes it by the password before."""
    world.renewing[account.id] += 1
    return PasswordChanged(user_id=account.id, password_hash=digest, must_change=once)


@cancels
def _not_changed(world: World, record: PasswordChanged) -> None:
    if not record.rehashed:
        world.renewing -= Counter([record.user_id])  # what is none is left out


@applies
def password_changed(world: World, record: PasswordChanged) -> list[Effect]:
    """Note whether the password is for one time; end the sessions of the old password, except that of the author."""
    account = world.state.accounts_by_id[record.user_id]
    account.must_change = record.must_change
    account.password_elsewhere = record.password_hash == ELSEWHERE
    account.password_used = account.password_used and record.rehashed
    if record.rehashed:
        return []
    _not_changed(world, record)
    session = world.session_of(record)
    own = session is not None and _is_own(session, account)
    operator = session.person.operator if session and session.person and own else None
    account.renewals += 1
    account.void_before = world.state.session_ids.last + 1
    account.kept_login = operator.login if operator else -1
    for arriving in world.state.arriving_as(account):
        arriving.is_outdated = arriving.session is not session
    others = tuple(each for each in world.state.sessions_of(account) if each is not session)
    for each in others:
        each.is_outdated = True
    why = Text(_CHECKED_ELSEWHERE if account.password_elsewhere else RENEWED)
    return [Close(why, others)] if others else []


@audits
def _audited_password_changed(world: World, record: PasswordChanged) -> What | None:
    if record.rehashed:
        return None
    account = world.state.accounts_by_id.get(record.user_id)
    action = "password-changed"
    if record.password_hash == ELSEWHERE:
        action = "password-elsewhere"
    elif account is not None and account.password_elsewhere:
        action = "password-here"
    return action, "user", record.user_id, None, {"name": account_name(world, record.user_id)}
