"""Backups in the middle of load; bench/backups.py makes ten of them at length and prints the figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.backups import backups

pytestmark = pytest.mark.system


def test_what_was_acknowledged_before_a_backup_is_in_it(tmp_path: Path) -> None:
    """One by the server and one by a command beside it; people write on, and a server starts with each."""
    outcomes = list(backups(tmp_path, 2, 800))
    assert [outcome.by for outcome in outcomes] == ["command", "ctl"]
    for outcome in outcomes:
        assert outcome.lost == 0
        assert outcome.found >= outcome.acknowledged > 0
