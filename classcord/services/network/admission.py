"""Room for connections: how many there may be, in all and from one address. Knows sessions, not what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from classcord.chat.errors import TooManyConnections

if TYPE_CHECKING:
    from classcord.chat.session import Session


class Admission:
    """The sessions that are open; those that have not said who they are make room for others (classic rule 3)."""

    def __init__(self) -> None:
        self.sessions: dict[int, Session] = {}
        self._silent: dict[Session, None] = {}  # connected and not identified, the oldest first
        self._by_address: dict[str, int] = {}
        self.set_room(connections=0, connections_per_address=0, shares_address=lambda _: False)

    def set_room(
        self, *, connections: int, connections_per_address: int, shares_address: Callable[[str], bool]
    ) -> None:
        """Say how many connections there may be; 0 is no limit.

        `shares_address` tells the addresses that many people have in common.
        """
        self._connections = connections
        self._connections_per_address = connections_per_address
        self._shares_address = shares_address

    def make_room(self, address: str) -> Session | None:
        """Return the session that has to go before another comes from `address`, the oldest silent one.

        None if there is room; TooManyConnections if there is none to be made.
        """
        limit = self._connections_per_address
        if limit and address and self._by_address.get(address, 0) >= limit and not self._shares_address(address):
            raise TooManyConnections
        if not self._connections or len(self.sessions) < self._connections:
            return None
        oldest = next(iter(self._silent), None)
        if oldest is None:
            raise TooManyConnections
        return oldest

    def enter(self, session: Session) -> None:
        self.sessions[session.id] = session
        self._silent[session] = None
        self._by_address[session.address] = self._by_address.get(session.address, 0) + 1

    def leave(self, session: Session) -> bool:
        """Take a session out; return whether it was in."""
        if self.sessions.pop(session.id, None) is None:
            return False
        self._silent.pop(session, None)
        self._by_address[session.address] -= 1
        if not self._by_address[session.address]:
            del self._by_address[session.address]
        return True

    def strangers(self, meant: Callable[[str], bool]) -> list[Session]:
        """Return the sessions, from addresses that are meant, that have not said who they are."""
        return [session for session in self._silent if meant(session.address)]

    def bystanders(self, meant: Callable[[str], bool]) -> Iterator[int]:
        """Yield the numbers of the sessions, from addresses that are meant, of guests and of nobody.

        Not those that wait for an answer: it may be to a password that is guessed.
        """
        for session in self.sessions.values():
            known = session.person is not None and session.person.account is not None
            if not known and not session.held and meant(session.address):
                yield session.id

    def identity_changed(self, session: Session) -> None:
        """Remember whether a session is silent: it is, while it is nobody's."""
        if session.person is not None:
            self._silent.pop(session, None)
        elif session.id in self.sessions:
            self._silent[session] = None
