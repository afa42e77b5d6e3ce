"""The periods in which quiet hours hold, handed in as times: nobody here knows a calendar or a time zone.

Times are in milliseconds since 1970. Knows no person and no clock.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Period = tuple[int, int]
"""From, and until."""


class Periods:
    """The periods of the settings, in order, no two of which meet; and in which channels nobody has to wait."""

    def __init__(self) -> None:
        self._begins: tuple[int, ...] = ()
        self._ends: tuple[int, ...] = ()
        self.rooms: frozenset[str] = frozenset()
        """The keys of the names of channels in which everybody writes at any time."""
        self.told: int | None = None
        """Until when they hold, as people were told last; None if they do not."""
        self.told_rooms: frozenset[str] = frozenset()
        """The channels without quiet hours, as people were told last."""
        self.begun = False
        """Whether anybody could have been told since the start."""

    def __bool__(self) -> bool:
        return bool(self._begins)

    def set(self, periods: Sequence[Period], rooms: frozenset[str] = frozenset()) -> None:
        """Hold these periods from now on."""
        self._begins = tuple(begin for begin, _ in periods)
        self._ends = tuple(end for _, end in periods)
        self.rooms = rooms

    def end(self, at: float) -> int | None:
        """Return when the period ends in which `at` is; None if it is in none."""
        place = bisect_right(self._begins, at) - 1
        return self._ends[place] if place >= 0 and at < self._ends[place] else None

    def following(self, at: float, most: int) -> list[Period]:
        """Return the next periods, and that in which `at` is."""
        place = bisect_right(self._ends, at)
        return list(zip(self._begins, self._ends, strict=True))[place : place + most]
