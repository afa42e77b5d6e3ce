"""Who hears what, written once: a group's events are encoded once a dialect and written once a session.

The cost of a group is messages + listeners, not messages x listeners (docs/architecture.md, "Fan-out"). Knows sessions
and their dialects, not why they hear something.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from classcord.chat.events import Event
    from classcord.chat.session import Dialect, Session


class _Batch:
    """The events for one audience, in order, and which of them are whose own."""

    __slots__ = ("_joined", "_lines", "audience", "events", "own")

    def __init__(self, audience: Sequence[Session]) -> None:
        self.audience = audience
        self.events: list[Event] = []
        self.own: dict[Session, list[int]] = {}
        self._lines: dict[Dialect, list[bytes]] = {}
        self._joined: dict[Dialect, bytes] = {}

    def joined(self, dialect: Dialect) -> bytes:
        """Return all the lines in one dialect."""
        data = self._joined.get(dialect)
        if data is None:
            data = self._joined[dialect] = b"".join(self.lines(dialect))
        return data

    def lines(self, dialect: Dialect) -> list[bytes]:
        lines = self._lines.get(dialect)
        if lines is None:
            lines = self._lines[dialect] = [dialect.event(event) for event in self.events]
        return lines

    def without_own(self, session: Session) -> bytes:
        """Return all the lines but the session's own: a sender gets no echo."""
        lines, start = self.lines(session.dialect), 0
        others: list[bytes] = []
        for place in self.own[session]:
            others += lines[start:place]
            start = place + 1
        return b"".join(others + lines[start:])


class Fanout:
    """Collects what a group brings, then writes it all."""

    def __init__(self) -> None:
        self._batches: dict[int, _Batch] = {}  # by the identity of the audience, which a batch keeps alive
        self._answers: dict[Session, list[bytes]] = {}

    def deliver(self, event: Event, audience: Sequence[Session], author: Session | None) -> None:
        """Add an event for an audience. The same audience object is the same batch; after a change it is another."""
        batch = self._batches.get(id(audience))
        if batch is None:
            batch = self._batches[id(audience)] = _Batch(audience)
        if author is not None:
            own = batch.own.get(author)
            if own is None:
                own = batch.own[author] = []
            own.append(len(batch.events))
        batch.events.append(event)

    def answer(self, session: Session, line: bytes) -> None:
        """Add an answer; a group's answers stand before its events."""
        self._answers.setdefault(session, []).append(line)

    def flush(self) -> None:
        """Write everything, once for each session."""
        batches, self._batches = list(self._batches.values()), {}
        answers, self._answers = self._answers, {}
        if len(batches) == 1 and not answers:
            _write(batches[0])
            return
        for batch in batches:
            for session in batch.audience:
                data = batch.without_own(session) if session in batch.own else batch.joined(session.dialect)
                answers.setdefault(session, []).append(data)
        for session, chunks in answers.items():
            session.sink.write(b"".join(chunks))


def _write(batch: _Batch) -> None:
    """Write a single batch: the way of nearly every group under load. Authors come last, after one run of equals."""
    own = batch.own
    authors: list[Session] = []
    dialect: Dialect | None = None
    joined = b""
    for session in batch.audience:
        if session in own:
            authors.append(session)
            continue
        if session.dialect is not dialect:
            dialect = session.dialect
            joined = batch.joined(dialect)
        session.sink.write(joined)
    for session in authors:
        session.sink.write(batch.without_own(session))
