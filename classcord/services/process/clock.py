"""Two clocks: timers go by one that nobody sets, what is written down goes by the time of day.

The machine's time of day jumps: a virtual machine wakes up, somebody sets it, NTP finds it wrong. Twisted's timers go
by it, so after a jump back everything that waits would wait so much longer, the journal's next group too. Knows nobody
who asks what time it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from zope.interface import implementer


def steady(reactor: Any) -> None:
    """Let a reactor's timers go by the monotonic clock; call it before anything has been scheduled."""
    reactor.seconds = time.monotonic


@implementer(IReactorTime)
class TimeOfDay:
    """The clock of whoever writes times down: the time of day, and the timers of a reactor."""

    def __init__(self, timers: IReactorTime) -> None:
        self._timers = timers

    def seconds(self) -> float:
        """Return the seconds since the epoch; the next time that may be less."""
        return time.time()

    def callLater(self, delay: float, callable: Callable[..., object], *args: object, **kw: object) -> IDelayedCall:  # noqa: A002, N802
        return self._timers.callLater(delay, callable, *args, **kw)

    def getDelayedCalls(self) -> Sequence[IDelayedCall]:  # noqa: N802
        return self._timers.getDelayedCalls()
