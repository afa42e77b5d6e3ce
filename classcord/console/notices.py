"""What a console hears unasked: a line each, above the line that is typed. Knows events, and no terminal."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorTime

from classcord.chat.events import Notice
from classcord.chat.messages.vocabulary import Said
from classcord.services.process.logs import printable

if TYPE_CHECKING:
    from classcord.chat.events import Event
    from classcord.console.output import Output

TOLD_LATER = 1_000  # lines of what is heard beside a Python prompt
JUST_NOW = 60  # seconds; what was said before is shown with its time


class Notices:
    """Shows notices and private messages; between `hold` and `release` it keeps them, so many at most."""

    def __init__(self, output: Output, clock: IReactorTime, above: Callable[[str], bytes]) -> None:
        """`above` returns what shows a line above the one that is typed."""
        self._output = output
        self._clock = clock
        self._above = above
        self._held = False
        self._kept: deque[str] = deque(maxlen=TOLD_LATER)

    def heard(self, event: Event) -> None:
        if isinstance(event, Notice):
            self._show(f"* {printable(event.content.render(self._output.translate))}")
        elif isinstance(event, Said) and event.subtype == "private":
            when = self._when(event.timestamp)
            self._show(f"[{when}{printable(event.sender)} → {printable(event.to)}] {printable(event.content)}")

    def _when(self, timestamp: str) -> str:
        """Return when something was said, "" for what was said just now."""
        then = datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp()
        return "" if abs(self._clock.seconds() - then) < JUST_NOW else f"{self._output.moment(then)}, "

    def _show(self, line: str) -> None:
        if self._held:
            self._kept.append(line)
            return
        if self._output.colour:
            line = f"\x1b[33m{line}\x1b[0m"
        self._output.carrier.write(self._above(line.replace("\n", " ")))

    def hold(self) -> None:
        """Show nothing for now: somebody else draws the lines of the terminal."""
        self._held = True

    def release(self) -> None:
        """Show what was heard meanwhile."""
        self._held = False
        while self._kept:
            self._show(self._kept.popleft())
