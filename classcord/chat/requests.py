"""Requests, and the kinds of values in them. Knows no session and no wire."""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any, ClassVar

import msgspec
import msgspec.inspect

from classcord.chat import names, passwords
from classcord.chat.frozen import Frozen
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text

Name = Annotated[str, msgspec.Meta(max_length=256)]
"""A name of a person or a channel, as a client sent it; names.py decides which names are allowed."""
Moment = Callable[[float], str]
"""From a number of seconds from now to the words for that moment."""
RequestId = Name | int | float | None
MessageId = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
"""Within the numbers that all clients have (PROTOCOL.md, "Modern dialect"); no store is asked for a higher id."""
PageSize = Annotated[int, msgspec.Meta(ge=1)]
"""How many entries a page has at most; a decision takes a lower number where the page's own limit is below it."""
LONGEST_FIELD = 254  # characters of a profile field: the longest e-mail address (RFC 5321 §4.5.3.1.3, erratum 1690)
LONGEST_STATE = 32  # characters
LONGEST_REASON = 300


def of_kind(kind: str, longest: int = 256) -> msgspec.Meta:
    """State the kind of a text, for completion and for command lines."""
    return msgspec.Meta(max_length=longest, extra={"kind": kind})


def one_of(*choices: str) -> msgspec.Meta:
    """State the words that a text may be, for completion; the decision refuses other words."""
    return msgspec.Meta(extra={"kind": "choice", "choices": choices})


def at_most(longest: int, kind: str | None = None) -> msgspec.Meta:
    """State the limit that a decision checks: it has an error code of its own, and may compose accents first.

    docs/generate.py writes it as the schema's maxLength, a word that msgspec takes only for limits that it checks.
    """
    return msgspec.Meta(extra={"kind": kind} if kind else None, extra_json_schema={"told": longest})


NewName = Annotated[str, at_most(names.LONGEST)]
"""A name for a new account."""
Unread = Annotated[str, at_most(passwords.LONGEST, "secret")]
"""A password; like a Secret, it is shown nowhere."""
ProfileField = Annotated[str, at_most(LONGEST_FIELD)]
State = Annotated[str, at_most(LONGEST_STATE)]
PersonName = Annotated[str, of_kind("person")]
"""A person who is here, or an account."""
ChannelName = Annotated[str, of_kind("channel")]
ChannelNames = Annotated[tuple[ChannelName, ...], msgspec.Meta(max_length=100, extra={"kind": "channels"})]
"""Some channels; on a command line, all words that follow and begin with #."""
Words = Annotated[str, of_kind("words", 10_000)]
"""A person's words; on a command line, the whole rest of it."""
Reason = Annotated[str, at_most(LONGEST_REASON, "words")]
Secret = Annotated[str, of_kind("secret", 1000)]
"""A text that is typed unseen and shown nowhere."""
Duration = Annotated[float, msgspec.Meta(ge=0, le=10 * 366 * 86_400, extra={"kind": "duration"})]
"""Seconds; on a command line 90, 10m, 1h30 or 7d."""


class Group(Enum):
    """The groups in which commands are listed, in this order, with their titles."""

    PEOPLE = N_("People")
    CHANNELS = N_("Channels")
    KEEPING_ORDER = N_("Keeping order")
    ACCOUNTS = N_("Accounts")
    WATCHING = N_("Watching")
    SERVER = N_("The server")


class Request(Frozen, tag_field="type", kw_only=True):
    """A request of a client. Its `id` comes back in the one answer, even if it is 0 or ""."""

    permission: ClassVar[Permission]
    summary: ClassVar[str]
    reads_store: ClassVar[bool] = False  # decided after the session's own messages are stored
    kept_meanwhile: ClassVar[bool] = False
    """Whether it is done while nothing can be stored, because its records (an entry of the audit trail) may wait."""
    told: ClassVar[tuple[str, ...]] = ()  # fields whose words others read: a muted person may not fill them
    is_message: ClassVar[bool] = False  # thousands a second; a first one without a login makes its author a guest
    asked_by_nobody: ClassVar[bool] = False  # its decision handles a session without a name
    costs_quota: ClassVar[bool] = True  # its records count for the quotas of the person who asks
    is_paced: ClassVar[bool] = True  # an operator who sends very many must wait
    in_channel: ClassVar[bool] = False
    """Whether the moderators of a channel may ask it too, about theirs: its decision asks for the right there."""
    confidential: ClassVar[bool] = False  # no log and no trace says that it was asked, or by whom
    answered_as: ClassVar[str | None] = None  # the answer's type, if it is not the request's type

    # at the console (console/commands/grammar.py); a request without `command` is not typed there
    command: ClassVar[str | None] = None
    group: ClassVar[Group] = Group.SERVER  # the group in which it is listed
    arguments: ClassVar[tuple[str, ...]] = ()  # the fields given by position; the others are options
    examples: ClassVar[tuple[str, ...]] = ()
    destructive: ClassVar[bool] = False  # must be confirmed, after `consequence` is shown

    id: RequestId | msgspec.UnsetType = msgspec.UNSET

    def consequence(self, moment: Moment) -> Text:  # noqa: ARG002
        """Return the text to confirm: whom it hits, until when, and how to undo it if that is possible."""
        return Text(self.summary)

    @property
    def needs_store(self) -> bool:
        """Whether it is refused at once while nothing can be stored, if it has something to store."""
        return not self.kept_meanwhile

    @property
    def origin(self) -> Request:
        """The request that asked for the lookup, if this is the lookup's result; otherwise this request itself."""
        return self

    @property
    def wire_name(self) -> str:
        """The `type` with which this request came."""
        return str(self.__struct_config__.tag)


def because_of(what: Text, reason: str) -> Text:
    """Return a consequence with its reason, if there is one."""
    return Text(N_("{what} (reason: {reason})"), {"what": what, "reason": reason}) if reason else what


def without_secrets(value: Frozen) -> str:
    """Return a request or an answer for a log or a traceback, without its secrets."""
    return f"{type(value).__name__}(...)"


@functools.cache
def secret_fields(kind: type[Request]) -> frozenset[str]:
    """Return the fields of a kind of request that hold a Secret or an Unread, by their names on the wire."""
    described = msgspec.inspect.type_info(kind)
    assert isinstance(described, msgspec.inspect.StructType)
    return frozenset(field.encode_name for field in described.fields if _is_secret(field.type))


def _is_secret(described: msgspec.inspect.Type) -> bool:
    if isinstance(described, msgspec.inspect.UnionType):
        return any(map(_is_secret, described.types))
    return isinstance(described, msgspec.inspect.Metadata) and (described.extra or {}).get("kind") == "secret"


def subclasses(kind: type[Any]) -> list[type[Any]]:
    """Return every class below `kind`, parents first."""
    return [c for child in kind.__subclasses__() for c in (child, *subclasses(child))]


class Administration(Request, tag="-administration"):
    """A request that only an operator's session may make."""


class Internal(Request, tag="-internal"):
    """The result of an effect, or an event of the connection, on its way back to the hub."""

    permission = Permission.CONNECT
    summary = ""
    kept_meanwhile = True
    costs_quota = False
    is_paced = False
