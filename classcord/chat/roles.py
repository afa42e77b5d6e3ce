"""Who may do what: the one table from role to permissions; and who administers. Knows no request and no session."""

from __future__ import annotations

from enum import Enum, IntEnum

import msgspec

from classcord.chat.text import Text


class Role(IntEnum):
    """A rank; who is higher may act on who is lower."""

    GUEST = 0
    MEMBER = 1
    MODERATOR = 2
    ADMIN = 3
    OWNER = 4

    @property
    def label(self) -> str:
        """The role's name on the wire and in the settings."""
        return self.name.lower()

    @property
    def word(self) -> Text:
        """The role as people read it (words.py)."""
        return Text(self.label)

    @classmethod
    def of(cls, label: str) -> Role:
        """Return the role called `label`; ValueError if there is none."""
        try:
            return cls[label.upper()]
        except KeyError:
            raise ValueError(f"no such role: {label}") from None


class Permission(Enum):
    """What a request needs. CONNECT is had by every connection, identified or not."""

    CONNECT = "connect"
    OWN_ACCOUNT = "log out, and change one's password"
    PRESENCE = "presence"
    TALK = "talk"
    READ = "read"
    JOIN = "join"
    CREATE_CHANNEL = "create channels"
    SET_TOPIC = "set topics"
    WRITE_READ_ONLY = "write in read-only channels"
    ADMIT = "admit members"
    KEEP_ORDER = "hear of sanctions and requests, be written to by who is muted, come in during maintenance"
    ANNOUNCE = "announce"
    MUTE = "mute"
    KICK = "kick"
    BAN = "ban"
    SEE_CONNECTIONS = "see accounts and connections"
    ADMINISTER = "administer"
    BAN_NETWORK = "ban addresses"
    CLOSE_CHANNEL = "close channels"
    SEE_CHANNELS = "read every channel"
    MANAGE_ACCOUNTS = "manage accounts"
    SET_ROLE = "give roles"
    AUDIT = "read the audit trail"
    EXPORT = "export"
    WATCH = "watch, and hear of the server's troubles"
    UPLOAD = "upload files"
    RUN_SERVER = "run the server"
    READ_PRIVATE = "read private messages for a reason"
    DOWNLOAD = "download exports and backups"
    RUN_PYTHON = "run Python"

    @property
    def is_administrative(self) -> bool:
        """Whether this is administration, whoever may create channels: its refusal leaves a trace."""
        return self not in _EVERYONE and self is not Permission.CREATE_CHANNEL


_CONFINED = {Permission.CONNECT, Permission.OWN_ACCOUNT}
"""What whoever came in by a one-time password may, until it is another one: what strangers may, and changing it."""
_EVERYONE = {*_CONFINED, Permission.PRESENCE, Permission.TALK, Permission.READ, Permission.JOIN}
_GRANTED: dict[Role, set[Permission]] = {
    Role.GUEST: _EVERYONE,
    Role.MODERATOR: {
        Permission.SET_TOPIC,
        Permission.WRITE_READ_ONLY,
        Permission.ADMIT,
        Permission.KEEP_ORDER,
        Permission.ANNOUNCE,
        Permission.MUTE,
        Permission.KICK,
        Permission.BAN,
        Permission.SEE_CONNECTIONS,
        Permission.ADMINISTER,
    },
    Role.ADMIN: {
        Permission.BAN_NETWORK,
        Permission.CLOSE_CHANNEL,
        Permission.SEE_CHANNELS,
        Permission.MANAGE_ACCOUNTS,
        Permission.SET_ROLE,
        Permission.AUDIT,
        Permission.EXPORT,
        Permission.WATCH,
        Permission.UPLOAD,
    },
    Role.OWNER: {
        Permission.RUN_SERVER,
        Permission.READ_PRIVATE,
        Permission.DOWNLOAD,
        Permission.RUN_PYTHON,
    },
}
"""What each role may that those below it may not."""

Standing = int
"""A row of the table of permissions: a Role, or CONFINED."""
CONFINED: Standing = len(Role)


def permissions(create_channel: Role) -> dict[Standing, frozenset[Permission]]:
    """Return the table; `create_channel` is the lowest role that may create channels (setting `[channels] create`).

    A guest never may, who has nothing to come back to.
    """
    table: dict[Standing, frozenset[Permission]] = {CONFINED: frozenset(_CONFINED)}
    for role in Role:
        granted = {permission for below in Role if below <= role for permission in _GRANTED.get(below, set())}
        if role >= max(create_channel, Role.MEMBER):
            granted.add(Permission.CREATE_CHANNEL)
        table[role] = frozenset(granted)
    return table


def may_lift(actor: Role, imposer: Role, target: Role) -> bool:
    """Whether who has the role `actor` may lift a sanction that `imposer` has imposed on `target`.

    Colleagues stand in for each other, nobody undoes what a higher role has done, and one lifts only what one could
    impose.
    """
    return actor >= imposer and outranks(actor, target)


def outranks(actor: Role, other: Role) -> bool:
    """Whether who has the role `actor` may act on who has `other`: on those below, and owners on owners as well."""
    return actor > other or actor is Role.OWNER


class Operator(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who administers: by a key of admin_keys/, by an account's password, or at the machine itself."""

    name: str
    role: Role
    by: str = "key"  # key, password or machine
    fingerprint: str = ""  # of the key, as ssh-keygen -l shows it: SHA256:...
    account_id: int | None = None  # whose password it was
    must_change: bool = False  # the password was for one time: nothing else is done before it is changed
    login: int = 0  # which of all logins by a password it was, in their order
