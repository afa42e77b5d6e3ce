"""Attacks on SSH beside a chat, in small (bench/hostile_ssh.py measures them at length)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.hostile_ssh import fill, measure
from bench.ssh_attackers import ATTACKS

pytestmark = pytest.mark.system

SECONDS = 3


def test_nothing_is_left_of_them(tmp_path: Path) -> None:
    """Everybody in the chat hears everything; no session, no connection and no fault in the log is left of attacks."""
    fill(tmp_path, 5_000)
    outcome = measure(tmp_path, SECONDS, 3 * len(ATTACKS), at_once=False)
    assert outcome.messages > 0  # how many is for the bench
    assert outcome.attacks == {kind.__name__: 3 for kind in ATTACKS}
    assert outcome.came_in.total() > len(ATTACKS)
    assert (outcome.after.sessions, outcome.after.sockets) == (0, outcome.before.sockets)
