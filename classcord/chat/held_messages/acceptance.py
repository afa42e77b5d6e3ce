"""A held message becomes an ordinary one: said by its author, who must still be allowed to say it. Knows no store."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

import msgspec

from classcord.chat.block_lists.rules import check_is_not_blocked
from classcord.chat.channels.vocabulary import NotInChannel
from classcord.chat.errors import ChatError, NotAllowed, NotFound
from classcord.chat.held_messages.holding import must_wait
from classcord.chat.held_messages.vocabulary import (
    BY_PERSON,
    EXPIRED,
    UNDELIVERABLE,
    AnsweredIfThere,
    HeldAccepted,
    HeldOn,
    HeldRefused,
)
from classcord.chat.lessons.enforcing import check_may_converse
from classcord.chat.mentions.rules import mentioned
from classcord.chat.messages.rules import MOST_KEPT, beside
from classcord.chat.messages.vocabulary import MessageAdded, PrivateMessageAdded, Replied, TooMuchKept
from classcord.chat.messages.writers import check_takes_messages, recipient
from classcord.chat.names import conversation, name_key
from classcord.chat.people import Person
from classcord.chat.private_policy.rules import check_may_write_privately
from classcord.chat.resends.rules import digest, owner_of
from classcord.chat.resends.vocabulary import ClientIdKept
from classcord.chat.roles import Permission
from classcord.chat.sanctions.in_force import BAN, KICK, MUTE, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from classcord.chat.channels.channel import Channel
    from classcord.chat.held_messages.vocabulary import MessageHeld
    from classcord.chat.messages.vocabulary import Message
    from classcord.chat.records import Record
    from classcord.chat.world import World

DAY = 86_400_000  # milliseconds
MOST_AT_ONCE = 200  # messages that are let go in a second: nobody else has to wait for them, and clients read along


def author_of(world: World, held: MessageHeld) -> Person | None:
    """Return the author of a held message; None if the account is gone, or the guest.

    The person of an account has no session. A guest is known by the session, or by its token after a `resume`.
    """
    if held.author_id is not None:
        account = world.state.accounts_by_id.get(held.author_id)
        return None if account is None else Person(account.name, account.key, account)
    person = world.state.people.get(name_key(held.author))
    if person is None or person.account is not None:
        return None
    return person if any(owner_of(world, session) == held.owner for session in person.sessions) else None


def accepted(world: World, held: MessageHeld, now: float) -> tuple[Record, ...]:
    """Return the records by which a held message is delivered, or by which it waits on for another reason.

    ChatError if its author may not write there now. For a person's approval it does not wait again.
    """
    author = author_of(world, held)
    if author is None:
        raise NotFound(name=held.author)
    _check_author(world, held, author, now)
    at = int(now * 1000)
    channel = None if held.channel_id is None else world.state.channels_by_id.get(held.channel_id)
    if held.channel_id is None:
        other = _recipient(world, held, author)
        waits = must_wait(world, author, other, held.content, now, approved=True) if world.holding else None
    else:
        if channel is None:
            raise NotFound(name=world.state.channel_name(held.channel_id))
        check_takes_messages(world, author, channel)
        if not world.state.is_member(channel, author):
            raise NotInChannel(channel=channel.name)
        waits = must_wait(world, author, channel, held.content, now, approved=True) if world.holding else None
    if waits is not None:
        return (HeldOn(held_id=held.held_id, why=waits.why, until=waits.until, at=at),)
    if channel is not None:
        message: Message = _to_channel(world, held, channel, at)
        place: int | str = channel.id
    else:
        message, place = _to_person(world, held, author, other, at), f"@{other.conversing_as}"
    return _records(held, message, place)


def _check_author(world: World, held: MessageHeld, author: Person, now: float) -> None:
    at = now * 1000
    sanctions = world.state.sanctions
    found = (sanctions.against(kind, author.key, at) for kind in (BAN, KICK, MUTE)) if sanctions else ()
    for sanction in found:
        if sanction is not None:
            raise refusal(sanction, at)
    if not world.may(author, Permission.TALK):
        raise NotAllowed


def _recipient(world: World, held: MessageHeld, author: Person) -> Person:
    """Return the recipient of a private message; NotFound if another person has that name by now."""
    other = recipient(world, str(held.recipient), "to")
    if conversation(author.conversing_as, other.conversing_as) != held.conversation:
        raise NotFound(name=held.recipient)
    check_may_write_privately(world, author, other)
    if world.state.lessons:
        check_may_converse(world, author, other)
    if world.state.blocks:
        check_is_not_blocked(world, author, other)
    return other


def _to_channel(world: World, held: MessageHeld, channel: Channel, at: int) -> MessageAdded:
    content = held.content
    return MessageAdded(
        message_id=world.state.message_ids.next(),
        at=at,
        channel_id=channel.id,
        author=held.author,
        author_id=held.author_id,
        content=content,
        reply_to=held.reply_to,
        mentions=mentioned(world, content, held.author_id, channel) if "@" in content else (),
        file=held.file,
        session_id=held.said_in,
        actor=held.author,
    )


def _to_person(world: World, held: MessageHeld, author: Person, other: Person, at: int) -> PrivateMessageAdded:
    between = conversation(author.conversing_as, other.conversing_as)
    account_id = other.account.id if other.account else None
    waiting_for, sent_to = (None, account_id) if other.sessions else (account_id, None)
    if waiting_for is not None and world.state.kept.get(waiting_for, {}).get(held.author_id, 0) >= MOST_KEPT:
        raise TooMuchKept(field="to", name=other.name, limit=MOST_KEPT)
    content = held.content
    return PrivateMessageAdded(
        message_id=world.state.message_ids.next(),
        at=at,
        conversation=between,
        author=held.author,
        author_id=held.author_id,
        recipient=other.name,
        waiting_for=waiting_for,
        sent_to=sent_to,
        content=content,
        reply_to=held.reply_to,
        mentions=mentioned(world, content, held.author_id, conversation=between) if "@" in content else (),
        file=held.file,
        session_id=held.said_in,
        actor=held.author,
    )


def _records(held: MessageHeld, message: Message, place: int | str) -> tuple[Record, ...]:
    """Return the records of an accepted message: the held one ends, the message begins, signed by its author."""
    number = message.message_id
    records: list[Record] = [HeldAccepted(held_id=held.held_id, message_id=number, at=message.at), message]
    for record in beside(message):
        if isinstance(record, Replied):
            record = AnsweredIfThere(**msgspec.structs.asdict(record))  # noqa: PLW2901
        records.append(record)
    if held.client_id is not None:
        file = held.file.token if held.file is not None else None
        said = digest(place, message.content, message.reply_to, file)
        named = ClientIdKept(
            owner=held.owner,
            client_id=held.client_id,
            message_id=number,
            at=message.at,
            said=said,
            session_id=message.session_id,
            actor=message.actor,
        )
        records.append(named)
    return tuple(records)


def due(world: World, now: float) -> Iterator[tuple[Record, ...]]:
    """Yield the records of each held message whose time has come, a commit each, at most MOST_AT_ONCE.

    Its time has also come when nothing holds messages for its reason any more. A message that nobody has answered
    expires like a request to be admitted ([channels] request_days).
    """
    held = world.state.held
    found = (each for each in chain(_given_up(world, now), _whose_time_has_come(world, now)) if held.leaves(each))
    for each in islice(found, MOST_AT_ONCE):
        yield _refused(world, each, now) if each.why in BY_PERSON else let_go(world, each, now)


def _given_up(world: World, now: float) -> list[MessageHeld]:
    """Return the messages for which nobody decides any more: too old, of a guest who has left, in a deleted channel."""
    return [
        each
        for each in world.state.held.for_people()
        if _is_old(world, each, now)
        or _is_gone(world, each)
        or (each.author_id is None and author_of(world, each) is None)
    ]


def _is_old(world: World, held: MessageHeld, now: float) -> bool:
    return held.at + world.policy.request_days * DAY <= now * 1000


def _is_gone(world: World, held: MessageHeld) -> bool:
    return held.channel_id is not None and held.channel_id not in world.state.channels_by_id


def _whose_time_has_come(world: World, now: float) -> Iterable[MessageHeld]:
    """Return the messages that wait for a time, and need not any more. Only if there may be some, all are looked at."""
    held, at = world.state.held, now * 1000
    if (
        at < held.earliest
        and all(why in world.holding for why in held.reasons() if why not in BY_PERSON)
        and all(channel_id in world.state.channels_by_id for channel_id in held.channels())
    ):
        return ()
    return (
        each
        for each in held.for_a_time()
        if (each.until or 0) <= at or each.why not in world.holding or _is_gone(world, each)
    )


def _refused(world: World, held: MessageHeld, now: float) -> tuple[Record, ...]:
    state = EXPIRED if _is_old(world, held, now) and not _is_gone(world, held) else UNDELIVERABLE
    return (HeldRefused(held_id=held.held_id, state=state, at=int(now * 1000)),)


def let_go(world: World, held: MessageHeld, now: float) -> tuple[Record, ...]:
    """Return the records that deliver a message whose time has come, or that give it up."""
    try:
        return accepted(world, held, now)
    except ChatError:
        return (HeldRefused(held_id=held.held_id, state=UNDELIVERABLE, at=int(now * 1000)),)
