"""The order in which several workers run the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dealing import dealt


class Item:
    """What is looked at of a test."""

    def __init__(self, module: str, *, slow: bool = False) -> None:
        self.path = Path(module)
        self._slow = slow

    def get_closest_marker(self, name: str) -> bool:
        return self._slow and name == "slow"


def shares(items: list[Item], workers: int) -> list[list[str]]:
    """Return the modules of the tests that pytest-xdist gives to each worker at first."""
    order = [str(item.path) for item in dealt(items, workers)]  # type: ignore[arg-type]
    found = []
    for number in range(workers):
        count = len(order) // (workers - number)
        found.append(order[:count])
        del order[:count]
    return found


def test_slow_modules_are_dealt() -> None:
    """Each share begins with other modules of slow tests, and is as large as any other."""
    items = [Item("quick") for _ in range(14)] + [Item(name, slow=True) for name in "aabcdd"]
    assert shares(items, 3) == [
        ["a", "a", "d", "d", "quick", "quick"],
        ["b", *["quick"] * 6],
        ["c", *["quick"] * 6],
    ]


@pytest.mark.parametrize("workers", [1, 2, 4, 9])
@pytest.mark.parametrize("quick", [0, 1, 40])
def test_each_is_run_once(workers: int, quick: int) -> None:
    """No test is lost or doubled, however many there are."""
    items = [Item("quick") for _ in range(quick)] + [Item(name, slow=True) for name in "aaaaaab"]
    assert sorted(map(id, dealt(items, workers))) == sorted(map(id, items))  # type: ignore[arg-type]


def test_others_keep_their_order() -> None:
    """Without slow tests nothing moves."""
    items = [Item(str(number)) for number in range(9)]
    assert dealt(items, 4) == items  # type: ignore[arg-type, comparison-overlap]
