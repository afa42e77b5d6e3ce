"""The words of operations. Decides nothing."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from classcord.chat.durations import in_words
from classcord.chat.errors import ChatError, Conflict, NotFound, StorageUnavailable
from classcord.chat.events import Answer, Bytes, Ok, Row, Seconds, Time, called
from classcord.chat.requests import (
    Administration,
    Duration,
    Group,
    Moment,
    PageSize,
    PersonName,
    Reason,
    Request,
    because_of,
)
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text


class NoBackup(StorageUnavailable):
    template = N_("No backup was made: {why}")


class SettingsRefused(ChatError):
    code = "settings_refused"
    template = N_("Nothing was changed, the settings stay as they were: {why}")


class CertificateRefused(SettingsRefused):
    template = N_(
        "The settings were read again, but the old TLS certificate stays, for the new one cannot be used: {why}"
    )


class MailNotSent(ChatError):
    code = "mail_not_sent"
    template = N_("The mail was not sent: {why}")


class NoShutdown(NotFound):
    template = N_("No shutdown and no restart is under way: there is nothing to call off.")


class EndIsNear(Conflict):
    template = N_("The server is about to stop or to restart already, in {time}; `cancel` calls that off.")


class Sessions(Request, tag="sessions"):
    """The connections, the newest last; with `user`, those of one person."""

    permission = Permission.SEE_CONNECTIONS
    summary = N_("list the connections")
    command = "sessions"
    group = Group.PEOPLE
    examples = ("sessions", "sessions --user bob")

    user: PersonName | None = None
    limit: PageSize | None = None


class Stats(Request, tag="stats"):
    permission = Permission.WATCH
    summary = N_("tell how the server is doing")
    command = "stats"
    group = Group.WATCHING


class LogLevel(Administration, tag="loglevel"):
    permission = Permission.RUN_SERVER
    summary = N_("say from which importance on the log is written, until the settings are read again")
    command = "loglevel"
    group = Group.SERVER
    kept_meanwhile = True
    arguments = ("level",)
    examples = ("loglevel debug",)

    level: Literal["debug", "info", "warn", "error"]


class Reload(Administration, tag="reload"):
    permission = Permission.RUN_SERVER
    summary = N_("read settings, certificate and keys again")
    command = "reload"
    group = Group.SERVER
    kept_meanwhile = True


class TestMail(Administration, tag="test-mail"):
    permission = Permission.RUN_SERVER
    summary = N_("send a mail by way of [alerts] relay, and tell what the relay says")
    command = "test-mail"
    group = Group.SERVER
    kept_meanwhile = True
    __test__ = False  # no test, though pytest would take it for one by its name


class Backup(Administration, tag="backup"):
    permission = Permission.RUN_SERVER
    summary = N_("make a backup of the database in the folder backups of the data folder")
    command = "backup"
    group = Group.SERVER


class Shutdown(Administration, tag="shutdown"):
    permission = Permission.RUN_SERVER
    summary = N_("stop the server, at once or after a time of which everyone is told; `shutdown cancel` calls it off")
    command = "shutdown"
    group = Group.SERVER
    kept_meanwhile = True
    told = ("reason",)
    arguments = ("delay", "reason")
    examples: ClassVar[tuple[str, ...]] = ("shutdown 5m Mise à jour", "shutdown cancel")
    destructive = True
    _plan: ClassVar[tuple[str, str]] = (
        N_("Stop the server now: everyone is disconnected, and only the machine's administrator can start it again"),
        N_("Stop the server in {time}, at {at}"),
    )

    delay: Duration = 0.0
    reason: Reason = ""

    def consequence(self, moment: Moment) -> Text:
        now, later = self._plan
        if not self.delay:
            return because_of(Text(now), self.reason)
        what = because_of(Text(later, {"time": in_words(self.delay), "at": moment(self.delay)}), self.reason)
        return Text(N_("{what}; `shutdown cancel` calls it off"), {"what": what})


class Restart(Shutdown, tag="restart"):
    summary = N_("stop the server and start it again")
    command = "restart"
    group = Group.SERVER
    examples = ("restart 1m Mise à jour",)
    _plan = (
        N_("Restart the server now: everyone is disconnected for a moment"),
        N_("Restart the server in {time}, at {at}"),
    )


class CancelShutdown(Administration, tag="cancel"):
    permission = Permission.RUN_SERVER
    summary = N_("call off a shutdown or a restart")
    command = "cancel"
    group = Group.SERVER
    kept_meanwhile = True


class Blocks(Administration, tag="blocks"):
    permission = Permission.BAN_NETWORK
    summary = N_("list the addresses that are blocked for a time, because too many logins from them have failed")
    command = "blocks"
    group = Group.KEEPING_ORDER


class Unblock(Administration, tag="unblock"):
    permission = Permission.BAN_NETWORK
    summary = N_("let an address in again that was blocked after failed logins")
    command = "unblock"
    group = Group.KEEPING_ORDER
    kept_meanwhile = True
    arguments = ("address",)
    examples = ("unblock 203.0.113.7",)

    address: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Version(Administration, tag="version"):
    permission = Permission.SEE_CONNECTIONS
    summary = N_("tell which version runs")
    command = "version"
    group = Group.SERVER


class SessionInfo(Row):
    """A connection; `name` is empty before a login; `waiting` is the number of bytes that it has not read."""

    session: int
    name: str
    address: str
    face: str
    dialect: str
    since: Time
    waiting: Bytes

    labels = called(
        address=N_("from"), session=N_("session"), face=N_("by way of"), dialect=N_("dialect"), waiting=N_("unread")
    )


class SessionsListed(Answer):
    sessions: tuple[SessionInfo, ...]


class BlockInfo(Row):
    """An address that is refused after failed logins: `blocked`, or `guarded` if only names unknown to it are."""

    address: str
    kind: str
    failures: int
    since: Time
    until: Time

    labels = called(failures=N_("failures"))


class BlocksListed(Answer):
    blocks: tuple[BlockInfo, ...]


class StatsTold(Answer):
    """Figures of the server: times in seconds, memory in bytes; rates and latencies of the last minute.

    `retention_run` is when the last run of retention began, and `retention_ended` None while it is under way.
    `quiet_until` is None unless quiet hours hold.
    `stops_at` is None unless a stop or restart is planned; `starts_again` says which of the two.
    """

    version: str
    since: Time
    uptime: Seconds
    connections: int
    people: int
    accounts: int
    channels: int
    last_message_id: int
    messages_per_second: float
    commit_p50: Seconds | None
    commit_p99: Seconds | None
    group_size: float | None
    queue: int
    memory: Bytes
    database: Bytes
    files: int = 0
    file_bytes: Bytes = 0
    disk_free: Bytes | None = None
    lessons: int = 0
    retention_run: Time | None = None
    retention_ended: Time | None = None
    maintenance: bool = False
    maintenance_reason: str | None = None
    quiet_until: Time | None = None
    stops_at: Time | None = None
    starts_again: bool | None = None

    labels = called(
        uptime=N_("running for"),
        connections=N_("connections"),
        people=N_("people"),
        last_message_id=N_("last message"),
        messages_per_second=N_("messages/s"),
        commit_p50=N_("commit, median"),
        commit_p99=N_("commit, 99 %"),
        group_size=N_("commits together"),
        queue=N_("queue"),
        memory=N_("memory"),
        database=N_("database"),
        files=N_("files"),
        file_bytes=N_("files, size"),
        disk_free=N_("free on the disk"),
        retention_run=N_("retention, last run"),
        retention_ended=N_("retention, ended"),
        quiet_until=N_("quiet hours until"),
        stops_at=N_("stops at"),
        starts_again=N_("starts again"),
    )


class VersionTold(Answer):
    version: str
    python: str
    twisted: str
    sqlite: str


class MailTried(Answer, kw_only=True):
    """The relay has accepted a mail: its answer, and each recipient that it refused, with the reason."""

    status: Ok = "ok"
    relay: str
    to: tuple[str, ...]
    said: str
    refused: tuple[str, ...]

    labels = called(relay=N_("relay"), said=N_("its answer"), refused=N_("those refused"))


class BackedUp(Answer, kw_only=True):
    """A backup was made and verified: its file, its size in bytes, and its duration in seconds.

    `removed` are the older backups that the settings no longer keep.
    """

    status: Ok = "ok"
    file: str
    bytes: Bytes
    messages: int
    accounts: int
    seconds: Seconds
    removed: tuple[str, ...] = ()

    labels = called(bytes=N_("size"), seconds=N_("took"), removed=N_("removed"))
