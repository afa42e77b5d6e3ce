"""The events about who is in a channel that wait: gathered for an interval, and then written once to each listener.

N people who come one after another among N listeners are N x N lines, and without this N x N writes. An interval begins
with an event that is written at once; what follows within the interval waits for its end, in one list for everyone.
Only the listeners who have heard more of the list than the others have a number of their own. Knows no rule and no
answer, and writes nothing: fanout.py lets a session hear what waits before it hears anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
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


def many_listen(channel: Channel) -> bool:
    """Whether events about who is in a channel are worth gathering."""
    return len(channel.sessions) >= LARGE


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
    """One interval after another of one channel, until nothing waits at the end of one."""

    def __init__(self, channel: Channel, clock: IReactorTime, over: Callable[[WaitingPresence], None]) -> None:
        """Begin an interval; `over` is called at its end, and writes what waits or ends this."""
        self.channel = channel
        self._clock = clock
        self._over = over
        self._interval: IDelayedCall | None = None
        self.clear()
        self.go_on()

    def clear(self) -> None:
        """Forget the events: all are written."""
        self._batch = Batch(())
        self.events: Sequence[Event] = self._batch.events
        """The events that wait."""
        self._heard: dict[Session, int] = {}  # the number of events that a session has heard, if it is not 0
        self._tails: dict[int, _Tail] = {}  # by the number of events before them

    def go_on(self) -> None:
        """Begin the next interval."""
        length = min(LONGEST, max(SHORTEST, len(self.channel.sessions) * PER_LISTENER))
        self._interval = self._clock.callLater(length, self._over, self)

    def stop(self) -> None:
        """End the interval early."""
        if self._interval is not None and self._interval.active():
            self._interval.cancel()

    def add(self, event: Event, index: int, apart: Iterable[Session]) -> None:
        """Let an event wait that all listeners hear, except the sessions `apart`."""
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
        """Note that a session listens from now on, or as another person: it hears only what comes now."""
        if self.events:
            self._heard[session] = len(self.events)

    def take(self, session: Session) -> Batch | None:
        """Return the events that a listener has not heard, and note that it has; None if there are none."""
        return self.take_last(session) if session in self.channel.sessions else None

    def take_last(self, session: Session) -> Batch | None:
        """Return the same for a session that was a listener until now."""
        start, end = self._heard.get(session, 0), len(self.events)
        if start == end:
            return None
        self._heard[session] = end
        tail = self._tails.get(start)
        if tail is None:
            tail = self._tails[start] = _Tail(self._batch, start)
        return tail

    def goes_with(self, audiences: Iterable[Sequence[Session]]) -> bool:
        """Whether everything is written now: too much waits, or most listeners are written to anyway."""
        if len(self.events) > MOST:
            return True
        most = len(self.channel.sessions) // 2
        return any(len(audience) > most for audience in audiences)

    @property
    def own(self) -> Collection[Session]:
        """The sessions that do not hear some of the events."""
        return self._batch.own

    def listeners(self) -> Sequence[Session]:
        return self.channel.audience()
