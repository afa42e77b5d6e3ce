"""Decisions about profiles: who reads which fields, and what somebody may say of themselves. Knows no store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from classcord.chat.effects import Commit, Deliver, DeliverPresence, Effect, Find, Reply
from classcord.chat.finding import own_account, unknown_name
from classcord.chat.names import name_key
from classcord.chat.profiles.vocabulary import (
    LONGEST_STATUS_TEXT,
    NotOnesOwn,
    PersonProfile,
    ProfileChanged,
    ProfileFound,
    ProfileOf,
    ProfileSet,
    ProfileShown,
    StoredProfile,
)
from classcord.chat.registration.rules import check_alias_not_left, check_new_alias, check_profile_field, fitting
from classcord.chat.registry import applies, cancels, decides
from classcord.chat.roles import Permission
from classcord.chat.shown_words import one_line

if TYPE_CHECKING:
    from classcord.chat.people import Account, Session
    from classcord.chat.profiles.vouched import Profile
    from classcord.chat.world import World


@decides
def profile(world: World, session: Session, request: PersonProfile, now: float) -> list[Effect]:
    account = _account(world, session, request)
    _changes(world, account, request, now)  # what cannot be is refused before the store is asked
    return [Find(request, ProfileOf(user_id=account.id), ProfileFound)]


@decides
def profile_found(world: World, session: Session, request: ProfileFound, now: float) -> list[Effect]:
    asked = request.asked
    assert isinstance(asked, PersonProfile)
    account = _account(world, session, asked)
    if request.found is None:
        raise unknown_name(world, account.name)
    changes = _changes(world, account, asked, now)
    if not changes:
        return [Reply(asked, _shown(world, session, account, request.found))]
    record = msgspec.structs.replace(ProfileSet(user_id=account.id), **changes)
    if record.alias_key:
        world.state.promised.add(record.alias_key)
    said = {name: value or None for name, value in changes.items() if name != "alias_key"}
    answer = _shown(world, session, account, msgspec.structs.replace(request.found, **said))
    return [Commit(session, (record,), asked, answer)]


def _account(world: World, session: Session, request: PersonProfile) -> Account:
    """Return whose profile is meant; without a name that of the person who asks, which alone this person may change."""
    account = own_account(session) if request.user is None else world.state.account(request.user)
    if account is None:
        raise unknown_name(world, request.user or "")
    if _said(request) and (session.person is None or not session.person.owns(account)):
        raise NotOnesOwn(field="user")
    return account


def _said(request: PersonProfile) -> dict[str, str]:
    """Return the fields of a request that change a profile."""
    fields = {name: getattr(request, name) for name in StoredProfile.__struct_fields__}
    return {name: value for name, value in fields.items() if value is not None}


def _changes(world: World, account: Account, request: PersonProfile, now: float) -> dict[str, str]:
    """Return the fields of the record that a request asks for, in their normal form; refuse what no profile may say."""
    changes = _said(request)
    for field in ("first_name", "last_name", "email"):
        check_profile_field(field, changes.get(field, ""))
    if request.status_text is not None:
        changes["status_text"] = one_line(request.status_text, "status_text", LONGEST_STATUS_TEXT)
    if request.alias is not None:
        alias = check_new_alias(world, request.alias, account.key, account) if request.alias else ""
        if alias:
            check_alias_not_left(world, alias, now, account)
        changes |= {"alias": alias, "alias_key": name_key(alias) if alias else ""}
    return changes


def _shown(world: World, session: Session, account: Account, found: StoredProfile) -> ProfileShown:
    """Return a profile as the person who asks may see it: an address is not for everybody."""
    person = session.person
    sees_address = person is not None and (person.owns(account) or world.may(person, Permission.MANAGE_ACCOUNTS))
    return ProfileShown(
        user=account.name,
        alias=found.alias,
        first_name=found.first_name,
        last_name=found.last_name,
        email=found.email if sees_address else None,
        status_text=found.status_text,
    )


def as_vouched(account: Account, known: Profile | None) -> tuple[ProfileSet, ...]:
    """Return the record of what an authenticator says of a person who logs in; what it does not say stays as it is."""
    if known is None:
        return ()
    record = ProfileSet(
        user_id=account.id,
        first_name=fitting(known.first_name),
        last_name=fitting(known.last_name),
        email=fitting(known.email),
        told=False,  # it is the same at nearly every login
    )
    return (record,) if record != ProfileSet(user_id=account.id, told=False) else ()


@applies
def profile_set(world: World, record: ProfileSet) -> list[Effect]:
    """Let an account go by its new alias; the state knows nothing else of a profile."""
    if record.alias_key:
        world.state.promised.discard(record.alias_key)
    account = world.state.accounts_by_id.get(record.user_id)
    if account is None:
        return []
    if record.alias_key is not None:
        _rename(world, account, record.alias, record.alias_key)
    return _told(world, record, account) if record.told else []


def _rename(world: World, account: Account, alias: str | None, key: str) -> None:
    state = world.state
    state.aliases = {each_key: each for each_key, each in state.aliases.items() if each is not account}
    state.forget_looks(account)
    state.note_looks(account, [account.name, alias] if alias else [account.name])
    if key:
        state.aliases[key] = account


def _told(world: World, record: ProfileSet, account: Account) -> list[Effect]:
    """Tell those who see the person, and may read profiles; of a hidden person, only their other sessions."""
    event = ProfileChanged(
        user=account.name,
        alias=record.alias,
        first_name=record.first_name,
        last_name=record.last_name,
        status_text=record.status_text,
    )
    everyone, author = world.state.default, world.session_of(record)
    person = world.state.people.get(account.key)
    if event == ProfileChanged(user=account.name) or person is None or person.account is not account:
        return []
    if person.hidden or everyone is None:
        return [Deliver(event, tuple(person.sessions), author)]
    apart = (each for each in everyone.sessions if each is author or not world.may(each.person, Permission.PERSONAL))
    return [DeliverPresence(event, everyone, tuple(apart))]


@cancels
def _not_changed(world: World, record: ProfileSet) -> None:
    if record.alias_key:
        world.state.promised.discard(record.alias_key)
