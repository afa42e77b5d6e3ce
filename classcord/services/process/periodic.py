"""What is done again and again: what fails is logged, and done again all the same, for a watch must not end unseen.

Knows not what is done.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger


class Periodic:
    """Calls `work` from `start` to `stop`; may be started again."""

    log = Logger()

    def __init__(self, work: Callable[[], object], timers: IReactorTime) -> None:
        self._work = work
        self._loop = LoopingCall(self._do)
        self._loop.clock = timers
        self._failing = False

    def start(self, every: float, *, now: bool = True) -> None:
        """Call it every so many seconds, and `now` for the first time or then."""
        self._loop.start(every, now=now)

    def stop(self) -> None:
        """Call it no more; may come twice."""
        if self._loop.running:
            self._loop.stop()

    def _do(self) -> None:
        try:
            self._work()
        except Exception:
            if not self._failing:  # of a run of failures the first is told
                self.log.failure("{work} has failed; it is tried again each time", work=self._work.__qualname__)
            self._failing = True
        else:
            self._failing = False
