"""Two clocks: timers use the monotonic clock, which is never set; recorded times use the time of day.

The machine's time of day jumps: a virtual machine wakes up, somebody sets it, NTP corrects it. Twisted's timers use it,
so that after a jump back every timer would be late by the length of the jump, the journal's next group too. Knows no
caller.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from zope.interface import implementer


def steady(reactor: Any) -> None:
    """Make a reactor's timers use the monotonic clock; call it before anything is scheduled."""
    reactor.seconds = time.monotonic


@implementer(IReactorTime)
class TimeOfDay:
    """The clock for recorded times: the time of day, and the timers of a reactor."""

    def __init__(self, timers: IReactorTime) -> None:
        self._timers = timers

    def seconds(self) -> float:
        """Return the seconds since 1970; a later call may return less."""
        return time.time()

    def callLater(self, delay: float, callable: Callable[..., object], *args: object, **kw: object) -> IDelayedCall:  # noqa: A002, N802
        return self._timers.callLater(delay, callable, *args, **kw)

    def getDelayedCalls(self) -> Sequence[IDelayedCall]:  # noqa: N802
        return self._timers.getDelayedCalls()
