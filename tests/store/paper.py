"""A writer made of paper, a journal over it, and all that the journal says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from classcord.chat.effects import Commit
from classcord.chat.messages.vocabulary import MessageAdded
from classcord.chat.presence.vocabulary import PresenceSet
from classcord.chat.records import Record
from classcord.chat.text import Text
from classcord.services.chat.journal import Journal
from classcord.store.ports import Obstacle, Outcomes, StorageTrouble
from tests.store.examples import commit, said


class Paper:
    """A writer that writes when it is told to; a journal over it, and all that the journal says."""

    def __init__(self, obstacles: Sequence[Obstacle] = ()) -> None:
        self.groups: list[Sequence[Commit]] = []
        self.open: Deferred[Outcomes] | None = None
        self.released: list[list[Commit]] = []
        self.outcomes: list[Outcomes] = []
        self.told: list[str | Text | None] = []
        self.clock = Clock()
        self.on_release: Callable[[], None] = lambda: None
        self.on_trouble: Callable[[], None] = lambda: None
        self.journal = Journal(self, self.clock, obstacles)
        self.journal.release_to(self.release, trouble=self.trouble)

    def write(self, group: Sequence[Commit]) -> Deferred[Outcomes]:
        assert self.open is None, "one group at a time"
        self.groups.append(group)
        self.open = Deferred()
        return self.open

    def release(self, group: Sequence[Commit], outcomes: Outcomes) -> None:
        self.released.append(list(group))
        self.outcomes.append(outcomes)
        self.on_release()

    def trouble(self, reason: str | Text | None) -> None:
        self.told.append(reason)
        self.on_trouble()

    def append(self, *numbers: int) -> None:
        for number in numbers:
            self.journal.append(stored(number))

    def turn(self, seconds: float = 0) -> None:
        """Let time pass, and everything happen that is due."""
        self.clock.advance(seconds)

    def succeed(self, outcomes: Outcomes | None = None) -> None:
        """End the writing of the group; the journal goes on."""
        self._take().callback(outcomes or {})
        self.turn()

    def fail(self, error: Exception | None = None) -> None:
        self._take().errback(error or StorageTrouble(Text("disk full")))
        self.turn()

    def _take(self) -> Deferred[Outcomes]:
        writing, self.open = self.open, None
        assert writing is not None
        return writing

    @property
    def written(self) -> list[list[int]]:
        return [numbers(group) for group in self.groups]

    @property
    def order(self) -> list[int]:
        """What was released, in its order."""
        return [number for group in self.released for number in numbers(group)]


def stored(number: int) -> Commit:
    return commit(said(number))


def unstored(number: int) -> Commit:
    """Return a commit of nothing that is stored; its number is in its state."""
    return commit(PresenceSet(state=str(number)))


def numbers(group: Sequence[Commit]) -> list[int]:
    return [_number(record) for each in group for record in each.records]


def _number(record: Record) -> int:
    if isinstance(record, MessageAdded):
        return record.message_id
    assert isinstance(record, PresenceSet)
    return int(record.state)
