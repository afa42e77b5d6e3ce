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


class ChannelDeleted(Event, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="channel_deleted"):
    """A channel that its listeners were in is gone."""

    channel: str
    user: str
    timestamp: str


class Notice(Event, frozen=True, kw_only=True, omit_defaults=True, gc=True, tag="system"):
    """A sentence of the server's, read by each listener in their own language; `code` is a refusal's, if it is one."""

    content: Text
    timestamp: str
    code: str | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What one request is answered with; its `type` and `id` are the request's."""


class Done(Answer, frozen=True, kw_only=True, gc=False):
    """It was done, and there is nothing else to say."""

    status: str = "ok"


class Performed(Answer, frozen=True, kw_only=True, gc=True):
    """Something was done about the server itself; `notes` say what has come of it, where that is not plain."""

    status: str = "ok"
    notes: tuple[Text, ...] = ()


class Welcome(Answer, frozen=True, kw_only=True, gc=True):
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
    must_change: bool | None = None  # true: the password was for one time, nothing else is done before it is changed


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
    """The session is a member of this channel now, or has made it; `pending`: it has asked to be admitted."""

    status: str = "ok"
    channel: str
    kind: str
    topic: str


class TopicTold(Answer, frozen=True, kw_only=True, gc=False):
    status: str = "ok"
    channel: str
    topic: str


# -- what administrators are answered: tables, whose rows are Structs ----------------------------------------------


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row of a table; its fields are the columns. Times are RFC 3339 strings."""


class MessageRow(Row, frozen=True, kw_only=True, gc=False):
    """A message; `to` is the person to whom a private one was written, which has no channel."""

    id: int
    at: str
    channel: str | None
    user: str
    to: str | None
    content: str


class MessagesListed(Answer, frozen=True, kw_only=True, gc=False):
    """A page of messages, oldest first."""

    messages: tuple[MessageRow, ...]


class Pending(Row, frozen=True, kw_only=True, gc=False):
    """Somebody asks to be admitted."""

    user: str
    channel: str
    since: str
    until: str


class RequestsListed(Answer, frozen=True, kw_only=True, gc=False):
    requests: tuple[Pending, ...]


class SanctionInfo(Row, frozen=True, kw_only=True, gc=False):
    """`until` is None for good."""

    kind: str
    target: str
    by: str
    since: str
    until: str | None
    reason: str


class SanctionsListed(Answer, frozen=True, kw_only=True, gc=False):
    sanctions: tuple[SanctionInfo, ...]


class Sanctioned(Answer, frozen=True, kw_only=True, gc=True):
    """It is in force; `until` is None for good, `hint` what one might want to do besides."""

    status: str = "ok"
    target: str
    until: str | None
    reason: str = ""
    hint: Text | None = None


class PersonInfo(Row, frozen=True, kw_only=True, gc=False):
    name: str
    role: str
    state: str
    since: str
    addresses: tuple[str, ...]
    sessions: tuple[int, ...]


class PeopleListed(Answer, frozen=True, kw_only=True, gc=False):
    people: tuple[PersonInfo, ...]


class PersonTold(Answer, frozen=True, kw_only=True, gc=False):
    """All that is known of a person; what does not apply is None."""

    name: str
    role: str
    account: bool
    state: str
    since: str | None
    addresses: tuple[str, ...]
    sessions: tuple[int, ...]
    channels: tuple[str, ...]
    waits_for: tuple[str, ...]
    sanctions: tuple[SanctionInfo, ...]


class AccountInfo(Row, frozen=True, kw_only=True, gc=False):
    name: str
    role: str
    online: bool
    added: str


class AccountsListed(Answer, frozen=True, kw_only=True, gc=False):
    accounts: tuple[AccountInfo, ...]


class SessionInfo(Row, frozen=True, kw_only=True, gc=False):
    """A connection; `name` is empty while it has not said who it is, `waiting` are the bytes it has not read."""

    session: int
    name: str
    address: str
    face: str
    dialect: str
    since: str
    waiting: int


class SessionsListed(Answer, frozen=True, kw_only=True, gc=False):
    sessions: tuple[SessionInfo, ...]


class BlockInfo(Row, frozen=True, kw_only=True, gc=False):
    """An address that is refused after failed logins: `blocked`, or `guarded` if only strangers to it are."""

    address: str
    kind: str
    failures: int
    since: str
    until: str


class BlocksListed(Answer, frozen=True, kw_only=True, gc=False):
    blocks: tuple[BlockInfo, ...]


class AccountMade(Answer, frozen=True, kw_only=True, gc=True):
    """An account has this password; `password` is told only where it was made up."""

    status: str = "ok"
    user: str
    password: str | None = None
    hint: Text | None = None


class AuditRow(Row, frozen=True, kw_only=True, gc=False):
    """One entry of the audit trail; what was erased is None."""

    id: int
    at: str
    actor: str | None
    actor_address: str | None
    action: str
    object_type: str
    object_id: str | None
    before: str | None
    after: str | None


class AuditRead(Answer, frozen=True, kw_only=True, gc=False):
    entries: tuple[AuditRow, ...]


class StatsTold(Answer, frozen=True, kw_only=True, gc=False):
    """How the server is doing: times in seconds, memory in bytes; rates and latencies of the last minute.

    `stops_at` is None unless somebody has had it stopped or restarted; `starts_again` says which.
    """

    version: str
    since: str
    uptime: float
    connections: int
    people: int
    accounts: int
    channels: int
    last_message_id: int
    messages_per_second: float
    commit_p50: float | None
    commit_p99: float | None
    group_size: float | None
    queue: int
    memory: int
    database: int
    maintenance: bool = False
    maintenance_reason: str | None = None
    stops_at: str | None = None
    starts_again: bool | None = None


class MaintenanceTold(Answer, frozen=True, kw_only=True, gc=False):
    """Whether only moderators and above come in."""

    maintenance: bool
    maintenance_reason: str | None


class VersionTold(Answer, frozen=True, kw_only=True, gc=False):
    version: str
    python: str
    twisted: str
    sqlite: str


class MailTried(Answer, frozen=True, kw_only=True, gc=False):
    """The relay has taken a mail: what it said, and whom it refused, each with its words."""

    status: str = "ok"
    relay: str
    to: tuple[str, ...]
    said: str
    refused: tuple[str, ...]


class Watching(Answer, frozen=True, kw_only=True, gc=False):
    """One may watch from now on; `private` says whether private messages are shown.

    `sessions` are watched, and whatever connections come later under `name` or from `network`.
    """

    status: str = "ok"
    private: bool = False
    sessions: tuple[int, ...] = ()
    name: str | None = None
    network: str | None = None


class Exporting(Answer, frozen=True, kw_only=True, gc=False):
    """What may be written out; `private` says whether private messages are."""

    status: str = "ok"
    what: str
    private: bool = False


class BackedUp(Answer, frozen=True, kw_only=True, gc=False):
    """A backup was made and read again: its file, which has so many bytes, took so many seconds.

    `removed` are the older ones that the settings no longer keep.
    """

    status: str = "ok"
    file: str
    bytes: int
    messages: int
    accounts: int
    seconds: float
    removed: tuple[str, ...] = ()


class Known(Answer, frozen=True, kw_only=True, gc=False):
    """Whoever gave this password may administer."""

    name: str
    role: str
    account_id: int
    must_change: bool


def _subclasses(kind: type[Any]) -> tuple[type[Any], ...]:
    return tuple(kind.__subclasses__())


EVENTS: tuple[type[Event], ...] = _subclasses(Event)
ANSWERS: tuple[type[Answer], ...] = _subclasses(Answer)
