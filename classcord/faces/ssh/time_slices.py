"""Whose turn it is: all connections together take a part of the server's time, a short piece after the other.

So people who chat wait for one piece at the most, whatever is done over SSH. Knows pieces of work, no connection.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twisted.internet.interfaces import IDelayedCall, IReactorTime

LENGTH = 0.0005  # seconds of a turn
PART = 0.15  # of the time, for all of them: twice as much, and the chat notices (bench/hostile_ssh.py)
SAVED = 0.01  # seconds of rest that count in advance: what is short does not wait


class TimeSlices:
    """Who waits is served in the order of coming; whose work is not done within its turn waits again."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._waiting: deque[Callable[[], None]] = deque()
        self._next: IDelayedCall | None = None
        self._at_work = False
        self._free = self._end = 0.0  # when others have had their part, and when the present turn is over

    @property
    def is_over(self) -> bool:
        """Whether whoever is at work should leave the rest for another turn."""
        return self._clock.seconds() >= self._end

    def take(self, work: Callable[[], None]) -> bool:
        """Do this now, and return True, if nobody waits and others have had their part; else when it is its turn."""
        if self._at_work or self._waiting or self._clock.seconds() < self._free:
            self.wait(work)
            return False
        self._do(work)
        return True

    def wait(self, work: Callable[[], None]) -> None:
        """Do this when it is its turn, and not now."""
        self._waiting.append(work)
        self._plan()

    def forget(self, work: Callable[[], None]) -> None:
        """Do not do this any more."""
        with suppress(ValueError):
            self._waiting.remove(work)

    def _plan(self) -> None:
        if self._waiting and self._next is None and not self._at_work:
            self._next = self._clock.callLater(max(0.0, self._free - self._clock.seconds()), self._go_on)

    def _go_on(self) -> None:
        self._next = None
        self._do(self._some)

    def _some(self) -> None:
        """Do what fits into one turn."""
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
