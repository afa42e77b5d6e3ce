"""Decisions about words of the list: a message with one waits for a moderator; elsewhere such words are refused.

Whoever approves messages writes without being read. Knows no file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.channels.channel import Channel
from classcord.chat.effects import Deliver, Effect
from classcord.chat.events import Notice
from classcord.chat.held_messages.vocabulary import WORDS, Waits
from classcord.chat.people import Person
from classcord.chat.registry import guards_words, holds_messages
from classcord.chat.roles import Permission
from classcord.chat.sanctions.enforcing import words_of
from classcord.chat.text import Text
from classcord.chat.times import rfc3339
from classcord.chat.word_list.vocabulary import PRIVATE, ListedWords

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.requests import Request
    from classcord.chat.word_list.words import WordList
    from classcord.chat.world import World


def go_by_list(world: World, words: WordList) -> None:
    """Look for the words of this list from now on."""
    world.words = words
    (world.holding.add if words else world.holding.discard)(WORDS)


@holds_messages
def waits_for_review(world: World, author: Person, place: Channel | Person, content: str, now: float) -> Waits | None:
    """Let a message with a word of the list wait for a reader; a private one only if the settings say so."""
    if WORDS not in world.holding:
        return None
    channel = place if isinstance(place, Channel) else None
    if isinstance(place, Person) and (not world.words.private or place.is_same(author)):
        return None
    if world.may(author, Permission.APPROVE, channel):
        return None
    return Waits(why=WORDS) if world.words.found(content) is not None else None


@guards_words
def no_such_words_elsewhere(world: World, session: Session, request: Request, now: float) -> None:
    """Refuse such words in topics, names, states and profiles, where nothing can wait."""
    if WORDS not in world.holding or (session.person and world.may(session.person, Permission.APPROVE)):
        return
    for field in words_of(request, but=_ELSEWHERE):
        if world.words.found(str(getattr(request, field))) is not None:
            raise ListedWords(field=field)


_ELSEWHERE = frozenset({"content", "reason"})
"""What waits, and what only those read who keep order."""


def tell_private_list(world: World, session: Session, at: int) -> list[Effect]:
    """Tell a newcomer that private messages are looked through, if they are: nobody is read without knowing it."""
    if not world.words.private or WORDS not in world.holding or session.traits.history_at_join:
        return []
    return [Deliver(Notice(content=Text(PRIVATE), timestamp=rfc3339(at)), (session,))]
