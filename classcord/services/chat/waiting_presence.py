"""The events about who is here that wait: gathered for an interval, and then written once to each listener.

N people who come one after another among N listeners are N x N lines, and without this N x N writes. An interval begins
with an event that is written at once; what follows within the interval waits for its end, in one list for everyone.
Only the listeners who have heard more of the list than the others have a number of their own. Knows no rule and no
answer: fanout.py lets a session hear what waits before it hears anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from classcord.services.chat.batch import Batch

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.events import Event
    from classcord.chat.people import Session
    from classcord.chat.ports import Encoder

LARGE = 100  # listeners; to fewer, each event is written at once
PER_LISTENER = 100e-6  # seconds of an interval: a write takes some 6 µs, so presence takes a twentieth of the time
SHORTEST, LONGEST = 0.05, 0.25  # seconds of an interval; with 10,000 listeners, presence takes a quarter
MOST = 500  # events that wait; with one more, all are written


class _Tail(Batch):
    """The events of another batch from a place on: they are not encoded again."""

    __slots__ = ("_start", "_whole")

    def __init__(self, whole: Batch, start: int) -> None:
        super().__init__(())
        self._whole, self._start = whole, start
        self.events, self.indexes = whole.events[start:], whole.indexes[start:]
        for session, places in whole.own.items():
            if own := [place - start for place in places if place >= start]:
                self.own[session] = own

    def chunks(self, encoder: Encoder[Any]) -> list[Any]:
        return self._whole.chunks(encoder)[self._start :]


class WaitingPresence:
    """The events of one interval that wait, for the listeners of one channel: the one in which everyone is."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._interval: IDelayedCall | None = None
        self._stopped = False
        self._channel: Channel | None = None
        self._begin()

    def _begin(self) -> None:
        self._batch = Batch(())
        self.events: Sequence[Event] = self._batch.events
        """The events that wait."""
        self._heard: dict[Session, int] = {}  # the number of events that a session has heard, if it is not 0
        self._tails: dict[int, _Tail] = {}  # by the number of events before them

    def takes(self, channel: Channel) -> bool:
        """Whether an event for the listeners of a channel waits; if not, and many listen, an interval begins."""
        if self.events:
            return channel is self._channel
        if self._stopped or len(channel.sessions) < LARGE:
            return False
        if self._interval is None:
            self._start(channel)
            return False
        return True

    def _start(self, channel: Channel) -> None:
        length = min(LONGEST, max(SHORTEST, len(channel.sessions) * PER_LISTENER))
        self._interval = self._clock.callLater(length, self._over)

    def add(self, event: Event, index: int, channel: Channel, apart: Iterable[Session]) -> None:
        """Let an event wait that all listeners of a channel hear, except the sessions `apart`."""
        self._channel = channel
        batch, place = self._batch, len(self._batch.events)
        for session in apart:
            if self._heard.get(session, 0) == place:  # nothing waits for it: it goes on behind the event
                self._heard[session] = place + 1
            else:
                batch.own[session].append(place)
        batch.events.append(event)
        batch.indexes.append(index)
        self._tails.clear()

    def begins(self, session: Session) -> None:
        """Note that a session is another person now, or listens no more: it hears only what comes from now on."""
        if self.events:
            self._heard[session] = len(self.events)

    def take(self, session: Session) -> Batch | None:
        """Return the events that a session has not heard, and note that it has; None if there are none."""
        start, end = self._heard.get(session, 0), len(self.events)
        if start == end or self._channel is None or session not in self._channel.sessions:
            return None
        self._heard[session] = end
        return self._tail(start)

    def _tail(self, start: int) -> _Tail:
        tail = self._tails.get(start)
        if tail is None:
            tail = self._tails[start] = _Tail(self._batch, start)
        return tail

    def goes_with(self, audiences: Iterable[Sequence[Session]]) -> bool:
        """Whether everything is written now: too much waits, or most listeners are written to anyway."""
        if self._channel is None or len(self.events) > MOST:
            return True
        most = len(self._channel.sessions) // 2
        return any(len(audience) > most for audience in audiences)

    @property
    def own(self) -> Collection[Session]:
        """The sessions that do not hear some of the events."""
        return self._batch.own

    def listeners(self) -> Sequence[Session]:
        return () if self._channel is None else self._channel.audience()

    def clear(self) -> None:
        """Forget the events: all are written."""
        self._begin()

    def _over(self) -> None:
        """End the interval: if something waits, write it, and begin the next interval."""
        self._interval = None
        if self.events and self._channel is not None:
            self._start(self._channel)
            self.write()

    def write(self) -> None:
        """Write to each listener what it has not heard."""
        batch, heard, end, listeners = self._batch, self._heard, len(self.events), self.listeners()
        self.clear()
        tails: dict[int, _Tail] = {}
        for session in listeners:
            start = heard.get(session, 0)
            if start == end:
                continue
            tail = tails.get(start)
            if tail is None:
                tail = tails[start] = _Tail(batch, start)
            listener = session.listener
            listener.sink.write(tail.without_own(session) if session in tail.own else tail.joined(listener.encoder))

    def stop(self) -> None:
        """Write what waits; from now on nothing waits."""
        self._stopped = True
        if self._interval is not None:
            self._interval.cancel()
            self._interval = None
        self.write()
