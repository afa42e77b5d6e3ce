"""The tests have the same names in every process: workers of pytest-xdist, and whoever runs one test again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def collected(seed: str, marks: str) -> list[str]:
    """Return the names of all tests, in their order, of a process whose sets are in an order of its own."""
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            "-m",
            marks,
            "tests",
        ],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
    )
    return [line for line in ended.stdout.decode().splitlines() if "::" in line]


@pytest.mark.slow
def test_every_process_collects_the_same_tests(request: pytest.FixtureRequest) -> None:
    """No name comes from a set, a random key, the time or a folder made for one run; nor does the order.

    In a run of many tests, those of this process are looked for in the list of the other. Their order is compared by
    pytest-xdist, whose workers each have their own.
    """
    marks = request.config.option.markexpr
    first = collected("1", marks)
    here = {item.nodeid for item in request.session.items}
    assert len(first) > 1000
    if len(here) > 100:
        assert here <= set(first)
    else:
        assert first == collected("2", marks)
