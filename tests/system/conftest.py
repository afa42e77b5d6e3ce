"""Tests with real tools start servers in networks of their own, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests import server

NETWORK = Path("/proc/thread-self/ns/net")
HERE = NETWORK.readlink()


@pytest.fixture(autouse=True)
def servers_are_where_they_are_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Execute a server that is started in another network: the process that forks servers is not in it."""
    fork = server.start

    def start(
        command: Sequence[str], folder: Path, environment: Mapping[str, str], out: int, err: int
    ) -> server.Started:
        begin = fork if NETWORK.readlink() == HERE else server.execute
        return begin(command, folder, environment, out, err)

    monkeypatch.setattr(server, "start", start)
