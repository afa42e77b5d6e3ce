"""Turns at work of which only so much is done at once: the rest waits, in an order that is fair to addresses.

Knows neither threads nor what the work is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar, cast

from twisted.internet.defer import Deferred

from classcord.chat.errors import Busy
from classcord.services.process.fair_queue import FairQueue

T = TypeVar("T")


class _Work(NamedTuple):
    run: Callable[[], Deferred[Any]]
    result: Deferred[Any]


class Turns:
    """Gives each work its turn; `at_once` works are done at a time."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._running = 0
        self._going_on = False
        self._queue: FairQueue[_Work] = FairQueue()

    @property
    def waiting(self) -> int:
        """The number of works that wait or are being done."""
        return self._running + len(self._queue)

    async def run(self, group: Hashable, member: Hashable, work: Callable[[], Deferred[T]], *, most: int) -> T:
        """Do a work in its turn and return its result: groups take turns, and within a group its members.

        If `most` works wait already, one of the largest group fails with Busy: this one, if it belongs to that group.
        """
        if self.waiting >= most:
            self._make_room(group)
        result: Deferred[Any] = Deferred()  # if the caller cancels it, work that has begun still goes on
        self._queue.put(group, member, _Work(work, result))
        self._go_on()
        return cast("T", await result)

    def _make_room(self, group: Hashable) -> None:
        if not len(self._queue) or self._queue.largest() == group:
            raise Busy(retry_after=5)
        self._queue.take_newest(self._queue.largest()).result.errback(Busy(retry_after=5))

    def _go_on(self) -> None:
        if self._going_on:  # a work that ended at once: the loop below goes on, for hundreds of them
            return
        self._going_on = True
        try:
            while len(self._queue) and self._running < self._at_once:
                work = self._queue.take()
                if not work.result.called:  # else the caller has cancelled it
                    self._running += 1
                    work.run().addBoth(self._done, work.result)
        finally:
            self._going_on = False

    def _done(self, outcome: Any, result: Deferred[Any]) -> None:
        self._running -= 1
        result.callback(outcome)
        self._go_on()
