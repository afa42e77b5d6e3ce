"""A batch: events for one audience, in order, encoded once for each encoder.

Knows no rule and no group, and does not look into a chunk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from classcord.chat.events import Event
    from classcord.chat.people import Session
    from classcord.chat.ports import Encoder


class Batch:
    """The events for one audience, in order, each with the sessions that do not hear it."""

    __slots__ = ("_chunks", "_joined", "audience", "events", "indexes", "own")

    def __init__(self, audience: Sequence[Session]) -> None:
        self.audience = audience
        self.events: list[Event] = []
        self.indexes: list[int] = []  # the index of each event among all events and answers of the fan-out
        self.own: defaultdict[Session, list[int]] = defaultdict(list)
        """The places of the events that a session of the audience does not hear: it has caused them itself."""
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
            chunks = self._chunks[encoder] = []
        if len(chunks) < len(self.events):
            chunks += [encoder.event(event) for event in self.events[len(chunks) :]]
        return chunks

    def lines_written(self) -> int:
        """Return the number of lines for the whole audience together; the author is nearly always in the audience."""
        return max(0, len(self.audience) * len(self.events) - sum(map(len, self.own.values())))

    def heard_by(self, session: Session) -> list[tuple[int, Any]]:
        """Return the chunk of each event that a session hears, with its index."""
        indexed = zip(self.indexes, self.chunks(session.listener.encoder), strict=True)
        own = self.own.get(session)
        return [*indexed] if own is None else [chunk for place, chunk in enumerate(indexed) if place not in own]

    def without_own(self, session: Session) -> Any:
        """Return all events except the session's own: a sender gets no echo."""
        encoder = session.listener.encoder
        chunks, start = self.chunks(encoder), 0
        others: list[Any] = []
        for place in self.own[session]:
            others += chunks[start:place]
            start = place + 1
        return encoder.join(others + chunks[start:])
