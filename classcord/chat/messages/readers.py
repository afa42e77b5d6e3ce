"""Who may read a message that was said: the one question for all that names a message by its id. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.messages.vocabulary import Message, NoSuchMessage, PrivateMessageAdded
from classcord.chat.names import converses
from classcord.chat.roles import Permission

if TYPE_CHECKING:
    from classcord.chat.people import Person
    from classcord.chat.world import World


def may_read(world: World, person: Person, message: Message) -> bool:
    """Whether this person may read a message.

    A message of a channel is for those who may read the channel now; a deleted channel is nobody's. A private message
    is for the two people of its conversation; a guest reads none, because another person may have the guest's name
    tomorrow. An operator reads another's with a reason only (history.py).
    """
    if isinstance(message, PrivateMessageAdded):
        return person.account is not None and converses(person.account.id, message.conversation)
    channel = world.state.channels_by_id.get(message.channel_id)
    return channel is not None and world.may(person, Permission.READ, channel)


def check_may_read(world: World, person: Person, message: Message | None, *, field: str, number: int | None) -> None:
    """Refuse to name the message `number` in a field of a request: there is none, or this person may not read it."""
    if message is None or not may_read(world, person, message):
        raise NoSuchMessage(field=field, number=number)
