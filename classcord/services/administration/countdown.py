"""The planned stop of the server, at once or after a delay: it announces the stop, and can be cancelled.

Knows no process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from twisted.internet.interfaces import IReactorTime

from classcord.chat.durations import in_words
from classcord.chat.operations.vocabulary import EndIsNear, NoShutdown
from classcord.chat.reasons import because
from classcord.chat.text import N_, Text

TOLD_AT = (3600, 1800, 600, 300, 120, 60, 30, 10, 5)  # seconds before the stop at which it is announced


class Ending(NamedTuple):
    """The planned stop: the time of day in seconds, whether the server starts again, and why."""

    at: float
    restart: bool
    reason: str


class Countdown:
    """At most one planned stop; it calls `tell` with each announcement for everyone."""

    def __init__(self, clock: IReactorTime, tell: Callable[[Text], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._calls: list[Any] = []
        self._ending: Ending | None = None

    @property
    def ending(self) -> Ending | None:
        """The planned stop; None if there is none."""
        return self._ending if any(call.active() for call in self._calls) else None

    def begin(self, delay: float, reason: str, end: Callable[[], None], *, restart: bool) -> None:
        """Call `end` after `delay` seconds; EndIsNear if a stop is already planned."""
        if self.ending is not None:
            raise EndIsNear(time=in_words(max(1, self.ending.at - self._clock.seconds())))
        self._ending = Ending(self._clock.seconds() + delay, restart, reason)
        self._calls = [self._clock.callLater(delay, end)]
        if delay < min(TOLD_AT):
            return
        self._announce(delay, self._ending)
        for left in TOLD_AT:
            if left < delay:
                self._calls.append(self._clock.callLater(delay - left, self._announce, left, self._ending))

    def _announce(self, left: float, ending: Ending) -> None:
        reason = because(ending.reason) if ending.reason else ""
        words = N_("The server stops in {time}. {reason}")
        if ending.restart:
            words = N_("The server restarts in {time}. {reason}")
        self._tell(Text(words, {"time": in_words(left), "reason": reason}))

    def cancel(self) -> None:
        """Cancel the stop; NoShutdown if none is planned."""
        if self.ending is None:
            raise NoShutdown
        for call in self._calls:
            if call.active():
                call.cancel()
        self._tell(Text(N_("The server does not stop after all.")))

    def forget(self) -> None:
        """Cancel the timers without an announcement: the server is stopping."""
        for call in self._calls:
            if call.active():
                call.cancel()
