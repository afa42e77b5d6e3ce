"""Who hears what, written once: a group's events are encoded once an encoder and written once a session.

The cost of a group is messages + listeners, not messages x listeners (docs/architecture.md, "Fan-out"). Knows sessions
and what they hear by, not why they hear something, nor what a chunk is made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from classcord.chat.events import Event
    from classcord.chat.people import Session
    from classcord.chat.ports import Encoder

_place = itemgetter(0)


def tell(session: Session, event: Event) -> None:
    """Write an event to one session at once, beside any group."""
    listener = session.listener
    listener.write(listener.encoder.event(event))


class _Batch:
    """The events for one audience, in order, and which of them are whose own."""

    __slots__ = ("_chunks", "_joined", "audience", "events", "own", "places")

    def __init__(self, audience: Sequence[Session]) -> None:
        self.audience = audience
        self.events: list[Event] = []
        self.places: list[int] = []  # of each event, in all that the group brings
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
        """Return how many lines all of the audience is written; authors are nearly always among it."""
        return max(0, len(self.audience) * len(self.events) - sum(map(len, self.own.values())))

    def without_own(self, session: Session) -> Any:
        """Return all the events but the session's own: a sender gets no echo."""
        encoder = session.listener.encoder
        chunks, start = self.chunks(encoder), 0
        others: list[Any] = []
        for place in self.own[session]:
            others += chunks[start:place]
            start = place + 1
        return encoder.join(others + chunks[start:])


class Fanout:
    """Collects what a group brings, then writes it all."""

    def __init__(self) -> None:
        self._batches: dict[int, _Batch] = {}  # by the identity of the audience, which a batch keeps alive
        self._answers: dict[Session, list[tuple[int, Any]]] = {}  # each with its place
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

    def answer(self, session: Session, chunk: Any) -> None:
        """Add an answer, in its place among the events."""
        self._answers.setdefault(session, []).append((self._place, chunk))
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
        for session, chunks in answers.items():
            session.listener.write(session.listener.encoder.join(chunk for _, chunk in chunks))


Answers = dict["Session", list[tuple[int, Any]]]
"""What each session is answered, with its place; who is written to is taken out."""


def _write(batch: _Batch, answers: Answers) -> None:
    """Write a single batch: the way of nearly every group under load. Authors come last, after one run of equals."""
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
        listener.write(joined)
    for session in others:
        if session in answers:
            session.listener.write(_merged(session, [batch], answers.pop(session)))
        else:
            session.listener.write(batch.without_own(session))


def _write_merged(batches: list[_Batch], answers: Answers) -> None:
    """Write several batches: who hears more than one hears their events in the order in which they happened."""
    heard: dict[Session, list[_Batch]] = {}
    for batch in batches:
        for session in batch.audience:
            heard.setdefault(session, []).append(batch)
    alike: dict[tuple[object, ...], Any] = {}  # what those hear who hear the same
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
    """Return a session's answers and the events of its batches but its own, by their places."""
    encoder = session.listener.encoder
    chunks = list(answers)
    for batch in batches:
        own = set(batch.own.get(session, ()))
        placed = zip(batch.places, batch.chunks(encoder), strict=True)
        chunks += [chunk for number, chunk in enumerate(placed) if number not in own]
    return encoder.join(chunk for _, chunk in sorted(chunks, key=_place))
