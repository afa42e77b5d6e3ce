"""The pipeline: the requests of each session, decided one after the other, in their order.

A request waits while a change of its session is being stored, while a lookup of the session runs, and while too many
commits of its connection are under way. Knows no decision.
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

MOST_IN_FLIGHT = 256  # commits of one session under way; beyond this, it is not read until some are released
MOST_BACKLOG = 32  # waiting requests of one session; beyond this, it is not read

T = TypeVar("T")


class Pipeline:
    """Calls `decide` with a connection and its next request, when it is that request's turn."""

    log = Logger()

    def __init__(
        self, decide: Callable[[Connection, Request], None], over: Callable[[Connection], None] = lambda _: None
    ) -> None:
        """`over` is called with a connection that is gone, when none of its commits is under way any more."""
        self._decide = decide
        self._over = over
        self.lookups: dict[Connection, Deferred[Any]] = {}
        """The running lookups, at most one for each session."""

    def take(self, connection: Connection, request: Request) -> None:
        """Take a request, if its connection still accepts requests: decide it now, or after the requests before it."""
        if not connection.takes_requests:
            return
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
        """Decide the waiting requests, as many as can be decided now."""
        backlog = connection.backlog
        while backlog and _ready(connection, backlog[0]):
            self._decide(connection, backlog.pop(0))
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
        """Run a lookup, then go on with its result; the session's later requests wait for it."""
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
        """Decide the requests that can still be decided, then `last`; a lookup is cancelled, with those after it."""
        lookup = self.lookups.get(connection)
        if lookup is not None:
            connection.backlog.clear()
        connection.backlog.append(last)
        if lookup is not None:
            lookup.cancel()
        self.go_on(connection)

    def drop(self, connection: Connection) -> None:
        """Drop the waiting requests undecided, and cancel the lookup."""
        connection.backlog.clear()
        lookup = self.lookups.get(connection)
        if lookup is not None:
            lookup.cancel()
        self.go_on(connection)


def _ready(connection: Connection, request: Request) -> bool:
    if connection.held or connection.in_flight >= MOST_IN_FLIGHT:
        return False
    return not (connection.in_flight and request.reads_store)
