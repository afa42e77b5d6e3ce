"""The names of accounts that are gone: for a day nobody takes one alone, or what looks the same. Knows no account.

Whoever has not heard that a person is gone still writes to the name, and must not be read by who was quick to take it.
They are in memory, so a restart forgets them. The store keeps no name of who was erased, and a digest would be one: the
first names of a school are tried in a second, and backups would have it for months.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from classcord.chat.channels.left_names import DAY
from classcord.chat.lookalikes import looks, rough_looks

MOST = 20_000  # an account has 2 to 20: a whole school may leave in one night


class LeftPeople:
    """The names, by their keys and by their looks, with the times, in seconds, at which they were left."""

    def __init__(self) -> None:
        self._left: OrderedDict[tuple[str, str], float] = OrderedDict()

    def leave(self, keys: Iterable[str], seen: Iterable[str], rough: Iterable[str], now: float) -> None:
        """Note the keys and the looks of the names of an account that is gone now; of too many, the oldest go.

        `rough` are the looks at a glance, of an account that kept order.
        """
        for kind, texts in (("key", keys), ("look", seen), ("rough", rough)):
            for each in texts:
                self._left[kind, each] = now
                self._left.move_to_end((kind, each))
        while len(self._left) > MOST:
            self._left.popitem(last=False)

    def had(self, key: str, now: float) -> bool:
        """Whether an account had this name within the last day."""
        return self._is_left("key", (key,), now)

    def resembles(self, name: str, key: str, now: float) -> bool:
        """Whether a reader could mistake a name for one that an account had within the last day."""
        if not self._left:
            return False
        return self._is_left("look", looks(name, key), now) or self._is_left("rough", rough_looks(name, key), now)

    def _is_left(self, kind: str, texts: Iterable[str], now: float) -> bool:
        found = (self._left.get((kind, each)) for each in texts)
        return any(at is not None and abs(now - at) < DAY for at in found)
