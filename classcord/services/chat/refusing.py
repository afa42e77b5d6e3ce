"""Refusals: the answer, the entry in the audit trail, and the price of a flood of them.

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

REFUSAL_COST = 0.05  # bad lines that a rate-limited request counts as: a flood of them closes the connection too


class Refusing:
    """Refuses requests and lines, and closes connections that send too many bad ones."""

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
        """Refuse a request; for the result of a lookup, the request that asked for the lookup."""
        if isinstance(error, RateLimited) and not self.is_patient(connection, REFUSAL_COST):
            return
        self.keep(connection, request.origin, error)
        self._answers.tell(connection, request.origin, error)

    def keep(self, connection: Connection, request: Request, error: ChatError) -> None:
        """Keep an administrative request that was refused in the audit trail."""
        entry = self._hub.refused(connection.session, request, error, self._clock.seconds())
        if entry is not None and self._journal.accepting:
            self._journal.append(Commit(None, (entry,)))

    def keep_left_out(self) -> None:
        """Store in the audit trail how many refusals and changes it left out; called now and then, and at the end."""
        if self._journal.accepting and (entries := self._hub.left_out(self._clock.seconds())):
            self._journal.append(Commit(None, entries))

    def fault(self, connection: Connection, request: Request | None, failure: Failure) -> None:
        """Report an internal error, in the log and to the client; then close the connection."""
        self._answers.tell(connection, request, self._answers.fault(connection.session, failure))
        self._closing.close(connection, "a fault of ours")

    def is_patient(self, connection: Connection, cost: float) -> bool:
        """Whether a useless line is still tolerated; if not, the connection is closed."""
        now = self._clock.seconds()
        if not connection.takes_requests or connection.bad_lines.take(now, cost):
            return connection.takes_requests
        self._security.tell_of(connection.session, "flood", now, connection.session.name)
        self._closing.part(connection, Flood(), "a flood of lines that ask nothing or too much")
        return False
