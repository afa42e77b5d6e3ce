"""Deleted channels: they are gone for everybody; their messages stay stored for exports until the messages are removed.

Nobody can read a deleted channel over the chat any more, and its name is free: a new channel of the same name begins
with an empty history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.audit.trail import channel_name
from classcord.chat.channels.vocabulary import (
    ChannelDeleted,
    ChannelRemoved,
    ChannelStays,
    DeleteChannel,
    ListedChannelStays,
)
from classcord.chat.effects import Commit, Deliver, Effect, EndListening
from classcord.chat.errors import NotAllowed
from classcord.chat.events import Done, Notice
from classcord.chat.finding import visible_channel
from classcord.chat.join_requests.telling import told_as_over
from classcord.chat.names import channel_key
from classcord.chat.registry import Fields, applies, audits, decides
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.people import Person, Session
    from classcord.chat.registry import What
    from classcord.chat.world import World


REMEMBERED = 1000  # deleted channels, for messages on their way to them


@decides
def delete_channel(world: World, session: Session, request: DeleteChannel, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    channel = visible_channel(world, person, request.channel)
    if not _is_own_and_empty(channel, person) and not world.may(person, Permission.CLOSE_CHANNEL):
        raise NotAllowed
    if channel.members_from is not None:  # everybody, or everybody of a role, is in it: nobody can leave it either
        raise ChannelStays(channel=channel.name)
    if channel.key in {channel_key(name) for name in world.policy.listed_channels}:
        raise ListedChannelStays(channel=channel.name)
    record = ChannelRemoved(channel_id=channel.id, by=person.name, at=int(now * 1000))
    return [Commit(session, (record,), request, Done())]


def _is_own_and_empty(channel: Channel, person: Person) -> bool:
    """Whether this person made the channel, and nobody else is in it."""
    account = person.account
    if account is None or channel.made_by != account.id:
        return False
    return channel.members <= {account.id} and all(session.person is person for session in channel.sessions)


@applies
def channel_removed(world: World, record: ChannelRemoved) -> list[Effect]:
    state, session = world.state, world.session_of(record)
    over = told_as_over(world, state.join_requests.about(channel_id=record.channel_id), record.at)
    channel = state.channels_by_id.pop(record.channel_id)
    del state.channels[channel.key]
    state.removed[channel.id] = channel
    if len(state.removed) > REMEMBERED:
        del state.removed[next(iter(state.removed))]
    for member in channel.members:
        state.accounts_by_id[member].channels.discard(channel.id)
    for member in channel.moderators:
        state.accounts_by_id[member].moderates.discard(channel.id)
    channel.moderators.clear()
    audience = channel.audience()
    for listener in audience:
        channel.leave(listener)
    channel.members.clear()
    time = rfc3339(record.at)
    effects: list[Effect] = over
    if audience:
        effects.append(EndListening(channel, audience))
        effects.append(Deliver(ChannelDeleted(channel=channel.name, user=record.by, timestamp=time), audience, session))
    for asked in state.join_requests.forget_channel(channel.id):
        account = state.accounts_by_id.get(asked.user_id)
        author = state.people.get(account.key) if account else None
        if author is not None:
            effects.append(Deliver(Notice(content=_asked_in_vain(channel), timestamp=time), tuple(author.sessions)))
    return effects


@audits
def _audited_channel_removed(world: World, record: ChannelRemoved) -> What:
    channel = world.state.channels_by_id.get(record.channel_id)
    before: Fields = {"name": channel_name(world, record.channel_id)}
    if channel is not None:
        before |= {"kind": channel.kind.value, "topic": channel.topic, "members": len(channel.members)}
    return "channel-removed", "channel", record.channel_id, before, None


def _asked_in_vain(channel: Channel) -> Text:
    return Text(N_("{channel} was deleted; your request to be admitted is over."), {"channel": channel.name})
