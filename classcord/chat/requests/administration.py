"""What those may ask who run the server. At the console alone: no line of the chat protocol is read as one of these."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from classcord.chat.durations import in_words
from classcord.chat.requests.base import (
    Duration,
    Moment,
    PersonName,
    Reason,
    Request,
    Secret,
    Watched,
    Words,
    because_of,
    without_secrets,
)
from classcord.chat.requests.everyone import History
from classcord.chat.requests.moderation import RoleLabel
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text


class Administration(Request, frozen=True, kw_only=True, gc=False, tag="-administration"):
    """A request that only an operator's session makes."""


class Present(Administration, frozen=True, kw_only=True, gc=False, tag="who"):
    permission = Permission.SEE_CONNECTIONS
    summary = N_("list who is here, since when and from where")
    command = "who"


class Whois(Administration, frozen=True, kw_only=True, gc=False, tag="whois"):
    permission = Permission.SEE_CONNECTIONS
    summary = N_("tell all that is known of a person")
    command = "whois"
    arguments = ("user",)
    examples = ("whois bob",)

    user: PersonName


class Accounts(Administration, frozen=True, kw_only=True, gc=False, tag="users"):
    permission = Permission.SEE_CONNECTIONS
    summary = N_("list the accounts")
    command = "users"
    arguments = ("role",)
    examples = ("users", "users moderator")

    role: RoleLabel | None = None


class Sessions(Administration, frozen=True, kw_only=True, gc=False, tag="sessions"):
    permission = Permission.SEE_CONNECTIONS
    summary = N_("list the connections")
    command = "sessions"


class AddUser(Administration, frozen=True, kw_only=True, gc=False, tag="adduser"):
    permission = Permission.MANAGE_ACCOUNTS
    summary = N_("make an account; without a password one is made up and shown")
    command = "adduser"
    arguments = ("username", "role")
    examples = ("adduser alice", "adduser dupont moderator")
    __repr__ = without_secrets

    username: PersonName
    role: RoleLabel = "member"
    password: Secret = ""


class DelUser(Administration, frozen=True, kw_only=True, gc=False, tag="deluser"):
    permission = Permission.MANAGE_ACCOUNTS
    summary = N_("delete an account; its messages in channels stay")
    command = "deluser"
    arguments = ("user",)
    examples = ("deluser bob",)
    destructive = True

    user: PersonName

    def consequence(self, moment: Moment) -> Text:  # noqa: ARG002
        return Text(N_("Delete the account {user}; this cannot be undone"), {"user": self.user})


class Passwd(Administration, frozen=True, kw_only=True, gc=False, tag="passwd"):
    permission = Permission.MANAGE_ACCOUNTS
    summary = N_("give an account another password; without one it is made up and shown")
    command = "passwd"
    arguments = ("user",)
    examples = ("passwd bob",)
    __repr__ = without_secrets

    user: PersonName
    password: Secret = ""


class Audit(Administration, frozen=True, kw_only=True, gc=False, tag="audit"):
    permission = Permission.AUDIT
    summary = N_("read the audit trail, the latest entries last")
    command = "audit"
    arguments = ("limit",)
    examples = ("audit", "audit 200 --actor prof", "audit --action user-removed")
    reads_store = True

    limit: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 50
    actor: PersonName | None = None
    action: str | None = None


class Export(Administration, frozen=True, kw_only=True, gc=False, tag="export"):
    permission = Permission.EXPORT
    summary = N_("write out all users, messages or the audit trail")
    command = "export"
    kept_meanwhile = True
    arguments = ("what",)
    examples = (
        "export users",
        "export users --excel",
        "export messages --format ndjson",
        'export messages --reason "demande du proviseur"',
    )
    reads_store = True

    what: Literal["users", "messages", "audit"]
    format: Literal["csv", "json", "ndjson"] = "csv"
    bom: bool = False  # for Excel, which takes a CSV without one for windows-1252
    excel: bool = False  # a CSV for a double click in a French Excel: that mark, semicolons, times it reads
    reason: Reason = ""

    @property
    def needs_store(self) -> bool:
        """Private messages are shown only when it is stored who reads them, and why."""
        return bool(self.reason.strip())


class Messages(History, Administration, frozen=True, kw_only=True, gc=False, tag="messages"):
    """The history as a table: what was said by its numbers, which `--before` and `--after` take."""

    summary = N_("list the last messages of a channel or conversation as a table")
    command = "messages"
    examples = ("messages #dev 100", "messages --after 1200 --limit 200")


class Stats(Administration, frozen=True, kw_only=True, gc=False, tag="stats"):
    permission = Permission.WATCH
    summary = N_("tell how the server is doing")
    command = "stats"


class Top(Administration, frozen=True, kw_only=True, gc=False, tag="top"):
    permission = Permission.WATCH
    summary = N_("watch how the server is doing")
    command = "top"
    kept_meanwhile = True


class Tail(Administration, frozen=True, kw_only=True, gc=False, tag="tail"):
    permission = Permission.WATCH
    summary = N_("watch what happens; with words, only lines that have them all")
    command = "tail"
    kept_meanwhile = True
    arguments = ("only",)
    examples = ("tail", "tail #dev", "tail refused")

    only: Words = ""
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""

    @property
    def needs_store(self) -> bool:
        """Private messages are shown only when it is stored who reads them, and why."""
        return bool(self.reason.strip())


class Trace(Administration, frozen=True, kw_only=True, gc=False, tag="trace"):
    permission = Permission.WATCH
    summary = N_("watch the lines that go to and from somebody's client; passwords are masked")
    command = "trace"
    kept_meanwhile = True
    arguments = ("target",)
    examples = ("trace bob", "trace 192.168.1.50", "trace 12", 'trace bob --reason "son client ne reçoit rien"')

    target: Watched
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""

    @property
    def needs_store(self) -> bool:
        """Private messages are shown only when it is stored who reads them, and why."""
        return bool(self.reason.strip())


class LogLevel(Administration, frozen=True, kw_only=True, gc=False, tag="loglevel"):
    permission = Permission.RUN_SERVER
    summary = N_("say from which importance on the log is written, until the settings are read again")
    command = "loglevel"
    kept_meanwhile = True
    arguments = ("level",)
    examples = ("loglevel debug",)

    level: Literal["debug", "info", "warn", "error"]


class Reload(Administration, frozen=True, kw_only=True, gc=False, tag="reload"):
    permission = Permission.RUN_SERVER
    summary = N_("read settings, certificate and keys again")
    command = "reload"
    kept_meanwhile = True


class TestMail(Administration, frozen=True, kw_only=True, gc=False, tag="test-mail"):
    permission = Permission.RUN_SERVER
    summary = N_("send a mail by way of [alerts] relay, and tell what the relay says")
    command = "test-mail"
    kept_meanwhile = True
    __test__ = False  # no test, whatever pytest takes the name for


class Maintenance(Administration, frozen=True, kw_only=True, gc=False, tag="maintenance"):
    permission = Permission.RUN_SERVER
    summary = N_("let only moderators and above in, or everyone again; alone, tell which it is")
    command = "maintenance"
    told = ("reason",)
    arguments = ("state", "reason")
    examples = ("maintenance", "maintenance on Retour à 18 h", "maintenance off")

    state: Literal["on", "off"] | None = None
    reason: Reason = ""


class Backup(Administration, frozen=True, kw_only=True, gc=False, tag="backup"):
    permission = Permission.RUN_SERVER
    summary = N_("make a backup of the database in the folder backups of the data folder")
    command = "backup"


class Shutdown(Administration, frozen=True, kw_only=True, gc=False, tag="shutdown"):
    permission = Permission.RUN_SERVER
    summary = N_("stop the server, at once or after a time of which everyone is told; `shutdown cancel` calls it off")
    command = "shutdown"
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


class Restart(Shutdown, frozen=True, kw_only=True, gc=False, tag="restart"):
    summary = N_("stop the server and start it again")
    command = "restart"
    examples = ("restart 1m Mise à jour",)
    _plan = (
        N_("Restart the server now: everyone is disconnected for a moment"),
        N_("Restart the server in {time}, at {at}"),
    )


class CancelShutdown(Administration, frozen=True, kw_only=True, gc=False, tag="cancel"):
    permission = Permission.RUN_SERVER
    summary = N_("call off a shutdown or a restart")
    command = "cancel"
    kept_meanwhile = True


class Blocks(Administration, frozen=True, kw_only=True, gc=False, tag="blocks"):
    permission = Permission.BAN_NETWORK
    summary = N_("list the addresses that are blocked for a time, because too many logins from them have failed")
    command = "blocks"


class Unblock(Administration, frozen=True, kw_only=True, gc=False, tag="unblock"):
    permission = Permission.BAN_NETWORK
    summary = N_("let an address in again that was blocked after failed logins")
    command = "unblock"
    kept_meanwhile = True
    arguments = ("address",)
    examples = ("unblock 203.0.113.7",)

    address: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Version(Administration, frozen=True, kw_only=True, gc=False, tag="version"):
    permission = Permission.SEE_CONNECTIONS
    summary = N_("tell which version runs")
    command = "version"


class Python(Administration, frozen=True, kw_only=True, gc=False, tag="python"):
    permission = Permission.RUN_PYTHON
    summary = N_("open a Python prompt inside the running server")
    command = "python"
