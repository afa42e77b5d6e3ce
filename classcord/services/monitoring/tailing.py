"""Live events as lines: the log's events, security events, and the messages. Knows no console."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from twisted.logger import ILogObserver, LogEvent, Logger, LogLevel, formatEvent, globalLogPublisher

from classcord.chat.times import rfc3339
from classcord.services.process.logs import MESSAGE, observer, printable
from classcord.services.security.audit_log import as_line
from classcord.services.security.security_events import SecurityEvent

if TYPE_CHECKING:
    from classcord.services.chat.service import ChatService

LONGEST = 2_000  # characters of a line that are shown

Show = Callable[[str], None]


class LiveTail:
    """Shows each event between `start` and `stop`, once, if its line contains all the words of `only`.

    Lines are shown in the thread that called `start`; an event from another thread is shown with this thread's next
    one. What is logged while a line is being shown is left out: it would cause an endless loop. A `show` that raises
    ends the tail.
    """

    log = Logger()

    def __init__(self, service: ChatService, only: str, private: bool, show: Show) -> None:
        """`private` shows the content of private messages."""
        self._service = service
        self._words = only.casefold().split()
        self._private = private
        self._show: Show | None = show
        self._filter = observer(self._offer, "info", self._line, messages=True)
        self._observer = cast(ILogObserver, self._take)
        self._watching = False
        self._thread = 0
        self._showing = False
        self._elsewhere: deque[LogEvent] = deque(maxlen=100)

    def start(self) -> None:
        if not self._watching and self._show is not None:
            self._watching = True
            self._thread = threading.get_ident()
            self._service.message_log.watchers += 1
            self._service.security.subscribe(self._happened, SecurityEvent)
            globalLogPublisher.addObserver(self._observer)

    def stop(self) -> None:
        self._fall_silent()
        globalLogPublisher.removeObserver(self._observer)

    def _fall_silent(self) -> None:
        """Stop, but stay an observer.

        If an observer is removed during an event, the publisher skips the next observer.
        """
        if self._watching:
            self._watching = False
            self._service.message_log.watchers -= 1
            self._service.security.unsubscribe(self._happened)
        self._show = None
        self._elsewhere.clear()

    def _happened(self, happening: SecurityEvent) -> None:
        self._show_safely(lambda: self._offer(as_line(happening).rstrip()))

    def _take(self, event: LogEvent) -> None:
        if threading.get_ident() != self._thread:
            self._elsewhere.append(event)
            return
        self._show_safely(lambda: self._filter(event))

    def _show_safely(self, show: Callable[[], None]) -> None:
        """Show something, after the events from other threads; an error in it ends only the tail."""
        if self._showing or not self._watching:
            return
        self._showing = True
        try:
            while self._elsewhere:
                self._filter(self._elsewhere.popleft())
            show()
        except Exception:
            self._fall_silent()
            self.log.failure("a tail failed")
        finally:
            self._showing = False

    def _line(self, event: LogEvent) -> str:
        if self._private and event.get("log_format") is MESSAGE:
            event = {**event, "content": event["whole"]}
        level = event["log_level"]
        important = "" if level is LogLevel.info else f"{level.name}: "
        words = printable(str(formatEvent(event))[:LONGEST]).replace("\n", " ")
        return f"{rfc3339(int(event.get('log_time', 0) * 1000))} {important}{words}"

    def _offer(self, line: str) -> None:
        folded = line.casefold()
        if self._show is not None and all(word in folded for word in self._words):
            self._show(line)


class Busiest:
    """Counts the messages of each channel, from `start` to `stop`; `since_last` resets the counts."""

    def __init__(self, service: ChatService) -> None:
        self._service = service
        self._counts: Counter[str] = Counter()
        self._observer = cast(ILogObserver, self._take)
        self._watching = False

    def start(self) -> None:
        if not self._watching:
            self._watching = True
            self._service.message_log.watchers += 1
            globalLogPublisher.addObserver(self._observer)

    def stop(self) -> None:
        if self._watching:
            self._watching = False
            self._service.message_log.watchers -= 1
            globalLogPublisher.removeObserver(self._observer)

    def _take(self, event: LogEvent) -> None:
        if event.get("log_format") is MESSAGE and str(event["to"]).startswith("#"):
            self._counts[str(event["to"])] += 1

    def since_last(self, most: int = 5) -> list[tuple[str, int]]:
        """Return the busiest channels and their number of messages since the last call, the busiest first."""
        found, self._counts = self._counts.most_common(most), Counter()
        return found
