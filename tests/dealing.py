"""In which order the workers of pytest-xdist run the tests. Knows no test."""

from __future__ import annotations

from collections.abc import Iterable

import pytest


def dealt(items: Iterable[pytest.Item], workers: int) -> list[pytest.Item]:
    """Return tests so that each worker's share begins with some modules of slow ones.

    Each worker is given the same number of tests, as they come, and whoever has none left takes the last ones of
    another worker. So what a module's tests make together is made once, and nobody waits at the end for one long test.
    """
    slow: dict[object, list[pytest.Item]] = {}
    others: list[pytest.Item] = []
    for item in items:
        if item.get_closest_marker("slow"):
            slow.setdefault(item.path, []).append(item)
        else:
            others.append(item)
    shares: list[list[pytest.Item]] = [[] for _ in range(workers)]
    for number, module in enumerate(slow.values()):
        shares[number % workers] += module
    left = len(others) + sum(map(len, shares))
    ordered: list[pytest.Item] = []
    for number, share in enumerate(shares):
        room = max(0, left // (workers - number) - len(share))
        ordered += share + others[:room]
        del others[:room]
        left -= len(share) + room
    return ordered + others
