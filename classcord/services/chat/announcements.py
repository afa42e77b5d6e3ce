"""Announcements in the server's own name, in the order of all commits. Knows no listener."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorTime

from classcord.chat.announcements.vocabulary import Announced
from classcord.chat.effects import Commit

if TYPE_CHECKING:
    from classcord.chat.text import Text
    from classcord.store.ports import CommitQueue


class Announcements:
    """Queues announcements among all other changes."""

    def __init__(self, journal: CommitQueue, clock: IReactorTime) -> None:
        self._journal = journal
        self._clock = clock

    def tell(self, text: Text, to: str = "global") -> None:
        """Tell everyone (`global`), a channel by its name with `#`, or a person."""
        announced = Announced(to=to, text=text, at=int(self._clock.seconds() * 1000))
        self._journal.append(Commit(None, (announced,)))
