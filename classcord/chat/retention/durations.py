"""For how many months each kind of record is kept, and what the law and the CNIL say of it. Knows no record.

docs/RGPD.md has the sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from types import MappingProxyType
from typing import NamedTuple

import msgspec


class Durations(msgspec.Struct, frozen=True, kw_only=True):
    """Months; each has a default that the law permits."""

    everyone: int = 12  # messages of the channel that everyone is in
    channels: int = 12  # messages of all other channels
    private: int = 12  # private messages
    accounts: int = 3  # an account after its person has left
    unused: int = 12  # without a login for so long, a member counts as having left
    connections: int = 12  # who was connected when and from where; the files of the log
    versions: int = 6  # what messages said before they were edited or deleted, sealed copies too
    reports: int = 12  # after a report was closed
    sanctions: int = 12  # after a sanction, a request to be admitted, a lesson ended
    held: int = 1  # a refused message whose author has not been told; an invitation code after its end
    audit: int = 36
    backups: int = 3


class Bounded(NamedTuple):
    """From how many months to how many something may be kept; more than `advised` needs a reason."""

    least: int
    most: int
    advised: int

    def holds(self, months: int) -> bool:
        return self.least <= months <= self.most


LAW: Mapping[str, Bounded] = MappingProxyType(
    {
        "everyone": Bounded(1, 36, 12),
        "channels": Bounded(1, 36, 12),
        "private": Bounded(1, 36, 12),
        "accounts": Bounded(0, 3, 3),
        "unused": Bounded(6, 24, 13),
        "connections": Bounded(6, 12, 12),
        "versions": Bounded(1, 12, 6),
        "reports": Bounded(1, 36, 24),
        "sanctions": Bounded(1, 24, 24),
        "held": Bounded(1, 12, 3),
        "audit": Bounded(6, 36, 36),
        "backups": Bounded(1, 12, 3),
    }
)
"""For each duration, by its name."""


CLOCKS_GO = 1_577_836_800_000
"""Milliseconds: the beginning of 2020. What is dated earlier was written by a clock that nobody had set, so its age is
not known: it stays (a small computer without a clock of its own begins in 1970)."""


def months_before(now: float, months: int) -> int:
    """Return the time so many months before `now` (seconds since 1970, UTC), in milliseconds.

    Of a month that has no such day, it is the last day.
    """
    then = datetime.fromtimestamp(now, timezone.utc)
    years, month = divmod(then.year * 12 + then.month - 1 - months, 12)
    day = then.day
    while True:
        try:
            return int(then.replace(year=years, month=month + 1, day=day).timestamp() * 1000)
        except ValueError:
            day -= 1


def months_after(at: int, months: int) -> int:
    """Return the time so many months after a time; both in milliseconds."""
    return months_before(at / 1000, -months)
