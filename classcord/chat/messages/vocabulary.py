"""The words of messages. Decides nothing."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from classcord.chat.errors import ChatError, NotAllowed, NotFound, RateLimited
from classcord.chat.events import Answer, Event, MessageNumber, RoleLabel, Row, Time, called, written_as
from classcord.chat.files.vocabulary import FileShown, FileToken, StoredFile
from classcord.chat.frozen import Frozen
from classcord.chat.questions import Found, Question
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
    of_kind,
)
from classcord.chat.resends.vocabulary import ClientId, ClientIdKept
from classcord.chat.roles import Permission
from classcord.chat.text import N_


class TooMuchKept(RateLimited):
    template = N_("{limit} messages of yours wait for {name} already; more may follow when they have come.")


class ReasonNeeded(NotAllowed):
    template = N_("Private messages are shown to an owner who gives a reason: --reason TEXT.")


class NoSuchMessage(NotFound):
    """A message that one may not read does not exist either."""

    template = N_("There is no message {number} here.")


class TooSoon(RateLimited):
    template = N_("In {channel} there are {pause} between two messages of one person; you may write again in {rest}.")


class ReadOnly(ChatError):
    code = "read_only"
    template = N_("Only moderators write in {channel}.")


ConversationKey = Annotated[str, of_kind("conversation", 300)]
"""The key of a private conversation (see `names.conversation`), as `conversations` tells it."""


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
    reply_to: MessageId | None = None
    file: FileToken | None = None


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
    conversation: ConversationKey | None = None
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


class RepliedTo(Found, tag="-replied-to"):
    """The message that a reply answers, if there is one with this id."""

    asked: Say
    found: MessageAdded | PrivateMessageAdded | None


class RefusedResend(Found, tag="-refused-resend"):
    """A message is refused whose client id may be stored: what is stored under it, if anything is."""

    asked: Say
    found: ClientIdKept | None


class HandOver(Internal, tag="-hand-over"):
    """It is time to hand over missed messages: kept private ones, and `history` messages of the session's channels."""

    reads_store = True

    history: bool = False


class HandedOver(Internal, tag="-handed-over"):
    """These private messages to an account have reached the machine on which it is logged in."""

    user_id: int
    message_ids: tuple[int, ...]


class Awaited(Frozen):
    """A private message on its way to an account, as long as no machine has acknowledged it.

    `author_session` is the session in which its author is told if it does not arrive; None if they need not be told.
    """

    message_id: int
    user_id: int
    author_id: int | None = None
    author_session: int | None = None


class Undelivered(Internal, tag="-undelivered"):
    """The last connection to which these messages were written has ended, and had not acknowledged them."""

    messages: tuple[Awaited, ...]


class MessageAdded(Record, kw_only=True):
    """A message of a channel."""

    is_message = True

    message_id: int
    at: int
    channel_id: int
    author: str
    author_id: int | None = None
    content: str
    reply_to: int | None = None  # stored as a Replied
    mentions: tuple[int, ...] = ()  # the ids of accounts; each is stored as a Mentioned
    author_role: str | None = None  # of an operator without an account; stored as a SaidInRole
    file: StoredFile | None = None  # stored as a FileAttached


class PrivateMessageAdded(Record, kw_only=True):
    """A message of a conversation between two people (see `names.conversation`).

    `waiting_for` is the absent account for which it is kept, until it is handed over. `sent_to` is the account of a
    recipient who is here: the store keeps the message for it as well, until a machine has acknowledged it.
    """

    is_message = True

    message_id: int
    at: int
    conversation: str
    author: str
    author_id: int | None = None
    recipient: str
    waiting_for: int | None = None
    sent_to: int | None = None
    content: str
    reply_to: int | None = None
    mentions: tuple[int, ...] = ()
    author_role: str | None = None
    file: StoredFile | None = None


class SaidInRole(Record):
    """The author of a message of the same commit is an operator without an account: this is the role of the key."""

    message_id: int
    role: str


class Replied(Record):
    """A message of the same commit answers an earlier message of its channel or conversation."""

    message_id: int
    reply_to: int

    def refusal(self, why: str) -> ChatError:  # noqa: ARG002
        return NoSuchMessage(field="reply_to", number=self.reply_to)


Message = MessageAdded | PrivateMessageAdded


class MessageById(Question):
    """Which message has this id? The answer is a Message, or None."""

    message_id: int


class Tally(Frozen):
    """How many people have reacted to a message with one emoji, and the names of the first of them."""

    emoji: str
    people: int
    names: tuple[str, ...]


class Details(Frozen):
    """What only some stored messages have; a field is None if this message has no such thing."""

    reply_to: int | None = None
    mentions: tuple[str, ...] = ()  # the names of accounts, as they are now
    edited_at: int | None = None
    edits: int = 0
    content: str | None = None  # of an edited message, read together with the time of the edit
    deleted_at: int | None = None
    deleted_by: str | None = None
    sealed: bool = False  # somebody else than the author has deleted it
    author_role: str | None = None  # of an operator who has no account
    author_gone: bool = False  # the author's account was deleted
    reactions: tuple[Tally, ...] = ()  # in the order of the first reaction with each emoji
    file: StoredFile | None = None


NO_DETAILS = Details()


class DetailsOf(Question):
    """What is there to say about these messages beside their rows? The answer has a Details for each that has any.

    Whoever shows stored messages asks this after reading them, and gives each its details in `said` (telling.py).
    """

    message_ids: tuple[int, ...]


class StoredMessage(Frozen):
    """A message as it is stored now, with its details."""

    message: MessageAdded | PrivateMessageAdded
    details: Details


class StoredById(Question):
    """What is stored of the message with this id? The answer is a StoredMessage, or None."""

    message_id: int


class MessageKept(Record):
    """A message is kept for the recipient's next login, because the recipient left while it was on its way.

    `author_session` is the session in which its author is told so; None if they have been told.
    """

    message_id: int
    waiting_for: int
    at: int = 0
    author_id: int | None = None
    author_session: int | None = None


class KeptHandedOver(Record):
    """These private messages do not wait for this account any longer: a machine has acknowledged them."""

    user_id: int
    message_ids: tuple[int, ...]


class Said(Event, tag="message", rename={"sender": "from"}):
    """A message; it has one form, pushed and in a history. What it does not have is left out of its line."""

    message_id: MessageNumber
    subtype: Annotated[str, written_as(enum=["global", "channel", "private"])]
    channel: str | None
    sender: str
    to: str
    content: str
    timestamp: Time
    role: RoleLabel | msgspec.UnsetType = msgspec.UNSET  # the author's role now; absent if the account is deleted
    reply_to: MessageNumber | msgspec.UnsetType = msgspec.UNSET
    mentions: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    edited_at: Time | msgspec.UnsetType = msgspec.UNSET
    deleted: bool | msgspec.UnsetType = msgspec.UNSET
    reactions: dict[str, tuple[str, ...]] | msgspec.UnsetType = msgspec.UNSET
    reaction_counts: dict[str, int] | msgspec.UnsetType = msgspec.UNSET
    file: FileShown | msgspec.UnsetType = msgspec.UNSET


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
    conversation: str | None = None
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
    state: str = ""  # edited or deleted

    labels = called(to=N_("to"), content=N_("text"))


class MessagesListed(Answer):
    """A page of messages, oldest first."""

    messages: tuple[MessageRow, ...]
