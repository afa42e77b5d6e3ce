"""The words of pins. Decides nothing."""

from __future__ import annotations

from typing import ClassVar

from classcord.chat.errors import AlreadySo, ChatError, NotAllowed
from classcord.chat.events import Answer, Event, MessageNumber, Time
from classcord.chat.frozen import Frozen
from classcord.chat.messages.vocabulary import ConversationKey, Message, Said, StoredMessage
from classcord.chat.questions import Found, Question
from classcord.chat.records import Record
from classcord.chat.requests import ChannelName, MessageId, PersonName, Request
from classcord.chat.roles import Permission
from classcord.chat.text import N_

MOST_PINS = 50  # in one channel or conversation


class TooManyPins(NotAllowed):
    template = N_("{most} messages are pinned here already; unpin one first.")

    def __init__(self) -> None:
        super().__init__(most=MOST_PINS)


class Pin(Request, tag="pin"):
    permission = Permission.TALK  # decided there: the two people of a conversation; in a channel who sets its topic
    summary = N_("pin a message of a channel or a conversation, or unpin it")
    reads_store = True

    message_id: MessageId
    on: bool = True


class Pins(Request, tag="pins"):
    permission = Permission.READ
    summary = N_("read the pinned messages of a channel, or of a conversation with one person")
    reads_store = True

    channel: ChannelName | None = None
    user: PersonName | None = None
    conversation: ConversationKey | None = None
    before: MessageId | None = None


class PinOf(Question):
    """Is this message pinned? The answer is a PinState."""

    message_id: int


class PinState(Frozen):
    """A message, if there is one; whether it is deleted or pinned, and how many are where it stands."""

    message: Message | None
    is_deleted: bool = False
    is_pinned: bool = False
    pins: int = 0


class PinFound(Found, tag="-pin-found"):
    """What there was when somebody wanted to pin a message."""

    asked: Pin
    found: PinState


class PinsIn(Question):
    """Which messages of a channel or a conversation are pinned? The answer is a tuple of StoredMessage, newest first.

    `before` is the id of a message; all of them are older.
    """

    channel_id: int | None = None
    conversation: str | None = None
    before: int | None = None


class PinsFound(Found, tag="-pins-found"):
    """The pinned messages that somebody asked for."""

    asked: Pins
    found: tuple[StoredMessage, ...]


class MessagePinned(Record, kw_only=True):
    """A message of a channel or a conversation is pinned."""

    message_id: int
    channel_id: int | None = None
    conversation: str | None = None
    at: int

    most: ClassVar[int] = MOST_PINS

    def refusal(self, why: str) -> ChatError:
        return AlreadySo() if why else TooManyPins()


class MessageUnpinned(Record, kw_only=True):
    """A message is not pinned any more."""

    refused_as = AlreadySo

    message_id: int
    channel_id: int | None = None
    conversation: str | None = None
    at: int


class Pinned(Event, tag="pinned", rename={"sender": "from"}, omit_defaults=True):
    """Somebody pins a message, or unpins it; `user` is the other person of a private conversation."""

    message_id: MessageNumber
    sender: str
    on: bool
    timestamp: Time
    channel: str | None = None
    user: str | None = None


class PinsListed(Answer, kw_only=True):
    """Pinned messages, oldest first; `more` says whether there are older ones, which this answer has no room for."""

    channel: str | None = None
    user: str | None = None
    conversation: str | None = None
    messages: tuple[Said, ...]
    more: bool
