"""When rows are removed that may not stay: steps of some milliseconds between the groups of the journal.

First what is kept about people who are erased, then what is older than it may be. A step takes as many rows as it was
able to take in time before; a second has so many steps at most. Knows no table.
"""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING

from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.store.sqlite import erasing, purging

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from classcord.store.ports import Obstacle
    from classcord.store.sqlite.connections import Connections
    from classcord.store.sqlite.erasing import Stand
    from classcord.store.sqlite.indexing import Indexing
    from classcord.store.sqlite.purging import PurgePlace

LASTS = 0.006  # seconds that a step is to take; with a slow disk it may take three times as long
STEPS = 20  # in a second
FEWEST, MOST = 8, 500  # rows of a step
BEGINS = 64  # rows of the first step of a task
WAIT = 10.0  # seconds after an erasure: what was decided before it is stored by then


class StepRows:
    """How many rows a step takes."""

    def __init__(self) -> None:
        self.rows = BEGINS

    def took(self, seconds: float) -> None:
        """Note how long a step took."""
        if seconds > LASTS:
            self.rows = max(FEWEST, self.rows // 2)
        elif seconds < LASTS / 4:
            self.rows = min(MOST, self.rows * 2)

    def begin(self) -> None:
        """Note that a task begins of which nothing is known: its rows may cost more than those of the one before."""
        self.rows = min(self.rows, BEGINS)


class Removing:
    """Takes the steps in the writer's thread."""

    log = Logger()

    def __init__(self, writer: Connections, obstacle: Obstacle, indexing: Indexing) -> None:
        self._writer = writer
        self._obstacle = obstacle
        self._indexing = indexing
        self._pace = StepRows()
        self._busy = self._ended = False
        self._steps = 0  # of this second
        self._place: Stand | None = None
        self._purged: PurgePlace | None = None
        self._seen: tuple[int, float] = (0, 0.0)  # the erasure under way, and since when it is known
        self.trail_key: Callable[[], Ed25519PrivateKey] | None = None
        """Returns the key that signs purges of the audit trail; without one, the trail stays."""
        self.watchers: list[Callable[[float, float], None]] = []
        """Each is called, in the writer's thread, with the seconds of a step, and those of the processor in it."""

    def tidy(self, now: float) -> None:
        """Take some steps; to be called every second or so."""
        if not self._busy and not self._ended:
            self._steps = STEPS
            self._go_on(now)

    def end(self) -> None:
        """Begin no further step: the connection is about to be closed."""
        self._ended = True

    def _go_on(self, now: float) -> None:
        while self._steps and not self._busy and not self._ended:
            self._steps -= 1
            self._busy = True
            stepped = self._writer.runWithConnection(self._step, now)
            stepped.addCallbacks(self._stepped, self._failed, (now,))

    def _step(self, connection: sqlite3.Connection, now: float) -> bool:
        """Take a step; return whether there may be another one at once."""
        number = erasing.first_under_way(connection)
        if number is None:
            return self._purge(connection)
        if self._seen[0] != number:
            self._seen = (number, now)
        if now - self._seen[1] < WAIT:
            return self._purge(connection)
        if self._place is None or self._place.reached is None:
            self._pace.begin()
        began, worked = time.perf_counter(), time.thread_time()
        self._place = erasing.step(connection, self._place, self._pace.rows, self._obstacle)
        self._took(began, worked)
        return True

    def _purge(self, connection: sqlite3.Connection) -> bool:
        """Take a step in the run of the retention job; return whether there may be another one at once."""
        if not purging.is_under_way(connection):
            return False
        if self._purged is None or self._purged.reached is None:
            self._pace.begin()
        began, worked = time.perf_counter(), time.thread_time()
        self._purged = purging.step(connection, self._purged, self._pace.rows, self._obstacle, self.trail_key)
        self._took(began, worked)
        return True

    def _took(self, began: float, worked: float) -> None:
        took = time.perf_counter() - began
        self._pace.took(took)
        for watcher in self.watchers:
            watcher(took, time.thread_time() - worked)

    def _stepped(self, more: bool, now: float) -> None:
        self._busy = False
        if more:
            self._indexing.stored(0, outdated=True)
            self._go_on(now)
        else:
            self._steps = 0

    def _failed(self, failure: Failure) -> None:
        """Try again in a second: if nothing can be stored, the journal has said so."""
        self._busy, self._steps = False, 0
        self.log.warn("what may not stay could not be removed: {reason}", reason=str(failure.value))
