"""Decisions about pins: in a channel by who may set its topic, in a conversation by its two people. Knows no store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.channels.vocabulary import NotInChannel
from classcord.chat.effects import Commit, Effect, Find, Reply
from classcord.chat.errors import BadRequest, NotAllowed
from classcord.chat.events import Done
from classcord.chat.finding import visible_channel
from classcord.chat.messages.audiences import place_of, told
from classcord.chat.messages.pages import that_fit
from classcord.chat.messages.readers import conversation_with, may_read
from classcord.chat.messages.telling import said, spelt_for
from classcord.chat.messages.vocabulary import MessageAdded
from classcord.chat.messages.writers import check_may_write_beside
from classcord.chat.pins.vocabulary import (
    MOST_PINS,
    MessagePinned,
    MessageUnpinned,
    Pin,
    PinFound,
    Pinned,
    PinOf,
    Pins,
    PinsFound,
    PinsIn,
    PinsListed,
    TooManyPins,
)
from classcord.chat.registry import applies, audits, decides
from classcord.chat.revisions.vocabulary import AlreadyDeleted
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.registry import What
    from classcord.chat.world import World


@decides
def pin(world: World, session: Session, request: Pin, now: float) -> list[Effect]:
    return [Find(request, PinOf(message_id=request.message_id), PinFound)]


@decides
def pin_found(world: World, session: Session, request: PinFound, now: float) -> list[Effect]:
    asked, found = request.asked, request.found
    person, message = check_may_write_beside(world, session, found.message, asked.message_id, now)
    if isinstance(message, MessageAdded):
        channel = world.state.channels_by_id[message.channel_id]
        if not world.may(person, Permission.SET_TOPIC, channel):
            raise NotAllowed
    if found.is_deleted:
        raise AlreadyDeleted
    if asked.on is found.is_pinned:  # it is so already: nobody is told again
        return [Reply(asked, Done())]
    if asked.on and found.pins >= MOST_PINS:
        raise TooManyPins
    channel_id, conversation = place_of(message)
    kind = MessagePinned if asked.on else MessageUnpinned
    record = kind(message_id=message.message_id, channel_id=channel_id, conversation=conversation, at=int(now * 1000))
    return [Commit(session, (record,), asked, Done())]


@applies
def pinned(world: World, record: MessagePinned | MessageUnpinned) -> list[Effect]:
    world.state.changed = world.state.applied
    event = Pinned(
        message_id=record.message_id,
        sender=record.actor or world.policy.name,
        on=isinstance(record, MessagePinned),
        timestamp=rfc3339(record.at),
    )
    return told(world, (record.channel_id, record.conversation), event, world.session_of(record))


@audits
def _audited_pinned(world: World, record: MessagePinned | MessageUnpinned) -> What | None:
    """Keep who pins in a channel; what two people do with their conversation is theirs."""
    if record.channel_id is None:
        return None
    action = "message-pinned" if isinstance(record, MessagePinned) else "message-unpinned"
    return action, "message", record.message_id, None, {"channel": world.state.channel_name(record.channel_id)}


@decides
def pins(world: World, session: Session, request: Pins, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    if [request.channel, request.user, request.conversation].count(None) < 2:
        raise BadRequest(field="user", why=Text(N_("a channel or a person, not both")))
    if request.user is not None or request.conversation is not None:
        if person.is_operator:  # an operator reads a conversation with a reason, by `history`
            raise NotAllowed
        key = conversation_with(world, person, request.user, request.conversation)
        return [Find(request, PinsIn(conversation=key, before=request.before), PinsFound)]
    channel = visible_channel(world, person, request.channel)
    if not world.may(person, Permission.READ, channel):
        raise NotInChannel(channel=channel.name)
    return [Find(request, PinsIn(channel_id=channel.id, before=request.before), PinsFound)]


@decides
def pins_found(world: World, session: Session, request: PinsFound, now: float) -> list[Effect]:
    person, asked = session.person, request.asked
    assert person is not None
    readable = [each for each in request.found if may_read(world, person, each.message)]
    fitting = that_fit([each.message for each in readable])
    events = (said(world, each.message, each.details) for each in readable[:fitting][::-1])
    private = asked.user is not None or asked.conversation is not None
    answer = PinsListed(
        channel=None if private else visible_channel(world, person, asked.channel).name,
        user=asked.user,
        conversation=asked.conversation,
        messages=tuple(spelt_for(session, event) for event in events),
        more=fitting < len(readable),
    )
    return [Reply(asked, answer)]
