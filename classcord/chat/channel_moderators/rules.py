"""Decisions about the moderators of channels. What they may do there, `World.may` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.audit.trail import membership
from classcord.chat.channel_moderators.vocabulary import (
    ChannelModerator,
    ModeratorChanged,
    ModeratorDismissed,
    ModeratorNamed,
    NoMember,
)
from classcord.chat.effects import Commit, Deliver, Effect
from classcord.chat.errors import AlreadySo, NotAllowed
from classcord.chat.events import Done
from classcord.chat.finding import unknown_name, visible_channel
from classcord.chat.people import Person
from classcord.chat.registry import applies, audits, decides
from classcord.chat.roles import Permission
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.registry import What
    from classcord.chat.world import World


@decides
def name_moderator(world: World, session: Session, request: ChannelModerator, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    channel = visible_channel(world, person, request.channel)
    if not world.may(person, Permission.NAME_MODERATORS, channel):
        raise NotAllowed
    account = world.state.account(request.user)
    if account is None:
        raise unknown_name(world, request.user)
    on = request.on is not False
    if on and not world.state.is_member(channel, Person(account.name, account.key, account)):
        raise NoMember(field="user", name=account.name, channel=channel.name)
    if (account.id in channel.moderators) is on:
        raise AlreadySo
    kind = ModeratorNamed if on else ModeratorDismissed
    record = kind(channel_id=channel.id, user_id=account.id, at=int(now * 1000))
    return [Commit(session, (record,), request, Done())]


@applies
def moderator_named(world: World, record: ModeratorNamed | ModeratorDismissed) -> list[Effect]:
    """Change the rights at once; the people of the channel hear of it, and so does whom it concerns."""
    channel = world.state.channels_by_id.get(record.channel_id)
    account = world.state.accounts_by_id.get(record.user_id)
    if channel is None or account is None:
        return []
    on = isinstance(record, ModeratorNamed)
    if on:
        channel.moderators.add(account.id)
        account.moderates.add(channel.id)
    else:
        channel.moderators.discard(account.id)
        account.moderates.discard(channel.id)
    event = ModeratorChanged(
        channel=channel.name,
        user=account.name,
        on=on,
        by=record.actor or world.policy.name,
        timestamp=rfc3339(record.at),
    )
    return [Deliver(event, channel.audience(), world.session_of(record))]


@audits
def _audited_moderator(world: World, record: ModeratorNamed | ModeratorDismissed) -> What:
    about = membership(world, record.channel_id, record.user_id)
    if isinstance(record, ModeratorNamed):
        return "channel-moderator-named", "channel", record.channel_id, None, about
    return "channel-moderator-dismissed", "channel", record.channel_id, about, None
