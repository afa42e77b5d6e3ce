"""Limits SSH's share of the server's time: all connections together get a part of it, in short turns.

So chat users wait for one turn at most, whatever is done over SSH. Knows pieces of work, no connection.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twisted.internet.interfaces import IDelayedCall, IReactorTime

LENGTH = 0.0005  # seconds of a turn
PART = 0.15  # of the time, for all of them: with twice as much, the chat is noticeably slower (bench/hostile_ssh.py)
SAVED = 0.01  # seconds of rest that are saved up: a short piece of work need not wait


class TimeSlices:
    """Work is done in the order of waiting; work that is not finished within its turn waits again."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._waiting: deque[Callable[[], None]] = deque()
        self._next: IDelayedCall | None = None
        self._at_work = False
        self._free = self._end = 0.0  # when other work has had its share; when the present turn ends

    @property
    def is_over(self) -> bool:
        """Whether the running work should leave its rest for another turn."""
        return self._clock.seconds() >= self._end

    def take(self, work: Callable[[], None]) -> bool:
        """Do this now, and return True, if no work waits and the share allows it; else when it is its turn."""
        if self._at_work or self._waiting or self._clock.seconds() < self._free:
            self.wait(work)
            return False
        self._do(work)
        return True

    def wait(self, work: Callable[[], None]) -> None:
        """Do this when it is its turn, not now."""
        self._waiting.append(work)
        self._plan()

    def forget(self, work: Callable[[], None]) -> None:
        """Remove this work."""
        with suppress(ValueError):
            self._waiting.remove(work)

    def _plan(self) -> None:
        if self._waiting and self._next is None and not self._at_work:
            self._next = self._clock.callLater(max(0.0, self._free - self._clock.seconds()), self._go_on)

    def _go_on(self) -> None:
        self._next = None
        self._do(self._some)

    def _some(self) -> None:
        """Do as much work as fits into one turn."""
        while self._waiting:
            self._waiting.popleft()()
            if self.is_over:
                break

    def _do(self, work: Callable[[], None]) -> None:
        began = self._clock.seconds()
        self._at_work, self._end = True, began + LENGTH
        try:
            work()
        finally:
            self._at_work = False
            self._free = max(self._free, began - SAVED) + (self._clock.seconds() - began) / PART
            self._plan()
