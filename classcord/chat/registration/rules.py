"""Decisions about new accounts: their names, who may make them, how often. Knows no password but the one to hash."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from classcord.chat.channels.vocabulary import MemberAdded
from classcord.chat.effects import Close, Commit, Effect, Hash, Refuse, TellSecurity
from classcord.chat.errors import BadAlias, BadRequest, BadUsername, TooLong
from classcord.chat.events import Done
from classcord.chat.held_messages.vocabulary import WORDS
from classcord.chat.invitation_codes.admitting import admitting, brought_by, check_guesses
from classcord.chat.invitation_codes.vocabulary import BadInvite
from classcord.chat.lookalikes import rough_looks, rough_looks_of
from classcord.chat.names import check_alias, check_username, guest_name, is_like_the_first, name_key
from classcord.chat.passwords import ELSEWHERE, check_password
from classcord.chat.people import Account, JustRegistered
from classcord.chat.registration.vocabulary import (
    AliasTaken,
    Register,
    RegistrationClosed,
    TooManyRegistrations,
    UserAdded,
    UsernameTaken,
)
from classcord.chat.registry import applies, audits, cancels, decides, reserves
from classcord.chat.requests import LONGEST_FIELD
from classcord.chat.roles import Role
from classcord.chat.sanctions.enforcing import check_may_come_in
from classcord.chat.sources import source
from classcord.chat.text import N_, Text, can_be_shown

if TYPE_CHECKING:
    from classcord.chat.checked_passwords.vocabulary import Hashed
    from classcord.chat.invitation_codes.vocabulary import InvitationCodeMade
    from classcord.chat.people import Session
    from classcord.chat.profiles.vouched import Profile
    from classcord.chat.registry import What
    from classcord.chat.world import World


HOUR = 3600.0  # seconds
_ANOTHERS = N_("it looks like the name of somebody else")
_STAFF = N_("it looks like the name of somebody who keeps order here")


@decides
def register(world: World, session: Session, request: Register, now: float) -> list[Effect]:
    if world.policy.registration == "closed":
        raise RegistrationClosed
    check_guesses(world, session, request.username, now, wrong=False)
    try:  # asked before the name: without a code, nobody learns who has an account
        code = admitting(world, request.code, now)
    except BadInvite as refusal:
        check_guesses(world, session, request.username, now, wrong=True)
        return [TellSecurity("bad-invite", request.username), Refuse(request, refusal)]
    _check_own_account(world, request, own_name(session))
    check_may_come_in(world, session.address, name_key(request.username), _role(code), now)
    _check_not_left(world, request, now)
    _check_pace(world, session, now, takes=False)
    return [Hash(request, check_password(request.password, world.policy.min_password, field="password"))]


def _role(code: InvitationCodeMade | None) -> Role:
    return Role.MEMBER if code is None else Role.of(code.role)


def _check_pace(world: World, session: Session, now: float, *, takes: bool) -> None:
    """Refuse a new account from a source that has made too many within an hour."""
    most = world.policy.registrations_per_hour
    if not most or world.shares_address(session.address):
        return
    look = world.allowances.take if takes else world.allowances.wait
    wait = look(("accounts from", source(session.address)), now, most=most, seconds=HOUR)
    if wait:
        raise TooManyRegistrations(retry_after=round(wait, 3))


def own_name(session: Session) -> str | None:
    """Return the key of a guest's name; only this guest may register it."""
    return session.person.key if session.person and session.person.account is None else None


def _check_own_account(world: World, request: Register, own: str | None, *, checks_password: bool = True) -> None:
    """Refuse an account that this person may not make for themselves; `own` as in `check_new_account`."""
    check_new_account(world, request, own, checks_password=checks_password)
    if is_like_the_first(request.username):
        raise BadUsername(field="username", why=Text(_STAFF))
    if request.alias and is_like_the_first(request.alias):
        raise BadAlias(field="alias", why=Text(_STAFF))


def _check_not_left(world: World, request: Register, now: float) -> None:
    """Refuse names that somebody had a moment ago, and those like them, as if the account were there still."""
    if world.left_people.had(name_key(request.username), now):
        raise UsernameTaken(field="username")
    if _is_like_left(world, check_username(request.username), now):
        raise BadUsername(field="username", why=Text(_ANOTHERS))
    if request.alias:
        check_alias_not_left(world, check_alias(request.alias), now)


def check_alias_not_left(world: World, alias: str, now: float, account: Account | None = None) -> None:
    """Refuse an alias that was somebody's name a moment ago, or looks like one; the `account` keeps its own."""
    key = name_key(alias)
    if account is not None and account is (world.state.accounts.get(key) or world.state.aliases.get(key)):
        return
    if world.left_people.had(key, now):
        raise AliasTaken(field="alias")
    if _is_like_left(world, alias, now):
        raise BadAlias(field="alias", why=Text(_ANOTHERS))


def _is_like_left(world: World, name: str, now: float) -> bool:
    return world.left_people.resembles(name, name_key(name), now)


def free_guest_name(world: World, wanted: str, own: str | None, now: float) -> str:
    """Return the name that a guest gets who wants this one; `own` is the key of the name that the guest has already."""
    if WORDS in world.holding and world.words.found(wanted) is not None:
        wanted = ""
    return guest_name(
        wanted,
        lambda key: world.state.taken(key, own) or key in world.reserved,
        lambda name: resemblance(world, name) is not None or _is_like_left(world, name, now),
    )


def check_new_account(world: World, request: Register, own: str | None = None, *, checks_password: bool = True) -> None:
    """Refuse a request that cannot become an account; `own` is the key of the guest's name if a guest asks."""
    key = name_key(check_username(request.username))
    if world.state.taken(key, own) or key in world.reserved:
        raise UsernameTaken(field="username")
    flaw = resemblance(world, check_username(request.username))
    if flaw is not None:
        raise BadUsername(field="username", why=flaw)
    if checks_password:
        check_password(request.password, world.policy.min_password, field="password")
    if request.alias:
        check_new_alias(world, request.alias, key)
    for field in ("first_name", "last_name", "email"):
        check_profile_field(field, getattr(request, field) or "")


def check_new_alias(world: World, wanted: str, own: str, account: Account | None = None) -> str:
    """Return an alias in its normal form; refuse one that another person has, or that looks like another's name.

    `own` is the key of the name of the person who wants it, and `account` their account, if there is one yet.
    """
    alias = check_alias(wanted)
    key = name_key(alias)
    if key == own or (account is not None and world.state.aliases.get(key) is account):
        return alias
    if world.state.taken(key) or key in world.reserved:
        raise AliasTaken(field="alias")
    flaw = resemblance(world, alias, own=own)
    if flaw is not None:
        raise BadAlias(field="alias", why=flaw)
    return alias


def check_profile_field(field: str, value: str) -> None:
    """Refuse a name or an address that is too long, or that cannot be shown as it is."""
    if len(value) > LONGEST_FIELD:
        raise TooLong(field=field, limit=LONGEST_FIELD)
    if not can_be_shown(value):
        raise BadRequest(field=field, why=Text(N_("“{field}” has characters that cannot be read"), {"field": field}))


def resemblance(world: World, name: str, own: str | None = None) -> Text | None:
    """Return for whose name `name` could be mistaken; None if for nobody's. `own` is a name of the person who asks."""
    key = name_key(name)
    if key == own:
        return None
    if world.state.resembles_account(name, key, own):
        return Text(_ANOTHERS)
    if world.resembles_staff(name, key, own) or not _looks_of(world.reserved).isdisjoint(rough_looks(name, key)):
        return Text(_STAFF)
    return None


@functools.lru_cache(maxsize=1)
def _looks_of(reserved: frozenset[str]) -> frozenset[str]:
    return rough_looks_of(reserved)


def registered(world: World, session: Session, asked: Register, hashed: Hashed, now: float) -> list[Effect]:
    code = admitting(world, asked.code, now)  # all is checked again, because hashing took time
    _check_own_account(world, asked, own_name(session))
    _check_not_left(world, asked, now)
    _check_pace(world, session, now, takes=True)
    record = new_account(world, asked, hashed.digest, _role(code), now)
    brought = brought_by(world, code, record) if code is not None else ()
    if any(isinstance(each, MemberAdded) for each in brought):
        record = msgspec.structs.replace(record, vouched=True)
    world.state.promised |= record.name_keys
    if session.person is None:
        session.registered = JustRegistered(record.user_id, asked.username, now + HOUR)
    return [Commit(session, (record, *brought), asked, Done()), TellSecurity("registered", record.name)]


def vouched_for(world: World, profile: Profile, now: float) -> UserAdded:
    """Return the record of the account that a person gets at the first login; refuse a name that no account can have.

    An authenticator vouches for the person, so neither the setting `registration` nor the pace of registrations counts.
    An invalid field of the profile is left out, so that it keeps nobody out. Nor does a guest who has the name: the
    guest is told, and has to come back under another one.
    """
    key = name_key(profile.name)
    here = world.state.people.get(key)
    asked = Register(
        username=profile.name,
        password="",
        first_name=fitting(profile.first_name),
        last_name=fitting(profile.last_name),
        email=fitting(profile.email),
    )
    is_guests = here is not None and here.account is None
    _check_own_account(world, asked, key if is_guests else None, checks_password=False)
    record = new_account(world, asked, ELSEWHERE, profile.role or Role.MEMBER, now, vouched=True)
    world.state.promised |= record.name_keys
    return record


def fitting(value: str | None) -> str | None:
    return value if value and len(value) <= LONGEST_FIELD and can_be_shown(value) else None


def new_account(
    world: World, asked: Register, digest: str, role: Role, now: float, *, vouched: bool = False
) -> UserAdded:
    """Return the record of an account that `check_new_account` has permitted.

    `vouched`: somebody who manages accounts makes it, or an authenticator says who it is.
    """
    name = check_username(asked.username)
    alias = check_alias(asked.alias) if asked.alias else None
    return UserAdded(
        user_id=world.state.user_ids.next(),
        name=name,
        name_key=name_key(name),
        role=role.label,
        password_hash=digest,
        alias=alias,
        alias_key=name_key(alias) if alias else None,
        first_name=asked.first_name,
        last_name=asked.last_name,
        email=asked.email,
        added_at=int(now * 1000),
        vouched=vouched,
    )


@cancels
def _user_not_added(world: World, record: UserAdded) -> None:
    world.state.promised -= record.name_keys


@reserves
def _user_id_is_given_out(world: World, record: UserAdded) -> None:
    world.state.user_ids.pass_over(record.user_id)


@applies
def user_added(world: World, record: UserAdded) -> list[Effect]:
    role = Role.of(record.role)
    account = Account(record.user_id, record.name, record.name_key, role, record.must_change, record.added_at)
    account.password_used = record.password_used
    account.password_elsewhere = record.password_hash == ELSEWHERE
    account.vouched = record.vouched
    account.seen_at, account.left_at = record.seen_at or record.added_at, record.left_at
    world.state.promised -= record.name_keys
    world.state.accounts[account.key] = world.state.accounts_by_id[account.id] = account
    if record.alias_key:
        world.state.aliases[record.alias_key] = account
    world.state.note_looks(account, [record.name, record.alias] if record.alias else [record.name])
    return _turn_out_guest(world, record)


def _turn_out_guest(world: World, record: UserAdded) -> list[Effect]:
    """Close the connection of a guest whose name is another person's account now."""
    here = world.state.people.get(record.name_key)
    if here is None or here.account is not None:
        return []
    session = world.session_of(record)
    others = tuple(each for each in here.sessions if each is not session)
    return [Close(Text(_NO_LONGER, {"name": here.name}), others)] if others else []


_NO_LONGER = N_("{name} is the name of an account now: come back under another name.")


@audits
def _audited_user_added(_: World, record: UserAdded) -> What:
    return "user-added", "user", record.user_id, None, {"name": record.name, "role": record.role}
