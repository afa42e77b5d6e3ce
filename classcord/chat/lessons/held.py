"""The lessons and exams that are held now, one in each channel at most, and one of everyone's.

One is held from its first record to its last: whoever asks needs no clock, and nobody is told too early or too late.
Knows no person.
"""

from __future__ import annotations

import functools
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classcord.chat.lessons.vocabulary import LessonBegun

LESSON, EXAM = "lesson", "exam"
DAY = 86_400_000  # milliseconds


class Lessons:
    """The lessons and exams, by their ids. Times are in milliseconds."""

    def __init__(self) -> None:
        self._held: dict[int, LessonBegun] = {}
        self.ending: set[int] = set()
        """Those whose end is on its way to the disk: it is decided once."""
        self.orphaned: set[int] = set()
        """Those of moderators of a channel whose accounts are gone: they end in a moment."""

    def __bool__(self) -> bool:
        return bool(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[LessonBegun]:
        return iter(tuple(self._held.values()))

    def begin(self, lesson: LessonBegun) -> None:
        self._held[lesson.lesson_id] = lesson

    def prolong(self, lesson_id: int, until: int) -> LessonBegun | None:
        """Let a lesson end at another time; return it, or None if it is over."""
        lesson = self._held.get(lesson_id)
        if lesson is not None:
            lesson = self._held[lesson_id] = msgspec.structs.replace(lesson, until=until)
        return lesson

    def end(self, lesson_id: int) -> LessonBegun | None:
        """Forget a lesson, and return it; None if it was over."""
        self.ending.discard(lesson_id)
        self.orphaned.discard(lesson_id)
        return self._held.pop(lesson_id, None)

    def of(self, channel_id: int | None) -> LessonBegun | None:
        """Return what is held in a channel; with None, what is held for everyone."""
        return next((each for each in self._held.values() if each.channel_id == channel_id), None)

    def over(self, now: float) -> list[LessonBegun]:
        """Return the lessons whose time is up at `now`, and whose end is not on its way.

        A wrong clock that is set back must not turn an hour into years: a lesson that began in the far future is over.
        """
        return [
            each
            for each in self._held.values()
            if each.lesson_id not in self.ending
            and (now >= each.until or each.begun_at - now > max(DAY, each.until - each.begun_at))
        ]


def is_from(networks: str, address: str) -> bool:
    """Whether an address is in one of these networks (with commas between them); if there is none, each is right."""
    if not networks:
        return True
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in _parsed(networks))


@functools.lru_cache(maxsize=128)
def _parsed(networks: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(map(ip_network, networks.split(",")))
