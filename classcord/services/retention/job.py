"""The daily run of retention: it begins when it is due, goes on after a restart, and ends when nothing is left.

What goes is decided by the rules (chat/retention); the store removes it in steps. Knows no SQL and no setting.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.chat.audit import trail
from classcord.chat.effects import Commit
from classcord.chat.retention.rules import accounts_to_erase, erased, run_due, time_of, what_ends
from classcord.chat.retention.vocabulary import PurgeBegun, PurgeEnded, PurgesIn, StoredPurge
from classcord.services.process.periodic import Periodic

if TYPE_CHECKING:
    from classcord.chat.hub import Hub
    from classcord.chat.records import Record
    from classcord.store.ports import Archive, CommitQueue

LOOK = 60.0  # seconds
LONG = 400 * 86_400_000  # milliseconds since the last run: the server was off, or its clock is wrong
PATIENCE = 86_400.0  # seconds to correct a clock, before things go for good
AT_ONCE = 20  # accounts that are erased at a look: each is a transaction's work of some milliseconds


class RetentionJob:
    """Starts and stops with the server."""

    log = Logger()

    def __init__(
        self,
        hub: Hub,
        journal: CommitQueue,
        archive: Archive,
        *,
        begun: Callable[[PurgeBegun, float], object],
        timers: IReactorTime,
        clock: IReactorTime,
    ) -> None:
        """`begun` is called with a run that begins and the time: for what is no part of the store, such as files."""
        self._hub = hub
        self._state, self._runs = hub.state, hub.state.purges
        self._journal = journal
        self._archive = archive
        self._begun = begun
        self._clock = clock
        self._timers = timers
        self._waiting_since: float | None = None  # for somebody to correct the clock
        self._looks = Periodic(self._look, timers)
        self._asked = -1  # the number of the run whose beginning or end is on its way to the store
        self._ending = -1
        self._ended = 0  # what the state has lost in this run, besides accounts

    def start(self) -> None:
        self._looks.start(LOOK)

    def stop(self) -> None:
        self._looks.stop()

    def _look(self) -> None:
        if not self._journal.accepting:
            return
        now = self._clock.seconds()
        purge = run_due(self._hub, now)
        if purge is not None:
            self._begin(purge, now)
        elif self._runs.under_way:
            self._go_on(now)

    def _is_to_wait(self, now: float) -> bool:
        """Whether the clock has to be looked at first: the last run is long ago, which is known for less than a day."""
        last, passed = self._runs.last, self._timers.seconds()
        if last is None or now * 1000 - last.at <= LONG:
            self._waiting_since = None
            return False
        if self._waiting_since is None:
            self._waiting_since = passed
            self.log.warn(
                "retention: the last run was more than a year ago; if the clock is wrong, there is a day to correct it"
            )
        return passed - self._waiting_since < PATIENCE

    def _begin(self, purge: PurgeBegun, now: float) -> None:
        if purge.number == self._asked and not self._journal.idle:
            return
        if self._is_to_wait(now):
            return
        self._asked, self._ended = purge.number, 0
        self._keep((purge,), now)
        self._begun(purge, now)

    def _go_on(self, now: float) -> None:
        """Do what is left of the run: what was due when it began, whatever the clock says by now."""
        begun = time_of(self._hub)
        accounts = accounts_to_erase(self._hub, begun)
        for account in accounts[:AT_ONCE]:
            self._keep(erased(self._hub, account, now), now)
        ends = what_ends(self._hub, begun)
        for record in ends:
            self._keep((record,), now)
        self._ended += len(ends)
        if not accounts and not ends:
            self._archive.find(PurgesIn()).addCallbacks(self._found, self._failed)

    def _found(self, stored: StoredPurge) -> None:
        last = self._runs.last
        if last is None or stored.number != last.number or not stored.swept or self._ending == stored.number:
            return
        self._ending = stored.number
        now = self._clock.seconds()
        gone = sum(1 for each in self._state.erased.values() if each.at >= last.at and each.actor is None)
        counts = msgspec.structs.replace(stored.counts, accounts=gone, held=self._ended)
        self._keep((PurgeEnded(number=stored.number, at=int(now * 1000), gone=counts),), now)
        told = ", ".join(f"{name} {count}" for name, count in msgspec.structs.asdict(counts).items() if count)
        self.log.info("retention: what was older than it may be has gone: {what}", what=told or "nothing")

    def _keep(self, records: tuple[Record, ...], now: float) -> None:
        """Store records that nobody asked for, with their entries of the audit trail."""
        self._journal.append(Commit(None, (*records, *trail.entries(self._hub, records, None, now))))

    def _failed(self, failure: Failure) -> None:
        """Look again in a minute: that the store cannot be read is told elsewhere."""
        self.log.debug("retention: the run could not be looked at: {why}", why=failure.value)
