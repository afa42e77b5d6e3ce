"""Whether a message has to wait, and how it is stored then. Knows no store and no moderator's request.

Rules marked `@holds_messages` say why one waits; nothing is asked while `World.holding` is empty and the channel has
no `hold`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat import registry
from classcord.chat.channels.channel import Channel
from classcord.chat.effects import Commit, Effect, Find, Reply
from classcord.chat.files.attaching import taken
from classcord.chat.held_messages.room import check_room
from classcord.chat.held_messages.vocabulary import (
    BY_PERSON,
    HOLD,
    EditWaits,
    HeldFile,
    MayBeResent,
    MessageHeld,
    Waiting,
    Waits,
)
from classcord.chat.registry import holds_messages
from classcord.chat.resends.rules import owner_of
from classcord.chat.resends.vocabulary import Named, OtherMessage
from classcord.chat.roles import Permission
from classcord.chat.sanctions.in_force import left
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.messages.vocabulary import Say
    from classcord.chat.people import Person, Session
    from classcord.chat.records import Record
    from classcord.chat.world import World


@holds_messages
def waits_in_channel(world: World, author: Person, place: Channel | Person, content: str, now: float) -> Waits | None:
    """Let a message wait in a channel where messages are approved, but not that of a person who approves them."""
    if not isinstance(place, Channel) or not place.hold or world.may(author, Permission.APPROVE, place):
        return None
    return Waits(why=HOLD)


def must_wait(
    world: World, author: Person, place: Channel | Person, content: str, now: float, *, approved: bool = False
) -> Waits | None:
    """Return why a message has to wait in a place: a channel, or the recipient of a private message.

    An operator's never waits. Of one that a person has approved, only the other reasons are asked. What waits for a
    person waits for that first: then for a time.
    """
    if author.is_operator:
        return None
    for_a_time = None
    for rule in registry.holds:
        waits = rule(world, author, place, content, now)
        if waits is None or (approved and waits.why in BY_PERSON):
            continue
        if waits.why in BY_PERSON:
            return waits
        for_a_time = for_a_time or waits
    return for_a_time


def check_need_not_wait(
    world: World,
    author: Person,
    place: Channel | Person,
    words: str,
    now: float,
    *,
    refusal: type[EditWaits] = EditWaits,
) -> None:
    """Refuse words that cannot wait, such as an edit, if they would have to as a new message."""
    held_here = isinstance(place, Channel) and place.hold
    if (held_here or world.holding) and must_wait(world, author, place, words, now) is not None:
        raise refusal(channel=place.name)


def hold(
    world: World,
    session: Session,
    request: Say,
    now: float,
    *,
    waits: Waits,
    place: Channel | Person,
    before: tuple[Record, ...] = (),
    conversation: str | None = None,
    is_new: bool = False,
) -> list[Effect]:
    """Return how a message is held; `before` are records that come first, as of a person who enters a channel.

    A message with a client id may be stored already: unless it `is_new`, the store is asked for it first.
    """
    owner = owner_of(world, session)
    client_id = _client_id(session, request)
    if client_id is not None and not is_new:
        return [Find(request, Named(owner=owner, client_id=client_id), MayBeResent)]
    person = session.person
    assert person is not None
    check_room(world, owner, waits.why, request.content)
    at = int(now * 1000)
    channel_id = place.id if isinstance(place, Channel) else None
    held = MessageHeld(
        held_id=world.state.held_ids.next(),
        at=at,
        channel_id=channel_id,
        conversation=conversation,
        author=person.name,
        author_id=person.account.id if person.account else None,
        recipient=None if isinstance(place, Channel) else place.name,
        owner=owner,
        client_id=client_id,
        content=request.content,
        reply_to=request.reply_to,
        why=waits.why,
        until=waits.until,
        said_in=session.number,
    )
    records = (*before, held)
    if request.file is not None:
        file = taken(world, session, request.file, conversation or channel_id or 0, now)
        records += (HeldFile(held_id=held.held_id, file=file),)
    return [Commit(session, records, request, answer_of(world, held, now))]


def _client_id(session: Session, request: Say) -> str | None:
    return str(request.client_id) if request.client_id is not None and session.traits.acknowledges else None


def held_before(world: World, session: Session, request: Say, now: float) -> list[Effect] | None:
    """Return the answer to a message that is sent again while it is held; None if it is not held."""
    client_id = _client_id(session, request)
    held = world.state.held.named(owner_of(world, session), client_id) if client_id is not None else None
    if held is None:
        return None
    token = held.file.token if held.file else None
    if (held.content, held.reply_to, token) != (request.content, request.reply_to, request.file):
        raise OtherMessage(field="client_id")
    return [Reply(request, answer_of(world, held, now))]


def answer_of(world: World, held: MessageHeld, now: float) -> Waiting:
    """Return what the author of a held message is answered."""
    return Waiting(
        held_id=held.held_id,
        why=held.why,
        until=None if held.until is None else rfc3339(held.until),
        timestamp=rfc3339(held.at),
        content=in_words(world, held, now),
    )


def in_words(world: World, held: MessageHeld, now: float) -> Text:
    """Return a sentence to the author: for what the message waits."""
    to = held.recipient if held.channel_id is None else world.state.channel_name(held.channel_id)
    if held.until is not None:
        values: dict[str, object] = {"to": to, "duration": left(held.until, now * 1000)}
        if held.author_id is None:
            return Text(N_("Your message to {to} is kept, and delivered in {duration} if you are still here."), values)
        return Text(N_("Your message to {to} is kept, and delivered in {duration}."), values)
    return Text(N_("Your message to {to} waits for a moderator, who reads it before it is delivered."), {"to": to})
