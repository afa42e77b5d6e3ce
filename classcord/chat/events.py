"""What happened, as sessions hear it: events, which are pushed, and answers, of which each request has one.

Both are what the modern dialect writes; their fields are the wire's fields. Times are RFC 3339 strings. Knows no
session and no encoding.
"""

from __future__ import annotations

from typing import Any

from classcord.chat.frozen import Frozen
from classcord.chat.text import Text


class Event(Frozen, tag_field="type"):
    """Something that whoever is concerned hears without having asked."""


class Notice(Event, gc=True, tag="system"):
    """A sentence of the server's, read by each listener in their own language; `code` is a refusal's, if it is one."""

    content: Text
    timestamp: str
    code: str | None = None


class Answer(Frozen):
    """What one request is answered with; its `type` and `id` are the request's."""


class Done(Answer):
    """It was done, and there is nothing else to say."""

    status: str = "ok"


class Performed(Answer, gc=True):
    """Something was done about the server itself; `notes` say what has come of it, where that is not plain."""

    status: str = "ok"
    notes: tuple[Text, ...] = ()


class Row(Frozen):
    """One row of a table; its fields are the columns. Times are RFC 3339 strings."""


def _subclasses(kind: type[Any]) -> tuple[type[Any], ...]:
    return tuple(kind.__subclasses__())
