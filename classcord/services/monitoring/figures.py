"""The figures of the server's state: sampled once a second, so that a message costs nothing more.

Knows what to read, not who asks.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence, Sized
from pathlib import Path
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorTime

from classcord import __version__
from classcord.chat.operations.vocabulary import StatsTold
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.services.administration.countdown import Ending
    from classcord.services.chat.ports import Counts
    from classcord.store.ports import CommitQueue

WINDOW = 60  # seconds over which a rate is computed


class Figures:
    """Call `sample` once a second."""

    def __init__(
        self,
        connections: Sized,
        counts: Counts,
        journal: CommitQueue,
        size: Callable[[], int],
        *,
        files: Callable[[], tuple[int, int]],
        disk_free: Callable[[], int | None] = lambda: None,
        quiet_until: Callable[[float], int | None] = lambda _: None,
        ending: Callable[[], Ending | None],
        clock: IReactorTime,
        monotonic: Callable[[], float],
    ) -> None:
        """`size` returns the bytes of the database, `files` the number and bytes of the files of messages.

        `disk_free` returns the bytes that are free where the server writes, None if it writes nowhere.
        `quiet_until` returns when the quiet hours end that hold at a time.
        `ending` returns the planned stop of the server; `clock` tells the time of day;
        `monotonic` is a clock in seconds that is never set.
        """
        self._connections = connections
        self._ending = ending
        self._counts = counts
        self._journal = journal
        self._size = size
        self._files = files
        self._disk_free = disk_free
        self._quiet_until = quiet_until
        self._clock = clock
        self._monotonic = monotonic
        self._since = rfc3339(int(clock.seconds() * 1000))
        self._began = monotonic()
        self._samples: deque[tuple[float, int]] = deque(maxlen=WINDOW + 1)

    def sample(self) -> None:
        """Note the number of messages so far."""
        self._samples.append((self._monotonic(), self._counts.applied))

    def now(self) -> StatsTold:
        """Return the current figures."""
        counts, groups = self._counts, list(self._journal.groups)
        runs = counts.purges
        times = sorted(seconds for seconds, _ in groups)
        now = self._monotonic()
        ending = self._ending()
        files, file_bytes = self._files()
        quiet_until = self._quiet_until(self._clock.seconds())
        return StatsTold(
            version=__version__,
            since=self._since,
            uptime=round(now - self._began, 1),
            connections=len(self._connections),
            people=len(counts.people),
            accounts=len(counts.accounts),
            channels=len(counts.channels),
            last_message_id=counts.applied,
            messages_per_second=round(self._rate(now), 2),
            commit_p50=_quantile(times, 0.5),
            commit_p99=_quantile(times, 0.99),
            group_size=round(sum(size for _, size in groups) / len(groups), 1) if groups else None,
            queue=self._journal.waiting,
            memory=_resident(),
            database=self._size(),
            files=files,
            file_bytes=file_bytes,
            disk_free=self._disk_free(),
            lessons=len(counts.lessons),
            retention_run=None if runs.last is None else rfc3339(runs.last.at),
            retention_ended=None if runs.ended_at is None else rfc3339(runs.ended_at),
            maintenance=counts.maintenance is not None,
            maintenance_reason=counts.maintenance or None,
            quiet_until=None if quiet_until is None else rfc3339(quiet_until),
            stops_at=rfc3339(int(ending.at * 1000)) if ending else None,
            starts_again=ending.restart if ending else None,
        )

    def _rate(self, now: float) -> float:
        if not self._samples:
            return 0.0
        at, applied = self._samples[0]
        return (self._counts.applied - applied) / max(1.0, now - at)


def _quantile(ordered: Sequence[float], part: float) -> float | None:
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 6) if ordered else None


def _resident() -> int:
    """Return the memory that the process uses, in bytes (proc(5), statm)."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
