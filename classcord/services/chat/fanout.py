"""The fan-out of a group: its events are encoded once for each encoder, and each session is written to once.

The cost of a group is messages + listeners, not messages x listeners (docs/architecture.md, "Fan-out"). Knows sessions
and their listeners; knows no rule, and does not look into a chunk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IReactorTime

from classcord.services.chat.batch import Batch
from classcord.services.chat.waiting_presence import WaitingPresence, many_listen

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.events import Event
    from classcord.chat.people import Session
    from classcord.chat.ports import Encoder

_by_index = itemgetter(0)

MOST_CHANNELS = 8  # in which presence is gathered at a time: each write looks through them


class Fanout:
    """Collects the events and answers of a group, then writes them all.

    Whatever a session hears is written here, because the events about who is here may wait (waiting_presence.py): they
    come before anything that happened later.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._batches: dict[int, Batch] = {}  # by the id() of the audience, which the batch keeps alive
        self._answers: dict[Session, list[tuple[int, Any]]] = {}  # each with its index in the group
        self._next_index = 0
        self._clock = clock
        self._waiting: dict[Channel, WaitingPresence] = {}
        """By channel, while there is an interval."""
        self._stopped = False
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
        """Add an event about who is in a channel for its listeners, except some; it may wait for others."""
        waiting = self._waiting.get(channel)
        if waiting is not None:
            waiting.add(event, self._next_index, apart)
            self.delivered += len(channel.sessions) - sum(session in channel.sessions for session in apart)
            self._next_index += 1
            return
        if many_listen(channel) and len(self._waiting) < MOST_CHANNELS and not self._stopped:
            self._waiting[channel] = WaitingPresence(channel, self._clock, self._interval_over)
        self.deliver(event, channel.audience(), None)
        for session in apart:
            if session in channel.sessions:
                batch = self._batches[id(channel.audience())]
                batch.own[session].append(len(batch.events) - 1)

    def begin_listening(self, session: Session, channel: Channel) -> None:
        """Note that a session listens to a channel from now on: what waits for its listeners is older."""
        if channel in self._waiting:
            self._waiting[channel].begins(session)

    def end_listening(self, session: Session, channel: Channel) -> None:
        """Let a session that listens to a channel no more hear with this group what waits for it there."""
        if channel in self._waiting:
            self._hears_with_group(session, self._waiting[channel].take_last(session))

    def answer(self, session: Session, chunk: Any) -> None:
        """Add an answer, in its order among the events."""
        self._answers.setdefault(session, []).append((self._next_index, chunk))
        self._next_index += 1

    def changes(self, session: Session) -> None:
        """Let a session hear with this group what waits for it: a change may end its listening, or begin it anew."""
        for waiting in self._waiting.values():
            self._hears_with_group(session, waiting.take(session))

    def _hears_with_group(self, session: Session, batch: Batch | None) -> None:
        if batch is not None:
            answers = self._answers.setdefault(session, [])
            answers += batch.heard_by(session)
            answers.sort(key=_by_index)

    def begins(self, session: Session) -> None:
        """Note that a session is another person now, or nobody."""
        for waiting in self._waiting.values():
            waiting.begins(session)

    def write(self, session: Session, chunk: Any) -> None:
        """Write to one session at once, outside any group."""
        self.catch_up(session)
        session.listener.write(chunk)

    def tell(self, session: Session, event: Event) -> None:
        """Write an event to one session at once, outside any group."""
        self.write(session, session.listener.encoder.event(event))

    def catch_up(self, session: Session) -> None:
        """Write to a session what waits for it."""
        if self._waiting and (tails := _taken(self._waiting.values(), session)):
            session.listener.write(_merged(session, tails, []))

    def _interval_over(self, waiting: WaitingPresence) -> None:
        """Write what waits, and begin the next interval; if nothing waits, there is none."""
        if waiting.events:
            waiting.go_on()
            self._write_waiting([waiting])
        else:
            del self._waiting[waiting.channel]

    def _write_waiting(self, over: Sequence[WaitingPresence]) -> None:
        """Write what waits for the listeners of these channels: to each, of other channels as well."""
        _write_behind([each for each in self._waiting.values() if each.events], over, [], {})

    def stop(self) -> None:
        """Write what waits; nothing waits from now on."""
        self._stopped = True
        self._write_waiting(tuple(self._waiting.values()))
        for waiting in self._waiting.values():
            waiting.stop()
        self._waiting.clear()

    def flush(self) -> None:
        """Write everything, once for each session and in order."""
        batches, self._batches = list(self._batches.values()), {}
        answers, self._answers = self._answers, {}
        for batch in batches:
            self.delivered += batch.lines_written()
        waiting = [each for each in self._waiting.values() if each.events] if self._waiting else ()
        if waiting:
            audiences = [batch.audience for batch in batches]
            _write_behind(waiting, [each for each in waiting if each.goes_with(audiences)], batches, answers)
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


def _taken(waiting: Iterable[WaitingPresence], session: Session) -> list[Batch]:
    """Return the events of each channel that wait for a session, and note that it has heard them."""
    return [tail for each in waiting if (tail := each.take(session)) is not None]


def _write_behind(
    waiting: Sequence[WaitingPresence], over: Sequence[WaitingPresence], batches: list[Batch], answers: Answers
) -> None:
    """Write batches and answers, to each session behind what waits for it; of those `over`, nothing waits longer."""
    heard: dict[Session, list[Batch]] = {}
    for session in chain(*(each.listeners() for each in over), answers):
        if session not in heard and (tails := _taken(waiting, session)):
            heard[session] = tails
    for batch in batches:
        for session in batch.audience:
            mine = heard.get(session)
            if mine is None:
                mine = heard[session] = _taken(waiting, session)
            mine.append(batch)
    apart = {*answers, *chain(*(each.own for each in waiting)), *(s for batch in batches for s in batch.own)}
    for each in over:
        each.clear()
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
