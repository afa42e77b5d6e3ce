"""Events and answers, as sessions hear them: events are pushed, and each request has one answer.

The modern dialect writes both as they are; their fields are the fields of the wire. Times are RFC 3339 strings. Knows
no session and no encoding.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

import msgspec

from classcord.chat.frozen import Frozen
from classcord.chat.roles import Role
from classcord.chat.text import N_, Text


def _shown_as(kind: str) -> msgspec.Meta:
    """State the kind of a value, for code that shows it to a person."""
    return msgspec.Meta(extra={"shown": kind})


def called(**labels: str) -> Mapping[str, str]:
    """State what people call the fields of a Struct."""
    return MappingProxyType(labels)


def written_as(**words: object) -> msgspec.Meta:
    """State for the protocol's schema what an answer or event has in a field, beyond the field's type."""
    return msgspec.Meta(extra_json_schema=words)


Time = Annotated[str, _shown_as("time"), written_as(format="date-time")]
"""A time in the form of RFC 3339."""
Ok = Annotated[str, written_as(const="ok")]
RoleLabel = Annotated[str, written_as(enum=[role.label for role in Role])]
MessageNumber = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
Bytes = Annotated[int, _shown_as("bytes")]
Seconds = Annotated[float, _shown_as("seconds")]
Payload = Annotated[str, _shown_as("payload")]
"""The details of a change in an entry of the audit trail: a JSON object."""
Mark = Annotated[bool, _shown_as("nowhere")]
"""What only clients need to know of a row: it is no column of a table."""


class Event(Frozen, tag_field="type"):
    """Something that happened; everyone concerned hears it without having asked."""


NoticeKind = Annotated[
    str | None, written_as(enum=["arrival", "departure", "role", "warning", "announcement", "waiting"])
]


class Notice(Event, gc=True, tag="system"):
    """A sentence of the server, which each listener reads in their own language; `code` is set if it is a refusal.

    `kind` says what the sentence is about, where a client shows that in a way of its own.
    """

    content: Text
    timestamp: Time
    code: str | None = None
    kind: NoticeKind = None


class Answer(Frozen):
    """The answer to one request, with the request's `type` and `id`."""

    labels: ClassVar[Mapping[str, str]] = called()
    """What people call the fields, see Row."""


class Done(Answer):
    """It was done; there is nothing else to say."""

    status: Ok = "ok"


class Performed(Answer, gc=True):
    """An operation of the server was done; `notes` say the result if it is not obvious."""

    status: Ok = "ok"
    notes: tuple[Text, ...] = ()


class Row(Frozen):
    """One row of a table; its fields are the columns."""

    labels: ClassVar[Mapping[str, str]] = called(
        name=N_("name"),
        user=N_("person"),
        role=N_("role"),
        state=N_("state"),
        since=N_("since"),
        until=N_("until"),
        sessions=N_("sessions"),
        channel=N_("channel"),
        channels=N_("channels"),
        kind=N_("kind"),
        topic=N_("topic"),
        at=N_("time"),
        version=N_("version"),
        accounts=N_("accounts"),
        file=N_("file"),
        messages=N_("messages"),
    )
    """What people call the fields. A field name has the same label everywhere, and is given it once."""
    briefly: ClassVar[tuple[str, ...]] = ()
    """The fields that are shown of a row within a row of a table; none are named: all."""
