"""The words of conversations. Decides nothing."""

from __future__ import annotations

from typing import Annotated

import msgspec

from classcord.chat.channels.channel import Kind
from classcord.chat.errors import NotAllowed, NotFound
from classcord.chat.events import Answer, Event, MessageNumber, written_as
from classcord.chat.frozen import Frozen
from classcord.chat.messages.vocabulary import NO_DETAILS, ConversationKey, Details, Message, Said
from classcord.chat.questions import Found, Question
from classcord.chat.records import Record
from classcord.chat.requests import ChannelName, MessageId, PageSize, PersonName, Request
from classcord.chat.roles import Permission
from classcord.chat.text import N_

DIRECT = "direct"  # the kind of a private conversation
ConversationKind = Annotated[str, written_as(enum=[*(kind.value for kind in Kind), DIRECT])]
Count = Annotated[int, msgspec.Meta(ge=0)]
MOST_COUNTED = 1000  # unread messages of one conversation: nobody reads a higher number
MOST_MENTIONS = 100  # unread mentions of one account that are looked at, the newest


class OnlyAccounts(NotAllowed):
    template = N_("A guest has no read markers and no private conversations to come back to: they need an account.")


class NotListed(NotFound):
    template = N_("This conversation is not in your list.")


class Conversations(Request, tag="conversations"):
    permission = Permission.READ
    summary = N_("list one's channels and private conversations, with what is unread in them")
    reads_store = True

    before: MessageId | None = None
    limit: PageSize = 50


class MarkRead(Request, tag="read"):
    permission = Permission.READ
    summary = N_("say up to which message one has read a channel or a private conversation")
    reads_store = True

    message_id: MessageId
    channel: ChannelName | None = None
    user: PersonName | None = None
    conversation: ConversationKey | None = None


class Hide(Request, tag="hide"):
    permission = Permission.READ
    summary = N_("close a private conversation on one's own side, until its next message")
    reads_store = True

    user: PersonName | None = None
    conversation: ConversationKey | None = None


class ConversationsOf(Question, kw_only=True):
    """Asks for these channels and the private conversations of an account, and what is unread in them.

    The answer is a ConversationsPage, the conversation with the newest message first. Without `user_id`, nothing counts
    as unread. `whole`: with the newest message of each.
    """

    user_id: int | None
    channels: tuple[int, ...]
    before: int | None = None
    limit: int
    whole: bool = True


class StoredConversation(Frozen, kw_only=True):
    """One conversation, as it is stored: a channel's id, or the key of a private one with the other's name."""

    channel_id: int | None = None
    conversation: str | None = None
    other: str = ""
    newest: int
    last_read: int
    unread: int
    mentions: int = 0
    message: Message | None = None
    details: Details = NO_DETAILS


class ConversationsPage(Frozen):
    conversations: tuple[StoredConversation, ...]
    more: bool


class ConversationsFound(Found, tag="-conversations-found"):
    asked: Conversations
    found: ConversationsPage


class MarkerOf(Question):
    """Asks how far an account has read a channel, or a private conversation; the answer is a Marker."""

    user_id: int
    channel_id: int | None = None
    conversation: str | None = None


class Marker(Frozen):
    """A read marker, with the conversation's newest message; both are 0 if there is none.

    `mentioned`: an edit has mentioned the account in it since.
    """

    last_read: int
    newest: int
    mentioned: bool = False


class MarkerFound(Found, tag="-marker-found"):
    asked: MarkRead
    found: Marker


class ChannelRead(Record):
    """An account has read a channel up to this message; a marker never goes back."""

    channel_id: int
    user_id: int
    up_to: int


class ConversationRead(Record):
    """An account has read a private conversation up to this message."""

    conversation: str
    user_id: int
    up_to: int
    other: str | None  # the other person's name; not stored


class ConversationHidden(Record):
    """An account has closed a private conversation: what came up to this message counts as read."""

    refused_as = NotListed

    conversation: str
    user_id: int
    up_to: int
    other: str | None


class MarkerMoved(Event, tag="read", omit_defaults=True):
    """The person has read this far in another of their sessions."""

    message_id: MessageNumber
    channel: str | None = None
    user: str | None = None
    conversation: str | None = None


class Hidden(Event, tag="hidden", omit_defaults=True):
    """The person has closed this private conversation in another of their sessions."""

    conversation: str
    user: str | None = None


class ConversationInfo(Frozen, kw_only=True, omit_defaults=True):
    """A channel, or a private conversation with the person `user`, of the kind `direct`."""

    channel: str | None = None
    user: str | None = None
    conversation: str | None = None
    kind: ConversationKind
    unread: Count
    mentions: Count
    last_read: MessageId
    last_message: Said | None = None
    count: Count | None = None
    members: tuple[str, ...] | None = None
    gone: bool | None = None


class ConversationsListed(Answer):
    """One's conversations, the one with the newest message first; `next` is the `before` of the next page."""

    conversations: tuple[ConversationInfo, ...]
    more: bool
    next: MessageId | None = None


class MarkerTold(Answer, kw_only=True):
    """How far the conversation is read now: farther than asked, if another session has read more."""

    channel: str | None = None
    user: str | None = None
    conversation: str | None = None
    message_id: MessageId


class MissedInfo(Frozen, kw_only=True, omit_defaults=True):
    """What waits in one conversation, as a login tells it."""

    channel: str | None = None
    user: str | None = None
    conversation: str | None = None
    last_read: MessageId
    last_message_id: MessageId
    unread: Count
    mentions: Count
