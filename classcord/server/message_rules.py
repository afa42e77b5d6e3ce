"""What of the settings decides which messages wait, and is in files that may change: the calendar, the word list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.server.quiet_hours import Calendar
from classcord.server.watched_words import WatchedWords

if TYPE_CHECKING:
    from twisted.internet.interfaces import IReactorTime

    from classcord.chat.world import World
    from classcord.settings import Settings


class MessageRules:
    """Keeps both up to date."""

    def __init__(self, world: World, clock: IReactorTime) -> None:
        """`clock` tells the time of day."""
        self._calendar, self._words = Calendar(world, clock), WatchedWords(world)

    def go_by(self, settings: Settings) -> None:
        self._calendar.go_by(settings)
        self._words.go_by(settings)

    def look(self) -> None:
        """Look for changes; to be called every few seconds."""
        self._calendar.look()
        self._words.look()
