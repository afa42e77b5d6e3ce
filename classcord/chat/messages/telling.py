"""How people hear of a message: its event, live and out of the store. Decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from classcord.chat.messages.vocabulary import NO_DETAILS, PrivateMessageAdded, Said
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.messages.vocabulary import Details, Message
    from classcord.chat.people import Session
    from classcord.chat.world import World

T = TypeVar("T")


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
    return Said(
        message_id=record.message_id,
        subtype=subtype,
        channel=channel,
        sender=record.author,
        to=to,
        content=record.content,
        timestamp=rfc3339(record.at),
        reply_to=_if_any(record.reply_to or details.reply_to),
        mentions=_if_any(_names(world, record.mentions) or details.mentions or None),
    )


def _names(world: World, ids: tuple[int, ...]) -> tuple[str, ...]:
    """Return the names of accounts, of those that there still are."""
    if not ids:
        return ()
    found = (world.state.accounts_by_id.get(each) for each in ids)
    return tuple(account.name for account in found if account is not None)


def _if_any(value: T | None) -> T | msgspec.UnsetType:
    """Return a value for a field that is left out of the line if there is none."""
    return msgspec.UNSET if value is None else value


def spelt_for(session: Session, event: Said) -> Said:
    """Return a message as this session reads it: with its person's name as it was typed there (classic rule 21)."""
    if not session.called:
        return event
    to = session.spelt(event.to) if event.subtype == "private" else event.to
    return msgspec.structs.replace(event, sender=session.spelt(event.sender), to=to)
