"""Which servers of a directory are asked now: one that has not answered rests, so that no login waits for it.

Knows no connection; the clock is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

REST = 10.0  # seconds


@dataclass(slots=True)
class _Failed:
    until: float
    tried: bool = False  # one login tries whether it answers again


class Circuit:
    """The servers that have not answered, by their URLs; the settings bound their number."""

    def __init__(self) -> None:
        self._failed: dict[str, _Failed] = {}

    def admits(self, url: str, now: float) -> bool:
        """Whether a login may ask this server now; after its rest, only one at a time tries it."""
        failed = self._failed.get(url)
        if failed is None:
            return True
        if failed.tried or now < failed.until:
            return False
        failed.tried = True
        return True

    def failed(self, url: str, now: float) -> bool:
        """Let a server rest; return whether it did answer before."""
        before = self._failed.get(url)
        self._failed[url] = _Failed(now + REST)
        return before is None

    def answered(self, url: str) -> bool:
        """Note that a server answers; return whether it did not before."""
        return self._failed.pop(url, None) is not None

    def keep(self, urls: Iterable[str]) -> None:
        """Forget servers that are no longer in the settings."""
        for url in self._failed.keys() - set(urls):
            del self._failed[url]

    def wait(self, now: float) -> float:
        """Return in how many seconds the first server is tried again."""
        return max(1.0, min((each.until - now for each in self._failed.values()), default=1.0))
