"""From the previous schema to the newest one and back; bench/upgrade.py does it with a million messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.upgrade import NEWEST, PREVIOUS, Database, upgrade

pytestmark = pytest.mark.system


def test_an_upgrade_keeps_every_message_and_can_be_undone(tmp_path: Path) -> None:
    """The backup that it makes is the database as it was, a restore brings that back, and it can be upgraded again."""
    found = upgrade(tmp_path, 2000)
    old, new = (Database(schema, 2000, 2000 * 2001 // 2) for schema in (PREVIOUS, NEWEST))
    assert (found.before, found.after, found.kept, found.back, found.at_last) == (old, new, old, old, new)
