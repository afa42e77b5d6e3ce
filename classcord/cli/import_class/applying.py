"""What a comparison changes, as commits of a stopped server: channels, accounts with one-time passwords, memberships.

Knows no file.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from classcord.chat.audit import trail
from classcord.chat.channels.vocabulary import ChannelAdded, ChannelArchived, MemberAdded, MemberRemoved
from classcord.chat.class_lists.list_rooms import SWITCH, as_value, class_rooms
from classcord.chat.effects import Commit
from classcord.chat.maintenance.vocabulary import SettingSet
from classcord.chat.names import channel_key
from classcord.chat.passwords import forms
from classcord.chat.records import Record
from classcord.chat.registration.rules import fitting, new_account
from classcord.chat.registration.vocabulary import Register
from classcord.chat.retention.vocabulary import AccountLeft
from classcord.chat.roles import Role
from classcord.chat.sanctions.in_force import BAN
from classcord.chat.sanctions.vocabulary import SanctionAdded, SanctionLifted
from classcord.chat.text import N_
from classcord.cli.import_class.class_list import Pupil
from classcord.cli.import_class.class_rooms import YEAR
from classcord.cli.import_class.comparing import Comparison
from classcord.services.passwords.local import CONTEXT, one_time_password
from classcord.store.ports import StoreError

if TYPE_CHECKING:
    from classcord.chat.hub import Hub
    from classcord.chat.people import Account
    from classcord.server.startup import Prepared

ACTOR = "import-class"  # in the audit trail
LEFT = "Année scolaire terminée"  # a reason is what somebody wrote: it has one language
_FAILED = N_("an account could not be stored: {why}")


class NewPupil(NamedTuple):
    """An account that is made: what its slip says, and nothing else."""

    name: str
    username: str
    password: str
    rooms: tuple[str, ...]


def with_passwords(found: Comparison) -> list[NewPupil]:
    """Return who is new, each with a password for one time."""
    return [
        NewPupil(pupil.shown, name, one_time_password(), tuple(sorted(found.rooms[key][0] for key in rooms)))
        for pupil, name, rooms in found.new
    ]


def apply(
    prepared: Prepared,
    found: Comparison,
    new: list[NewPupil],
    members: Iterable[int],
    *,
    gone: bool = False,
    new_year: str = "",
) -> None:
    """Store it; `members` are the accounts, such as teachers, that are in each channel of the list.

    With `gone`, who is not on the list any more leaves its channels; the account stays as it is. With `new_year`, they
    are shut out, and erased some months later (chat/retention); the channels of before are closed.
    """
    hub, now = prepared.hub, time.time()
    state = hub.state
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        digests = list(threads.map(lambda each: str(CONTEXT.hash(forms(each.password)[0])), new))
    _keep(prepared, [_kept(hub, (_room(hub, found.rooms[key][0], now),), now) for key in found.new_rooms])
    ids = {key: state.channels[key].id for key in found.rooms}
    rooms = ({} if new_year else class_rooms(hub)) | {ids[key]: is_class for key, (_, is_class) in found.rooms.items()}
    if as_value(rooms) != state.switches.get(SWITCH):
        switch = SettingSet(name=SWITCH, value=as_value(rooms), at=int(now * 1000))
        _keep(prepared, [_kept(hub, (switch,), now)])
    commits = [_account(hub, entry, digest, ids, now) for entry, digest in zip(found.new, digests, strict=True)]
    commits += [_back(hub, account, now) for account in (*found.same, *(each[0] for each in found.moved))]
    for account, leaves, enters in found.moved:
        commits.append(
            _kept(hub, (*_left(account.id, leaves), *_entered(account.id, (ids[key] for key in enters), now)), now)
        )
    if new_year:
        commits += _year_changes(hub, found, new_year, now)
    for account, leaves in found.gone if gone and not new_year else ():
        commits.append(_kept(hub, _left(account.id, leaves), now))
    for user_id in members:
        missing = [number for number in ids.values() if user_id not in state.channels_by_id[number].members]
        if missing:
            commits.append(_kept(hub, _entered(user_id, missing, now), now))
    _keep(prepared, commits)


def _year_changes(hub: Hub, found: Comparison, new_year: str, now: float) -> list[Commit]:
    """Return what a new school year does: channels are closed, and who is gone is shut out, and has left."""
    at, state = int(now * 1000), hub.state
    records: list[Record] = [SettingSet(name=YEAR, value=new_year, at=at)]
    records += [ChannelArchived(channel_id=number, archived=True, at=at) for number in found.over]
    commits = [_kept(hub, (record,), now) for record in records]
    for account, _ in found.gone:
        left: list[Record] = []
        if state.sanctions.against(BAN, account.key, at) is None:
            left.append(
                SanctionAdded(
                    sanction_id=state.sanction_ids.next(),
                    kind=BAN,
                    of="name",
                    target=account.key,
                    shown=account.name,
                    by=ACTOR,
                    by_role=Role.ADMIN.label,
                    reason=LEFT,
                    added_at=at,
                    until=None,
                )
            )
        if account.left_at is None:
            left.append(AccountLeft(user_id=account.id, at=at))
        commits.append(_kept(hub, tuple(left), now))
    return commits


def _back(hub: Hub, account: Account, now: float) -> Commit:
    """Let somebody in again who had left and is on the list."""
    at, sanctions = int(now * 1000), hub.state.sanctions
    ban = sanctions.against(BAN, account.key, at)
    if account.left_at is None or ban is None or ban.added_at != account.left_at:
        return Commit(None, ())
    return _kept(hub, (SanctionLifted(sanction_id=ban.sanction_id, by=ACTOR, lifted_at=at),), now)


def _keep(prepared: Prepared, commits: list[Commit]) -> None:
    outcomes = prepared.keep(commits)
    if outcomes:
        raise StoreError(_FAILED, why=next(iter(outcomes.values())))


def _kept(hub: Hub, records: tuple[Record, ...], now: float) -> Commit:
    return Commit(None, (*records, *trail.entries(hub, records, None, now, actor=ACTOR)))


def _room(hub: Hub, name: str, now: float) -> ChannelAdded:
    ids = hub.state.channel_ids
    return ChannelAdded(
        channel_id=ids.next(),
        name=name,
        name_key=channel_key(name),
        kind="private",
        guests=False,
        added_at=int(now * 1000),
    )


def _account(hub: Hub, entry: tuple[Pupil, str, set[str]], digest: str, ids: Mapping[str, int], now: float) -> Commit:
    pupil, name, rooms = entry
    asked = Register(
        username=name,
        password="",
        first_name=fitting(pupil.first_name),
        last_name=fitting(pupil.last_name),
        email=fitting(pupil.email),
    )
    added = msgspec.structs.replace(new_account(hub, asked, digest, Role.MEMBER, now), must_change=True)
    return _kept(hub, (added, *_entered(added.user_id, (ids[key] for key in sorted(rooms)), now)), now)


def _entered(user_id: int, channels: Iterable[int], now: float) -> tuple[Record, ...]:
    return tuple(MemberAdded(channel_id=each, user_id=user_id, since=int(now * 1000)) for each in channels)


def _left(user_id: int, channels: Iterable[int]) -> tuple[Record, ...]:
    return tuple(MemberRemoved(channel_id=each, user_id=user_id) for each in sorted(channels))
