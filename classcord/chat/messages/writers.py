"""Who may write what and where: in a channel, to one person, beside a message. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.block_lists.rules import check_is_not_blocked
from classcord.chat.channels.channel import Channel, Kind
from classcord.chat.channels.vocabulary import ChannelClosed, NotInChannel
from classcord.chat.durations import in_words
from classcord.chat.errors import BadRequest, NotAllowed, NotFound, TooLong
from classcord.chat.lessons.enforcing import check_may_converse, check_may_write_in
from classcord.chat.messages.audiences import other_account
from classcord.chat.messages.readers import check_may_read
from classcord.chat.messages.vocabulary import NoSuchMessage, PrivateMessageAdded, ReadOnly, TooSoon
from classcord.chat.names import name_key
from classcord.chat.people import Person
from classcord.chat.private_policy.rules import check_may_write_privately
from classcord.chat.quiet_hours.in_force import check_is_not_quiet
from classcord.chat.roles import Permission
from classcord.chat.sanctions.enforcing import check_is_not_muted
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.messages.vocabulary import Message
    from classcord.chat.people import Session
    from classcord.chat.world import World


def check_text(world: World, content: str) -> None:
    """Refuse a text that nobody may write: a blank one, one with a NUL character, one that is too long."""
    if not content or content.isspace():
        raise BadRequest(field="content", why=Text(N_("a message needs content")))
    if "\0" in content:
        raise BadRequest(field="content", why=Text(N_("a text has no NUL character")))
    if len(content) > world.policy.content_chars > 0:
        raise TooLong(field="content", limit=world.policy.content_chars)


def check_may_write(world: World, session: Session | None, person: Person, channel: Channel) -> bool:
    """Refuse, or return whether the author becomes a member: a message to an open channel joins it (classic rule 6)."""
    check_takes_messages(world, person, channel)
    if session in channel.sessions or channel.includes(person.role) or person.is_operator:  # a listener is a member
        return False
    if channel.kind is not Kind.OPEN:
        raise NotInChannel(channel=channel.name)
    return True


def check_takes_messages(world: World, person: Person, channel: Channel) -> None:
    """Refuse everybody in a closed channel, and in a read-only one those without the right to write there."""
    if channel.archived:
        raise ChannelClosed(channel=channel.name)
    if world.state.lessons:
        check_may_write_in(world, person, channel)
    if channel.read_only and not world.may(person, Permission.WRITE_READ_ONLY, channel):
        raise ReadOnly(channel=channel.name)
    if not channel.guests and person.account is None and not person.is_operator:
        raise NotAllowed


def check_pause(world: World, person: Person, channel: Channel, now: float) -> None:
    """Refuse a message that comes too soon after the last one of this person; whoever approves messages never waits."""
    if world.may(person, Permission.APPROVE, channel):
        return
    wait = world.pauses.take((channel.id, person.conversing_as), now, most=1, seconds=channel.slow)
    if wait:
        pause, rest = in_words(channel.slow), in_words(max(1, round(wait)))
        raise TooSoon(retry_after=round(wait, 3), channel=channel.name, pause=pause, rest=rest)


def check_may_write_to(world: World, session: Session, other: Person, now: float) -> None:
    """Refuse whoever may not write to this person alone: for a mute, by the private policy, for a block list.

    A muted person can still ask the people who keep order why.
    """
    if not world.may(other, Permission.KEEP_ORDER):
        check_is_not_muted(world, session, now)
    person = session.person
    if person is None:
        return
    check_may_write_privately(world, person, other)
    if world.state.lessons:
        check_may_converse(world, person, other)
    if world.state.blocks:
        check_is_not_blocked(world, person, other)


def check_may_write_beside(
    world: World, session: Session, message: Message | None, number: int, now: float
) -> tuple[Person, Message]:
    """Return who asks, and the message with this number; refuse whoever may not read it, or not write where it stands.

    For what people add to a stored message: reactions and pins. A conversation is between accounts.
    """
    person = session.person
    assert person is not None
    check_may_read(world, person, message, field="message_id", number=number)
    assert message is not None
    if isinstance(message, PrivateMessageAdded):
        assert person.account is not None
        other = other_account(world, person.account, message.conversation)
        if other is None:
            raise NoSuchMessage(field="message_id", number=number)  # who could still write there?
        there = Person(other.name, other.key, other)
        check_may_write_to(world, session, there, now)
        if world.holding:
            check_is_not_quiet(world, person, there, now)
        return person, message
    channel = world.state.channels_by_id[message.channel_id]
    check_is_not_muted(world, session, now)
    if check_may_write(world, session, person, channel):
        raise NotInChannel(channel=channel.name)
    if world.holding:
        check_is_not_quiet(world, person, channel, now)
    return person, message


def recipient(world: World, name: str, field: str) -> Person:
    """Return the person of this name: who is here, or else the account with its sessions empty; NotFound if neither."""
    key = name_key(name)
    person, account = world.state.addressee(key), world.state.accounts.get(key)
    if person is not None:
        return person
    if account is None:
        raise NotFound(field=field, name=name)
    return Person(account.name, key, account)
