"""The server is killed in the middle of load; bench/crash.py does it at length and prints the figures."""

from __future__ import annotations

from pathlib import Path

from bench.crash import crash


def test_nothing_is_lost_or_doubled_by_a_kill(tmp_path: Path) -> None:
    """After kill -9 under load, whatever was received or acknowledged is in the history, once, under its id."""
    for outcome in crash(tmp_path, rounds=3, seed=7):
        assert (outcome.lost, outcome.doubled) == (0, 0)
        assert outcome.found >= outcome.acknowledged > 0
        assert outcome.received > 0
