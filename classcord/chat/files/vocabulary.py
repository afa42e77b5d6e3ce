"""The words of files. Decides nothing."""

from __future__ import annotations

from typing import Annotated

import msgspec

from classcord.chat.errors import ChatError, NotAllowed, NotFound, RateLimited
from classcord.chat.events import Answer, Ok, Time
from classcord.chat.frozen import Frozen
from classcord.chat.questions import Found, Question
from classcord.chat.records import Record
from classcord.chat.requests import ChannelName, PersonName, Request, of_kind
from classcord.chat.roles import Permission
from classcord.chat.text import N_

FileToken = Annotated[str, of_kind("hidden", 64)]
"""The one name of a file from the permission to upload it on: 256 random bits, known to whoever may read the file."""


class NoFilesHere(NotAllowed):
    template = N_("Files cannot be sent here.")


class FileTooLarge(ChatError):
    code = "file_too_large"
    template = N_("This file is too large: the limit is {limit} bytes.")


class FileTypeRefused(ChatError):
    code = "file_type"
    template = N_("Files of this type are not accepted here: {type}.")


class NoRoomForFiles(ChatError):
    code = "no_room"
    template = N_("The server has no room for more files; please tell an administrator.")


class FilesTooMuch(RateLimited):
    """A limit of [files] for one account, or for the guests of one source, is used up."""

    template = N_("You have sent too many files within a day; please wait, or send smaller ones.")


class ChannelFilesTooMuch(RateLimited):
    template = N_("Too many files were sent to {channel} within a day; please wait, or send smaller ones.")


class TooManyUploads(RateLimited):
    template = N_("{most} files of yours are under way already; send these first.")


class NoSuchUpload(NotFound):
    """A file that is another's, of another conversation, or sent already does not exist either."""

    template = N_("There is no such file to send here: upload it first.")


class UploadFile(Request, tag="upload", kw_only=True):
    permission = Permission.SEND_FILES
    summary = N_("ask where to upload a file for a message to a channel or to one person")
    reads_store = True
    costs_quota = False  # it has quotas of its own

    channel: ChannelName | None = None
    user: PersonName | None = None
    name: Annotated[str, msgspec.Meta(max_length=1000)]
    size: Annotated[int, msgspec.Meta(ge=1, lt=2**53)]


class FilesSince(Question):
    """How many bytes of files were sent since a time by an account, and to a channel? The answer is a FileBytes."""

    user_id: int | None
    channel_id: int | None
    since: int


class FileBytes(Frozen):
    """How many bytes of files were sent."""

    of_account: int = 0
    of_channel: int = 0


class UploadWanted(Found, tag="-upload-wanted"):
    """What was sent before, when somebody wants to upload a file."""

    asked: UploadFile
    found: FileBytes


class UploadAdmitted(Answer, kw_only=True):
    """The file may be uploaded: its bytes to `url` by PUT before `until`; then a message may carry it by `file`."""

    status: Ok = "ok"
    file: str
    url: str
    until: Time


class StoredFile(Frozen, kw_only=True):
    """A file whose bytes are stored: `digest` is the SHA-256 of its content, by which that is found.

    `type` is what the content shows it to be, whatever its name says; `width` and `height` are those of an image.
    """

    token: str
    name: str
    type: str
    size: int
    digest: str
    width: int | None = None
    height: int | None = None


class FileAttached(Record, kw_only=True):
    """A message of the same commit carries a file."""

    message_id: int
    at: int
    user_id: int | None = None
    channel_id: int | None = None
    file: StoredFile

    def refusal(self, why: str) -> ChatError:  # noqa: ARG002
        return NoSuchUpload(field="file")


class FileRemoved(Record, kw_only=True):
    """A message that is deleted by the same commit carries no file any more."""

    may_find_nothing = True

    message_id: int


class FileNamed(Question):
    """Which file has this token? The answer is a StoredFile, or None; a file of a deleted channel is nobody's."""

    token: str


class FileDigests(Question):
    """Which contents does any message need? The answer is a frozenset of digests."""


class FileShown(Frozen, kw_only=True, omit_defaults=True):
    """A file as people see it: `url` is its path on the server's web address, `link` the whole address if it is known.

    The name is the sender's; the type is what the content shows.
    """

    name: str
    type: str
    size: int
    url: str
    link: str | None = None
    width: int | None = None
    height: int | None = None
