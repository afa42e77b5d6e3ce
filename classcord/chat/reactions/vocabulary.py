"""The words of reactions. Decides nothing."""

from __future__ import annotations

from typing import ClassVar

from classcord.chat.errors import AlreadySo, ChatError, NotAllowed
from classcord.chat.events import Event
from classcord.chat.frozen import Frozen
from classcord.chat.messages.vocabulary import Message
from classcord.chat.questions import Found, Question
from classcord.chat.records import Record
from classcord.chat.requests import MessageId, Name, Request
from classcord.chat.roles import Permission
from classcord.chat.text import N_

MOST_EMOJI = 20  # different ones of all people to one message
MOST_OWN = 5  # of one person to one message
MOST_WITH_GUESTS = 10  # different ones that there may be before a guest brings another: guests leave room for others


class TooManyReactions(NotAllowed):
    template = N_("A message has {most} different emoji at most, {own} of one person; take one of yours back first.")

    def __init__(self, most: int = MOST_EMOJI) -> None:
        super().__init__(field="emoji", most=most, own=MOST_OWN)


class React(Request, tag="react"):
    permission = Permission.TALK
    summary = N_("react to a message with an emoji, or take the reaction back")
    reads_store = True

    message_id: MessageId
    emoji: Name
    on: bool = True


class ReactionsTo(Question):
    """How have people reacted to a message? The answer is a ReactedTo; `who` is as in Reacted."""

    message_id: int
    who: int


class ReactedTo(Frozen):
    """A message, if there is one, perhaps deleted; its different emoji, and those of the person who asks."""

    message: Message | None
    is_deleted: bool = False
    emoji: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


class ReactionsFound(Found, tag="-reactions-found"):
    """What there was when somebody wanted to react."""

    asked: React
    found: ReactedTo


class Reacted(Record, kw_only=True):
    """Somebody reacts to a message of a channel or a conversation.

    `who` is the account's id, or less than 0 for a person without one: the negative number of the session, or of the
    one that it resumes, so that nobody who has the name later can take the reaction back. Only such a reaction keeps
    its `guest`, the name.
    """

    refused_as = AlreadySo

    message_id: int
    channel_id: int | None = None
    conversation: str | None = None
    emoji: str
    who: int
    guest: str | None = None

    most_own: ClassVar[int] = MOST_OWN

    @property
    def most_emoji(self) -> int:
        """The number of different emoji from which on this person brings no other."""
        return MOST_EMOJI if self.guest is None else MOST_WITH_GUESTS

    def refusal(self, why: str) -> ChatError:
        return super().refusal(why) if why else TooManyReactions(self.most_emoji)


class ReactionTaken(Record, kw_only=True):
    """Somebody takes a reaction back."""

    refused_as = AlreadySo

    message_id: int
    channel_id: int | None = None
    conversation: str | None = None
    emoji: str
    who: int


class Reaction(Event, tag="reaction", rename={"sender": "from"}, omit_defaults=True):
    """Somebody reacts to a message, or takes a reaction back; `user` is the other person of a private conversation."""

    message_id: int
    sender: str
    emoji: str
    on: bool
    channel: str | None = None
    user: str | None = None
