"""Whose turn it is: the requests of each session, decided one after the other, in their order.

A request waits while a change of its session is being stored, while a lookup of the session runs, and while too much
of it is under way. Knows no decision.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.requests import Request

MOST_IN_FLIGHT = 256  # commits of one session under way; then it is not read on until some are released
MOST_BACKLOG = 32  # requests of one session that wait before it is not read on

T = TypeVar("T")


class Pipeline:
    """Calls `decide` with a session and its next request, when that has its turn."""

    log = Logger()

    def __init__(self, decide: Callable[[Session, Request], None]) -> None:
        self._decide = decide
        self.lookups: dict[Session, Deferred[Any]] = {}
        """What runs, one for a session at the most."""

    def take(self, session: Session, request: Request) -> None:
        """Decide a request, now or when those before it are."""
        if session.backlog or not _ready(session, request):
            session.backlog.append(request)
            if len(session.backlog) > MOST_BACKLOG and not session.paused:
                session.paused = True
                session.listener.pause()
            return
        self._decide(session, request)
        if session.backlog:
            self.go_on(session)

    def go_on(self, session: Session) -> None:
        """Decide what has waited, as far as it goes now."""
        backlog = session.backlog
        while backlog and _ready(session, backlog[0]):
            self._decide(session, backlog.popleft())
        if session.paused and not backlog:
            session.paused = False
            session.listener.resume()

    def run(
        self,
        session: Session,
        lookup: Coroutine[Any, Any, T],
        then: Callable[[T], None],
        failed: Callable[[Failure], None],
    ) -> None:
        """Run a lookup, then go on with what it brings; the session's later requests wait for it."""
        session.held += 1
        running: Deferred[Any] = Deferred.fromCoroutine(lookup)
        self.lookups[session] = running
        running.addCallback(then).addErrback(failed).addErrback(self._untold).addBoth(self._ended, session)

    def _untold(self, failure: Failure) -> None:
        self.log.failure("why a lookup has failed could not be told", failure)

    def _ended(self, _: object, session: Session) -> None:
        self.lookups.pop(session, None)
        session.held -= 1
        self.go_on(session)

    def end(self, session: Session, last: Request) -> None:
        """Decide `last` after all that can still be; a lookup is cancelled, and with it what waits for its result."""
        lookup = self.lookups.get(session)
        if lookup is not None:
            session.backlog.clear()
        session.backlog.append(last)
        if lookup is not None:
            lookup.cancel()
        self.go_on(session)


def _ready(session: Session, request: Request) -> bool:
    if session.held or session.in_flight >= MOST_IN_FLIGHT:
        return False
    return not (session.in_flight and request.reads_store)
