"""Decisions about erasing people, and about reading what is kept about one. Knows no store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.accounts.leaving import forget_account
from classcord.chat.accounts.rules import check_keeps_owner
from classcord.chat.audit.rules import commit_entry
from classcord.chat.effects import Commit, Deliver, Effect, Find, Refuse, Reply, TellSecurity, Verify
from classcord.chat.errors import NotAllowed
from classcord.chat.events import Done
from classcord.chat.finding import own_account
from classcord.chat.identity.rules import opens
from classcord.chat.identity.vocabulary import LoginFailed
from classcord.chat.messages.vocabulary import ReasonNeeded
from classcord.chat.names import name_key
from classcord.chat.privacy.vocabulary import (
    AccountErased,
    DataFound,
    DataOf,
    DataRow,
    DataTold,
    DeleteMyAccount,
    Erase,
    Erased,
    ExportMyData,
    ExportPerson,
    MessagesOfErased,
    TooManyExports,
)
from classcord.chat.reasons import checked_reason
from classcord.chat.registry import applies, audits, decides, reserves
from classcord.chat.roles import Permission
from classcord.chat.sanctions.targets import aimed_account
from classcord.chat.sanctions.warnings import ended_with
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.checked_passwords.vocabulary import Verified
    from classcord.chat.people import Account, Session
    from classcord.chat.records import Record
    from classcord.chat.registry import What
    from classcord.chat.world import World

DAY = 86_400.0  # seconds
EXPORTS_A_DAY = 5  # of one account, by one person
PAGES_A_DAY = 5_000


@decides
def delete_my_account(world: World, session: Session, request: DeleteMyAccount, now: float) -> list[Effect]:
    account = own_account(session)
    check_keeps_owner(world, account, None)
    pause = world.throttle.tried(account.key, session.address, now)
    return [Verify(request, account.name, request.password, account.password_version, pause)]


def own_password_verified(
    world: World, session: Session, asked: DeleteMyAccount, verified: Verified, now: float
) -> list[Effect]:
    account = own_account(session)
    if world.state.accounts_by_id.get(account.id) is not account:  # somebody else was faster
        raise NotAllowed
    if not opens(verified, account):
        return [TellSecurity("login-failed", account.name), Refuse(asked, LoginFailed())]
    world.throttle.succeeded(account.key, session.address)
    check_keeps_owner(world, account, None)  # checked again, because the check of the password took time
    return [Commit(session, erasure(world, account, asked.messages, now), asked, Done()), TellSecurity("erased")]


@decides
def erase(world: World, session: Session, request: Erase, now: float) -> list[Effect]:
    account = aimed_account(world, session, request.user)
    check_keeps_owner(world, account, None)
    return [Commit(session, erasure(world, account, request.messages, now), request, Done()), TellSecurity("erased")]


def erasure(world: World, account: Account, messages: MessagesOfErased, now: float) -> tuple[Record, ...]:
    """Return the records that erase an account: its warnings end with it, other sanctions stay with the name."""
    number = world.state.erasure_ids.next()
    erased = AccountErased(
        number=number,
        user_id=account.id,
        name=account.name,
        name_key=account.key,
        added_at=account.added_at,
        shown=world.policy.erased_name.format(number=number),
        empties=messages == "empty",
        keeps_acts=world.role_may(account.role, Permission.KEEP_ORDER),
        at=int(now * 1000),
    )
    return (*ended_with(world, account, erased.at), erased)


@reserves
def _number_is_given_out(world: World, record: AccountErased) -> None:
    world.state.erasure_ids.pass_over(record.number)


@applies
def account_erased(world: World, record: AccountErased) -> list[Effect]:
    """Forget the account at once, and end its sessions; whoever is here hears that it is gone."""
    world.state.erased[record.user_id] = record
    account = world.state.accounts_by_id.get(record.user_id)
    if account is None:  # a start: the store has it no more
        return []
    own = set(world.state.sessions_of(account))
    others = tuple(session for session in world.state.everyone() if session not in own)
    gone = Deliver(Erased(user=account.name, shown=record.shown), others)
    return [gone, *forget_account(world, account, Text(N_("Your account was erased.")), record.at)]


@audits
def _audited_account_erased(_: World, record: AccountErased) -> What:
    """Keep that somebody was erased, and not who: the entries of the person lose their values a moment later."""
    messages = "empty" if record.empties else "keep"
    return "account-erased", "erasure", record.number, None, {"messages": messages}


# -- what is kept about a person --------------------------------------------------------------------------------------


@decides
def export_my_data(world: World, session: Session, request: ExportMyData, now: float) -> list[Effect]:
    account = own_account(session)
    _check_pace_of_exports(world, session, account, request.after, now)
    return [_data_of(request, account)]


@decides
def export_person(world: World, session: Session, request: ExportPerson, now: float) -> list[Effect]:
    account = aimed_account(world, session, request.user)
    if not request.reason.strip():
        raise ReasonNeeded
    checked_reason(request.reason)
    _check_pace_of_exports(world, session, account, request.after, now)
    find = _data_of(request, account)
    return [commit_entry(session, "export-person", request, now, about=account.name), find]


def _check_pace_of_exports(world: World, session: Session, account: Account, after: str | None, now: float) -> None:
    """Refuse to read everything about one person again and again; nobody uses up another's share."""
    what, most = ("exports of", EXPORTS_A_DAY) if after is None else ("pages of", PAGES_A_DAY)
    wait = world.allowances.take((what, account.id, name_key(session.name)), now, most=most, seconds=DAY)
    if wait:
        raise TooManyExports(most=EXPORTS_A_DAY, retry_after=round(wait, 3))


def _data_of(request: ExportMyData | ExportPerson, account: Account) -> Find:
    kind, _, after = (request.after or "0.0").partition(".")
    about = DataOf(user_id=account.id, name=account.name, name_key=account.key, kind=int(kind), after=int(after))
    return Find(request, about, DataFound)


@decides
def data_found(world: World, session: Session, request: DataFound, now: float) -> list[Effect]:
    asked, found = request.asked, request.found
    if isinstance(asked, ExportPerson):
        aimed_account(world, session, asked.user)  # nobody has become their superior meanwhile
    else:
        own_account(session)
    rows = tuple(
        DataRow(kind=each.kind, at=None if each.at is None else rfc3339(each.at), data=each.data) for each in found.kept
    )
    following = None if found.after is None else f"{found.kind}.{found.after}"
    return [Reply(asked, DataTold(rows=rows, next=following))]
