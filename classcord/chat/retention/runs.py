"""The runs of the retention job: the last one, and whether it goes on. Knows no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from classcord.chat.retention.vocabulary import PurgeBegun


class Purges:
    """What the state has of them."""

    def __init__(self, number: int) -> None:
        """`number` is that of the last run."""
        self.number = number
        self.last: PurgeBegun | None = None
        self.ended_at: int | None = None  # milliseconds

    @property
    def under_way(self) -> bool:
        """Whether the last run has not ended."""
        return self.last is not None and self.ended_at is None
