"""Who may do what: the one table from role to permissions. Knows no request and no session."""

from __future__ import annotations

from enum import Enum, IntEnum


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
    PRESENCE = "presence"
    TALK = "talk"
    READ = "read"
    JOIN = "join"
    CREATE_CHANNEL = "create channels"
    SET_TOPIC = "set topics"
    WRITE_READ_ONLY = "write in read-only channels"


_EVERYONE = {Permission.CONNECT, Permission.PRESENCE, Permission.TALK, Permission.READ, Permission.JOIN}
_MODERATORS = {Permission.SET_TOPIC, Permission.WRITE_READ_ONLY}


def permissions(create_channel: Role) -> dict[Role, frozenset[Permission]]:
    """Return the table; `create_channel` is the lowest role that may create channels (setting `[channels] create`)."""
    table: dict[Role, frozenset[Permission]] = {}
    for role in Role:
        granted = set(_EVERYONE)
        if role >= create_channel:
            granted.add(Permission.CREATE_CHANNEL)
        if role >= Role.MODERATOR:
            granted |= _MODERATORS
        table[role] = frozenset(granted)
    return table
