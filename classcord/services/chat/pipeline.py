"""Whose turn it is: the requests of each session, decided one after the other, in their order.

A request waits while a change of its session is being stored, while a lookup of the session runs, and while too much
of its connection is under way. Knows no decision.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.services.chat.connection import Phase

if TYPE_CHECKING:
    from classcord.chat.requests import Request
    from classcord.services.chat.connection import Connection

MOST_IN_FLIGHT = 256  # commits of one session under way; then it is not read on until some are released
MOST_BACKLOG = 32  # requests of one session that wait before it is not read on

T = TypeVar("T")


class Pipeline:
    """Calls `decide` with a session and its next request, when that has its turn."""

    log = Logger()

    def __init__(
        self, decide: Callable[[Connection, Request], None], over: Callable[[Connection], None] = lambda _: None
    ) -> None:
        """`over` is called with a connection that is gone, when nothing of it is under way any more."""
        self._decide = decide
        self._over = over
        self.lookups: dict[Connection, Deferred[Any]] = {}
        """What runs, one for a session at the most."""

    def take(self, connection: Connection, request: Request) -> None:
        """Decide a request, now or when those before it are."""
        if connection.backlog or not _ready(connection, request):
            connection.backlog.append(request)
            if len(connection.backlog) > MOST_BACKLOG and not connection.paused:
                connection.paused = True
                connection.session.listener.pause()
            return
        self._decide(connection, request)
        if connection.backlog:
            self.go_on(connection)

    def go_on(self, connection: Connection) -> None:
        """Decide what has waited, as far as it goes now."""
        backlog = connection.backlog
        while backlog and _ready(connection, backlog[0]):
            self._decide(connection, backlog.popleft())
        if connection.paused and not backlog and connection.phase is not Phase.STOPPING:
            connection.paused = False
            connection.session.listener.resume()
        if connection.is_over:
            self._over(connection)

    def run(
        self,
        connection: Connection,
        lookup: Coroutine[Any, Any, T],
        then: Callable[[T], None],
        failed: Callable[[Failure], None],
    ) -> None:
        """Run a lookup, then go on with what it brings; the session's later requests wait for it."""
        connection.held += 1
        running: Deferred[Any] = Deferred.fromCoroutine(lookup)
        self.lookups[connection] = running
        running.addCallback(then).addErrback(failed).addErrback(self._untold).addBoth(self._ended, connection)

    def _untold(self, failure: Failure) -> None:
        self.log.failure("why a lookup has failed could not be told", failure)

    def _ended(self, _: object, connection: Connection) -> None:
        self.lookups.pop(connection, None)
        connection.held -= 1
        self.go_on(connection)

    def end(self, connection: Connection, last: Request) -> None:
        """Decide `last` after all that can still be; a lookup is cancelled, and with it what waits for its result."""
        lookup = self.lookups.get(connection)
        if lookup is not None:
            connection.backlog.clear()
        connection.backlog.append(last)
        if lookup is not None:
            lookup.cancel()
        self.go_on(connection)

    def drop(self, connection: Connection) -> None:
        """Decide nothing of what waits, and cancel a lookup."""
        connection.backlog.clear()
        lookup = self.lookups.get(connection)
        if lookup is not None:
            lookup.cancel()
        self.go_on(connection)


def _ready(connection: Connection, request: Request) -> bool:
    if connection.held or connection.in_flight >= MOST_IN_FLIGHT:
        return False
    return not (connection.in_flight and request.reads_store)
