"""The client of docs/clients/reconnexion.py and a server that is killed; bench/reconnect.py does it at length."""

from __future__ import annotations

from pathlib import Path

from bench.reconnect import reconnect


def test_a_client_sees_everything_once(tmp_path: Path) -> None:
    """After kill -9 under load, each client has been shown all that the other has said, once."""
    *_, last = reconnect(tmp_path, rounds=2, seed=7)
    assert last.shown == last.said > 200
    assert (last.lost, last.doubled) == (0, 0)
