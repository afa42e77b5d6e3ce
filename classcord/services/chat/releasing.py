"""The release of a stored group of commits: the group is applied, and everyone hears its events.

The journal calls it with each group, in order. Knows no store, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.chat.audit.vocabulary import Audited
from classcord.chat.errors import ChatError
from classcord.chat.messages.vocabulary import Acknowledged, Message
from classcord.chat.quotas import give_back
from classcord.chat.resends.vocabulary import OtherMessage, SentBefore
from classcord.chat.times import rfc3339
from classcord.services.chat.connection import Phase

if TYPE_CHECKING:
    from classcord.chat.effects import Commit, Effect
    from classcord.chat.hub import Hub
    from classcord.chat.people import Session
    from classcord.services.chat.acceptor import Acceptor
    from classcord.services.chat.answers import Answers
    from classcord.services.chat.closing import Closing
    from classcord.services.chat.connection import Connection
    from classcord.services.chat.fanout import Fanout
    from classcord.services.chat.message_log import MessageLog
    from classcord.services.chat.performing import Performing
    from classcord.store.ports import Outcomes


class Releasing:
    """Applies groups. `performing` performs the effects that follow from a change, and decides waiting requests."""

    log = Logger()

    def __init__(
        self,
        hub: Hub,
        *,
        acceptor: Acceptor,
        answers: Answers,
        closing: Closing,
        fanout: Fanout,
        message_log: MessageLog,
        performing: Performing,
    ) -> None:
        self._hub = hub
        self._acceptor = acceptor
        self._connections = acceptor.table
        self._answers = answers
        self._closing = closing
        self._fanout = fanout
        self._message_log = message_log
        self._performing, self._methods = performing, performing.methods
        self._receipts = performing.receipts

    def released(self, group: Sequence[Commit], outcomes: Outcomes) -> None:
        """Apply a stored group, and write its events to their audience."""
        waiting: dict[Connection, None] = {}
        connection_of = self._connections.of
        for index, commit in enumerate(group):
            session = commit.session
            connection = None if session is None else connection_of(session)
            error = outcomes.get(index) if outcomes else None
            try:
                if error is None:
                    self._apply(commit, connection)
                else:
                    self._failed(commit, connection, error)
            except Exception:
                self._unapplied(commit, connection, Failure())
            if connection is not None:
                connection.in_flight -= 1
                if commit.holds:
                    connection.held -= 1
                if connection.backlog or not connection.takes_requests:
                    waiting[connection] = None
        try:
            self._fanout.flush()
            self._receipts.group_written()
        finally:
            self._receipts.group_over()
            self._go_on(waiting)
        self._message_log.stored(group, outcomes)

    def _go_on(self, connections: Iterable[Connection]) -> None:
        """Decide the requests that waited for a group; end the closing connections whose answers are all written."""
        for connection in connections:
            self._performing.pipeline.go_on(connection)
            self._closing.close_if_answered(connection)

    def _apply(self, commit: Commit, connection: Connection | None) -> None:
        session = commit.session
        person = session.person if session is not None else None
        if commit.holds and session is not None and (connection is None or connection.phase is not Phase.CLOSED):
            self._fanout.changes(session)
        follow: list[Effect] = []
        for record in commit.records:
            follow += self._hub.apply(record)
        if session is not None:
            if commit.answer is not None:
                self._fanout.answer(session, self._answers.chunk(session, commit.request, commit.answer))
            if session.person is not person:
                self._identity_changed(session, connection)
        for effect in follow:
            self._methods[type(effect)](self._performing, connection, effect)  # type: ignore[arg-type]

    def _identity_changed(self, session: Session, connection: Connection | None) -> None:
        if session.person is not None:
            if connection is not None:
                self._acceptor.note(connection)
                connection.replayed = (0, 0)  # what was replayed was another session's
            self.log.info(
                "session {session} is {name}, {role}",
                session=session.id,
                name=session.name,
                role=session.person.role.label,
            )
            session.answered = True
        elif session.id in self._connections.open:
            self.log.info("session {session} is nobody any more", session=session.id)
        self._acceptor.connection_limits.identity_changed(session)
        self._fanout.begins(session)

    def _failed(self, commit: Commit, connection: Connection | None, error: Exception) -> None:
        """Tell the sender that a commit was not stored; names promised for it are free again."""
        self._hub.abandon(commit.records)
        if connection is not None and connection.backlog and connection.backlog[0] is commit.request:
            connection.backlog.pop(0)  # this request waited to be decided again after this commit
        if isinstance(error, SentBefore):
            self._acknowledge_again(commit, error)
        elif not isinstance(error, ChatError):
            self._unapplied(commit, connection, Failure(error))
        elif connection is not None and commit.request is not None:
            session = connection.session
            self._fanout.answer(session, self._answers.chunk(session, commit.request, error))
            if isinstance(error, OtherMessage):
                _give_back(commit)

    def _acknowledge_again(self, commit: Commit, stored: SentBefore) -> None:
        """Acknowledge a message that was sent before; nobody hears it a second time."""
        session = commit.session
        if session is not None:
            again = Acknowledged(message_id=stored.message_id, timestamp=rfc3339(stored.at))
            self._fanout.answer(session, self._answers.chunk(session, commit.request, again))
            _give_back(commit)

    def _unapplied(self, commit: Commit, connection: Connection | None, failure: Failure) -> None:
        """Report a commit that failed by an internal error; the other commits of its group are not touched."""
        if connection is None:
            self.log.failure("a commit failed", failure)
            return
        session = connection.session
        error = self._answers.fault(session, failure)
        self._fanout.answer(session, self._answers.chunk(session, commit.request, error))
        self._closing.close(connection, "a fault of ours")


def _give_back(commit: Commit) -> None:
    """Put back into the quotas what a message has cost that was not stored, because its client id was there already."""
    if commit.session is not None:
        for record in commit.records:
            if isinstance(record, Message):
                rows = sum(each.stored and not isinstance(each, Audited) for each in commit.records)
                give_back(commit.session.quotas, record.content, rows)
