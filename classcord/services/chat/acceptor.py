"""The acceptor of connections: the gate and the limits are asked, then a connection begins with its session.

Knows no request: service.py takes the requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger, LogLevel

from classcord.chat.errors import TooManyConnections
from classcord.chat.limits import TokenBucket
from classcord.chat.people import Session
from classcord.chat.sanctions.in_force import refusal
from classcord.services.chat.connection import Connection, ConnectionTable
from classcord.services.chat.connection_limits import ConnectionLimits
from classcord.services.security.blocking import BlockedAddresses
from classcord.services.security.gate import Gate
from classcord.services.security.networks import RateLimitedLog

if TYPE_CHECKING:
    from classcord.chat.errors import ChatError
    from classcord.chat.hub import Hub
    from classcord.chat.ports import Listener
    from classcord.services.security.security_events import SecurityEvents


CONNECTED = "session {session} connected from {address} by {face}"
NOTED_AT_ONCE = 2_000  # connections, each with a log line of its own: enough for whole classes that arrive
NOTED_A_SECOND = 10.0  # log lines in the long run: many connections a second do not fill the disk


class Acceptor:
    """Begins connections."""

    log = Logger()

    def __init__(self, hub: Hub, security: SecurityEvents, clock: IReactorTime) -> None:
        self._hub = hub
        self._clock = clock
        self._connections = RateLimitedLog(self.log, clock, a_second=NOTED_A_SECOND, at_once=NOTED_AT_ONCE)
        self.table = ConnectionTable()
        self.connection_limits = ConnectionLimits(self.table)
        self.gate = Gate(
            BlockedAddresses(security, clock, self.connection_limits.bystanders), clock, banned=self._banned
        )

    def _banned(self, address: str, now: float) -> ChatError | None:
        ban = self._hub.state.sanctions.against_address(address, now)
        return None if ban is None else refusal(ban, now)

    def make_room(self, address: str, face: str) -> Connection | None:
        """Return the connection to close before a new one begins, if any; ChatError if the new one may not begin."""
        refused = self.gate.refusal(address, face)
        if refused is not None:
            raise refused
        try:
            return self.connection_limits.make_room(address)
        except TooManyConnections:
            self.gate.log_refusal(address, face, "too many")
            raise

    def begin(self, listener: Listener[Any], *, address: str, face: str) -> Connection:
        """Begin a connection for which there is room."""
        policy = self._hub.policy
        bucket = TokenBucket(policy.messages_per_second, policy.burst, self._clock.seconds())
        return self._enter(listener, address, face, bucket)

    def admit(self, listener: Listener[Any], *, address: str, face: str) -> Connection:
        """Begin the connection of an operator: there is always room for it, and no rate limit."""
        return self._enter(listener, address, face, TokenBucket(0, 0, 0))

    def _enter(self, listener: Listener[Any], address: str, face: str, bucket: TokenBucket) -> Connection:
        policy, now = self._hub.policy, self._clock.seconds()
        session = Session(
            self._hub.state.session_ids.next(),
            listener,
            address=address,
            face=face,
            language=policy.language,
            bucket=bucket,
        )
        patience = TokenBucket(1 if policy.bad_lines else 0, policy.bad_lines, now)
        connection = Connection(session, patience, since=int(now * 1000))
        self.connection_limits.enter(connection)
        connection.noted = self._connections.say(LogLevel.info, CONNECTED, **_whence(session))
        return connection

    def note(self, connection: Connection) -> None:
        """Log the beginning of a connection that was not logged when it began, and matters now."""
        if not connection.noted:
            connection.noted = True
            self.log.info(CONNECTED, **_whence(connection.session))


def _whence(session: Session) -> dict[str, object]:
    return {"session": session.id, "address": session.address or "-", "face": session.face}
