"""A pause between the lines of a burst, for clients that show only the last line of a burst (classic rule 22).

Few lines wait: what comes faster than the pace is written at once, as it is for other clients. Knows neither dialect
nor transport.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from twisted.internet.interfaces import IDelayedCall, IReactorTime

PACE = 0.02  # seconds between two lines: of a burst of 30, those clients show all; without the pause, 2
PORTION = 30  # kept messages at a time, so that they are paced
MOST_LINES = 60  # lines that may wait: the history, who is away, and a portion of kept messages
MOST_BYTES = 262_144  # bytes in the waiting lines


class Pacing:
    """Writes lines one by one.

    `_due` is the number of lines that would wait if every line had waited for its turn. Beyond MOST_LINES all is
    written at once, and `_due` stays at MOST_LINES: so under a steady load of more than a line in PACE seconds each
    group is one write, and 1.2 seconds after a load the next burst is paced again.
    """

    def __init__(self, write: Callable[[bytes], None], clock: IReactorTime, lasts: Callable[[], bool]) -> None:
        """`clock` has the reactor's timers, never the time of day; `lasts` says whether to go on pacing."""
        self._write = write
        self._clock = clock
        self.lasts = lasts
        self.size = 0
        """The number of bytes in the waiting lines."""
        self._lines: deque[bytes] = deque()
        self._sent = 0  # lines that have left
        self._marks: deque[tuple[int, Callable[[], None]]] = deque()  # what to call when so many lines have left
        self._timer: IDelayedCall | None = None
        self._free_at = 0.0  # when the next line may go out
        self._due = 0.0
        self._counted_at = 0.0

    def write(self, lines: Sequence[bytes]) -> None:
        now = self._clock.seconds()
        left = (now - self._counted_at) / PACE  # lines for which there was time since then
        self._due = max(self._due - left, len(self._lines)) + len(lines)
        self._counted_at = now
        self._lines += lines
        self.size += sum(map(len, lines))
        if self._due > MOST_LINES or self.size > MOST_BYTES:
            self._due = min(self._due, MOST_LINES)
            self.flush()
        elif self._timer is None and self._lines:
            wait = min(self._free_at - now, PACE)
            if wait > 0:
                self._timer = self._clock.callLater(wait, self._next)
            else:
                self._next()

    def _next(self) -> None:
        self._timer = None
        line = self._lines.popleft()
        self.size -= len(line)
        self._free_at = self._clock.seconds() + PACE
        if self._lines:
            self._timer = self._clock.callLater(PACE, self._next)
        self._send(line, 1)

    def flush(self) -> None:
        """Write all that waits, at once."""
        lines = list(self._lines)
        self._forget_lines()
        if lines:
            self._free_at = self._clock.seconds() + PACE
            self._send(b"".join(lines), len(lines))

    def _send(self, data: bytes, count: int) -> None:
        """Write lines; what waits for them happens in the reactor's next turn, not in the middle of a fan-out."""
        self._sent += count
        self._write(data)
        while self._marks and self._marks[0][0] <= self._sent:
            self._clock.callLater(0, self._marks.popleft()[1])

    def when_written(self, then: Callable[[], None]) -> None:
        """Call `then` when the lines that wait now have been written; at once if there are none."""
        if self._lines:
            self._marks.append((self._sent + len(self._lines), then))
        else:
            then()

    def drop(self) -> None:
        """Forget what waits: the connection is gone, and the lines were never written."""
        self._forget_lines()
        self._marks.clear()

    def _forget_lines(self) -> None:
        self._lines.clear()
        self.size = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
