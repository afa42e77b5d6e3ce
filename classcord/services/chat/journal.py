"""Group commit: one ordered queue of commits, written a group at a time, released in order when they are stored.

While one group is being written, new commits wait in one list; afterwards that whole list is the next group. Under load
the groups grow by themselves; a lone commit waits for one small transaction. There is no timer. Knows no record and
no SQL; see docs/architecture.md, "Storage".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.store.ports import Displaced, Outcomes, StorageTrouble, Writer

if TYPE_CHECKING:
    from classcord.chat.effects import Commit
    from classcord.chat.text import Text
    from classcord.store.ports import Obstacle, Release


class Journal:
    """The queue in front of a Writer."""

    log = Logger()

    PATIENCE = 5.0  # seconds of failed writing before new writes of clients are refused
    MOST_WAITING = 5_000  # commits that may wait while writing fails, before new ones are refused
    LARGE = 500  # commits; a group of this size is written without waiting for more
    REMEMBERED = 1_000  # groups whose duration is kept
    FIRST_RETRY, LONGEST_RETRY = 0.1, 5.0  # seconds; each wait is twice the one before
    PAUSE = 1.0  # seconds since the last look at obstacles; after this, a group waits for a new look

    def __init__(self, writer: Writer, clock: IReactorTime, obstacles: Sequence[Obstacle] = ()) -> None:
        """`obstacles` are called by each `look`, and before the first group after a pause.

        While one of them returns a reason, nothing is written.
        """
        self._writer = writer
        self._clock = clock
        self._obstacles = tuple(obstacles)
        self._release: Release = _to_nobody
        self._trouble: Callable[[str | Text | None], None] = lambda _: None
        self._sort_out: Callable[[Sequence[Commit]], list[Commit]] = list
        self._waiting: list[Commit] = []
        self._busy = False  # a group is being written, or the next submission is scheduled
        self._failing_since: float | None = None
        self._displaced: Text | None = None  # the reason why waiting may not help
        self._looked = float("-inf")
        self._stuck: list[Commit] | None = None  # the group that could not be written
        self._retries = 0
        self._when_idle: list[Deferred[None]] = []
        self._began = 0.0
        self._steps = 0
        self.groups: deque[tuple[float, int]] = deque(maxlen=self.REMEMBERED)
        """The last groups that were written: for each, its duration in seconds and its number of commits."""
        self.watchers: list[Callable[[float, int], None]] = []
        """Each is called with the same two figures for each group, before the group is released."""

    def release_to(
        self,
        release: Release,
        *,
        trouble: Callable[[str | Text | None], None],
        stuck: Callable[[Sequence[Commit]], list[Commit]] = list,
    ) -> None:
        self._release, self._trouble, self._sort_out = release, trouble, stuck

    def release(self, group: Sequence[Commit], outcomes: Outcomes) -> None:
        self._release(group, outcomes)

    @property
    def failing(self) -> bool:
        """Whether the last attempt to write failed."""
        return self._failing_since is not None

    @property
    def accepting(self) -> bool:
        if self._failing_since is None:
            return True
        if self._displaced is not None:
            return False
        patient = self._clock.seconds() - self._failing_since < self.PATIENCE
        return patient and len(self._waiting) < self.MOST_WAITING

    @property
    def idle(self) -> bool:
        return not self._busy and not self._waiting

    @property
    def waiting(self) -> int:
        """The number of commits that wait until the current group is written."""
        return len(self._waiting)

    @property
    def progress(self) -> int | None:
        """A number that changes with each step and each new attempt; None while there is nothing to do."""
        return None if self.idle else self._steps

    def append(self, commit: Commit) -> None:
        self._waiting.append(commit)
        if not self._busy:
            self._busy = True
            self._clock.callLater(0, self._gather, 0)

    def look(self) -> None:
        """Ask the obstacles, also while there is nothing to write; called every second."""
        why = self._obstacle()
        if why is not None:
            self._in_trouble(Displaced(why))
        elif self._displaced is not None and not self._busy:
            self._works_again()  # otherwise the waiting group will show it

    def _obstacle(self) -> Text | None:
        self._looked = self._clock.seconds()
        for ask in self._obstacles:
            why = ask()
            if why is not None:
                return why
        return None

    def _in_trouble(self, trouble: StorageTrouble) -> None:
        """Note why nothing can be written, and tell the reason if it is new."""
        before, began = self._displaced, self._failing_since is None
        self._displaced = trouble.text if isinstance(trouble, Displaced) else None
        if began:
            self._failing_since = self._clock.seconds()
        if began or (self._displaced is not None and self._displaced != before):
            self._tell(trouble.text)
        for waiting in (self._stuck, self._waiting):
            if waiting:
                waiting[:] = self._still_to_be_written(list(waiting))

    def _still_to_be_written(self, commits: list[Commit]) -> list[Commit]:
        try:
            return self._sort_out(commits)
        except Exception:
            self.log.failure("what waits could not be looked through")
            return commits

    def _works_again(self) -> None:
        self._failing_since = self._displaced = None
        self._retries = 0
        self._tell(None)

    def flushed(self) -> Deferred[None]:
        """Return a Deferred that fires when no commit waits any more."""
        done: Deferred[None] = Deferred()
        if self.idle:
            done.callback(None)
        else:
            self._when_idle.append(done)
        return done

    def _gather(self, gathered: int) -> None:
        """Submit the commits that wait, unless the reactor's last turn brought more: then wait one more turn.

        Commits of the same moment share a group and a fan-out. A lone commit waits for one empty turn, some 20 µs.
        """
        if gathered < len(self._waiting) < self.LARGE:
            self._next_turn(self._gather, len(self._waiting))
        else:
            self._submit()

    def _next_turn(self, call: Callable[..., None], *args: object) -> None:
        """Call after the reactor has read its sockets: a delay of 0 alone may end within the same turn."""
        self._clock.callLater(0, self._clock.callLater, 0, call, *args)

    def _submit(self) -> None:
        group, self._waiting = self._waiting, []
        self._steps += 1
        self._began = self._clock.seconds()
        if any(record.stored for commit in group for record in commit.records):
            self._write(group)
        else:
            maybeDeferred(self._written, {}, group).addErrback(self._broken)

    def _write(self, group: list[Commit]) -> None:
        self._steps += 1
        if self._displaced is not None or self._clock.seconds() - self._looked >= self.PAUSE:
            why = self._obstacle()
            if why is not None:
                self._not_written(Failure(Displaced(why)), group)
                return
        self._stuck = None
        maybeDeferred(self._writer.write, group).addCallbacks(
            self._written, self._not_written, callbackArgs=(group,), errbackArgs=(group,)
        ).addErrback(self._broken)

    def _written(self, outcomes: Outcomes, group: list[Commit]) -> None:
        if self._failing_since is not None:
            self._works_again()
        self._hand_back(group, outcomes)

    def _hand_back(self, group: list[Commit], outcomes: Outcomes) -> None:
        took = self._clock.seconds() - self._began
        self._note(took, len(group))
        self._release(group, outcomes)
        self._steps += 1
        self._next_turn(self._after_release)

    def _note(self, took: float, size: int) -> None:
        """Pass on the figures of a group; a watcher that fails does not stop the release of the group."""
        self.groups.append((took, size))
        for watcher in self.watchers:
            try:
                watcher(took, size)
            except Exception:
                self.log.failure("a watcher of the journal failed")

    def _after_release(self) -> None:
        if self._waiting:
            self._gather(0)
            return
        self._busy = False
        waiters, self._when_idle = self._when_idle, []
        for waiter in waiters:
            waiter.callback(None)

    def _not_written(self, failure: Failure, group: list[Commit]) -> None:
        if not failure.check(StorageTrouble):
            self._fail(group, failure)
            return
        assert isinstance(failure.value, StorageTrouble)
        self._stuck = group
        self._in_trouble(failure.value)
        delay = min(self.LONGEST_RETRY, self.FIRST_RETRY * 2 ** min(self._retries, 10))
        self._retries += 1
        self._clock.callLater(delay, self._write, group)

    def _fail(self, group: list[Commit], failure: Failure) -> None:
        """Release a group that an internal error kept from the store: its changes fail, the others keep their order."""
        self.log.failure("the journal could not write a group", failure=failure)
        assert isinstance(failure.value, Exception)
        changes = (any(record.stored for record in commit.records) for commit in group)
        self._hand_back(group, {index: failure.value for index, stored in enumerate(changes) if stored})

    def _tell(self, trouble: Text | None) -> None:
        """Tell that the store fails, or works again; an error in the telling may not stop the queue."""
        try:
            self._trouble(trouble)
        except Exception:
            self.log.failure("the store's trouble could not be told")

    def _broken(self, failure: Failure) -> None:
        """Report an internal error in releasing; the queue goes on, because the whole server depends on it."""
        self.log.failure("the journal failed on a group", failure=failure)
        self._clock.callLater(0, self._after_release)


def _to_nobody(group: Sequence[Commit], outcomes: Outcomes) -> None:  # noqa: ARG001
    raise RuntimeError("nobody is given what the journal stores")
