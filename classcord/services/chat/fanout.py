"""The fan-out of a group: its events are encoded once for each encoder, and each session is written to once.

The cost of a group is messages + listeners, not messages x listeners (docs/architecture.md, "Fan-out"). Knows sessions
and their listeners; knows no rule, and does not look into a chunk.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IReactorTime

from classcord.services.chat.batch import Batch
from classcord.services.chat.waiting_presence import WaitingPresence

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.events import Event
    from classcord.chat.people import Session
    from classcord.chat.ports import Encoder

_by_index = itemgetter(0)


class Fanout:
    """Collects the events and answers of a group, then writes them all.

    Whatever a session hears is written here, because the events about who is here may wait (waiting_presence.py): they
    come before anything that happened later.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._batches: dict[int, Batch] = {}  # by the id() of the audience, which the batch keeps alive
        self._answers: dict[Session, list[tuple[int, Any]]] = {}  # each with its index in the group
        self._next_index = 0
        self._waiting = WaitingPresence(clock)
        self.delivered = 0
        """The number of lines of events written to sessions, without answers; an author's own events do not count."""

    def deliver(self, event: Event, audience: Sequence[Session], author: Session | None) -> None:
        """Add an event for an audience. One audience object is one batch; a changed audience is a new object."""
        batch = self._batches.get(id(audience))
        if batch is None:
            batch = self._batches[id(audience)] = Batch(audience)
        if author is not None:
            batch.own[author].append(len(batch.events))
        batch.events.append(event)
        batch.indexes.append(self._next_index)
        self._next_index += 1

    def deliver_presence(self, event: Event, channel: Channel, apart: Sequence[Session]) -> None:
        """Add an event about who is here for the listeners of a channel, except some; it may wait for others."""
        if self._waiting.takes(channel):
            self._waiting.add(event, self._next_index, channel, apart)
            self.delivered += len(channel.sessions) - sum(session in channel.sessions for session in apart)
            self._next_index += 1
            return
        self.deliver(event, channel.audience(), None)
        for session in apart:
            if session in channel.sessions:
                batch = self._batches[id(channel.audience())]
                batch.own[session].append(len(batch.events) - 1)

    def answer(self, session: Session, chunk: Any) -> None:
        """Add an answer, in its order among the events."""
        self._answers.setdefault(session, []).append((self._next_index, chunk))
        self._next_index += 1

    def changes(self, session: Session) -> None:
        """Let a session hear with this group what waits for it: a change may end its listening, or begin it anew."""
        waiting = self._waiting.take(session) if self._waiting.events else None
        if waiting is not None:
            self._answers.setdefault(session, []).extend(waiting.heard_by(session))

    def begins(self, session: Session) -> None:
        """Note that a session is another person now, or nobody."""
        self._waiting.begins(session)

    def write(self, session: Session, chunk: Any) -> None:
        """Write to one session at once, outside any group."""
        self.catch_up(session)
        session.listener.write(chunk)

    def tell(self, session: Session, event: Event) -> None:
        """Write an event to one session at once, outside any group."""
        self.write(session, session.listener.encoder.event(event))

    def catch_up(self, session: Session) -> None:
        """Write to a session what waits for it."""
        waiting = self._waiting.take(session) if self._waiting.events else None
        if waiting is not None:
            encoder = session.listener.encoder
            session.listener.write(encoder.join(chunk for _, chunk in waiting.heard_by(session)))

    def stop(self) -> None:
        """Write what waits; nothing waits from now on."""
        self._waiting.stop()

    def flush(self) -> None:
        """Write everything, once for each session and in order."""
        batches, self._batches = list(self._batches.values()), {}
        answers, self._answers = self._answers, {}
        for batch in batches:
            self.delivered += batch.lines_written()
        if self._waiting.events:
            _write_behind(self._waiting, batches, answers)
        elif len(batches) == 1:
            _write(batches[0], answers)
        elif batches:
            _write_merged(batches, answers)
        for session, chunks in answers.items():
            session.listener.write(session.listener.encoder.join(chunk for _, chunk in chunks))


Answers = dict["Session", list[tuple[int, Any]]]
"""The answers to each session, each with its index; a session is taken out when it is written to."""


def _write(batch: Batch, answers: Answers) -> None:
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


def _write_merged(batches: list[Batch], answers: Answers) -> None:
    """Write several batches: a session in several of them hears their events in the order in which they happened."""
    heard: dict[Session, list[Batch]] = {}
    for batch in batches:
        for session in batch.audience:
            heard.setdefault(session, []).append(batch)
    _write_heard(heard, {*answers, *(session for batch in batches for session in batch.own)}, answers)


def _write_behind(waiting: WaitingPresence, batches: list[Batch], answers: Answers) -> None:
    """Write batches and answers, to each session behind what waits for it."""
    heard: dict[Session, list[Batch]] = {}
    everything = waiting.goes_with([batch.audience for batch in batches])
    for session in (*(waiting.listeners() if everything else ()), *answers):
        tail = waiting.take(session)
        if tail is not None:
            heard[session] = [tail]
    for batch in batches:
        for session in batch.audience:
            mine = heard.get(session)
            if mine is None:
                tail = waiting.take(session)
                mine = heard[session] = [] if tail is None else [tail]
            mine.append(batch)
    apart = {*answers, *waiting.own, *(session for batch in batches for session in batch.own)}
    if everything:
        waiting.clear()
    _write_heard(heard, apart, answers)


def _write_heard(heard: dict[Session, list[Batch]], apart: set[Session], answers: Answers) -> None:
    """Write to each session its batches, and the answers to it; those `apart` hear what nobody else does."""
    alike: dict[tuple[object, ...], Any] = {}  # one chunk for all sessions that hear the same events
    for session, mine in heard.items():
        if session in apart:
            chunk = _merged(session, mine, answers.pop(session, []))
        elif len(mine) == 1:
            chunk = mine[0].joined(session.listener.encoder)
        else:
            key = (session.listener.encoder, *map(id, mine))
            if key not in alike:
                alike[key] = _merged(session, mine, [])
            chunk = alike[key]
        session.listener.sink.write(chunk)


def _merged(session: Session, batches: list[Batch], answers: list[tuple[int, Any]]) -> Any:
    """Return a session's answers and the events of its batches, without its own events, in order of their indexes."""
    chunks = list(answers)
    for batch in batches:
        chunks += batch.heard_by(session)
    return session.listener.encoder.join(chunk for _, chunk in sorted(chunks, key=_by_index))
