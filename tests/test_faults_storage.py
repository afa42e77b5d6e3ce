"""The disk fails under load, and works again: bench/faults/storage.py on a real server, for root."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.faults.outcome import Fault, Impossible
from bench.faults.storage import disk_full, read_only

pytestmark = pytest.mark.system


@pytest.mark.parametrize("fault", [disk_full, read_only])
def test_what_was_acknowledged_is_stored(tmp_path: Path, fault: Fault) -> None:
    """Meanwhile writes are refused by code; afterwards nothing acknowledged is lost, and the chat goes on."""
    try:
        outcome = fault(tmp_path)
    except Impossible as why:
        pytest.skip(str(why))
    assert outcome.wrong == (), outcome.figures
