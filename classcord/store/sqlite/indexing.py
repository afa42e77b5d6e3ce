"""When the index of words is updated: after so many commits, a batch at a time, between the groups of the journal.

If words of edited or deleted messages are in it, at once; once a day, these words are removed from the file too. Knows
no table; word_index.py does a batch, word_removal.py a step of the removal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.store.sqlite import word_index, word_removal

if TYPE_CHECKING:
    from classcord.store.ports import Obstacle
    from classcord.store.sqlite.connections import Connections

COMMITS = 200  # from one batch to the next: the messages of so many are looked through by each search
REMOVED_EVERY = 86_400.0  # seconds


class Indexing:
    """Updates the index in the writer's thread; no timer is needed, for a search finds what is not in the index yet."""

    log = Logger()

    def __init__(self, writer: Connections, obstacle: Obstacle) -> None:
        self._writer = writer
        self._obstacle = obstacle
        self._waiting = COMMITS  # commits since the last batch; the first group finds out what an older
        self._busy = self._ended = False  # version, or a server that was killed, has left
        self._outdated = False
        self._removal: int | None = None  # under way: what its next step is given
        self._removed_at = -REMOVED_EVERY

    def stored(self, commits: int, *, outdated: bool) -> None:
        """Note that so many commits were stored; some of them may be messages, and others may have changed messages."""
        self._waiting += commits
        self._outdated |= outdated
        self._go_on()

    def tidy(self, now: float) -> None:
        """Take a step in the removal that is done once a day; to be called every second or so."""
        if self._busy or self._ended or (self._removal is None and now - self._removed_at < REMOVED_EVERY):
            return
        self._busy, self._removed_at = True, now
        stepped = self._writer.runWithConnection(word_removal.step, self._removal, self._obstacle)
        stepped.addCallbacks(self._stepped, self._failed)

    def end(self) -> None:
        """Begin no further work: the connection is about to be closed."""
        self._ended = True

    def _go_on(self) -> None:
        if self._busy or self._ended or not (self._outdated or self._waiting >= COMMITS):
            return
        self._busy, self._outdated, self._waiting = True, False, 0
        updated = self._writer.runWithConnection(word_index.update, self._obstacle)
        updated.addCallbacks(self._updated, self._failed)

    def _updated(self, more: bool) -> None:
        self._busy = False
        self._outdated |= more
        self._go_on()

    def _stepped(self, removal: int | None) -> None:
        self._busy, self._removal = False, removal
        self._go_on()

    def _failed(self, failure: Failure) -> None:
        """Wait for the next commits: if nothing can be stored, the journal has said so."""
        self._busy, self._removal = False, None
        self.log.warn("the index of words could not be brought up to date: {reason}", reason=str(failure.value))
