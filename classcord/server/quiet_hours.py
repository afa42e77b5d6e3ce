"""Gives the chat the periods of its quiet hours: those of the settings, in the time zone of the server.

The days that pass are counted on once an hour, and a calendar file that has changed is read again. One that is broken
leaves the days as they were.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from twisted.logger import Logger

from classcord.chat.names import channel_key
from classcord.chat.quiet_hours.in_force import keep_holding
from classcord.services.calendar.calendar_file import CalendarError, holidays
from classcord.services.calendar.moments import moments
from classcord.services.calendar.spans import Days, days, spans
from classcord.services.process.watched_file import WatchedFile

if TYPE_CHECKING:
    from twisted.internet.interfaces import IReactorTime

    from classcord.chat.world import World
    from classcord.settings import Settings

HOUR = 3600.0
BEFORE, AFTER = 1, 430  # days around today: yesterday's night lasts until this morning, and a year shows what comes


class Calendar:
    """The calendar of quiet hours."""

    log = Logger()

    def __init__(self, world: World, clock: IReactorTime) -> None:
        """`clock` tells the time of day."""
        self._world = world
        self._clock = clock
        self._settings: Settings | None = None
        self._file: WatchedFile | None = None
        self._days: tuple[Days, ...] = ()
        self._hour = -1

    def go_by(self, settings: Settings) -> None:
        """Hold the quiet hours of these settings from now on."""
        path = settings.quiet_hours.calendar if settings.quiet_hours.on else ""
        self._settings, self._hour = settings, -1
        self._days = ()
        self._file = WatchedFile(Path(path)) if path else None
        self.look()

    def look(self) -> None:
        """Count on, and read the calendar file if it has changed; to be called every few seconds."""
        now = self._clock.seconds()
        changed = self._file is not None and self._file.has_changed()
        if self._file is not None and changed:
            self._read(self._file.path)
        if self._settings is not None and (changed or self._hour != int(now // HOUR)):
            self._hour = int(now // HOUR)
            self._set(self._settings, now)

    def _read(self, file: Path) -> None:
        try:
            self._days = holidays(file)
        except CalendarError as error:
            self.log.error("the days without school stay as they were: {why}", why=error.text.render())
        else:
            self.log.info("{file}: {count} holidays", file=file, count=len(self._days))

    def _set(self, settings: Settings, now: float) -> None:
        quiet, zone = settings.quiet_hours, ZoneInfo(settings.server.timezone)
        found: list[tuple[int, int]] = []
        if quiet.on:
            found = moments(
                [spans(each) for each in quiet.week()],
                (*map(days, quiet.holidays), *self._days),
                zone,
                weekends=quiet.weekends,
                since=datetime.fromtimestamp(now, zone).date() - timedelta(days=BEFORE),
                days=AFTER,
            )
        self._world.quiet.set(found, frozenset(map(channel_key, quiet.channels)))
        keep_holding(self._world, now)
