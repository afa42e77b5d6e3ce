"""Who hears what becomes of a message: the people of its channel, or the two of its conversation. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from classcord.chat.effects import Deliver, Effect
from classcord.chat.messages.vocabulary import PrivateMessageAdded
from classcord.chat.names import conversing

if TYPE_CHECKING:
    from classcord.chat.events import Event
    from classcord.chat.messages.vocabulary import Message
    from classcord.chat.people import Account, Session
    from classcord.chat.world import World


def place_of(message: Message) -> tuple[int | None, str | None]:
    """Return the id of a message's channel or None, and the key of its conversation or None."""
    if isinstance(message, PrivateMessageAdded):
        return None, message.conversation
    return message.channel_id, None


def told(world: World, place: tuple[int | None, str | None], event: Event, author: Session | None) -> list[Effect]:
    """Return the deliveries of an event to the people of a place, in all their sessions but the `author`.

    The event has a field `channel`, for the channel's name, and a field `user`, for the name of the other person of the
    conversation, as its reader sees it. A guest hears nothing of a conversation, because a guest reads none.
    """
    channel_id, conversation = place
    if conversation is not None:
        return _told_privately(world, conversation, event, author)
    channel = world.state.channels_by_id.get(channel_id or 0)
    if channel is None or not channel.sessions:
        return []
    return [Deliver(msgspec.structs.replace(event, channel=channel.name), channel.audience(), author)]


def _told_privately(world: World, conversation: str, event: Event, author: Session | None) -> list[Effect]:
    effects: list[Effect] = []
    for who in dict.fromkeys(conversing(conversation)):
        account = world.state.accounts_by_id.get(who) if isinstance(who, int) else None
        person = world.state.addressee(account.key) if account is not None else None
        other = other_account(world, account, conversation) if account is not None else None
        if person is not None and other is not None:
            effects.append(Deliver(msgspec.structs.replace(event, user=other.name), tuple(person.sessions), author))
    return effects


def other_account(world: World, account: Account, conversation: str) -> Account | None:
    """Return the account with which `account` has this conversation, itself perhaps; None if there is none now."""
    ids = conversing(conversation)
    ids.remove(account.id)
    (other,) = ids
    return world.state.accounts_by_id.get(other) if isinstance(other, int) else None
