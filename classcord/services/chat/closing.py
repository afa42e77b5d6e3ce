"""The end of connections: each hears in a last line why it ends; one ends alone, or all end with the server.

Only this module closes a connection or hangs it up (connection.py has the phases). Knows no request.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from classcord.chat.errors import Blocked, ChatError, MakesRoom, Stopping
from classcord.chat.events import Notice
from classcord.chat.limits import TokenBucket
from classcord.chat.times import rfc3339
from classcord.services.chat.connection import ConnectionEvent, Phase

if TYPE_CHECKING:
    from classcord.chat.text import Text
    from classcord.services.chat.answers import Answers
    from classcord.services.chat.connection import Connection
    from classcord.services.chat.fanout import Fanout
    from classcord.services.security.gate import Gate

LINGER = 2.0  # seconds in which a closing connection may still receive its last lines
HANGING_UP = 1.0  # the same when the server has stopped
LINGERING = 10.0  # connections a second that may linger when they make room for others: a process has few open files


class Closing:
    """Closes connections."""

    log = Logger()

    def __init__(
        self,
        answers: Answers,
        fanout: Fanout,
        gate: Gate,
        clock: IReactorTime,
    ) -> None:
        self._answers = answers
        self._fanout = fanout
        self._gate = gate
        self._clock = clock
        self._lingering = TokenBucket(LINGERING, 2 * LINGERING, 0.0)

    def close(self, connection: Connection, reason: str, *, linger: float = LINGER) -> None:
        """End a connection when its last lines are sent, but at most `linger` seconds from now."""
        if not connection.happens(ConnectionEvent.CLOSE):
            return
        session = connection.session
        if connection.noted:  # of a flood of connections, only some are in the log
            self.log.info("closing session {session}: {reason}", session=session.id, reason=reason)
        if connection.in_flight and linger:  # the answers to its requests under way come first
            self._clock.callLater(linger, session.listener.close, after=0.0)
        else:
            session.listener.close(after=linger)

    def close_if_answered(self, connection: Connection) -> None:
        """End a connection that waits to be closed, if all its requests under way are answered now."""
        if connection.phase is Phase.CLOSING and not connection.in_flight:
            connection.session.listener.close(after=LINGER)

    def part(self, connection: Connection, error: ChatError, reason: str, *, linger: float = LINGER) -> None:
        """Close a connection after a refusal.

        The refusal is an error; it is a notice if the client shows no errors to a logged-in person.
        """
        if not connection.takes_requests:
            return
        session = connection.session
        if session.person is not None and not session.traits.shows_errors:
            self._fanout.tell(session, self._notice(error.text, error.code))
        elif connection.in_flight and linger:
            self._answers.tell(connection, None, error)
        else:
            self._fanout.write(session, session.listener.error(error, None))
        self.close(connection, reason, linger=linger)

    def give_way(self, connection: Connection) -> None:
        """Close a connection at once, so that a new one gets its place; it lingers to hear why, if few others do."""
        linger = LINGER if self._lingering.take(self._clock.seconds()) else 0.0
        self.part(connection, MakesRoom(), "the server is full, and it has no account", linger=linger)

    def close_strangers(self, strangers: Iterable[Connection], why: str) -> None:
        """Close connections without a name, from addresses that may not connect."""
        for connection in strangers:
            address = connection.session.address
            refused = self._gate.why_not(address)
            error = refused[0] if refused else Blocked(retry_after=self._gate.blocks.seconds_left(address))
            self.part(connection, error, why)

    def turn_out(self, connections: Iterable[Connection], why: Text) -> None:
        """Tell each of these connections why, and close it."""
        for connection in connections:
            session = connection.session
            if connection.takes_requests:
                self._fanout.tell(session, self._notice(why))
            self.close(connection, why.render())

    def stop(self, connections: Iterable[Connection]) -> None:
        """Tell everyone that the server stops, and read no further request."""
        stopping = Stopping()
        for connection in connections:
            if not connection.happens(ConnectionEvent.STOP):
                continue
            session = connection.session
            if session.person is not None:
                self._fanout.tell(session, self._notice(stopping.text))
            elif session.answered:  # a client without an answered request hears nothing (classic rule 1)
                self._fanout.write(session, session.listener.error(stopping, None))
            session.listener.pause()

    def hang_up(self, connections: Iterable[Connection]) -> None:
        """Close connections without waiting for their commits and lookups."""
        for connection in connections:
            if connection.happens(ConnectionEvent.HANG_UP):
                connection.session.listener.close(after=HANGING_UP)

    def _notice(self, words: Text, code: str | None = None) -> Notice:
        return Notice(content=words, timestamp=rfc3339(int(self._clock.seconds() * 1000)), code=code)
