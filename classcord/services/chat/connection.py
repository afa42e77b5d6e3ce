"""A client's connection as the service sees it: the phase it is in, and what of it is under way.

The phases:

    OPEN         It takes requests.
    HALF_CLOSED  Its client has closed its side. What was asked is answered, and what the rules still ask for it.
    STOPPING     The server is stopping. It takes nothing more; what is under way is answered, then it is hung up.
    CLOSING      It takes nothing more. What is under way is answered, then the connection is closed.
    CLOSED       It is gone. What is under way is stored, and nobody hears of it.

The rules:

1. A connection goes on to a later phase, never back.
2. What comes late or twice does nothing: a phase whose row does not name an event does not accept it.
3. To hang up is to close without waiting, so a connection that is closing already may be hung up.
4. What waits in line is dropped when the connection begins to close.
5. Whoever moves a connection out of OPEN is the one who has closed it.

The table below is the only way from one phase to another (model: h11's _state.py). Knows no request by name, and no
transport.
"""

from __future__ import annotations

from collections import deque
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
    """The server ends it, once what it has to hear is sent."""
    HANG_UP = auto()
    """The server ends it, for it has stopped."""
    DISCONNECT = auto()
    """The transport is gone, or its place is another's."""


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
"""From each phase, by what happens, to the next."""

BY_THE_CLIENT = frozenset({ConnectionEvent.FINISH, ConnectionEvent.DISCONNECT})


Tracer = Callable[[str, bytes, "Request | None"], None]
"""Is shown each line of a connection that is watched: a remark, the line, and its request if it could be decoded."""


@dataclass(slots=True, eq=False)
class Connection:
    """One connection, from its accept to the end of its last commit."""

    session: Session
    bad_lines: TokenBucket
    """The patience for lines that ask nothing."""
    since: int = 0
    """When it began, in milliseconds since 1970."""
    noted: bool = True
    """Its beginning is in the log; of a flood of connections, only some are."""

    backlog: deque[Request] = field(default_factory=deque)
    """The requests that wait for their turn."""
    held: int = 0
    """Commits and lookups that the backlog waits for."""
    in_flight: int = 0
    """Commits under way."""
    paused: bool = False
    """It is not read, as too much of it waits."""

    tracer: Tracer | None = None
    """Somebody who watches."""
    gone: Callable[[], None] | None = None
    """Is told when the connection is gone, while somebody watches."""

    phase: Phase = Phase.OPEN
    takes_requests: bool = True
    """Whether this phase accepts a request: the table's answer, kept here, as it is asked for each line."""
    closed_by: Literal["client", "server"] | None = None
    """Who has closed it."""

    def happens(self, event: ConnectionEvent) -> bool:
        """Go on to the next phase; return False where this phase does not accept the event."""
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
        """Whether it is gone, and nothing of it is under way any more."""
        return self.phase is Phase.CLOSED and not (self.in_flight or self.held or self.backlog)


class ConnectionTable:
    """The connections there are, by the numbers of their sessions and by the sessions themselves."""

    def __init__(self) -> None:
        self.open: dict[int, Connection] = {}
        """Those that are not CLOSED."""
        self._of: dict[Session, Connection] = {}
        self.of = self._of.get
        """Return a session's connection; None where nothing of it is left, or where another process has it."""

    def enter(self, connection: Connection) -> None:
        self.open[connection.session.id] = self._of[connection.session] = connection

    def leave(self, connection: Connection) -> None:
        """Take out a connection that is gone; it can be found until nothing of it is under way."""
        self.open.pop(connection.session.id, None)

    def of_each(self, sessions: Iterable[Session]) -> list[Connection]:
        """Return the connections of these sessions, in their order; those of another process are left out."""
        return [connection for each in sessions if (connection := self.of(each)) is not None]

    def forget(self, connection: Connection) -> None:
        """Take out a connection of which nothing is left."""
        self._of.pop(connection.session, None)
