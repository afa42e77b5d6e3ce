"""Decisions about typing notifications. They are in the order of the messages, and are not stored.

A notification is shown where a message of the same person would be read: so it is refused for the same reasons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from classcord.chat.channels.vocabulary import NotInChannel
from classcord.chat.effects import Commit, Deliver, Effect, Reply
from classcord.chat.errors import BadRequest
from classcord.chat.events import Done
from classcord.chat.finding import visible_channel
from classcord.chat.messages.writers import check_may_write, check_may_write_to, recipient
from classcord.chat.quiet_hours.in_force import waits_until
from classcord.chat.registry import applies, decides
from classcord.chat.sanctions.enforcing import check_is_not_muted
from classcord.chat.text import N_, Text
from classcord.chat.typing_notifications.vocabulary import ShowTyping, Typing, TypingShown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from classcord.chat.people import Person, Session
    from classcord.chat.world import World


PAUSE = 3.0  # seconds between two notifications of one person in one conversation; others are answered, not shown
LARGEST_AUDIENCE = 200  # sessions; in a larger channel somebody is always writing, and everybody would be told


@decides
def show_typing(world: World, session: Session, request: ShowTyping, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    if request.user is not None:
        if request.channel is not None:
            raise BadRequest(field="user", why=Text(N_("a channel or a person, not both")))
        other = recipient(world, request.user, "user")
        check_may_write_to(world, session, other, now)
        waits = waits_until(world, person, other, now) if world.holding else None
        record = TypingShown(to=other.key)
    else:
        channel = visible_channel(world, person, request.channel)
        check_is_not_muted(world, session, now)
        if check_may_write(world, session, person, channel):
            raise NotInChannel(channel=channel.name)
        waits = waits_until(world, person, channel, now) if world.holding else None
        record = TypingShown(channel_id=channel.id)
    asked_for_answer = request.id is not msgspec.UNSET
    shown_later = waits is not None  # as its message is delivered later, nobody is told that it is written
    if person.hidden or shown_later or world.typing.take((person.conversing_as, record), now, most=1, seconds=PAUSE):
        return [Reply(request, Done())] if asked_for_answer else []
    return [Commit(session, (record,), request, Done() if asked_for_answer else None, holds=False)]


@applies
def typing_shown(world: World, record: TypingShown) -> list[Effect]:
    person = world.person_of(record)
    if person is None or person.hidden:
        return []
    if record.to is not None:
        other = world.state.addressee(record.to)
        event = Typing(sender=person.name, user=person.name)
        return _told(event, other.sessions if other is not None else (), person)
    channel = world.state.channels_by_id.get(record.channel_id or 0)
    if channel is None or len(channel.sessions) > LARGEST_AUDIENCE:
        return []
    return _told(Typing(sender=person.name, channel=channel.name), channel.sessions, person)


def _told(event: Typing, sessions: Iterable[Session], person: Person) -> list[Effect]:
    audience = tuple(each for each in sessions if each.shows_events and not person.is_same(each.person))
    return [Deliver(event, audience)] if audience else []
