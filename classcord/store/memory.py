"""The ports in memory, for tests: tables are lists and dicts. Passes the same contract suite as SQLite."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from twisted.internet.defer import Deferred, fail, succeed

from classcord.chat import records
from classcord.chat.effects import Commit
from classcord.chat.records import Message, MessageAdded, PrivateMessageAdded, Record
from classcord.chat.state import LastIds
from classcord.store.ports import AuditEntry, Outcomes, StorageTrouble


class _Unchanged(Exception):
    """No row was changed; the argument is the constraint's name, if it was one."""


class Tables:
    """The rows."""

    def __init__(self) -> None:
        self.users: dict[int, records.UserAdded] = {}
        self.channels: dict[int, records.ChannelAdded] = {}
        self.members: dict[tuple[int, int], records.MemberAdded] = {}
        self.messages: dict[int, Message] = {}
        self.sessions: dict[int, tuple[records.SessionStarted, int | None]] = {}
        self.join_requests: dict[int, records.JoinRequested] = {}
        self.untold: dict[int, None] = {}  # ids of join_requests
        self.sanctions: dict[int, records.SanctionAdded] = {}
        self.lifted: dict[int, None] = {}  # ids of sanctions
        self.removed: dict[int, None] = {}  # ids of channels
        self.switches: dict[str, records.SettingSet] = {}
        self.audit: dict[int, AuditEntry] = {}
        self.last: dict[str, int] = {}  # the highest ids ever given, of what can be deleted

    def store(self, record: Record) -> None:
        """Change the rows as the record says; _Unchanged if there is nothing to change."""
        _STORE[type(record)](self, record)

    def _user_added(self, record: records.UserAdded) -> None:
        _unique("id", record.user_id, list(self.users))
        _unique("name", record.name_key, [u.name_key for u in self.users.values()])
        _unique("alias", record.alias_key, [u.alias_key for u in self.users.values()])
        self.users[record.user_id] = record
        self._given("users", record.user_id)

    def _given(self, table: str, number: int) -> None:
        self.last[table] = max(number, self.last.get(table, 0))

    def _password_changed(self, record: records.PasswordChanged) -> None:
        user = _existing(self.users, record.user_id)
        self.users[record.user_id] = msgspec.structs.replace(
            user,
            password_hash=record.password_hash,
            must_change=record.must_change,
            password_used=user.password_used and record.rehashed,
        )

    def _password_used(self, record: records.PasswordUsed) -> None:
        user = _existing(self.users, record.user_id)
        if user.password_used or not user.must_change:
            raise _Unchanged
        self.users[record.user_id] = msgspec.structs.replace(user, password_used=True)

    def _role_changed(self, record: records.RoleChanged) -> None:
        user = _existing(self.users, record.user_id)
        if user.role != record.before:
            raise _Unchanged
        self.users[record.user_id] = msgspec.structs.replace(user, role=record.role)

    def _user_removed(self, record: records.UserRemoved) -> None:
        gone = record.user_id
        _existing(self.users, gone)
        del self.users[gone]
        self.members = {key: each for key, each in self.members.items() if each.user_id != gone}
        self.join_requests = {key: each for key, each in self.join_requests.items() if each.user_id != gone}
        for number, channel in self.channels.items():
            if channel.made_by == gone:
                self.channels[number] = msgspec.structs.replace(channel, made_by=None, made_from="")
        _forget(self.messages, "author_id", gone)
        _forget(self.messages, "waiting_for", gone)
        for number, (started, ended) in self.sessions.items():
            if started.user_id == gone:
                self.sessions[number] = (msgspec.structs.replace(started, user_id=None), ended)

    def _channel_added(self, record: records.ChannelAdded) -> None:
        _unique("id", record.channel_id, list(self.channels))
        _referred(self.users, record.made_by)
        _unique("name", record.name_key, [c.name_key for c in self.channels.values()])
        self.channels[record.channel_id] = record
        self._given("channels", record.channel_id)

    def _channel_removed(self, record: records.ChannelRemoved) -> None:
        gone = record.channel_id
        channel = self._channel(gone)
        self.channels[gone] = msgspec.structs.replace(channel, name_key=f" {gone}")
        self.removed[gone] = None
        self.members = {key: each for key, each in self.members.items() if each.channel_id != gone}
        for number, request in self.join_requests.items():
            if request.channel_id == gone:
                self.untold.pop(number, None)
                if request.state == "pending":
                    self.join_requests[number] = msgspec.structs.replace(request, state="expired")

    def _channel(self, channel_id: int) -> records.ChannelAdded:
        """Return a channel that was not removed."""
        if channel_id in self.removed:
            raise _Unchanged
        channel: records.ChannelAdded = _existing(self.channels, channel_id)
        return channel

    def _channel_archived(self, record: records.ChannelArchived) -> None:
        channel = self._channel(record.channel_id)
        if channel.archived == record.archived:
            raise _Unchanged
        self.channels[record.channel_id] = msgspec.structs.replace(channel, archived=record.archived)

    def _topic_set(self, record: records.TopicSet) -> None:
        channel = self._channel(record.channel_id)
        self.channels[record.channel_id] = msgspec.structs.replace(channel, topic=record.topic)

    def _member_added(self, record: records.MemberAdded) -> None:
        _existing(self.users, record.user_id)
        self._channel(record.channel_id)
        self.members.setdefault((record.channel_id, record.user_id), record)

    def _member_removed(self, record: records.MemberRemoved) -> None:
        _existing(self.members, (record.channel_id, record.user_id))
        del self.members[record.channel_id, record.user_id]

    def _join_requested(self, record: records.JoinRequested) -> None:
        _existing(self.users, record.user_id)
        self._channel(record.channel_id)
        _unique("id", record.request_id, list(self.join_requests))
        waiting = [(r.channel_id, r.user_id) for r in self.join_requests.values() if r.state == "pending"]
        _unique("pending", (record.channel_id, record.user_id), waiting)
        self.join_requests[record.request_id] = record
        self.untold[record.request_id] = None
        self._given("join_requests", record.request_id)

    def _join_decided(self, record: records.JoinDecided) -> None:
        request = _existing(self.join_requests, record.request_id)
        if request.state != "pending":
            raise _Unchanged
        self.join_requests[record.request_id] = msgspec.structs.replace(
            request, state=record.state, decided_by=record.decided_by, reason=record.reason
        )
        if record.told:
            del self.untold[record.request_id]

    def _join_told(self, record: records.JoinTold) -> None:
        _existing(self.join_requests, record.request_id)
        _existing(self.untold, record.request_id)
        del self.untold[record.request_id]

    def sanctions_in_force(self, now: int) -> list[records.SanctionAdded]:
        """Return those that were not lifted and whose time, in milliseconds, is not up."""
        found = (s for number, s in sorted(self.sanctions.items()) if number not in self.lifted)
        return [s for s in found if s.until is None or s.until > now]

    def _sanction_added(self, record: records.SanctionAdded) -> None:
        in_force = self.sanctions_in_force(record.added_at)
        _unique("in force", (record.kind, record.target), [(s.kind, s.target) for s in in_force])
        _unique("id", record.sanction_id, list(self.sanctions))
        self.sanctions[record.sanction_id] = record

    def _sanction_lifted(self, record: records.SanctionLifted) -> None:
        _existing(self.sanctions, record.sanction_id)
        _unique("lifted", record.sanction_id, list(self.lifted))
        self.lifted[record.sanction_id] = None

    def _setting_set(self, record: records.SettingSet) -> None:
        self.switches[record.name] = record

    def _audited(self, record: records.Audited) -> None:
        number = 1 + len(self.audit)
        self.audit[number] = AuditEntry(id=number, **msgspec.structs.asdict(record))

    def _message_added(self, record: Message) -> None:
        if isinstance(record, MessageAdded):
            _existing(self.channels, record.channel_id)
        else:
            _referred(self.users, record.waiting_for)
        _referred(self.users, record.author_id)
        _unique("id", record.message_id, list(self.messages))
        self.messages[record.message_id] = record

    def waiting_for(self, user_id: int) -> list[PrivateMessageAdded]:
        """Return the private messages that are kept for an account."""
        private = (m for _, m in sorted(self.messages.items()) if isinstance(m, PrivateMessageAdded))
        return [m for m in private if m.waiting_for == user_id]

    def _message_kept(self, record: records.MessageKept) -> None:
        _existing(self.users, record.waiting_for)
        message = _existing(self.messages, record.message_id)
        self.messages[record.message_id] = msgspec.structs.replace(message, waiting_for=record.waiting_for)

    def _kept_handed_over(self, record: records.KeptHandedOver) -> None:
        kept = [m for m in self.waiting_for(record.user_id) if m.message_id <= record.up_to]
        if not kept:
            raise _Unchanged
        for message in kept:
            self.messages[message.message_id] = msgspec.structs.replace(message, waiting_for=None)

    def _session_started(self, record: records.SessionStarted) -> None:
        _referred(self.users, record.user_id)
        _unique("id", record.session_id, list(self.sessions))
        self.sessions[record.session_id] = (record, None)

    def _session_ended(self, record: records.SessionEnded) -> None:
        started, ended = _existing(self.sessions, record.session_id)
        if ended is not None:
            raise _Unchanged
        self.sessions[record.session_id] = (started, record.ended_at)

    def _sessions_closed(self, record: records.SessionsClosed) -> None:
        still_open = [started for started, ended in self.sessions.values() if ended is None]
        if not still_open:
            raise _Unchanged
        for started in still_open:
            self.sessions[started.session_id] = (started, record.at)


def _unique(constraint: str, value: object, others: Sequence[object]) -> None:
    if value is not None and value in others:
        raise _Unchanged(constraint)


def _referred(table: dict[Any, Any], key: object) -> None:
    if key is not None:
        _existing(table, key)


def _forget(table: dict[Any, Any], field: str, gone: int) -> None:
    """Refer to nobody any more where a row refers to an account that is gone."""
    for key, row in table.items():
        if getattr(row, field, None) == gone:
            table[key] = msgspec.structs.replace(row, **{field: None})


def _check_storable(record: Record) -> None:
    """Refuse what SQLite cannot hold: integers beyond 64 bits, characters that are none."""
    for value in msgspec.structs.astuple(record):
        if isinstance(value, str):
            value.encode()
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise OverflowError("an integer has more than 64 bits")


def _existing(table: dict[Any, Any], key: object) -> Any:
    if key not in table:
        raise _Unchanged
    return table[key]


_STORE: dict[type[Record], Callable[[Tables, Any], None]] = {
    records.UserAdded: Tables._user_added,
    records.PasswordChanged: Tables._password_changed,
    records.PasswordUsed: Tables._password_used,
    records.RoleChanged: Tables._role_changed,
    records.UserRemoved: Tables._user_removed,
    records.ChannelAdded: Tables._channel_added,
    records.ChannelArchived: Tables._channel_archived,
    records.ChannelRemoved: Tables._channel_removed,
    records.JoinRequested: Tables._join_requested,
    records.JoinDecided: Tables._join_decided,
    records.JoinTold: Tables._join_told,
    records.SanctionAdded: Tables._sanction_added,
    records.SanctionLifted: Tables._sanction_lifted,
    records.SettingSet: Tables._setting_set,
    records.Audited: Tables._audited,
    records.TopicSet: Tables._topic_set,
    records.MemberAdded: Tables._member_added,
    records.MemberRemoved: Tables._member_removed,
    records.MessageAdded: Tables._message_added,
    records.PrivateMessageAdded: Tables._message_added,
    records.MessageKept: Tables._message_kept,
    records.KeptHandedOver: Tables._kept_handed_over,
    records.SessionStarted: Tables._session_started,
    records.SessionEnded: Tables._session_ended,
    records.SessionsClosed: Tables._sessions_closed,
}


class Memory:
    """All ports at once. `trouble` makes the next writes fail, as a full disk does."""

    def __init__(self) -> None:
        self.tables = Tables()
        self.trouble: str | None = None

    def stored(self) -> tuple[list[Record], LastIds]:
        """Return what a start begins with."""
        tables = self.tables
        untold = (request for number, request in sorted(tables.join_requests.items()) if number in tables.untold)
        return [
            *tables.users.values(),
            *(channel for number, channel in tables.channels.items() if number not in tables.removed),
            *tables.members.values(),
            *tables.sanctions_in_force(int(time.time() * 1000)),
            *untold,
            *tables.switches.values(),
        ], LastIds(
            user=tables.last.get("users", 0),
            channel=tables.last.get("channels", 0),
            message=max(tables.messages, default=0),
            session=max(tables.sessions, default=0),
            sanction=max(tables.sanctions, default=0),
            join_request=tables.last.get("join_requests", 0),
        )

    def write(self, group: Sequence[Commit]) -> Deferred[Outcomes]:
        if self.trouble is not None:
            return fail(StorageTrouble(self.trouble))
        outcomes: Outcomes = {}
        for place, commit in enumerate(group):
            before = copy.copy(self.tables)
            for name, rows in vars(before).items():
                setattr(before, name, dict(rows))
            for record in commit.records:
                try:
                    if record.stored:
                        _check_storable(record)
                        self.tables.store(record)
                except (_Unchanged, OverflowError, UnicodeEncodeError) as error:
                    outcomes[place] = record.refusal(str(error)) if isinstance(error, _Unchanged) else error
                    self.tables = before
                    break
        return succeed(outcomes)

    def page(
        self,
        *,
        channel_id: int | None = None,
        conversation: str | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int,
    ) -> Deferred[Sequence[Message]]:
        found = [
            m
            for m in self._by_id()
            if (m.channel_id == channel_id if isinstance(m, MessageAdded) else m.conversation == conversation)
            and (after is None or m.message_id > after)
            and (before is None or m.message_id < before)
        ]
        return succeed(found[:limit] if after is not None else found[max(0, len(found) - limit) :])

    def _by_id(self) -> list[Message]:
        return [message for _, message in sorted(self.tables.messages.items())]

    def latest(self, channels: Sequence[tuple[int, int]], limit: int) -> Deferred[list[MessageAdded]]:
        bounds = dict(channels)
        of_channels = (m for m in self._by_id() if isinstance(m, MessageAdded))
        found = [m for m in of_channels if m.message_id <= bounds.get(m.channel_id, -1)]
        return succeed(found[max(0, len(found) - limit) :])

    def kept(self, user_id: int, limit: int) -> Deferred[list[PrivateMessageAdded]]:
        return succeed(self.tables.waiting_for(user_id)[:limit])

    def password_hash(self, user_id: int) -> Deferred[str | None]:
        user = self.tables.users.get(user_id)
        return succeed(user.password_hash if user else None)

    def entries(
        self, *, limit: int, before_id: int | None = None, actor: str | None = None, action: str | None = None
    ) -> Deferred[list[AuditEntry]]:
        found = [
            entry
            for entry in self.tables.audit.values()
            if (before_id is None or entry.id < before_id)
            and actor in (None, entry.actor)
            and action in (None, entry.action)
        ]
        return succeed(found[max(0, len(found) - limit) :])

    def rows(self, what: str, *, after_id: int, limit: int) -> Deferred[tuple[list[str], list[Sequence[Any]]]]:
        table: dict[int, Any] = getattr(self.tables, what)
        found = [self._exported(number, table[number]) for number in sorted(table) if number > after_id]
        columns = list(_EXPORTED[what])
        return succeed((columns, [tuple(row[column] for column in columns) for row in found[:limit]]))

    def _exported(self, number: int, row: Any) -> dict[str, object]:
        values = {"recipient": None, **msgspec.structs.asdict(row), "id": number}
        channel = self.tables.channels.get(values.get("channel_id", 0))
        return {**values, "channel": channel.name if channel else None}


_EXPORTED = {
    "users": ("id", "name", "role", "alias", "first_name", "last_name", "email", "added_at"),
    "messages": ("id", "at", "channel", "author", "recipient", "content"),
    "audit": AuditEntry.__struct_fields__,
}
