"""Decisions about reactions. Who reads a message and may write where it stands may react to it. Knows no store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.effects import Commit, Effect, Find, Reply
from classcord.chat.errors import BadRequest
from classcord.chat.events import Done
from classcord.chat.messages.audiences import place_of, told
from classcord.chat.messages.writers import check_may_write_beside
from classcord.chat.reactions.emoji import emoji_in
from classcord.chat.reactions.vocabulary import (
    MOST_OWN,
    React,
    Reacted,
    Reaction,
    ReactionsFound,
    ReactionsTo,
    ReactionTaken,
    TooManyReactions,
)
from classcord.chat.registry import applies, decides
from classcord.chat.revisions.vocabulary import AlreadyDeleted
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.records import Record
    from classcord.chat.world import World


@decides
def react(world: World, session: Session, request: React, now: float) -> list[Effect]:
    if emoji_in(request.emoji) is None:
        raise BadRequest(field="emoji", why=Text(N_("a reaction is one emoji, such as 👍")))
    return [Find(request, ReactionsTo(message_id=request.message_id, who=_who(world, session)), ReactionsFound)]


def _who(world: World, session: Session) -> int:
    """Return who reacts, as in Reacted; a session that is resumed has the number of the first one with its token."""
    account = session.person.account if session.person is not None else None
    if account is not None:
        return account.id
    token = world.state.tokens.of_session(session.row)
    return -(session.number if token is None else token.id)


@decides
def reactions_found(world: World, session: Session, request: ReactionsFound, now: float) -> list[Effect]:
    asked, found, emoji = request.asked, request.found, emoji_in(request.asked.emoji)
    assert emoji is not None
    person, message = check_may_write_beside(world, session, found.message, asked.message_id, now)
    if found.is_deleted:
        raise AlreadyDeleted
    if asked.on is (emoji in found.own):  # it is so already: nobody is told again
        return [Reply(asked, Done())]
    channel_id, conversation = place_of(message)
    record: Record
    if asked.on:
        reacted = Reacted(
            message_id=message.message_id,
            channel_id=channel_id,
            conversation=conversation,
            emoji=emoji,
            who=_who(world, session),
            guest=person.name if person.account is None else None,
        )
        brings_another = emoji not in found.emoji and len(found.emoji) >= reacted.most_emoji
        if brings_another or len(found.own) >= MOST_OWN:
            raise TooManyReactions(reacted.most_emoji)
        record = reacted
    else:
        record = ReactionTaken(
            message_id=message.message_id,
            channel_id=channel_id,
            conversation=conversation,
            emoji=emoji,
            who=_who(world, session),
        )
    return [Commit(session, (record,), asked, Done())]


@applies
def reacted(world: World, record: Reacted | ReactionTaken) -> list[Effect]:
    world.state.changed = world.state.applied
    event = Reaction(
        message_id=record.message_id,
        sender=record.actor or "",
        emoji=record.emoji,
        on=isinstance(record, Reacted),
    )
    return told(world, (record.channel_id, record.conversation), event, world.session_of(record))
