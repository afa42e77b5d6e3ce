"""How people hear of a message: its event, live and out of the store. Decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from classcord.chat.effects import Deliver
from classcord.chat.events import Event
from classcord.chat.files.attaching import shown
from classcord.chat.messages.vocabulary import NO_DETAILS, PrivateMessageAdded, Said
from classcord.chat.roles import Role
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.effects import Effect
    from classcord.chat.messages.vocabulary import Details, Message, Tally
    from classcord.chat.people import Person, Session
    from classcord.chat.world import World

T = TypeVar("T")
_GUEST = Role.GUEST.label


def said(world: World, record: Message, details: Details = NO_DETAILS) -> Said:
    """Return the event of a stored message; it has one form, pushed and in a history.

    A message that was stored before comes with its `details`; one that was stored just now has them in its record.
    """
    if isinstance(record, PrivateMessageAdded):
        subtype, to, channel = "private", record.recipient, None
    else:
        of = world.state.channels_by_id.get(record.channel_id)
        channel = of.name if of else world.state.channel_name(record.channel_id)
        subtype, to = ("global", "global") if of is world.state.default else ("channel", channel)
    event = Said(
        message_id=record.message_id,
        subtype=subtype,
        channel=channel,
        sender=record.author,
        to=to,
        content=record.content,
        timestamp=rfc3339(record.at),
        role=_role(world, record, details),
    )
    if details is NO_DETAILS and record.reply_to is None and not record.mentions and record.file is None:
        return event  # nearly every message
    return _with_details(world, event, record, details)


def _with_details(world: World, event: Said, record: Message, details: Details) -> Said:
    deleted, file = details.deleted_at is not None, record.file or details.file
    return msgspec.structs.replace(
        event,
        content=record.content if details.content is None else details.content,
        reply_to=_if_any(record.reply_to or details.reply_to),
        edited_at=UNSET if details.edited_at is None or deleted else rfc3339(details.edited_at),
        deleted=True if deleted else UNSET,
        mentions=UNSET if deleted else _if_any(_names(world, record.mentions) or details.mentions or None),
        reactions=names_by_emoji(details.reactions) if details.reactions else UNSET,
        reaction_counts=more_than_named(details.reactions) or UNSET,
        file=UNSET if file is None or deleted else shown(world, file),
    )


def _names(world: World, ids: tuple[int, ...]) -> tuple[str, ...]:
    """Return the names of accounts, of those that there still are."""
    found = (world.state.accounts_by_id.get(each) for each in ids)
    return tuple(account.name for account in found if account is not None)


def _role(world: World, record: Message, details: Details) -> str | UnsetType:
    """Return the role of a message's author: of an account the role now, of an operator without one that of the key."""
    if record.author_id is not None:
        account = world.state.accounts_by_id.get(record.author_id)
        return account.role.label if account is not None else UNSET
    if details.author_gone:
        return UNSET
    return record.author_role or details.author_role or _GUEST


def names_by_emoji(tallies: tuple[Tally, ...]) -> dict[str, tuple[str, ...]]:
    """Return the names of those who have reacted with each emoji, or of the first of them."""
    return {each.emoji: each.names for each in tallies}


def more_than_named(tallies: tuple[Tally, ...]) -> dict[str, int]:
    """Return how many people have reacted with each emoji, for those emoji with more people than names."""
    return {each.emoji: each.people for each in tallies if each.people > len(each.names)}


def _if_any(value: T | None) -> T | UnsetType:
    """Return a value for a field that is left out of the line if there is none."""
    return UNSET if value is None else value


E = TypeVar("E", bound=Event)


def to_each(event: Event, person: Person) -> list[Effect]:
    """Deliver what one person is told to all their sessions: one event to those that spell the name alike."""
    spelt: dict[Event, list[Session]] = {}
    for session in person.sessions:
        spelt.setdefault(spelt_for(session, event), []).append(session)
    return [Deliver(each, tuple(sessions)) for each, sessions in spelt.items()]


def spelt_for(session: Session, event: E) -> E:
    """Return a message as this session reads it: with its person's name as it was typed there (classic rule 21)."""
    if not session.called:
        return event
    named = {name: getattr(event, name, None) for name in ("sender", "to")}
    return msgspec.structs.replace(event, **{name: session.spelt(of) for name, of in named.items() if of is not None})
