"""Changes of accounts, by their owners and by others: passwords, roles, new and deleted accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from classcord.chat.accounts.leaving import end_operators, forget_account
from classcord.chat.accounts.vocabulary import (
    AccountInfo,
    AccountMade,
    Accounts,
    AccountsListed,
    AddUser,
    Authenticate,
    DelUser,
    Known,
    LastOwner,
    OwnPassword,
    OwnPasswordChanged,
    Passwd,
    Password,
    PasswordChanged,
    PasswordElsewhere,
    RoleChanged,
    RoleTooHigh,
    SetRole,
    UserRemoved,
)
from classcord.chat.audit.trail import account_name
from classcord.chat.effects import (
    BeginListening,
    Close,
    Commit,
    Deliver,
    Effect,
    EndListening,
    Hash,
    Refuse,
    Reply,
    TellSecurity,
    Verify,
)
from classcord.chat.errors import BadPassword, TooLong
from classcord.chat.events import Done, Notice
from classcord.chat.finding import most_rows, own_account, unknown_name
from classcord.chat.identity.rules import identify, is_spent, opens, rehashed, spent
from classcord.chat.identity.vocabulary import LoginFailed
from classcord.chat.identity.vouching import refreshed, role_of
from classcord.chat.names import name_key
from classcord.chat.passwords import ELSEWHERE, check_password, forms
from classcord.chat.passwords import LONGEST as LONGEST_PASSWORD
from classcord.chat.records import Record
from classcord.chat.registration.rules import check_new_account, new_account
from classcord.chat.registration.vocabulary import NameOfKey, Register
from classcord.chat.registry import applies, audits, decides
from classcord.chat.resuming.issuing import all_ended, issued
from classcord.chat.roles import Permission, Role, outranks
from classcord.chat.sanctions.enforcing import check_may_come_in
from classcord.chat.sanctions.targets import aim
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.checked_passwords.vocabulary import Hashed, Verified
    from classcord.chat.people import Account, Session
    from classcord.chat.registry import What
    from classcord.chat.world import World


@decides
def password(world: World, session: Session, request: Password, now: float) -> list[Effect]:
    account = own_account(session)
    _check_password_is_here(account)
    new = check_password(request.new, world.policy.min_password, field="new")
    if new == forms(request.old)[0]:
        raise BadPassword(field="new", why=Text(N_("it is the old one")))
    pause = world.throttle.tried(account.key, session.address, now)
    return [Verify(request, account.name, request.old, account.password_version, pause)]


def _check_password_is_here(account: Account) -> None:
    """Refuse to change a password that is not kept here, to its owner and to an administrator."""
    if account.password_elsewhere:
        raise PasswordElsewhere(name=account.name)


def _is_own(session: Session, account: Account) -> bool:
    """Whether an account belongs to the person who asks."""
    return session.person is not None and session.person.owns(account)


@decides
def authenticate(world: World, session: Session, request: Authenticate, now: float) -> list[Effect]:
    if len(request.password) > LONGEST_PASSWORD:
        raise TooLong(field="password", limit=LONGEST_PASSWORD)
    account = world.state.account(request.username)
    pause = world.throttle.tried(name_key(request.username), session.address, now)
    return [Verify(request, request.username, request.password, account.password_version if account else None, pause)]


def old_password_verified(world: World, session: Session, asked: Password, verified: Verified) -> list[Effect]:
    account = own_account(session)
    if not opens(verified, account):
        return [TellSecurity("login-failed", account.name), Refuse(asked, LoginFailed())]
    world.throttle.succeeded(account.key, session.address)
    return [Hash(asked, forms(asked.new)[0])]


def authenticated(world: World, session: Session, asked: Authenticate, verified: Verified, now: float) -> list[Effect]:
    key = name_key(asked.username)
    found = world.state.accounts.get(key)
    if found is None or not opens(verified, found):
        return [TellSecurity("login-failed", asked.username), Refuse(asked, LoginFailed())]
    role = role_of(world, found, verified.profile)
    changes = refreshed(world, found, verified.profile, now) if role is not found.role else ()
    if not world.role_may(role, Permission.ADMINISTER):
        lowered = [Commit(None, changes)] if changes else []
        return [*lowered, TellSecurity("login-failed", asked.username), Refuse(asked, LoginFailed())]
    world.throttle.succeeded(key, session.address)
    check_may_come_in(world, session.address, key, role, now)
    if is_spent(found):
        return spent(asked, found)
    known = Known(name=found.name, role=role.label, account_id=found.id, must_change=found.must_change)
    if changes:  # the role counts when it is stored: before that, nobody administers with it
        return [Commit(session, changes, asked, known)]
    renewed = rehashed(found, verified)  # stored later: an operator who comes to repair the storage need not wait
    return [Reply(asked, known), *([Commit(None, renewed)] if renewed else [])]


@decides
def adduser(world: World, session: Session, request: AddUser, now: float) -> list[Effect]:
    _check_may_give(session, Role.of(request.role))
    if name_key(request.username) in world.reserved:
        raise NameOfKey(field="username", name=request.username)
    check_new_account(world, _as_registered(request), checks_password=bool(request.password))
    return [Hash(request, _given(world, request))]


def _given(world: World, request: AddUser | Passwd) -> str:
    """Return the form of the given password to hash; "" if none was given, because then one is made up."""
    if not request.password:
        return ""
    return check_password(request.password, world.policy.min_password, field="password")


def _check_may_give(session: Session, role: Role) -> None:
    """Refuse a role that is not below the giver's own role; owners give every role."""
    assert session.person is not None
    if not outranks(session.person.role, role):
        raise RoleTooHigh(field="role", role=role.word)


def _as_registered(request: AddUser) -> Register:
    return Register(username=request.username, password=request.password)


@decides
def passwd(world: World, session: Session, request: Passwd, now: float) -> list[Effect]:
    own = session.person.account if session.person else None
    if own is None or own.key != name_key(request.user):
        own = aimed_account(world, session, request.user)
    elif not _is_operator(session):
        raise OwnPassword
    _check_password_is_here(own)
    return [Hash(request, _given(world, request))]


def _is_operator(session: Session) -> bool:
    return session.person is not None and session.person.is_operator


def aimed_account(world: World, session: Session, name: str) -> Account:
    """Return the account that `name` means; refuse a key, which is no account, and every person whom `aim` refuses."""
    account = _account(world, name)
    aim(world, session, name)
    return account


def _account(world: World, name: str) -> Account:
    account = world.state.account(name)
    if account is None:
        raise unknown_name(world, name)
    return account


def made_or_renewed(
    world: World, session: Session, asked: Password | AddUser | Passwd, hashed: Hashed, now: float
) -> list[Effect]:
    """Make the account, or set its password."""
    match asked:
        case AddUser():
            return _made(world, session, asked, hashed, now)
        case Password():
            return _own_password_changed(world, session, asked, hashed, now)
        case Passwd():
            return _password_given(world, session, asked, hashed)


def _made(world: World, session: Session, asked: AddUser, hashed: Hashed, now: float) -> list[Effect]:
    _check_may_give(session, Role.of(asked.role))  # checked again, because hashing took time
    check_new_account(world, _as_registered(asked), checks_password=False)
    record = new_account(world, _as_registered(asked), hashed.digest, Role.of(asked.role), now)
    record = msgspec.structs.replace(record, must_change=hashed.made is not None)
    world.state.promised |= record.name_keys
    answer = AccountMade(user=record.name, password=hashed.made, hint=_once(record.must_change))
    return [Commit(session, (record,), asked, answer), TellSecurity("adduser", record.name)]


def _own_password_changed(world: World, session: Session, asked: Password, hashed: Hashed, now: float) -> list[Effect]:
    account = own_account(session)
    _check_password_is_here(account)
    changed = PasswordChanged(user_id=account.id, password_hash=hashed.digest)
    records: tuple[Record, ...] = (changed, *all_ended(world, session, account))
    person, token = session.person, None
    if person is not None and person.must_change:  # now the person comes in
        started = identify(world, session, account.name, account.id, now, operator=person.operator)
        token, started = issued(world, session, started, now)
        records += started
    return [
        Commit(session, records, asked, OwnPasswordChanged(session=token)),
        TellSecurity("password-changed", account.name),
    ]


def _password_given(world: World, session: Session, asked: Passwd, hashed: Hashed) -> list[Effect]:
    account = _account(world, asked.user)
    _check_password_is_here(account)
    once = hashed.made is not None and not _is_own(session, account)
    changed = PasswordChanged(user_id=account.id, password_hash=hashed.digest, must_change=once)
    answer = AccountMade(user=account.name, password=hashed.made, hint=_once(once))
    records = (changed, *all_ended(world, session, account))
    return [Commit(session, records, asked, answer), TellSecurity("password-changed", account.name)]


def _once(once: bool) -> Text | None:
    """Return the note about a password that was made up for a person."""
    if not once:
        return None
    return Text(
        N_("It lets in once, and is changed then: on the page, in `classcord chat`, or over ssh. A chosen one lasts.")
    )


@applies
def password_changed(world: World, record: PasswordChanged) -> list[Effect]:
    """Note whether the password is for one time; end the sessions of the old password, except that of the author."""
    account = world.state.accounts_by_id[record.user_id]
    account.must_change = record.must_change
    account.password_elsewhere = record.password_hash == ELSEWHERE
    account.password_used = account.password_used and record.rehashed
    if record.rehashed:
        return []
    session = world.session_of(record)
    own = session is not None and _is_own(session, account)
    operator = session.person.operator if session and session.person and own else None
    account.renewals += 1
    account.void_before = world.state.session_ids.last + 1
    account.kept_login = operator.login if operator else -1
    others = tuple(each for each in world.state.sessions_of(account) if each is not session)
    why = Text(N_("Your password is another one now: please come in again with it."))
    return [Close(why, others)] if others else []


@audits
def _audited_password_changed(world: World, record: PasswordChanged) -> What | None:
    if record.rehashed:
        return None
    return "password-changed", "user", record.user_id, None, {"name": account_name(world, record.user_id)}


@decides
def set_role(world: World, session: Session, request: SetRole, now: float) -> list[Effect]:
    account = aimed_account(world, session, request.user)
    role = Role.of(request.role)
    _check_may_give(session, role)
    check_keeps_owner(world, account, role)
    record = RoleChanged(user_id=account.id, role=role.label, before=account.role.label, at=int(now * 1000))
    return [Commit(session, (record,), request, Done()), TellSecurity("role", account.name, role.label)]


def check_keeps_owner(world: World, account: Account, role: Role | None) -> None:
    """Refuse to take the last owner's role, or with None the account."""
    owners = sum(each.role is Role.OWNER for each in world.state.accounts.values())
    if account.role is Role.OWNER and role is not Role.OWNER and owners == 1:
        raise LastOwner(name=account.name)


@applies
def role_changed(world: World, record: RoleChanged) -> list[Effect]:
    """Give an account its role: it enters the channels for this role, and leaves those for higher roles."""
    account = world.state.accounts_by_id[record.user_id]
    account.role = Role.of(record.role)
    world.state.staff_changed()
    effects = end_operators(world, account, tuple(s for s in world.state.confined if not _may_stay(world, s)))
    person = world.state.people.get(account.key)
    if person is None:
        return effects
    for channel in world.state.channels_by_id.values():
        belongs = world.state.is_member(channel, person)
        for listener in person.sessions:
            if belongs and listener not in channel.sessions:
                channel.enter(listener, world.state.applied)
                effects.append(BeginListening(channel, (listener,)))
            elif not belongs and listener in channel.sessions:
                channel.leave(listener)
                effects.append(EndListening(channel, (listener,)))
    words = Text(N_("Your role is {role} now."), {"role": account.role.word})
    notice = Notice(content=words, timestamp=rfc3339(record.at))
    return [*effects, Deliver(notice, tuple(person.sessions))]


@audits
def _audited_role_changed(world: World, record: RoleChanged) -> What:
    name = account_name(world, record.user_id)
    after = {"name": name, "role": record.role}
    return "role-changed", "user", record.user_id, {"name": name, "role": record.before}, after


def _may_stay(world: World, confined: Session) -> bool:
    """Whether a session with a one-time password goes on after a change of role: it has no right of the role yet.

    If it ended, the person could not log in again, because the password is used. A console ends if the new role may
    not have one.
    """
    person = confined.person
    if person is None or not person.is_operator:
        return True
    return world.role_may(person.role, Permission.ADMINISTER)


@decides
def deluser(world: World, session: Session, request: DelUser, now: float) -> list[Effect]:
    account = aimed_account(world, session, request.user)
    check_keeps_owner(world, account, None)
    return [Commit(session, (UserRemoved(user_id=account.id),), request, Done()), TellSecurity("deluser", account.name)]


@applies
def user_removed(world: World, record: UserRemoved) -> list[Effect]:
    account = world.state.accounts_by_id[record.user_id]
    return forget_account(world, account, Text(N_("Your account was deleted.")))


@audits
def _audited_user_removed(world: World, record: UserRemoved) -> What:
    account = world.state.accounts_by_id.get(record.user_id)
    before = {"name": account_name(world, record.user_id), "role": account.role.label if account else ""}
    return "user-removed", "user", record.user_id, before, None


@decides
def accounts(world: World, session: Session, request: Accounts, now: float) -> list[Effect]:
    searched, following = name_key(request.search), name_key(request.following)
    chosen = (
        account
        for key, account in world.state.accounts.items()
        if key > following and searched in key and (request.role is None or account.role.label == request.role)
    )
    shown = sorted(chosen, key=lambda account: account.key)[: most_rows(session, request.limit)]
    rows = tuple(
        AccountInfo(
            name=account.name,
            role=account.role.label,
            online=account.key in world.state.people,
            added=rfc3339(account.added_at),
        )
        for account in shown
    )
    return [Reply(request, AccountsListed(accounts=rows))]
