"""Changes of accounts, by their owners and by others: passwords, roles, new and deleted accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from classcord.chat.accounts.changed_passwords import given, note_of_once, own_password_changed, password_given
from classcord.chat.accounts.leaving import end_operators, forget_account
from classcord.chat.accounts.vocabulary import (
    AccountInfo,
    AccountMade,
    Accounts,
    AccountsListed,
    AddUser,
    Authenticate,
    CheckHere,
    DelUser,
    Known,
    LastOwner,
    Passwd,
    Password,
    RoleChanged,
    RoleTooHigh,
    SetRole,
    UserRemoved,
)
from classcord.chat.audit.trail import account_name
from classcord.chat.effects import (
    BeginListening,
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
from classcord.chat.errors import TooLong
from classcord.chat.events import Done, Notice
from classcord.chat.finding import most_rows
from classcord.chat.identity.rules import is_spent, opens, rehashed, spent
from classcord.chat.identity.vocabulary import LoginFailed
from classcord.chat.identity.vouching import refreshed, role_of
from classcord.chat.names import name_key
from classcord.chat.passwords import LONGEST as LONGEST_PASSWORD
from classcord.chat.registration.rules import check_new_account, new_account
from classcord.chat.registration.vocabulary import NameOfKey, Register
from classcord.chat.registry import applies, audits, decides
from classcord.chat.rights.told import event_for
from classcord.chat.roles import Permission, Role, outranks
from classcord.chat.sanctions.enforcing import check_may_come_in
from classcord.chat.sanctions.targets import aimed_account
from classcord.chat.sanctions.warnings import ended_with
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.checked_passwords.vocabulary import Hashed, Verified
    from classcord.chat.people import Account, Session
    from classcord.chat.registry import What
    from classcord.chat.world import World


@decides
def authenticate(world: World, session: Session, request: Authenticate, now: float) -> list[Effect]:
    if len(request.password) > LONGEST_PASSWORD:
        raise TooLong(field="password", limit=LONGEST_PASSWORD)
    account = world.state.account(request.username)
    pause = world.throttle.tried(name_key(request.username), session.address, now)
    return [Verify(request, request.username, request.password, account.password_version if account else None, pause)]


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
    if is_spent(world, session, found, now):
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
    return [Hash(request, given(world, request))]


def _check_may_give(session: Session, role: Role) -> None:
    """Refuse a role that is not below the giver's own role; owners give every role."""
    assert session.person is not None
    if not outranks(session.person.role, role):
        raise RoleTooHigh(field="role", role=role.word)


def _as_registered(request: AddUser) -> Register:
    return Register(username=request.username, password=request.password)


def made_or_renewed(
    world: World, session: Session, asked: Password | AddUser | Passwd | CheckHere, hashed: Hashed, now: float
) -> list[Effect]:
    """Make the account, or set its password."""
    match asked:
        case AddUser():
            return _made(world, session, asked, hashed, now)
        case Password():
            return own_password_changed(world, session, asked, hashed, now)
        case _:
            return password_given(world, session, asked, hashed)


def _made(world: World, session: Session, asked: AddUser, hashed: Hashed, now: float) -> list[Effect]:
    _check_may_give(session, Role.of(asked.role))  # checked again, because hashing took time
    check_new_account(world, _as_registered(asked), checks_password=False)
    record = new_account(world, _as_registered(asked), hashed.digest, Role.of(asked.role), now, vouched=True)
    record = msgspec.structs.replace(record, must_change=hashed.made is not None)
    world.state.promised |= record.name_keys
    answer = AccountMade(user=record.name, password=hashed.made, hint=note_of_once(record.must_change))
    return [Commit(session, (record,), asked, answer), TellSecurity("adduser", record.name)]


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
    notice = Notice(content=words, timestamp=rfc3339(record.at), kind="role")
    heard = (event_for(world, account.role), notice)
    return [*effects, *(Deliver(each, tuple(person.sessions)) for each in heard)]


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
    at = int(now * 1000)
    removed = (*ended_with(world, account, at), UserRemoved(user_id=account.id, at=at))
    return [Commit(session, removed, request, Done()), TellSecurity("deluser", account.name)]


@applies
def user_removed(world: World, record: UserRemoved) -> list[Effect]:
    account = world.state.accounts_by_id[record.user_id]
    return forget_account(world, account, Text(N_("Your account was deleted.")), record.at)


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
