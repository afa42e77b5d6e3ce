"""Roles: the one table from role to permissions; and operators. Knows no request and no session."""

from __future__ import annotations

from enum import Enum, IntEnum

import msgspec

from classcord.chat.text import Text


class Role(IntEnum):
    """A rank; a person may act on people of a lower rank."""

    GUEST = 0
    MEMBER = 1
    MODERATOR = 2
    ADMIN = 3
    OWNER = 4

    @property
    def label(self) -> str:
        """The role's name on the wire and in the settings."""
        return _LABELS[self]

    @property
    def word(self) -> Text:
        """The word that people read for the role (words.py)."""
        return Text(self.label)

    @classmethod
    def of(cls, label: str) -> Role:
        """Return the role called `label`; ValueError if there is none."""
        try:
            return cls[label.upper()]
        except KeyError:
            raise ValueError(f"no such role: {label}") from None


_LABELS = tuple(role.name.lower() for role in Role)  # each message has one


class Permission(Enum):
    """A right that a request needs. Every connection has CONNECT, with a name or without."""

    CONNECT = "connect"
    OWN_ACCOUNT = "log out, and change one's password"
    PRESENCE = "presence"
    TALK = "talk"
    READ = "read"
    JOIN = "join"
    PERSONAL = "read profiles, have one, and block people"
    CREATE_CHANNEL = "create channels"
    SEND_FILES = "send files"
    WRITE_AT_ANY_TIME = "write without waiting during quiet hours"
    SET_TOPIC = "set topics"
    WRITE_READ_ONLY = "write in read-only channels"
    ADMIT = "admit members"
    APPROVE = "approve messages that wait, and write without waiting"
    KEEP_ORDER = "hear of sanctions and requests, be written to by who is muted, come in during maintenance"
    INVITE_PEOPLE = "make invitation codes"
    ANNOUNCE = "announce"
    HOLD_LESSON = "hold lessons and exams"
    MUTE = "mute"
    HANDLE_REPORTS = "read and close reports of messages"
    DELETE_MESSAGES = "delete other people's messages, read what they said before"
    KICK = "kick"
    BAN = "ban"
    SEE_CONNECTIONS = "see accounts and connections"
    ADMINISTER = "administer"
    SET_RULES = "say who may write to whom, and when"
    BAN_NETWORK = "ban addresses"
    SET_CHANNEL = "change the settings of channels"
    NAME_MODERATORS = "name the moderators of channels"
    CLOSE_CHANNEL = "close and rename channels"
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
        """Whether this is administration, even if everyone may create channels: the audit trail keeps its refusal."""
        return self not in _EVERYONE and self not in _PERSONAL


_CONFINED = {Permission.CONNECT, Permission.OWN_ACCOUNT}
"""The rights of a person with a one-time password, until it is changed: those of a stranger, and to change it."""
_PERSONAL = {
    Permission.CREATE_CHANNEL,
    Permission.SEND_FILES,
    Permission.WRITE_AT_ANY_TIME,
    Permission.PERSONAL,
}
_EVERYONE = {*_CONFINED, Permission.PRESENCE, Permission.TALK, Permission.READ, Permission.JOIN}
_GRANTED: dict[Role, set[Permission]] = {
    Role.GUEST: _EVERYONE,
    Role.MEMBER: {Permission.PERSONAL},
    Role.MODERATOR: {
        Permission.SET_TOPIC,
        Permission.WRITE_READ_ONLY,
        Permission.ADMIT,
        Permission.APPROVE,
        Permission.SET_CHANNEL,
        Permission.NAME_MODERATORS,
        Permission.KEEP_ORDER,
        Permission.INVITE_PEOPLE,
        Permission.ANNOUNCE,
        Permission.HOLD_LESSON,
        Permission.MUTE,
        Permission.HANDLE_REPORTS,
        Permission.DELETE_MESSAGES,
        Permission.KICK,
        Permission.BAN,
        Permission.SEE_CONNECTIONS,
        Permission.ADMINISTER,
    },
    Role.ADMIN: {
        Permission.SET_RULES,
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
"""The permissions that each role has in addition to the lower roles."""

Standing = int
"""A row of the table of permissions: a Role, or CONFINED."""
CONFINED: Standing = len(Role)


def permissions(
    create_channel: Role, send_files: Role = Role.MEMBER, write_at_any_time: Role = Role.MODERATOR
) -> dict[Standing, frozenset[Permission]]:
    """Return the table; given are the lowest roles for three permissions.

    They are `[channels] create`, `[files] send` and `[quiet_hours] exempt`.

    A guest never creates a channel, because no guest comes back to it.
    """
    table: dict[Standing, frozenset[Permission]] = {CONFINED: frozenset(_CONFINED)}
    for role in Role:
        granted = {permission for below in Role if below <= role for permission in _GRANTED.get(below, set())}
        if role >= max(create_channel, Role.MEMBER):
            granted.add(Permission.CREATE_CHANNEL)
        if role >= send_files:
            granted.add(Permission.SEND_FILES)
        if role >= write_at_any_time:
            granted.add(Permission.WRITE_AT_ANY_TIME)
        table[role] = frozenset(granted)
    return table


def may_lift(actor: Role, imposer: Role, target: Role) -> bool:
    """Whether a person with the role `actor` may lift a sanction that `imposer` has imposed on `target`.

    Colleagues may replace each other; nobody lifts a sanction by a higher role; a person lifts only sanctions that this
    person could impose.
    """
    return actor >= imposer and outranks(actor, target)


def outranks(actor: Role, other: Role) -> bool:
    """Whether the role `actor` may act on the role `other`: on a lower role, and owners on owners too."""
    return actor > other or actor is Role.OWNER


class Operator(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An operator: logged in with a key of admin_keys/, with an account's password, or at the machine itself."""

    name: str
    role: Role
    by: str = "key"  # key, password or machine
    fingerprint: str = ""  # of the key, in the form of ssh-keygen -l: SHA256:...
    account_id: int | None = None  # the account of the password
    must_change: bool = False  # the password was for one time, and must be changed before anything else
    login: int = 0  # the number of this login among all logins with a password
