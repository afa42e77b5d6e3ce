"""The time of day jumps under a running server: bench/faults/clock.py, with the real libfaketime."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.faults.clock import jumping
from bench.faults.outcome import Impossible


@pytest.mark.system
def test_a_clock_that_jumps_stops_nothing(tmp_path: Path) -> None:
    """A day back, two on, and back again: chat, rates, pauses and the stop go on, messages have the new time."""
    try:
        outcome = jumping(tmp_path)
    except Impossible as why:
        pytest.skip(str(why))
    assert outcome.wrong == (), outcome.figures
