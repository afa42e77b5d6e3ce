"""The limits of channels: in all, of one person, and from one source. Knows no socket.

Nobody uses up everyone's room alone: a source has less than half of the whole, and people who keep order always have
room. A channel counts for its maker and the maker's source as long as it exists and is open; it counts for the whole
only while it has a member, so an abandoned channel takes no room from others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.channels.vocabulary import (
    ChannelsTooFast,
    TooManyChannels,
    TooManyChannelsFromHere,
    TooManyOwnChannels,
)
from classcord.chat.lookalikes import looks, rough_looks
from classcord.chat.names import channel_key, unavailable
from classcord.chat.roles import Permission, Role
from classcord.chat.sources import source

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.people import Session
    from classcord.chat.world import World


MOST_OWN_CHANNELS = 20  # made by one member
MOST_CHANNELS = 1000  # made by members, on one server; each costs memory, and a line in everybody's list
DAY = 86_400.0  # seconds; in one day, as many may be made as may exist at once, even if some are deleted


def check_room(world: World, session: Session, now: float) -> None:
    """Refuse a new channel to this session's person, if there are too many."""
    person = session.person
    if person is None or person.account is None or world.may(person, Permission.KEEP_ORDER):
        return
    maker, where = person.account.id, source(session.address)
    members = [c for c in world.state.channels_by_id.values() if c.made_by is not None and not c.archived]
    if sum(channel.made_by == maker for channel in members) >= MOST_OWN_CHANNELS:
        raise TooManyOwnChannels(limit=MOST_OWN_CHANNELS)
    most = _most_from(world, session.address)
    if sum(channel.made_from == where for channel in members) >= most:
        raise TooManyChannelsFromHere(limit=most)
    if sum(_is_used(channel) for channel in members) >= MOST_CHANNELS:
        raise TooManyChannels(limit=MOST_CHANNELS)
    _check_pace(world, maker, where, most, now)


def check_looks(world: World, name: str, but: Channel | None = None) -> None:
    """Refuse a name that looks like the name of another channel than `but`, or at a glance like one of the staff's."""
    key = channel_key(name)
    seen, roughly = looks(name, key), rough_looks(name, key)
    for channel in world.state.channels_by_id.values():
        if channel is but:
            continue
        other = channel_key(channel.name)
        is_staffs = channel.includes(Role.OWNER) and not channel.includes(Role.MEMBER)
        if not seen.isdisjoint(looks(channel.name, other)) or (
            is_staffs and not roughly.isdisjoint(rough_looks(channel.name, other))
        ):
            raise unavailable()


def _most_from(world: World, address: str) -> int:
    """Return how many channels may come from a source: half of all if it is shared by many or has no limit."""
    half = MOST_CHANNELS // 2
    bound = world.policy.channels_per_address
    return half if not bound or world.shares_address(address) else min(bound, half)


def _is_used(channel: Channel) -> bool:
    return bool(channel.members or channel.sessions)


def _check_pace(world: World, maker: int, where: str, most: int, now: float) -> None:
    allowances = world.allowances
    wait = max(
        allowances.wait(("channels of", maker), now, most=MOST_OWN_CHANNELS, seconds=DAY),
        allowances.wait(("channels from", where), now, most=most, seconds=DAY),
    )
    if wait:
        raise ChannelsTooFast(retry_after=round(wait, 3))
    allowances.take(("channels of", maker), now, most=MOST_OWN_CHANNELS, seconds=DAY)
    allowances.take(("channels from", where), now, most=most, seconds=DAY)
