"""The tests have the same names in every process: workers of pytest-xdist, and whoever runs one test again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def collecting(seed: str) -> subprocess.Popen[bytes]:
    """Begin a process that collects all tests, and whose sets are in an order of its own."""
    options = ("--collect-only", "-p", "no:cacheprovider", "-p", "no:xdist")
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *options, "tests"],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
    )


@pytest.mark.system
def test_every_process_collects_the_same_tests() -> None:
    """No name comes from a set, a random key, the time or a folder made for one run; nor does the order.

    `make test` sees it by itself: pytest-xdist compares what its workers have collected.
    """
    both = [collecting(seed) for seed in ("1", "2")]
    first, second = ([line for line in each.communicate()[0].decode().splitlines() if "::" in line] for each in both)
    assert [each.returncode for each in both] == [0, 0]
    assert len(first) > 10_000
    assert first == second
