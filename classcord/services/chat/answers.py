"""The answers to a session: in the order of its requests, at once or after its commits under way.

Knows no decision, and no reason for a refusal.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.chat.connections.vocabulary import Malformed
from classcord.chat.effects import Commit
from classcord.chat.errors import ChatError, RateLimited, ServerFault
from classcord.chat.events import Notice
from classcord.chat.messages.rules import is_told
from classcord.chat.requests import Request
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.events import Answer
    from classcord.chat.people import Session
    from classcord.services.chat.connection import Connection
    from classcord.services.chat.fanout import Fanout
    from classcord.store.ports import CommitQueue


class Answers:
    """Writes answers and refusals, and counts the refusals."""

    log = Logger()

    def __init__(self, journal: CommitQueue, fanout: Fanout, clock: IReactorTime) -> None:
        self._journal = journal
        self._fanout = fanout
        self._clock = clock
        self.refusals: Counter[str] = Counter()
        """The number of refusals, by code."""

    def tell(self, connection: Connection, request: Request | None, answer: Answer | ChatError) -> None:
        """Answer a request; None stands for a line that was no request."""
        session = connection.session
        if connection.in_flight:
            connection.in_flight += 1
            kept = answer.untraced() if isinstance(answer, ChatError) else answer
            self._journal.append(Commit(session, (), request, kept, holds=False))
        else:
            self._fanout.write(session, self.chunk(session, request, answer))

    def chunk(self, session: Session, request: Request | None, answer: Answer | ChatError) -> Any:
        """Return the answer as the session's listener encodes it; a refusal is counted and logged."""
        session.answered = session.answered or not (request is None or isinstance(request, Malformed))
        if isinstance(answer, ChatError):
            self.refusals[answer.code] += 1
            is_named = not (request is None or isinstance(request, Malformed) or request.origin.confidential)
            asked = request.wire_name if request is not None and is_named else "a line"
            log = self.log.debug if isinstance(answer, RateLimited) else self.log.info
            log("session {session}: {asked} refused, {code}", session=session.id, asked=asked, code=answer.code)
            if request is not None and is_told(session, request, answer):
                now = rfc3339(int(self._clock.seconds() * 1000))
                return session.listener.encoder.event(Notice(content=answer.text, timestamp=now, code=answer.code))
            return session.listener.error(answer, request)
        assert request is not None
        return session.listener.answer(request, answer)

    def fault(self, session: Session, failure: Failure) -> ServerFault:
        """Log an internal error under a reference; return the error that tells the client the same reference."""
        reference = f"{session.id}-{int(self._clock.seconds() * 1000):x}"
        self.log.failure("fault {reference} of session {session}", failure, reference=reference, session=session.id)
        return ServerFault(reference=reference)
