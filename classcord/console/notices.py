"""Notices, lessons and private messages at a console: one line each, above what is typed. Knows events, no key."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorTime

from classcord.chat.events import Notice
from classcord.chat.files.in_words import in_words
from classcord.chat.lessons.telling import sentence
from classcord.chat.lessons.vocabulary import LessonTold
from classcord.chat.messages.vocabulary import Said
from classcord.chat.quiet_hours.telling import sentence as quiet_hours
from classcord.chat.quiet_hours.vocabulary import QuietHoursChanged
from classcord.chat.revisions.vocabulary import Edited
from classcord.chat.text import N_
from classcord.services.process.logs import printable

if TYPE_CHECKING:
    from classcord.chat.events import Event
    from classcord.console.output import Output

TOLD_LATER = 1_000  # lines that wait while a Python prompt is open
JUST_NOW = 60  # seconds; older messages are shown with their time


class Notices:
    """Shows notices and private messages; between `hold` and `release` it keeps the newest ones."""

    def __init__(self, output: Output, clock: IReactorTime, above: Callable[[str], bytes]) -> None:
        """`above` returns the bytes that show a line above the line being typed."""
        self._output = output
        self._clock = clock
        self._above = above
        self._held = False
        self._kept: deque[str] = deque(maxlen=TOLD_LATER)

    def _moment(self, time: str) -> str:
        return self._output.moment(datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp())

    def heard(self, event: Event) -> None:
        if isinstance(event, Notice):
            self._show(f"* {printable(event.content.render(self._output.translate))}")
        elif isinstance(event, LessonTold):
            words = sentence(event, self._moment(event.until)).render(self._output.translate)
            self._show(f"* {printable(words)}")
        elif isinstance(event, QuietHoursChanged):
            when = "" if event.until is None else self._moment(event.until)
            self._show(f"* {printable(quiet_hours(event, when).render(self._output.translate))}")
        elif isinstance(event, Said) and event.subtype == "private":
            when, words = self._when(event.timestamp), in_words(event, self._output.translate)
            self._show(f"[{when}{printable(event.sender)} → {printable(event.to)}] {printable(words)}")
        elif isinstance(event, Edited) and event.user is not None:
            words = self._output.translate(N_("{user} has changed a private message: {content}"))
            told = words.format(user=printable(event.sender), content=printable(event.content))
            self._show(f"[{self._when(event.edited_at)}{told}]")

    def _when(self, timestamp: str) -> str:
        """Return the time of a message; "" for a message of this minute."""
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
        """Keep notices for now: another program draws on the terminal."""
        self._held = True

    def release(self) -> None:
        """Show the notices that came meanwhile."""
        self._held = False
        while self._kept:
            self._show(self._kept.popleft())
