"""Work that is repeated at an interval. A failure is logged, and the work is done again.

Monitoring must not stop silently. Knows nothing of the work.
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
        """Call `work` every `every` seconds; with `now`, for the first time at once."""
        self._loop.start(every, now=now)

    def stop(self) -> None:
        """Stop the calls; may be called twice."""
        if self._loop.running:
            self._loop.stop()

    def _do(self) -> None:
        try:
            self._work()
        except Exception:
            if not self._failing:  # only the first failure of a series is logged
                self.log.failure("{work} has failed; it is tried again each time", work=self._work.__qualname__)
            self._failing = True
        else:
            self._failing = False
