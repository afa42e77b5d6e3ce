"""The words of held messages. Decides nothing."""

from __future__ import annotations

from typing import Annotated

from classcord.chat.errors import AlreadySo, ChatError, NotAllowed, NotFound, RateLimited
from classcord.chat.events import Answer, Event, MessageNumber, Row, Time, called, written_as
from classcord.chat.files.vocabulary import FileShown, StoredFile
from classcord.chat.frozen import Frozen
from classcord.chat.messages.vocabulary import Replied, Say
from classcord.chat.questions import Found
from classcord.chat.records import Record
from classcord.chat.requests import ChannelName, Group, MessageId, Reason, Request
from classcord.chat.resends.vocabulary import ClientIdKept
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text

HOLD, WORDS, QUIET_HOURS = "hold", "words", "quiet_hours"
BY_PERSON = frozenset({HOLD, WORDS})
"""Reasons for which a message waits for somebody who looks at it; for the others it waits for a time."""
WAITING, REFUSED, UNDELIVERABLE, EXPIRED = "waiting", "refused", "undeliverable", "expired"
Why = Annotated[str, written_as(enum=[HOLD, WORDS, QUIET_HOURS])]


class NothingHeld(NotFound):
    """A held message that one may not see does not exist either."""

    template = N_("No message with the number {number} waits here.")


class TooMuchHeld(RateLimited):
    template = N_("{limit} messages of yours are waiting already; more may follow when these are through.")


class TooMuchHeldInAll(RateLimited):
    template = N_("Too many messages are waiting at the moment; please write this one later.")


class ComesByItself(AlreadySo):
    template = N_("This message waits for nobody: it is delivered in {duration}.")


class AuthorMayNotWrite(NotAllowed):
    template = N_("{name} may not write there any more: the message was taken away, and its author is told.")


class EditWaits(ChatError):
    code = "held"
    template = N_("This text would have to wait, and an edit cannot: delete the message and write it anew.")


class DescriptionWaits(EditWaits):
    template = N_("What you write in {channel} waits at the moment, and a topic or a description cannot.")


class Waits(Frozen):
    """A message has to wait; `until` is in milliseconds, None if a person decides."""

    why: str
    until: int | None = None


class Held(Request, tag="held"):
    permission = Permission.TALK  # decided there: one's own messages, and those of channels in which one approves them
    summary = N_("list the messages that wait: one's own, and those that one may approve")
    command = "held"
    group = Group.CHANNELS
    arguments = ("channel",)
    examples = ("held", "held #dev", 'held --reason "Lire avant de remettre"')

    channel: ChannelName | None = None
    reason: Reason = ""  # for which the words of private messages are shown; the audit trail keeps it


class Approve(Request, tag="approve"):
    permission = Permission.APPROVE
    in_channel = True
    summary = N_("deliver a message that waits to be approved")
    command = "approve"
    group = Group.CHANNELS
    arguments = ("held_id",)
    examples = ("approve 12",)

    held_id: MessageId


class RefuseHeld(Request, tag="refuse"):
    permission = Permission.TALK  # decided there: whoever may approve it, and its author
    summary = N_("refuse a message that waits, and tell its author why; or take back one's own")
    told = ("reason",)
    command = "refuse"
    group = Group.CHANNELS
    arguments = ("held_id", "reason")
    examples = ("refuse 12 Hors sujet",)

    held_id: MessageId
    reason: Reason = ""


class MayBeResent(Found, tag="-may-be-resent"):
    """What is stored under the client id of a message that is about to be held."""

    asked: Say
    found: ClientIdKept | None


class MessageHeld(Record, kw_only=True):
    """A message waits: of a channel, or of a conversation with a `recipient`.

    `owner` is for whom the `client_id` is unique (see `owner_of`). When it is refused, it stays until its author knows.
    """

    refused_as = AlreadySo

    held_id: int
    at: int
    channel_id: int | None = None
    conversation: str | None = None
    author: str
    author_id: int | None = None
    recipient: str | None = None
    owner: str
    client_id: str | None = None
    content: str
    reply_to: int | None = None
    why: str
    until: int | None = None
    state: str = WAITING
    reason: str = ""
    decided_by: str | None = None
    said_in: int  # the number of the session in which it was said
    file: StoredFile | None = None  # stored as a HeldFile


class HeldFile(Record, kw_only=True):
    """The file of a held message."""

    held_id: int
    file: StoredFile


class HeldAccepted(Record):
    """A held message becomes the message `message_id`, which is in the same commit."""

    held_id: int
    message_id: int
    at: int


class HeldOn(Record):
    """A held message is approved, but now it waits for another reason."""

    held_id: int
    why: str
    until: int | None
    at: int


class HeldRefused(Record, kw_only=True):
    """A held message is refused, expired, or undeliverable (`state`); it stays until its author knows."""

    held_id: int
    state: str
    reason: str = ""
    decided_by: str | None = None
    at: int


class HeldForgotten(Record):
    """A held message is gone: its author has taken it back, or knows that it was refused."""

    held_id: int
    told: bool = False  # its author hears of its end by this record
    at: int = 0


class AnsweredIfThere(Replied):
    """As Replied, but the message that is answered may be gone after so long."""

    may_find_nothing = True


class Waiting(Answer, gc=True, kw_only=True):
    """The message is stored, but waits; its author is told what becomes of it. `content` says so in words."""

    status: Annotated[str, written_as(const="held")] = "held"
    held_id: MessageNumber
    why: Why
    until: Time | None = None
    timestamp: Time
    content: Text

    labels = called(held_id=N_("number"), why=N_("why"))


class HeldInfo(Row):
    """A message that waits; a private message has its recipient in `to`, and no channel.

    `words` is the entry of the word list for which it waits. Of another person's private message, `content` and `words`
    are "" unless a reason is given.
    """

    held_id: int
    at: Time
    channel: str | None
    to: str | None
    user: str
    content: str
    why: Why
    until: Time | None
    file: FileShown | None = None
    words: str = ""

    labels = called(words=N_("listed word"))


class HeldListed(Answer):
    messages: tuple[HeldInfo, ...]


class HeldBack(Event, tag="message_held", rename={"sender": "from"}, omit_defaults=True):
    """A message waits for somebody who approves it; whoever may do so hears this."""

    held_id: MessageNumber
    channel: str
    sender: str
    content: str
    why: Why
    timestamp: Time
    file: FileShown | None = None
    words: str = ""


class HeldDecided(Event, tag="held_decided", omit_defaults=True):
    """What has become of a held message, for its author: it is the message `message_id` now, waits on, or is refused.

    `user` is the recipient of a private message.
    """

    held_id: MessageNumber
    outcome: Annotated[str, written_as(enum=["delivered", "waits", REFUSED, UNDELIVERABLE, EXPIRED])]
    why: Why
    timestamp: Time
    channel: str | None = None
    user: str | None = None
    message_id: MessageNumber | None = None
    until: Time | None = None
    reason: str = ""
    content: str = ""


class HeldGone(Event, tag="held_gone"):
    """A held message waits for nobody any more; whoever might have approved it hears this."""

    held_id: MessageNumber
    channel: str
