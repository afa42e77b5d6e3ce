"""Who hears what, written once: a group's events are encoded once a dialect and written once a session.

The cost of a group is messages + listeners, not messages x listeners (docs/architecture.md, "Fan-out"). Knows sessions
and their dialects, not why they hear something.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from classcord.chat.events import Event
    from classcord.chat.people import Session
    from classcord.chat.ports import Dialect


class _Batch:
    """The events for one audience, in order, and which of them are whose own."""

    __slots__ = ("_joined", "_lines", "audience", "events", "own", "places")

    def __init__(self, audience: Sequence[Session]) -> None:
        self.audience = audience
        self.events: list[Event] = []
        self.places: list[int] = []  # of each event, in all that the group brings
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

    def lines_written(self) -> int:
        """Return how many lines all of the audience is written; authors are nearly always among it."""
        return max(0, len(self.audience) * len(self.events) - sum(map(len, self.own.values())))

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
        self._answers: dict[Session, list[tuple[int, bytes]]] = {}  # each with its place
        self._place = 0
        self.delivered = 0
        """How many lines sessions were written, answers aside; what an author is not told again does not count."""

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
        batch.places.append(self._place)
        self._place += 1

    def answer(self, session: Session, line: bytes) -> None:
        """Add an answer, in its place among the events."""
        self._answers.setdefault(session, []).append((self._place, line))
        self._place += 1

    def flush(self) -> None:
        """Write everything, once for each session and in order."""
        batches, self._batches = list(self._batches.values()), {}
        answers, self._answers = self._answers, {}
        for batch in batches:
            self.delivered += batch.lines_written()
        if len(batches) == 1:
            _write(batches[0], answers)
        elif batches:
            _write_merged(batches, answers)
        for session, lines in answers.items():
            session.sink.write(b"".join(line for _, line in lines))


Answers = dict["Session", list[tuple[int, bytes]]]
"""What each session is answered, with its place; who is written to is taken out."""


def _write(batch: _Batch, answers: Answers) -> None:
    """Write a single batch: the way of nearly every group under load. Authors come last, after one run of equals."""
    own = batch.own
    others: list[Session] = []
    dialect: Dialect | None = None
    joined = b""
    for session in batch.audience:
        if session in own or session in answers:
            others.append(session)
            continue
        if session.dialect is not dialect:
            dialect = session.dialect
            joined = batch.joined(dialect)
        session.sink.write(joined)
    for session in others:
        if session in answers:
            session.sink.write(_merged(session, [batch], answers.pop(session)))
        else:
            session.sink.write(batch.without_own(session))


def _write_merged(batches: list[_Batch], answers: Answers) -> None:
    """Write several batches: who hears more than one hears their events in the order in which they happened."""
    heard: dict[Session, list[_Batch]] = {}
    for batch in batches:
        for session in batch.audience:
            heard.setdefault(session, []).append(batch)
    alike: dict[tuple[object, ...], bytes] = {}  # what those hear who hear the same
    for session, mine in heard.items():
        if session in answers or any(session in batch.own for batch in mine):
            data = _merged(session, mine, answers.pop(session, []))
        elif len(mine) == 1:
            data = mine[0].joined(session.dialect)
        else:
            key = (session.dialect, *map(id, mine))
            if key not in alike:
                alike[key] = _merged(session, mine, [])
            data = alike[key]
        session.sink.write(data)


def _merged(session: Session, batches: list[_Batch], answers: list[tuple[int, bytes]]) -> bytes:
    """Return a session's answers and the lines of its batches but its own, by their places."""
    lines = list(answers)
    for batch in batches:
        own = set(batch.own.get(session, ()))
        placed = zip(batch.places, batch.lines(session.dialect), strict=True)
        lines += [line for number, line in enumerate(placed) if number not in own]
    return b"".join(line for _, line in sorted(lines))
