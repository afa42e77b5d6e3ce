"""A client's connection as the service sees it: its phase, and its requests and commits under way.

The phases:

    OPEN         It takes requests.
    HALF_CLOSED  Its client has closed its side. Its requests are answered, and those that the rules make for it.
    STOPPING     The server is stopping. It takes no request; those under way are answered, then it is hung up.
    CLOSING      It takes no request. Those under way are answered, then the connection is closed.
    CLOSED       It is gone. Its commits under way are stored, but it hears nothing of them.

The rules:

1. A connection goes on to a later phase, never back.
2. A late or repeated event does nothing: a phase accepts only the events in its row.
3. To hang up is to close without waiting, so a closing connection may still be hung up.
4. Requests that wait for their turn are dropped when the connection begins to close.
5. The side that moves a connection out of OPEN is the side that closed it.

The table below is the only way from one phase to another (model: h11's _state.py). Knows no request by name, and no
transport.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from classcord.chat.limits import TokenBucket
    from classcord.chat.people import Session
    from classcord.chat.requests import Request


class Phase(Enum):
    """Where a connection stands; see above."""

    OPEN = auto()
    HALF_CLOSED = auto()
    STOPPING = auto()
    CLOSING = auto()
    CLOSED = auto()


class ConnectionEvent(Enum):
    """What happens to a connection."""

    SUBMIT = auto()
    """A request comes in."""
    FINISH = auto()
    """The client closes its side."""
    STOP = auto()
    """The server begins to stop."""
    CLOSE = auto()
    """The server ends it when its last lines are sent."""
    HANG_UP = auto()
    """The server ends it because the server has stopped."""
    DISCONNECT = auto()
    """The transport is gone, or a new connection has taken its place."""


TABLE: dict[Phase, dict[ConnectionEvent, Phase]] = {
    Phase.OPEN: {
        ConnectionEvent.SUBMIT: Phase.OPEN,
        ConnectionEvent.FINISH: Phase.HALF_CLOSED,
        ConnectionEvent.STOP: Phase.STOPPING,
        ConnectionEvent.CLOSE: Phase.CLOSING,
        ConnectionEvent.HANG_UP: Phase.CLOSING,
        ConnectionEvent.DISCONNECT: Phase.CLOSED,
    },
    Phase.HALF_CLOSED: {
        ConnectionEvent.SUBMIT: Phase.HALF_CLOSED,
        ConnectionEvent.STOP: Phase.STOPPING,
        ConnectionEvent.CLOSE: Phase.CLOSING,
        ConnectionEvent.HANG_UP: Phase.CLOSING,
        ConnectionEvent.DISCONNECT: Phase.CLOSED,
    },
    Phase.STOPPING: {
        ConnectionEvent.CLOSE: Phase.CLOSING,
        ConnectionEvent.HANG_UP: Phase.CLOSING,
        ConnectionEvent.DISCONNECT: Phase.CLOSED,
    },
    Phase.CLOSING: {
        ConnectionEvent.HANG_UP: Phase.CLOSING,
        ConnectionEvent.DISCONNECT: Phase.CLOSED,
    },
    Phase.CLOSED: {},
}
"""For each phase: the events that it accepts, and the phase that follows each."""

BY_THE_CLIENT = frozenset({ConnectionEvent.FINISH, ConnectionEvent.DISCONNECT})


Tracer = Callable[[str, bytes, "Request | None"], None]
"""Called with each line of a watched connection: a remark, the line, and its request if it could be decoded."""


@dataclass(slots=True, eq=False)
class Connection:
    """One connection, from its accept to the end of its last commit."""

    session: Session
    bad_lines: TokenBucket
    """How many lines that are no request are still tolerated."""
    since: int = 0
    """When it began, in milliseconds since 1970."""
    noted: bool = True
    """Its beginning is in the log; in a flood of connections, only some are logged."""

    backlog: list[Request] = field(default_factory=list)
    """The requests that wait for their turn: few enough for a list, and an empty deque would have 760 bytes."""
    held: int = 0
    """The number of commits and lookups for which the backlog waits."""
    in_flight: int = 0
    """The number of its commits under way."""
    replayed: tuple[int, int] = (0, 0)
    """After its session was resumed, the messages after the first id and up to the second were written to it."""
    paused: bool = False
    """It is not read, because too many of its requests or commits wait."""

    tracer: Tracer | None = None
    """The operator's function that watches it."""
    gone: Callable[[], None] | None = None
    """Called when the connection is gone, while somebody watches."""

    phase: Phase = Phase.OPEN
    takes_requests: bool = True
    """Whether its phase accepts a request: the table's answer, kept here because each line needs it."""
    closed_by: Literal["client", "server"] | None = None
    """The side that closed it."""

    def happens(self, event: ConnectionEvent) -> bool:
        """Enter the next phase; return False if this phase does not accept the event."""
        after = TABLE[self.phase].get(event)
        if after is None:
            return False
        if self.phase is Phase.OPEN and after is not Phase.OPEN:
            self.closed_by = "client" if event in BY_THE_CLIENT else "server"
        if after is Phase.CLOSING:
            self.backlog.clear()
        self.phase = after
        self.takes_requests = ConnectionEvent.SUBMIT in TABLE[after]
        return True

    @property
    def is_over(self) -> bool:
        """Whether it is gone, and none of its commits is under way."""
        return self.phase is Phase.CLOSED and not (self.in_flight or self.held or self.backlog)


class ConnectionTable:
    """All connections, by the number of their session and by the session itself."""

    def __init__(self) -> None:
        self.open: dict[int, Connection] = {}
        """The connections that are not CLOSED."""
        self._of: dict[Session, Connection] = {}
        self.of = self._of.get
        """Return a session's connection; None if it is forgotten, or belongs to another process."""

    def enter(self, connection: Connection) -> None:
        self.open[connection.session.id] = self._of[connection.session] = connection

    def leave(self, connection: Connection) -> None:
        """Take out a connection that is gone; `of` still finds it until none of its commits is under way."""
        self.open.pop(connection.session.id, None)

    def of_each(self, sessions: Iterable[Session]) -> list[Connection]:
        """Return the connections of these sessions, in their order; sessions of another process are left out."""
        return [connection for each in sessions if (connection := self.of(each)) is not None]

    def forget(self, connection: Connection) -> None:
        """Take out a connection whose last commit has ended."""
        self._of.pop(connection.session, None)
