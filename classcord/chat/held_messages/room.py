"""How much may wait: bounds for one author, for all guests together, and for all. Knows no person and no clock.

What waits for a person is read by somebody: so there are few. What waits for a time is a whole school's night, and it
must have room; nobody takes up so much of it that others find none: the share of an author shrinks with what is free.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from classcord.chat.held_messages.vocabulary import BY_PERSON, TooMuchHeld, TooMuchHeldInAll
from classcord.chat.held_messages.waiting_messages import ALL, GUEST, GUESTS

if TYPE_CHECKING:
    from classcord.chat.world import World


class RoomToWait(NamedTuple):
    """Numbers of messages and of characters: those of all authors, and of one while there is room.

    One author has at most the `share`th part of what is free: so many who take all that they may leave half to others.
    """

    messages: int
    characters: int
    messages_of_one: int
    characters_of_one: int
    share: int


FOR_PEOPLE = RoomToWait(5_000, 10_000_000, 50, 100_000, share=20)
FOR_A_TIME = RoomToWait(100_000, 20_000_000, 500, 200_000, share=100)
GUESTS_SHARE = 10  # all guests together have at most the tenth part of all: whoever comes again is another guest


def check_room(world: World, owner: str, why: str, content: str) -> None:
    """Refuse a message for which there is no room."""
    held, by_person = world.state.held, why in BY_PERSON
    bounds = FOR_PEOPLE if by_person else FOR_A_TIME
    everyone, own = held.share(ALL, by_person=by_person), held.share(owner, by_person=by_person)
    free, free_characters = bounds.messages - everyone.messages, bounds.characters - everyone.characters
    if free <= 0 or free_characters < len(content):
        raise TooMuchHeldInAll(retry_after=60)
    if owner.startswith(GUEST):
        guests = held.share(GUESTS, by_person=by_person)
        most, most_characters = bounds.messages // GUESTS_SHARE, bounds.characters // GUESTS_SHARE
        if guests.messages >= most or guests.characters + len(content) > most_characters:
            raise TooMuchHeldInAll(retry_after=60)
    limit = min(bounds.messages_of_one, max(1, free // bounds.share))
    limit_of_characters = min(bounds.characters_of_one, max(len(content), free_characters // bounds.share))
    if own.messages >= limit or own.characters + len(content) > limit_of_characters:
        raise TooMuchHeld(limit=own.messages)
