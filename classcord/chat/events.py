"""What happened, as sessions hear it: events, which are pushed, and answers, of which each request has one.

Both are what the modern dialect writes; their fields are the wire's fields. Times are RFC 3339 strings. Knows no
session and no encoding.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

import msgspec

from classcord.chat.frozen import Frozen
from classcord.chat.text import N_, Text


def _shown_as(kind: str) -> msgspec.Meta:
    """Say what a value is, for whoever shows it to a person."""
    return msgspec.Meta(extra={"shown": kind})


def called(**labels: str) -> Mapping[str, str]:
    """Say what a person calls the fields of a Struct."""
    return MappingProxyType(labels)


Time = Annotated[str, _shown_as("time")]
"""A time as RFC 3339 has it."""
Bytes = Annotated[int, _shown_as("bytes")]
Seconds = Annotated[float, _shown_as("seconds")]
Payload = Annotated[str, _shown_as("payload")]
"""What an entry of the audit trail says of a change: a JSON object."""


class Event(Frozen, tag_field="type"):
    """Something that whoever is concerned hears without having asked."""


class Notice(Event, gc=True, tag="system"):
    """A sentence of the server's, read by each listener in their own language; `code` is a refusal's, if it is one."""

    content: Text
    timestamp: str
    code: str | None = None


class Answer(Frozen):
    """What one request is answered with; its `type` and `id` are the request's."""

    labels: ClassVar[Mapping[str, str]] = called()
    """What a person calls the fields, see Row."""


class Done(Answer):
    """It was done, and there is nothing else to say."""

    status: str = "ok"


class Performed(Answer, gc=True):
    """Something was done about the server itself; `notes` say what has come of it, where that is not plain."""

    status: str = "ok"
    notes: tuple[Text, ...] = ()


class Row(Frozen):
    """One row of a table; its fields are the columns."""

    labels: ClassVar[Mapping[str, str]] = called(
        name=N_("name"), user=N_("person"), role=N_("role"), state=N_("state"), since=N_("since"),
        until=N_("until"), sessions=N_("sessions"), channel=N_("channel"), channels=N_("channels"),
        kind=N_("kind"), topic=N_("topic"), at=N_("time"), version=N_("version"),
        accounts=N_("accounts"), file=N_("file"), messages=N_("messages")
    )  # fmt: skip
    """What a person calls the fields. A name of a field has one label wherever it occurs, and it is given once."""


def _subclasses(kind: type[Any]) -> tuple[type[Any], ...]:
    return tuple(kind.__subclasses__())
