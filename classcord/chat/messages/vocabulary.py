"""The words of messages. Decides nothing."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from classcord.chat.errors import ChatError, NotAllowed, RateLimited
from classcord.chat.events import Answer, Event, MessageNumber, Row, Time, called, written_as
from classcord.chat.questions import Question
from classcord.chat.records import Record
from classcord.chat.requests import (
    Administration,
    ChannelName,
    Group,
    Internal,
    MessageId,
    Name,
    PageSize,
    PersonName,
    Request,
    Words,
)
from classcord.chat.resends.vocabulary import ClientId
from classcord.chat.roles import Permission
from classcord.chat.text import N_


class TooMuchKept(RateLimited):
    template = N_("{limit} messages of yours wait for {name} already; more may follow when they have come.")


class ReasonNeeded(NotAllowed):
    template = N_("Private messages are shown to an owner who gives a reason: --reason TEXT.")


class ReadOnly(ChatError):
    code = "read_only"
    template = N_("Only moderators write in {channel}.")


class Say(Request, tag="message", rename={"from_": "from"}):
    permission = Permission.TALK
    summary = N_("write to everyone, to a channel or to one person")
    command = "say"
    group = Group.PEOPLE
    arguments = ("channel", "content")
    examples: ClassVar[tuple[str, ...]] = ("say Bonjour à tous", "say #dev Le serveur redémarre à 17 h")
    answered_as = "ack"
    is_message = True
    asked_by_nobody = True

    content: Annotated[str, msgspec.Meta(extra={"kind": "words"})]
    subtype: str | None = None
    to: PersonName | None = None
    channel: ChannelName | None = None
    from_: Name | None = None
    client_id: ClientId | None = None


class SayPrivately(Say, tag="private", rename={"from_": "from"}):
    """The older form of a private message."""

    summary = N_("write to one person")
    command = "msg"
    group = Group.PEOPLE
    arguments = ("to", "content")
    examples = ("msg bob Passe me voir",)


class History(Request, tag="history"):
    permission = Permission.READ
    summary = N_("read the messages of a channel, or of a conversation with one person")
    command = "history"
    group = Group.PEOPLE
    arguments = ("channel", "limit")
    examples = ("history #dev 20", 'history --user bob --other alice --reason "plainte du 12 mars"')
    reads_store = True

    channel: ChannelName | None = None
    user: PersonName | None = None
    before: MessageId | None = None
    after: MessageId | None = None
    around: MessageId | None = None
    limit: PageSize = 50
    other: PersonName | None = None
    reason: Words = ""


class Messages(History, Administration, tag="messages"):
    """The history as a table: messages with their ids, for `--before` and `--after`."""

    summary = N_("list the last messages of a channel or conversation as a table")
    command = "messages"
    group = Group.WATCHING
    examples = ("messages #dev 100", "messages --after 1200 --limit 200")


class HandOver(Internal, tag="-hand-over"):
    """It is time to hand over missed messages: kept private ones, and `history` messages of the session's channels."""

    reads_store = True

    history: bool = False


class HandedOver(Internal, tag="-handed-over"):
    """The private messages kept for this account, up to this id, were written to the session."""

    user_id: int
    up_to: int


class MessageAdded(Record, kw_only=True):
    """A message of a channel."""

    is_message = True

    message_id: int
    at: int
    channel_id: int
    author: str
    author_id: int | None = None
    content: str


class PrivateMessageAdded(Record, kw_only=True):
    """A message of a conversation between two people (see `names.conversation`).

    `waiting_for` is the absent account for which it is kept, until it is handed over.
    """

    is_message = True

    message_id: int
    at: int
    conversation: str
    author: str
    author_id: int | None = None
    recipient: str
    waiting_for: int | None = None
    content: str


Message = MessageAdded | PrivateMessageAdded


class MessageById(Question):
    """Which message has this id? The answer is a Message, or None."""

    message_id: int


class MessageKept(Record):
    """A message is kept for the recipient's next login, because the recipient left while it was on its way."""

    message_id: int
    waiting_for: int


class KeptHandedOver(Record):
    """The private messages that waited for this account, up to this id, were written to it."""

    user_id: int
    up_to: int


class Said(Event, tag="message", rename={"sender": "from"}):
    """A message; it has one form, pushed and in a history."""

    message_id: MessageNumber
    subtype: Annotated[str, written_as(enum=["global", "channel", "private"])]
    channel: str | None
    sender: str
    to: str
    content: str
    timestamp: Time


class Acknowledged(Answer):
    """The message is stored."""

    message_id: MessageNumber
    timestamp: Time

    labels = called(message_id=N_("number"), timestamp=N_("time"))


class HistoryRead(Answer, kw_only=True):
    """A page of messages, oldest first; `more` says whether there are more messages in the same direction.

    A page around a message has two directions: then `more` stands for both, and `more_before` and `more_after` for one.
    """

    channel: str | None = None
    user: str | None = None
    messages: tuple[Said, ...]
    more: bool
    more_before: bool | None = None
    more_after: bool | None = None


class MessageRow(Row):
    """A message; a private message has its recipient in `to`, and no channel."""

    id: int
    at: Time
    channel: str | None
    user: str
    to: str | None
    content: str

    labels = called(to=N_("to"), content=N_("text"))


class MessagesListed(Answer):
    """A page of messages, oldest first."""

    messages: tuple[MessageRow, ...]
