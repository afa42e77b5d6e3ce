"""A stop under heavy load, bad crowds, garbage for a certificate: bench/faults on a real server, smaller than there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.faults.certificate import certificate
from bench.faults.crowds import half_ssh, half_tls, slow
from bench.faults.ending import stopped
from bench.faults.outcome import Fault

pytestmark = pytest.mark.system


def test_a_stop_under_load_loses_nothing(tmp_path: Path) -> None:
    """SIGTERM while everybody writes: what was acknowledged is stored, all are told, the status is 0."""
    assert stopped(tmp_path, events=3_000, crowd=50).wrong == ()


def test_slow_clients_hold_nobody_up(tmp_path: Path) -> None:
    """Several hundred clients who send a byte a second are let in, cost little memory, and others chat meanwhile."""
    assert slow(tmp_path, count=500, seconds=3.0).wrong == ()


@pytest.mark.parametrize("fault", [half_tls, half_ssh])
def test_handshakes_that_end_in_the_middle_are_given_up(tmp_path: Path, fault: Fault) -> None:
    """They are closed after a time and leave no file open; others come in and chat meanwhile."""
    assert fault(tmp_path, rate=100, seconds=3.0).wrong == ()  # type: ignore[call-arg]


def test_garbage_for_a_certificate_changes_nothing(tmp_path: Path) -> None:
    """The old certificate is shown, an alert says why, once; a good one is taken up without a restart."""
    assert certificate(tmp_path).wrong == ()
