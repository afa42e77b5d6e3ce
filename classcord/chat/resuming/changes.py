"""What a resumed session is told of earlier messages that have changed meanwhile. Changes nothing; knows no store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.messages.telling import more_than_named, names_by_emoji
from classcord.chat.messages.vocabulary import PrivateMessageAdded
from classcord.chat.resuming.vocabulary import MarksChanged
from classcord.chat.revisions.rules import is_author
from classcord.chat.revisions.vocabulary import Deleted, Edited
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classcord.chat.events import Event
    from classcord.chat.messages.vocabulary import StoredMessage
    from classcord.chat.people import Session
    from classcord.chat.resuming.vocabulary import ChangedMessage
    from classcord.chat.world import World


def missed_changes(world: World, session: Session, changed: ChangedMessage) -> Iterator[Event]:
    """Yield the events of how a message looks now: of a deleted one, that it is deleted."""
    stored = changed.stored
    message, details = stored.message, stored.details
    channel, user = _place(world, session, stored)
    if details.deleted_at is not None:
        by, at = details.deleted_by or message.author, rfc3339(details.deleted_at)
        yield Deleted(message_id=message.message_id, sender=by, channel=channel, user=user, deleted_at=at)
        return
    if changed.has_other_words and details.edited_at is not None:
        yield Edited(
            message_id=message.message_id,
            sender=message.author,
            channel=channel,
            user=user,
            to=message.recipient if isinstance(message, PrivateMessageAdded) else None,
            content=message.content,
            edited_at=rfc3339(details.edited_at),
            mentions=details.mentions,
        )
    if changed.pinned is not None:
        yield MarksChanged(
            message_id=message.message_id,
            reactions=names_by_emoji(details.reactions),
            pinned=changed.pinned,
            reaction_counts=more_than_named(details.reactions) or None,
            channel=channel,
            user=user,
        )


def _place(world: World, session: Session, stored: StoredMessage) -> tuple[str | None, str | None]:
    """Return the name of a message's channel or None, and that of the conversation's other person or None."""
    message, person = stored.message, session.person
    if not isinstance(message, PrivateMessageAdded):
        return world.state.channel_name(message.channel_id), None
    own = person is not None and is_author(person, message, stored.details)
    return None, message.recipient if own else message.author
