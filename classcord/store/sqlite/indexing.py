"""When the index of words is updated: after so many commits, a batch at a time, between the groups of the journal.

If words of edited or deleted messages are in it, at once. Knows no table; word_index.py does a batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.store.sqlite import word_index

if TYPE_CHECKING:
    from classcord.store.ports import Obstacle
    from classcord.store.sqlite.connections import Connections

COMMITS = 200  # from one batch to the next: the messages of so many are looked through by each search


class Indexing:
    """Updates the index in the writer's thread; no timer is needed, for a search finds what is not in the index yet."""

    log = Logger()

    def __init__(self, writer: Connections, obstacle: Obstacle) -> None:
        self._writer = writer
        self._obstacle = obstacle
        self._waiting = COMMITS  # commits since the last batch; the first group finds out what an older
        self._busy = self._ended = False  # version, or a server that was killed, has left

    def stored(self, commits: int, *, outdated: bool) -> None:
        """Note that so many commits were stored; some of them may be messages, and others may have changed messages."""
        self._waiting += commits
        self._go_on(more=outdated)

    def end(self) -> None:
        """Begin no further batch: the connection is about to be closed."""
        self._ended = True

    def _go_on(self, *, more: bool = False) -> None:
        if self._busy or self._ended or not (more or self._waiting >= COMMITS):
            return
        self._busy, self._waiting = True, 0
        updated = self._writer.runWithConnection(word_index.update, self._obstacle)
        updated.addCallbacks(self._updated, self._failed)

    def _updated(self, more: bool) -> None:
        self._busy = False
        self._go_on(more=more)

    def _failed(self, failure: Failure) -> None:
        """Wait for the next commits: if nothing can be stored, the journal has said so."""
        self._busy = False
        self.log.warn("the index of words could not be brought up to date: {reason}", reason=str(failure.value))
