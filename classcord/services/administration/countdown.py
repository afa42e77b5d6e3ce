"""The end of the server, at once or after a time: people are told, and it can be called off. Knows no process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IReactorTime

from classcord.chat.durations import in_words
from classcord.chat.errors import EndIsNear, NoShutdown
from classcord.chat.sanctions import because
from classcord.chat.text import N_, Text

TOLD_AT = (3600, 1800, 600, 300, 120, 60, 30, 10, 5)  # seconds before the end


class Countdown:
    """One end at a time; `tell` is called with what everyone is to hear."""

    def __init__(self, clock: IReactorTime, tell: Callable[[Text], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._calls: list[Any] = []

    @property
    def running(self) -> bool:
        return any(call.active() for call in self._calls)

    def begin(self, delay: float, reason: str, end: Callable[[], None]) -> None:
        """Call `end` after `delay` seconds; EndIsNear if an end is near already."""
        if self.running:
            raise EndIsNear
        self._calls = [self._clock.callLater(delay, end)]
        if delay < min(TOLD_AT):
            return
        self._announce(delay, reason)
        for left in TOLD_AT:
            if left < delay:
                self._calls.append(self._clock.callLater(delay - left, self._announce, left, reason))

    def _announce(self, left: float, reason: str) -> None:
        values: dict[str, object] = {"time": in_words(left), "reason": because(reason) if reason else ""}
        self._tell(Text(N_("The server stops in {time}. {reason}"), values))

    def cancel(self) -> None:
        """Call it off; NoShutdown if there is nothing to call off."""
        if not self.running:
            raise NoShutdown
        for call in self._calls:
            if call.active():
                call.cancel()
        self._tell(Text(N_("The server does not stop after all.")))

    def forget(self) -> None:
        """Let nothing more happen: the server ends."""
        for call in self._calls:
            if call.active():
                call.cancel()
