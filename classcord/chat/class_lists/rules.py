"""Decisions about class lists: accounts, channels and memberships, in commits like any other. Knows no file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from classcord.chat.channels.vocabulary import ChannelAdded, MemberAdded, MemberRemoved
from classcord.chat.class_lists.list_rooms import SWITCH, as_value, class_rooms
from classcord.chat.class_lists.vocabulary import ListedMove, ListedPupil, ListedRoom, ListOutdated, TakeClassList
from classcord.chat.effects import Commit, Effect, TellSecurity
from classcord.chat.errors import NotAllowed
from classcord.chat.events import Done
from classcord.chat.invitations.vocabulary import Invited
from classcord.chat.maintenance.vocabulary import SettingSet
from classcord.chat.names import channel_key, check_channel, name_key
from classcord.chat.registration.rules import check_new_account, fitting, new_account
from classcord.chat.registration.vocabulary import Register, UserAdded
from classcord.chat.registry import decides
from classcord.chat.roles import Permission, Role

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.people import Session
    from classcord.chat.records import Record
    from classcord.chat.world import World


@decides
def take_class_list(world: World, session: Session, request: TakeClassList, now: float) -> list[Effect]:
    person = session.person
    if person is None or not person.at_machine or not world.may(person, Permission.MANAGE_ACCOUNTS):
        raise NotAllowed
    at = int(now * 1000)
    accounts = _accounts(world, request.new, now)
    records: list[Record] = [*_rooms(world, request.rooms, at, adopt=request.adopt)]
    for pupil, added in zip(request.new, accounts, strict=True):
        records += [added, *_entered(world, added.user_id, pupil.channels, at)]
    for move in request.moves:
        records += _moved(world, move, at)
    for added in accounts:
        world.state.promised |= added.name_keys
    told = f"{len(request.rooms)} channels, {len(accounts)} accounts, {len(request.moves)} moves"
    return [Commit(session, tuple(records), request, Done()), TellSecurity("import-class", person.name, told)]


def _accounts(world: World, pupils: Iterable[ListedPupil], now: float) -> list[UserAdded]:
    """Return the records of new accounts; refuse a name that became somebody's, or that two of them have."""
    asked = [
        Register(
            username=pupil.username,
            password="",
            first_name=fitting(pupil.first_name),
            last_name=fitting(pupil.last_name),
            email=fitting(pupil.email),
        )
        for pupil in pupils
    ]
    seen: set[str] = set()
    for each in asked:
        check_new_account(world, each, checks_password=False)
        key = name_key(each.username)
        if key in seen:
            raise ListOutdated(name=each.username)
        seen.add(key)
    made = (new_account(world, each, pupil.digest, Role.MEMBER, now) for each, pupil in zip(asked, pupils, strict=True))
    return [msgspec.structs.replace(each, must_change=True, vouched=True) for each in made]


def _rooms(world: World, rooms: Iterable[ListedRoom], at: int, *, adopt: bool) -> Iterator[Record]:
    """Yield the records of new channels, and of which channels lists have made."""
    known = class_rooms(world)
    made = dict(known)
    for room in rooms:
        name = check_channel(room.name)
        there = world.state.channel(name)
        if there is not None:
            if there.id not in known and (not adopt or there.members_from is not None):
                raise ListOutdated(name=there.name)
            made[there.id] = room.is_class
            continue
        number = world.state.channel_ids.next()
        made[number] = room.is_class
        yield ChannelAdded(
            channel_id=number, name=name, name_key=channel_key(name), kind="private", guests=False, added_at=at
        )
    if as_value(made) != as_value(known):
        yield SettingSet(name=SWITCH, value=as_value(made), at=at)


def _moved(world: World, move: ListedMove, at: int) -> Iterator[Record]:
    account = world.state.account(move.username)
    if account is None:
        raise ListOutdated(name=move.username)
    for name in move.leaves:
        channel = _channel(world, name)
        if account.id in channel.members:
            yield MemberRemoved(channel_id=channel.id, user_id=account.id)
    for added in _entered(world, account.id, move.enters, at):
        yield added
        yield Invited(channel_id=added.channel_id, user_id=account.id, at=at)  # who is here is told


def _entered(world: World, user_id: int, names: Iterable[str], at: int) -> Iterator[MemberAdded]:
    for name in names:
        channel = _channel(world, name)
        if user_id not in channel.members:
            yield MemberAdded(channel_id=channel.id, user_id=user_id, since=at)


def _channel(world: World, name: str) -> Channel:
    """Return a channel that lists have made; a part may not name any other."""
    channel = world.state.channel(name)
    if channel is None or channel.id not in class_rooms(world):
        raise ListOutdated(name=name)
    return channel
