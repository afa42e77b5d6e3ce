"""What changes at a login because an authenticator says so: the role, the channels, the profile. Knows no directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.accounts.vocabulary import RoleChanged
from classcord.chat.channels.channel import Kind
from classcord.chat.channels.vocabulary import MemberAdded
from classcord.chat.join_requests.undecided import ACCEPTED
from classcord.chat.join_requests.vocabulary import JoinDecided
from classcord.chat.profiles.rules import as_vouched
from classcord.chat.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classcord.chat.people import Account
    from classcord.chat.profiles.vouched import Profile
    from classcord.chat.records import Record
    from classcord.chat.world import World


def role_of(world: World, account: Account, profile: Profile | None) -> Role:
    """Return the role that an account has after a login.

    It is the one of the authenticator, if it says one; but the last owner stays one, because nobody could undo that.
    """
    if profile is None or profile.role is None:
        return account.role
    if account.role is Role.OWNER and sum(each.role is Role.OWNER for each in world.state.accounts.values()) == 1:
        return account.role
    return profile.role


def refreshed(world: World, account: Account, profile: Profile | None, now: float) -> tuple[Record, ...]:
    """Return the records of what an authenticator says of a person who logs in: role, channels, profile."""
    if profile is None:
        return ()
    role = role_of(world, account, profile)
    records: list[Record] = []
    if role is not account.role:
        changed = RoleChanged(user_id=account.id, role=role.label, before=account.role.label, at=int(now * 1000))
        records.append(changed)
    records += memberships(world, account.id, profile, now)
    return (*records, *as_vouched(account, profile))


def memberships(world: World, user_id: int, profile: Profile, now: float) -> Iterator[Record]:
    """Yield the records that make a person a member of the channels that an authenticator names.

    Channels that there are not, closed ones, and those that a role is in by itself are passed over.
    """
    at = int(now * 1000)
    found = {channel.id: channel for name in profile.channels if (channel := world.state.channel(name)) is not None}
    for channel in found.values():
        is_by_itself = channel.kind is Kind.DEFAULT or channel.members_from is not None
        if is_by_itself or channel.archived or user_id in channel.members:
            continue
        asked = world.state.join_requests.of(user_id, channel.id)
        if asked is not None:  # whoever is a member need not ask any more
            yield JoinDecided(
                request_id=asked.request_id, state=ACCEPTED, decided_by=world.policy.name, decided_at=at, told=True
            )
        yield MemberAdded(channel_id=channel.id, user_id=user_id, since=at)
