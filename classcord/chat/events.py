"""What happened, as sessions hear it: events, which are pushed, and answers, of which each request has one.

Both are what the modern dialect writes; their fields are the wire's fields. Times are RFC 3339 strings. Knows no
session and no encoding.
"""

from __future__ import annotations

from typing import Any

import msgspec

from classcord.chat.text import Text


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="type"):
    """Something that whoever is concerned hears without having asked."""


class Said(
    Event, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="message", rename={"sender": "from"}
):  # fmt: skip
    """A message; it looks the same pushed and in a history."""

    message_id: int
    subtype: str  # global, channel or private
    channel: str | None
    sender: str
    to: str
    content: str
    timestamp: str


class StatusChanged(Event, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="status"):
    user: str
    state: str


class Joined(Event, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="joined"):
    channel: str
    user: str


class Left(Event, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="left"):
    channel: str
    user: str


class TopicChanged(Event, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="topic"):
    channel: str
    topic: str
    user: str
    timestamp: str


class Notice(Event, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="system"):
    """A sentence of the server's, read by each listener in their own language."""

    content: Text
    timestamp: str


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What one request is answered with; its `type` and `id` are the request's."""


class Done(Answer, frozen=True, kw_only=True, gc=False):
    """It was done, and there is nothing else to say."""

    status: str = "ok"


class Welcome(Answer, frozen=True, kw_only=True, gc=False):
    """The answer to `hello`."""

    server: str
    version: str
    protocol: int
    encoding: str
    lang: str
    limits: dict[str, float]
    auth: tuple[str, ...]
    features: tuple[str, ...]
    motd: str


class LoggedIn(Answer, frozen=True, kw_only=True, gc=False):
    """The session has this name now: its account's, or the one the guest got."""

    status: str = "ok"
    username: str
    role: str


class UsersListed(Answer, frozen=True, kw_only=True, gc=False):
    users: tuple[str, ...]


class StatusSet(Answer, frozen=True, kw_only=True, gc=False):
    user: str
    state: str


class Acknowledged(Answer, frozen=True, kw_only=True, gc=False):
    """The message is stored."""

    message_id: int
    timestamp: str


class HistoryRead(Answer, frozen=True, kw_only=True, gc=False):
    """A page of messages, oldest first; `more` says whether the history goes on in the direction that was read."""

    channel: str | None = None
    user: str | None = None
    messages: tuple[Said, ...]
    more: bool


class ChannelInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row of the list of channels."""

    name: str
    kind: str
    topic: str
    members: int
    member: bool
    read_only: bool


class ChannelsListed(Answer, frozen=True, kw_only=True, gc=False):
    channels: tuple[ChannelInfo, ...]


class MembersListed(Answer, frozen=True, kw_only=True, gc=False):
    """`online` are those of the members who are here."""

    channel: str
    members: tuple[str, ...]
    online: tuple[str, ...]


class ChannelEntered(Answer, frozen=True, kw_only=True, gc=False):
    """The session is a member of this channel now, or has made it."""

    status: str = "ok"
    channel: str
    kind: str
    topic: str


class TopicTold(Answer, frozen=True, kw_only=True, gc=False):
    status: str = "ok"
    channel: str
    topic: str


def _subclasses(kind: type[Any]) -> tuple[type[Any], ...]:
    return tuple(kind.__subclasses__())


EVENTS: tuple[type[Event], ...] = _subclasses(Event)
ANSWERS: tuple[type[Answer], ...] = _subclasses(Answer)
