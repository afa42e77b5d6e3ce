"""The fan-out of a group: its events are encoded once for each encoder, and each session is written to once.

The cost of a group is messages + listeners, not messages x listeners (docs/architecture.md, "Fan-out"). Knows sessions
and their listeners; knows no rule, and does not look into a chunk.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from classcord.chat.events import Event
    from classcord.chat.people import Session
    from classcord.chat.ports import Encoder

_by_index = itemgetter(0)


def tell(session: Session, event: Event) -> None:
    """Write an event to one session at once, outside any group."""
    listener = session.listener
    listener.write(listener.encoder.event(event))


class _Batch:
    """The events for one audience, in order, each with its author."""

    __slots__ = ("_chunks", "_joined", "audience", "events", "indexes", "own")

    def __init__(self, audience: Sequence[Session]) -> None:
        self.audience = audience
        self.events: list[Event] = []
        self.indexes: list[int] = []  # the index of each event among all events and answers of the group
        self.own: dict[Session, list[int]] = {}
        self._chunks: dict[Encoder[Any], list[Any]] = {}
        self._joined: dict[Encoder[Any], Any] = {}

    def joined(self, encoder: Encoder[Any]) -> Any:
        """Return all the events in one chunk."""
        if encoder not in self._joined:
            self._joined[encoder] = encoder.join(self.chunks(encoder))
        return self._joined[encoder]

    def chunks(self, encoder: Encoder[Any]) -> list[Any]:
        """Return the chunk of each event."""
        chunks = self._chunks.get(encoder)
        if chunks is None:
            chunks = self._chunks[encoder] = [encoder.event(event) for event in self.events]
        return chunks

    def lines_written(self) -> int:
        """Return the number of lines for the whole audience together; the author is nearly always in the audience."""
        return max(0, len(self.audience) * len(self.events) - sum(map(len, self.own.values())))

    def without_own(self, session: Session) -> Any:
        """Return all events except the session's own: a sender gets no echo."""
        encoder = session.listener.encoder
        chunks, start = self.chunks(encoder), 0
        others: list[Any] = []
        for index in self.own[session]:
            others += chunks[start:index]
            start = index + 1
        return encoder.join(others + chunks[start:])


class Fanout:
    """Collects the events and answers of a group, then writes them all."""

    def __init__(self) -> None:
        self._batches: dict[int, _Batch] = {}  # by the id() of the audience, which the batch keeps alive
        self._answers: dict[Session, list[tuple[int, Any]]] = {}  # each with its index in the group
        self._next_index = 0
        self.delivered = 0
        """The number of lines of events written to sessions, without answers; an author's own events do not count."""

    def deliver(self, event: Event, audience: Sequence[Session], author: Session | None) -> None:
        """Add an event for an audience. One audience object is one batch; a changed audience is a new object."""
        batch = self._batches.get(id(audience))
        if batch is None:
            batch = self._batches[id(audience)] = _Batch(audience)
        if author is not None:
            own = batch.own.get(author)
            if own is None:
                own = batch.own[author] = []
            own.append(len(batch.events))
        batch.events.append(event)
        batch.indexes.append(self._next_index)
        self._next_index += 1

    def answer(self, session: Session, chunk: Any) -> None:
        """Add an answer, in its order among the events."""
        self._answers.setdefault(session, []).append((self._next_index, chunk))
        self._next_index += 1

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
        for session, chunks in answers.items():
            session.listener.write(session.listener.encoder.join(chunk for _, chunk in chunks))


Answers = dict["Session", list[tuple[int, Any]]]
"""The answers to each session, each with its index; a session is taken out when it is written to."""


def _write(batch: _Batch, answers: Answers) -> None:
    """Write a single batch: nearly every group under load is one. Authors come last, after all others."""
    apart = {*batch.own, *answers}
    others: list[Session] = []
    encoder: Encoder[Any] | None = None
    joined: Any = None
    for session in batch.audience:
        if session in apart:
            others.append(session)
            continue
        listener = session.listener
        if listener.encoder is not encoder:
            encoder = listener.encoder
            joined = batch.joined(encoder)
        listener.sink.write(joined)
    for session in others:
        if session in answers:
            session.listener.write(_merged(session, [batch], answers.pop(session)))
        else:
            session.listener.write(batch.without_own(session))


def _write_merged(batches: list[_Batch], answers: Answers) -> None:
    """Write several batches: a session in several of them hears their events in the order in which they happened."""
    heard: dict[Session, list[_Batch]] = {}
    for batch in batches:
        for session in batch.audience:
            heard.setdefault(session, []).append(batch)
    alike: dict[tuple[object, ...], Any] = {}  # one chunk for all sessions that hear the same events
    for session, mine in heard.items():
        if session in answers or any(session in batch.own for batch in mine):
            chunk = _merged(session, mine, answers.pop(session, []))
        elif len(mine) == 1:
            chunk = mine[0].joined(session.listener.encoder)
        else:
            key = (session.listener.encoder, *map(id, mine))
            if key not in alike:
                alike[key] = _merged(session, mine, [])
            chunk = alike[key]
        session.listener.write(chunk)


def _merged(session: Session, batches: list[_Batch], answers: list[tuple[int, Any]]) -> Any:
    """Return a session's answers and the events of its batches, without its own events, in order of their indexes."""
    encoder = session.listener.encoder
    chunks = list(answers)
    for batch in batches:
        own = set(batch.own.get(session, ()))
        indexed = zip(batch.indexes, batch.chunks(encoder), strict=True)
        chunks += [chunk for number, chunk in enumerate(indexed) if number not in own]
    return encoder.join(chunk for _, chunk in sorted(chunks, key=_by_index))
