"""What is refused: its answer, its trace in the audit trail, and what a flood of it costs.

Knows no effect, and no rule of the chat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from classcord.chat.effects import Commit
from classcord.chat.errors import ChatError, Flood, RateLimited

if TYPE_CHECKING:
    from classcord.chat.hub import Hub
    from classcord.chat.requests import Request
    from classcord.services.chat.answers import Answers
    from classcord.services.chat.closing import Closing
    from classcord.services.chat.connection import Connection
    from classcord.services.security.security_events import SecurityEvents
    from classcord.store.ports import CommitQueue

REFUSAL_COST = 0.05  # of a rate-limited request, in bad lines: a flood of them closes the connection too


class Refusing:
    """Refuses requests and lines, and closes the connections of those who send too many of them."""

    def __init__(
        self,
        hub: Hub,
        *,
        journal: CommitQueue,
        answers: Answers,
        closing: Closing,
        security: SecurityEvents,
        clock: IReactorTime,
    ) -> None:
        self._hub = hub
        self._journal = journal
        self._answers = answers
        self._closing = closing
        self._security = security
        self._clock = clock

    def refuse(self, connection: Connection, request: Request, error: ChatError) -> None:
        """Refuse a request, or the request whose lookup has brought this one."""
        if isinstance(error, RateLimited) and not self.is_patient(connection, REFUSAL_COST):
            return
        self.keep(connection, request.origin, error)
        self._answers.tell(connection, request.origin, error)

    def keep(self, connection: Connection, request: Request, error: ChatError) -> None:
        """Leave a trace of an administrative request that was refused."""
        entry = self._hub.refused(connection.session, request, error, self._clock.seconds())
        if entry is not None and self._journal.accepting:
            self._journal.append(Commit(None, (entry,)))

    def keep_left_out(self) -> None:
        """Count in the audit trail the refusals and changes that it was spared; called now and then, and at the end."""
        if self._journal.accepting and (entries := self._hub.left_out(self._clock.seconds())):
            self._journal.append(Commit(None, entries))

    def fault(self, connection: Connection, request: Request | None, failure: Failure) -> None:
        """Report a fault of ours, in the log and to its client; then close the connection."""
        self._answers.tell(connection, request, self._answers.fault(connection.session, failure))
        self._closing.close(connection, "a fault of ours")

    def is_patient(self, connection: Connection, cost: float) -> bool:
        """Whether a line that does nothing is still borne with; if not, the connection is closed."""
        now = self._clock.seconds()
        if not connection.takes_requests or connection.bad_lines.take(now, cost):
            return connection.takes_requests
        self._security.tell_of(connection.session, "flood", now, connection.session.name)
        self._closing.part(connection, Flood(), "a flood of lines that ask nothing or too much")
        return False
