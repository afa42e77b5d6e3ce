"""The limits of connections: how many there may be, in all and from one address. Knows no request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from classcord.chat.errors import TooManyConnections
from classcord.chat.sources import is_own, source
from classcord.services.chat.connection import ConnectionTable
from classcord.services.chat.strangers import Strangers
from classcord.services.chat.visits import Visits

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.services.chat.connection import Connection


class ConnectionLimits:
    """Counts the connections; on a full server, connections without an account make room for others (strangers.py)."""

    def __init__(self, table: ConnectionTable) -> None:
        self._table = table
        self._strangers = Strangers()
        self._visits = Visits()
        self._by_address: dict[str, int] = {}  # by source: of IPv6, a /64 counts as one address
        self.set_room(connections=0, connections_per_address=0, shares_address=lambda _: False)

    def set_room(
        self, *, connections: int, connections_per_address: int, shares_address: Callable[[str], bool]
    ) -> None:
        """Set how many connections there may be; 0 is no limit.

        `shares_address` says whether many people share an address. The machine itself has no limit per address: a
        person who may run programs on it can do worse than connect, and load tests run there.
        """
        self._connections = connections
        self._connections_per_address = connections_per_address
        self._shares_address = shares_address
        self._strangers.exempt = lambda where: self._is_exempt(where.partition("/")[0])

    def _is_exempt(self, address: str) -> bool:
        return is_own(address) or self._shares_address(address)

    def make_room(self, address: str) -> Connection | None:
        """Return the connection to close before a new one comes from `address`.

        None if there is room; TooManyConnections if no room can be made.
        """
        self._leave_room_at(address)
        if not self._connections or len(self._table.open) < self._connections:
            return None
        goes = self._strangers.who_goes()
        if goes is None:
            raise TooManyConnections
        return self._table.open[goes.id]

    def visit(self, address: str, cut: Callable[[], None]) -> Callable[[], None]:
        """Begin a visit (visits.py); return the function to call at its end. TooManyConnections as for others."""
        self._leave_room_at(address)
        return self._visits.enter(address, cut)

    def _leave_room_at(self, address: str) -> None:
        """Make one address have fewer connections than it may; an older visit gives way. Or TooManyConnections."""
        limit, where = self._connections_per_address, source(address)
        full = limit and self._by_address.get(where, 0) + self._visits.of(where) >= limit
        if full and not self._is_exempt(address) and not self._visits.cut_oldest(where):
            raise TooManyConnections

    def enter(self, connection: Connection) -> None:
        session = connection.session
        self._table.enter(connection)
        self._strangers.changed(session)
        where = source(session.address)
        self._by_address[where] = self._by_address.get(where, 0) + 1

    def leave(self, connection: Connection) -> None:
        """Stop counting a connection that is gone."""
        session = connection.session
        self._table.leave(connection)
        self._strangers.leave(session)
        where = source(session.address)
        self._by_address[where] -= 1
        if not self._by_address[where]:
            del self._by_address[where]

    def strangers(self, meant: Callable[[str], bool]) -> list[Connection]:
        """Return the connections without a name whose address is `meant`."""
        return [self._table.open[session.id] for session in self._strangers.silent if meant(session.address)]

    def bystanders(self, meant: Callable[[str], bool]) -> Iterator[int]:
        """Yield the numbers of the sessions, of guests or without a name, whose address is `meant`.

        Sessions that wait for an answer are left out: a guessed password may be under way.
        """
        for connection in self._table.open.values():
            session = connection.session
            known = session.person is not None and session.person.account is not None
            if not known and not connection.held and meant(session.address):
                yield session.id

    def identity_changed(self, session: Session) -> None:
        """Note the present identity of a session."""
        if session.id in self._table.open:
            self._strangers.changed(session)
