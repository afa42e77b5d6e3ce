"""Decisions about the settings of channels. What they mean for a message, messages/writers.py says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from classcord.chat.audit.trail import channel_name
from classcord.chat.channel_settings.vocabulary import (
    FLAGS,
    ChannelChanged,
    ChannelSet,
    ChannelSettingsTold,
    NameStays,
    SetChannel,
    flags_of,
    shown_as,
)
from classcord.chat.channels.bounds import check_looks
from classcord.chat.channels.channel import Kind
from classcord.chat.channels.rules import guests_put_out
from classcord.chat.channels.vocabulary import ChannelExists, EveryonesChannel
from classcord.chat.effects import Commit, Deliver, Effect, Reply
from classcord.chat.errors import AlreadySo, NotAllowed
from classcord.chat.finding import visible_channel
from classcord.chat.names import channel_key, check_channel, unavailable
from classcord.chat.registry import applies, audits, decides
from classcord.chat.roles import Permission
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.people import Person, Session
    from classcord.chat.registry import What
    from classcord.chat.world import World


@decides
def set_channel(world: World, session: Session, request: SetChannel, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    channel = visible_channel(world, person, request.channel)
    if not world.may(person, Permission.SET_CHANNEL, channel):
        raise NotAllowed
    asked = {name: value for name in FLAGS if (value := getattr(request, name)) is not None}
    if not asked and request.name is None:
        return [Reply(request, ChannelSettingsTold(channel=channel.name, **flags_of(channel)))]  # type: ignore[arg-type]
    if (request.name is not None or "archived" in asked) and not world.may(person, Permission.CLOSE_CHANNEL, channel):
        raise NotAllowed
    if channel is world.state.default and asked.get("archived"):
        raise EveryonesChannel(channel=channel.name)
    changes: dict[str, Any] = {name: value for name, value in asked.items() if getattr(channel, name) != value}
    if request.name is not None:
        changes |= _renaming(world, person, channel, request.name)
    if not changes:
        raise AlreadySo
    record = ChannelSet(channel_id=channel.id, at=int(now * 1000), **changes)
    shown = {shown_as(name): value for name, value in changes.items() if name in FLAGS}
    told = ChannelSettingsTold(channel=changes.get("name", channel.name), **{**flags_of(channel), **shown})
    return [Commit(session, (record,), request, told)]


def _renaming(world: World, person: Person, channel: Channel, wanted: str) -> dict[str, str]:
    """Return the fields of a new name, if it is one; refuse a name that a new channel might not have either.

    The settings would make a listed channel anew at the next start, and #admin is found by its name.
    """
    name = check_channel(wanted, "name")
    if name == channel.name:
        return {}
    if channel.members_from is not None or channel.key in {channel_key(each) for each in world.policy.listed_channels}:
        raise NameStays(channel=channel.name)
    there = world.state.channel(name)
    if there is not None and there is not channel:
        raise ChannelExists(field="name", channel=name) if world.may_see(there, person) else unavailable("name")
    check_looks(world, name, but=channel)
    return {"name": name, "name_key": channel_key(name)}


@applies
def channel_set(world: World, record: ChannelSet) -> list[Effect]:
    """Change the settings; the people of the channel hear of it, and guests who may not be in it any more leave."""
    state = world.state
    channel = state.channels_by_id.get(record.channel_id)
    if channel is None:  # it was deleted meanwhile
        return []
    was = channel.name
    changed = [name for name in FLAGS if getattr(record, name) is not None]
    for name in changed:
        setattr(channel, name, getattr(record, name))
    if record.name is not None and record.name_key is not None:
        changed.insert(0, "name")
        world.left_names.leave(channel.key, record.at / 1000)
        del state.channels[channel.key]
        channel.name, channel.key = record.name, record.name_key
        state.channels[channel.key] = channel
    event = ChannelChanged(
        channel=channel.name,
        was=was,
        changed=tuple(shown_as(name) for name in changed),
        **flags_of(channel),  # type: ignore[arg-type]
        user=record.actor or world.policy.name,
        timestamp=rfc3339(record.at),
    )
    told: list[Effect] = [Deliver(event, channel.audience(), world.session_of(record))]
    if record.guests is False and channel.kind is not Kind.DEFAULT:
        told += guests_put_out(channel)
    return told


@audits
def _audited_channel_set(world: World, record: ChannelSet) -> What:
    fields = {name: value for name, value in msgspec.structs.asdict(record).items() if value is not None}
    after = {name: value for name, value in fields.items() if name in {*FLAGS, "name"}}
    channel = world.state.channels_by_id.get(record.channel_id)
    before = {name: getattr(channel, name, None) for name in after}
    return (
        "channel-set",
        "channel",
        record.channel_id,
        before,
        {"channel": channel_name(world, record.channel_id), **after},
    )
