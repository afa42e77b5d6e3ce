"""The words of revisions. Decides nothing."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from classcord.chat.errors import Conflict, NotAllowed
from classcord.chat.events import Answer, Event, MessageNumber, Ok, Row, Time, called
from classcord.chat.frozen import Frozen
from classcord.chat.messages.vocabulary import StoredMessage
from classcord.chat.questions import Found, Question
from classcord.chat.records import Record
from classcord.chat.requests import Administration, Group, MessageId, Moment, Request, Words
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text


class NotTheAuthor(NotAllowed):
    template = N_("Only its author may change a message.")


class AlreadyDeleted(Conflict):
    template = N_("This message is deleted.")


class TooManyEdits(NotAllowed):
    template = N_("This message was changed {limit} times already.")


class Edit(Request, tag="edit"):
    permission = Permission.TALK
    summary = N_("change the words of a message that one has written")
    told = ("content",)

    message_id: MessageId
    content: Annotated[str, msgspec.Meta(extra={"kind": "words"})]


class Delete(Request, tag="delete"):
    permission = Permission.TALK  # decided there: the author, and in channels moderators
    summary = N_("delete a message that one has written; as a moderator, in channels, any of a lower role")
    command: ClassVar[str | None] = "delete"
    group = Group.KEEPING_ORDER
    arguments = ("message_id",)
    examples = ("delete 42",)
    destructive = True
    costs_quota = False  # a message is deleted once

    message_id: MessageId

    def consequence(self, moment: Moment) -> Text:  # noqa: ARG002
        return Text(N_("Delete the message {number}; this cannot be undone"), {"number": self.message_id})


class Versions(Administration, tag="versions"):
    permission = Permission.DELETE_MESSAGES
    summary = N_("show what a message said before it was changed or deleted; if a moderator deleted it, with a reason")
    command = "versions"
    group = Group.WATCHING
    arguments = ("message_id",)
    examples = ("versions 42", 'versions 42 --reason "plainte du 12 mars"')
    reads_store = True

    message_id: MessageId
    reason: Words = ""


class ToEdit(Found, tag="-to-edit"):
    asked: Edit
    found: StoredMessage | None


class ToDelete(Found, tag="-to-delete"):
    asked: Delete
    found: StoredMessage | None


class EarlierText(Frozen):
    """What a message said from a time on."""

    at: int
    content: str


class StoredVersions(Frozen):
    """A message, and what it said before, oldest first."""

    stored: StoredMessage
    before: tuple[EarlierText, ...]


class VersionsOf(Question):
    """What did this message say before? The answer is a StoredVersions, or None if there is no such message."""

    message_id: int


class ToCompare(Found, tag="-to-compare"):
    asked: Versions
    found: StoredVersions | None


class MessageEdited(Record, kw_only=True):
    """A message has other words now; the store keeps what it said before. Of a channel it has no `conversation`."""

    refused_as = AlreadyDeleted

    message_id: int
    at: int
    author: str
    author_id: int | None = None
    channel_id: int | None = None
    conversation: str | None = None
    recipient: str | None = None
    content: str
    mentions: tuple[int, ...] = ()  # the ids of accounts; the records after it store them


class MessageDeleted(Record, kw_only=True):
    """A message stays, without words; the store keeps what it said before. `by_moderator`: not by its author."""

    refused_as = AlreadyDeleted

    message_id: int
    at: int
    author: str
    author_id: int | None = None
    channel_id: int | None = None
    conversation: str | None = None
    recipient: str | None = None
    by_moderator: bool = False


Revision = MessageEdited | MessageDeleted


class MessageChanged(Record, kw_only=True):
    """A record of the same commit changes how a message looks; `newest` is the newest message at that time.

    So a session that has heard all messages up to an id can be told which of them have changed since then.
    """

    message_id: int
    newest: int
    edited_at: int | None = None
    deleted_at: int | None = None
    deleted_by: str | None = None
    sealed: bool = False


class Edited(Event, tag="edited", kw_only=True, omit_defaults=True, rename={"sender": "from"}):
    """A message has other words now; `user` is the other person of a private conversation, as its reader sees it."""

    message_id: MessageNumber
    sender: str
    channel: str | None = None
    user: str | None = None
    to: str | None = None  # of a private message
    content: str
    edited_at: Time
    mentions: tuple[str, ...] = ()  # all whom the message mentions now


class Deleted(Event, tag="deleted", kw_only=True, omit_defaults=True, rename={"sender": "from"}):
    """A message has no words any more; `sender` has deleted it."""

    message_id: MessageNumber
    sender: str
    channel: str | None = None
    user: str | None = None
    deleted_at: Time


class EditStored(Answer, kw_only=True):
    status: Ok = "ok"
    message_id: MessageNumber
    edited_at: Time

    labels = called(edited_at=N_("changed"))


class DeletionStored(Answer, kw_only=True):
    status: Ok = "ok"
    message_id: MessageNumber
    deleted_at: Time

    labels = called(deleted_at=N_("deleted"))


class VersionInfo(Row):
    """What a message said from a time on; of a sealed one the words are missing."""

    at: Time
    user: str
    content: str
    sealed: bool = False

    labels = called(sealed=N_("sealed"))


class VersionsListed(Answer):
    """What a message has said, oldest first; the last is what it says now, unless it is deleted."""

    versions: tuple[VersionInfo, ...]
