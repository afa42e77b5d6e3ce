"""Who may read what was said: a message that is named by its id, a private conversation. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.errors import NotFound
from classcord.chat.messages.vocabulary import Message, NoSuchMessage, PrivateMessageAdded
from classcord.chat.names import conversation, converses, name_key
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


def may_hear_still(world: World, person: Person | None, message: Message) -> bool:
    """Whether a message that was read from the store for this person may still be told: a right may be lost meanwhile.

    Private messages were looked for as the person's own, a guest's too.
    """
    if isinstance(message, PrivateMessageAdded):
        return True
    return person is not None and may_read(world, person, message)


def check_may_read(world: World, person: Person, message: Message | None, *, field: str, number: int | None) -> None:
    """Refuse to name the message `number` in a field of a request: there is none, or this person may not read it."""
    if message is None or not may_read(world, person, message):
        raise NoSuchMessage(field=field, number=number)


def conversation_with(world: World, person: Person, name: str | None, key: str | None = None) -> str:
    """Return the key of a person's own conversation: with the one called `name`, or the given key if it is theirs.

    A guest has none, because another person may have the guest's name tomorrow. The name of a deleted account may be
    another's by now: its conversation is named by its key.
    """
    if key is not None:
        if person.account is None or not converses(person.account.id, key):
            raise NotFound(field="conversation", name=key)
        return key
    if person.account is None or not name:
        raise NotFound(field="user", name=name or "")
    account = world.state.account(name)
    return conversation(person.account.id, account.id if account else name_key(name))
