"""Visits: connections that have no session yet, of browsers that read the page.

They are short, and there are few of them: whoever opens more closes older ones, first those of the source that has
most. Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Callable

from classcord.chat.sources import source

MOST = 256  # at a time, from all sources: their open files are kept apart from those of the chat


class Visits:
    """The present visits, by source. No operation looks at each of them."""

    def __init__(self) -> None:
        self._by_source: dict[str, dict[_Visit, None]] = {}  # of each source, the oldest first
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def of(self, where: str) -> int:
        """Return the number of visits from a source."""
        return len(self._by_source.get(where, ()))

    def enter(self, address: str, cut: Callable[[], None]) -> Callable[[], None]:
        """Begin a visit, which `cut` ends if others need its place; return the function to call at its end."""
        if self._count >= MOST:
            self.cut_oldest(max(self._by_source, key=self.of))
        visit = _Visit(source(address), cut)
        self._by_source.setdefault(visit.source, {})[visit] = None
        self._count += 1
        return lambda: self._leave(visit)

    def cut_oldest(self, where: str) -> bool:
        """End the oldest visit from a source; return whether there was one."""
        oldest = next(iter(self._by_source.get(where, ())), None)
        if oldest is None:
            return False
        self._leave(oldest)
        oldest.cut()
        return True

    def _leave(self, visit: _Visit) -> None:
        group = self._by_source.get(visit.source, {})
        if visit in group:
            del group[visit]
            self._count -= 1
            if not group:
                del self._by_source[visit.source]


class _Visit:
    __slots__ = ("cut", "source")

    def __init__(self, where: str, cut: Callable[[], None]) -> None:
        self.source = where
        self.cut = cut
