"""The settings: every key of classcord.toml with its default and its kind of value, a Struct for each table.

etc/classcord.toml explains each key. Reads nothing and starts nothing: each service receives the table that it needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from classcord.chat.names import channel_key
from classcord.chat.retention.durations import Durations
from classcord.chat.text import N_
from classcord.services.passwords.directory.options import DirectoryOptions
from classcord.settings import rules
from classcord.store.ports.database_urls import DEFAULT, file_of


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


class ServerSettings(Table, frozen=True):
    """How the server presents itself."""

    name: rules.Title = "ClassCord"
    motd: rules.Lines = ""
    language: rules.Language = "fr"
    timezone: rules.TimeZone = "Europe/Paris"


class ListenSettings(Table, frozen=True):
    """Where connections are accepted."""

    chat: rules.Endpoints = ("tcp:12345",)
    tls: rules.Endpoints = ("tcp:12346",)
    ssh: rules.Endpoints = ("tcp:2222",)
    web: rules.Endpoints = ("tcp:8080",)
    web_tls: rules.Endpoints = ("tcp:8443",)
    metrics: rules.Endpoints = ("tcp:12347:interface=127.0.0.1",)
    trusted_proxies: rules.Networks = ()

    def for_users(self) -> dict[str, tuple[str, ...]]:
        """Return the endpoints that users connect to, by their keys: without one of them a server does not start."""
        return {"chat": self.chat, "tls": self.tls, "ssh": self.ssh, "web": self.web, "web_tls": self.web_tls}

    def encrypts(self) -> tuple[str, ...]:
        """Return the endpoints that use the certificate."""
        return self.tls + self.web_tls


class WebSettings(Table, frozen=True):
    """At which address people find the page, and which other pages may connect to the chat."""

    address: rules.WebAddress = ""
    origins: rules.Origins = ()


class TLSSettings(Table, frozen=True):
    """The folder of the certificate."""

    directory: rules.Folder = ""

    def path(self, data: Path) -> Path:
        """Return the folder of the certificate; by default `tls` in the data folder."""
        return Path(self.directory) if self.directory else data / "tls"


class StorageSettings(Table, frozen=True):
    """Where the database is, and how safely it is written."""

    url: rules.Database = DEFAULT
    synchronous: rules.Synchronous = "FULL"

    def path(self, data: Path) -> Path:
        """Return the database file; a relative one lies in the data folder."""
        return file_of(self.url, data)


class AccountsSettings(Table, frozen=True):
    """Who may log in."""

    registration: rules.Registration = "open"
    guests: rules.Switch = True
    min_password: rules.Few = 4
    session_days: rules.Few = 14


class LimitsSettings(Table, frozen=True):
    """The limits."""

    connections: rules.Limit = 10_000
    connections_per_address: rules.Limit = 1000
    registrations_per_hour: rules.Limit = 200
    channels_per_address: rules.Limit = 200
    stored_bytes_per_day: rules.Limit = 20_000_000
    line_bytes: rules.Size = 65_536
    content_chars: rules.Limit = 10_000
    messages_per_second: rules.Rate = 5.0
    burst: rules.Limit = 25
    bad_lines: rules.Limit = 50
    outbox_bytes: rules.Size = 4_194_304
    heartbeat: rules.Heartbeat = 30
    allow: rules.Networks = ()
    deny: rules.Networks = ()
    shared_addresses: rules.Networks = ()
    block_after: rules.Limit = 20
    block_within: rules.Limit = 600
    block_seconds: rules.Limit = 900
    history_lines: rules.Few = 20
    announce_below: rules.Many = 50


class ChannelSettings(Table, frozen=True):
    """A channel that is created at the first start."""

    name: rules.ChannelName
    kind: rules.ChannelKind = "open"
    topic: rules.Line = ""
    guests: rules.Switch = True
    read_only: rules.Switch = False
    slow: rules.Pause = 0
    hold: rules.Switch = False


def _all_differ(channels: Sequence[ChannelSettings]) -> bool:
    return len({channel_key(channel.name) for channel in channels}) == len(channels)


ListedChannels = Annotated[
    tuple[Annotated[ChannelSettings, rules.Rule(N_('a table such as {{name = "Blabla", kind = "open"}}'))], ...],
    rules.Rule(N_("a list of channels, no two of one name"), _all_differ),
]


class ChannelsSettings(Table, frozen=True):
    """Which channels exist."""

    create: rules.RoleLabel = "member"
    request_days: rules.Days = 14
    listed: ListedChannels = msgspec.field(default=(), name="list")


class PrivateMessagesSettings(Table, frozen=True):
    """Who may write privately to whom."""

    policy: rules.PrivatePolicy = "all"


class QuietHoursSettings(Table, frozen=True):
    """When quiet hours hold, in which channels and for whom they do not."""

    on: rules.Switch = False
    monday: rules.Spans = "20:00-07:00"
    tuesday: rules.Spans = "20:00-07:00"
    wednesday: rules.Spans = "20:00-07:00"
    thursday: rules.Spans = "20:00-07:00"
    friday: rules.Spans = "20:00-07:00"
    saturday: rules.Spans = "20:00-07:00"
    sunday: rules.Spans = "20:00-07:00"
    weekends: rules.Switch = True
    holidays: rules.Holidays = ()
    calendar: rules.File = ""
    channels: rules.ChannelNames = ()
    exempt: rules.RoleLabel = "moderator"

    def week(self) -> tuple[str, ...]:
        """Return the times of each day, Monday first."""
        return tuple(getattr(self, day) for day in rules.WEEK)


class WordsSettings(Table, frozen=True):
    """The words for which messages wait until a moderator has read them; none if there is no file."""

    file: rules.File = ""
    private: rules.Switch = False


class GroupRole(Table, frozen=True):
    """A group of the directory, by its DN or its name alone, and the role that it gives."""

    group: rules.Line
    role: rules.GivenRole


class GroupChannel(Table, frozen=True):
    """A group of the directory, and a channel that its people are members of."""

    group: rules.Line
    channel: rules.ChannelName


GroupRoles = Annotated[
    tuple[Annotated[GroupRole, rules.Rule(N_('a table such as {{group = "profs", role = "moderator"}}'))], ...],
    rules.Rule(N_('a list of tables such as {{group = "profs", role = "moderator"}}')),
]
GroupChannels = Annotated[
    tuple[Annotated[GroupChannel, rules.Rule(N_('a table such as {{group = "2nde-A", channel = "2nde-A"}}'))], ...],
    rules.Rule(N_('a list of tables such as {{group = "2nde-A", channel = "2nde-A"}}')),
]


class LDAPSettings(Table, frozen=True):
    """The directory that checks the passwords of names without a local one; none if there is no URL."""

    urls: rules.Directories = ()
    starttls: rules.Switch = True
    ca_file: rules.File = ""
    timeout: rules.Seconds = 5
    base: rules.Line = ""
    bind_dn: rules.Line = ""
    password_file: rules.File = ""
    bind_as: rules.Line = ""
    filter: rules.Line = "(uid={name})"
    name: rules.Attribute = "uid"
    first_name: rules.Attribute = "givenName"
    last_name: rules.Attribute = "sn"
    email: rules.Attribute = "mail"
    groups: rules.Attribute = "memberOf"
    group_base: rules.Line = ""
    group_filter: rules.Line = ""
    roles: GroupRoles = ()
    channels: GroupChannels = ()

    def options(self) -> DirectoryOptions:
        """Return the same for the authenticator, with the groups as pairs."""
        fields = {field: getattr(self, field) for field in self.__struct_fields__ if field not in ("roles", "channels")}
        return DirectoryOptions(
            **fields,
            roles=tuple((each.group, each.role) for each in self.roles),
            channels=tuple((each.group, each.channel) for each in self.channels),
        )


class LoginProgramSettings(Table, frozen=True):
    """The program that checks the passwords of names without a local one; none if there is no command."""

    command: rules.Command = ()
    timeout: rules.Seconds = 5
    at_once: rules.AtOnce = 4
    highest_role: rules.GivenRole = "member"


class FilesSettings(Table, frozen=True):
    """Which files people may send, and how many."""

    accept: rules.Switch = True
    send: rules.RoleLabel = "member"
    kinds: rules.FileKinds = ("image", "text", "document", "archive", "audio", "video")
    file_bytes: rules.Size = 10_000_000
    bytes_per_day: rules.Size = 100_000_000
    channel_bytes_per_day: rules.Size = 500_000_000
    total: rules.Limit = 5000
    free_disk: rules.Limit = 1000


class ReportsSettings(Table, frozen=True):
    """What people are told who report a message."""

    help_number: rules.Line = "3018"


class RetentionSettings(Table, frozen=True):
    """For how many months each kind of record is kept; chat/retention/durations.py says what each is."""

    everyone: rules.Months = 12
    channels: rules.Months = 12
    private: rules.Months = 12
    accounts: rules.MonthsAfterLeaving = 3
    unused: rules.MonthsUnused = 12
    connections: rules.MonthsOfConnections = 12
    versions: rules.AFewMonths = 6
    reports: rules.Months = 12
    sanctions: rules.MonthsOfSanctions = 12
    held: rules.AFewMonths = 1
    audit: rules.MonthsOfTrail = 36
    backups: rules.AFewMonths = 3

    def durations(self) -> Durations:
        """Return the same for the rules."""
        return Durations(**msgspec.structs.asdict(self))


class SSHSettings(Table, frozen=True):
    """Who may administer over SSH."""

    keys: rules.Folder = "admin_keys"
    strict_modes: rules.Switch = True
    passwords: rules.Switch = True
    manhole: rules.Switch = True
    login_grace: rules.Limit = 60
    max_tries: rules.Limit = 6
    max_connections: rules.Limit = 50
    max_sessions: rules.Limit = 10
    idle_timeout: rules.Limit = 3600
    import_bytes: rules.Size = 16_777_216


class LogSettings(Table, frozen=True):
    """What the operations log contains."""

    level: rules.LogLevel = "info"
    format: rules.LogFormat = "text"
    file: rules.Switch = True
    message_content: rules.Switch = False


class BackupSettings(Table, frozen=True):
    """Which backups are kept when a new one is made."""

    hourly: rules.Few = 24
    daily: rules.Few = 7
    weekly: rules.Few = 8
    by_hand: rules.Few = 20


class AlertsSettings(Table, frozen=True):
    """Who receives alerts by mail, and through which relay; nobody if no relay is set."""

    relay: rules.Relay = ""
    security: rules.Security = "none"
    username: rules.Line = ""
    password_file: rules.File = ""
    sender: rules.Mailbox = ""
    to: rules.Mailboxes = ()
    per_hour: rules.Limit = 10
    free_disk: rules.Limit = 500
    certificate_days: rules.Limit = 14

    def mail(self) -> dict[str, Any]:
        """Return the arguments for `relay` and `faults` of services/alerts/mail.py."""
        keys = ("sender", "to", "security", "username", "password_file")
        return {"place": self.relay, **{key: getattr(self, key) for key in keys}}


class Settings(Table, frozen=True):
    """All sections of classcord.toml. Paths from the file are absolute; storage is relative to the data folder."""

    server: ServerSettings = ServerSettings()
    listen: ListenSettings = ListenSettings()
    web: WebSettings = WebSettings()
    tls: TLSSettings = TLSSettings()
    storage: StorageSettings = StorageSettings()
    accounts: AccountsSettings = AccountsSettings()
    limits: LimitsSettings = LimitsSettings()
    ldap: LDAPSettings = LDAPSettings()
    login_program: LoginProgramSettings = LoginProgramSettings()
    channels: ChannelsSettings = ChannelsSettings()
    private_messages: PrivateMessagesSettings = PrivateMessagesSettings()
    quiet_hours: QuietHoursSettings = QuietHoursSettings()
    words: WordsSettings = WordsSettings()
    files: FilesSettings = FilesSettings()
    reports: ReportsSettings = ReportsSettings()
    retention: RetentionSettings = RetentionSettings()
    ssh: SSHSettings = SSHSettings()
    backup: BackupSettings = BackupSettings()
    alerts: AlertsSettings = AlertsSettings()
    log: LogSettings = LogSettings()
