"""The names that channels had until a moment ago: nobody else makes a channel of one for a day. Knows no channel.

Whoever has not heard of the new name still writes to the old one, and must not be read by who was quick to take it.
They are in memory: who comes back after a restart reads the list of channels first.
"""

from __future__ import annotations

from collections import OrderedDict

DAY = 86_400.0  # seconds
MOST = 1_000


class LeftNames:
    """The keys of names, with the times, in seconds, at which they were left."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, float] = OrderedDict()

    def leave(self, key: str, now: float) -> None:
        """Note that a channel has had this name until now; of too many, the oldest is forgotten."""
        self._left[key] = now
        self._left.move_to_end(key)
        if len(self._left) > MOST:
            self._left.popitem(last=False)

    def was_left(self, key: str, now: float) -> bool:
        """Whether a channel had this name within the last day."""
        at = self._left.get(key)
        return at is not None and abs(now - at) < DAY
