"""Decisions about descriptions of channels. Who may set the topic may set the description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.audit.trail import channel_name
from classcord.chat.channels.rules import check_may_describe
from classcord.chat.descriptions.vocabulary import (
    LONGEST_DESCRIPTION,
    Description,
    DescriptionChanged,
    DescriptionSet,
    DescriptionTold,
)
from classcord.chat.effects import Commit, Deliver, Effect, Reply
from classcord.chat.finding import visible_channel
from classcord.chat.registry import applies, audits, decides
from classcord.chat.shown_words import lines
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.registry import What
    from classcord.chat.world import World


@decides
def description(world: World, session: Session, request: Description, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    channel = visible_channel(world, person, request.channel)
    if request.description is None:
        return [Reply(request, DescriptionTold(channel=channel.name, description=channel.description))]
    words = lines(request.description, "description", LONGEST_DESCRIPTION)
    check_may_describe(world, person, channel, words, now)
    record = DescriptionSet(channel_id=channel.id, description=words, set_at=int(now * 1000))
    return [Commit(session, (record,), request, DescriptionTold(channel=channel.name, description=words))]


@applies
def description_set(world: World, record: DescriptionSet) -> list[Effect]:
    channel = world.state.channels_by_id[record.channel_id]
    channel.description = record.description
    event = DescriptionChanged(
        channel=channel.name,
        description=record.description,
        user=record.actor or world.policy.name,
        timestamp=rfc3339(record.set_at),
    )
    return [Deliver(event, channel.audience(), world.session_of(record))]


@audits
def _audited_description_set(world: World, record: DescriptionSet) -> What:
    channel = world.state.channels_by_id.get(record.channel_id)
    name = channel_name(world, record.channel_id)
    before = {"name": name, "description": channel.description if channel else ""}
    return "description-set", "channel", record.channel_id, before, {"name": name, "description": record.description}
