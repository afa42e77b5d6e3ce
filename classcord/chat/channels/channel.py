"""One channel: its kind and flags, its members, and the sessions that listen to it. Knows no message."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.roles import Role


class Kind(Enum):
    """How a person becomes a member."""

    DEFAULT = "default"  # everyone is a member
    OPEN = "open"  # everyone who wants to
    APPROVAL = "approval"  # everyone whom a moderator admits
    PRIVATE = "private"  # everyone who is invited; not listed for others


@dataclass(slots=True, eq=False)
class Channel:
    """A channel, its members by account id, and the sessions of members and guests who are here."""

    id: int
    name: str
    key: str
    kind: Kind
    topic: str = ""
    read_only: bool = False
    guests: bool = True
    archived: bool = False
    slow: int = 0  # seconds between two messages of a member; 0: no pause
    hold: bool = False  # messages wait until somebody approves them
    members_from: Role | None = None
    made_by: int | None = None
    made_from: str = ""
    description: str = ""
    moderators: set[int] = field(default_factory=set)  # ids of accounts; each is a member
    members: set[int] = field(default_factory=set)
    sessions: dict[Session, int] = field(default_factory=dict)  # each with the last message before it listened
    _audience: tuple[Session, ...] | None = ()

    def includes(self, role: Role) -> bool:
        """Whether every person with this role is a member automatically."""
        return self.members_from is not None and role >= self.members_from

    def enter(self, session: Session, since: int) -> None:
        """Let a session listen to all messages newer than the id `since`."""
        self.sessions[session] = since
        self._audience = None

    def leave(self, session: Session) -> None:
        """End a session's listening."""
        if self.sessions.pop(session, None) is not None:
            self._audience = None

    def audience(self) -> tuple[Session, ...]:
        """Return the sessions that listen now: the same object as long as none enters or leaves."""
        if self._audience is None:
            self._audience = tuple(self.sessions)
        return self._audience
