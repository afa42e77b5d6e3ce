"""The memory of a real server under a flood of bad lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server import Server, running

pytestmark = pytest.mark.system

BAD = b'{"type":"message","content":' + b"[" * 60_000 + b"}\n"  # as long as a line may be
A_CONNECTION = 20  # a connection bears a few more
CONNECTIONS = 300
BOUND = 64 * 1024 * 1024  # bytes; all those lines together have 360 MB


def _resident(server: Server) -> int:
    """Return how many bytes of the machine's memory the server has."""
    for line in Path(f"/proc/{server.pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError


def _flood(server: Server, connections: int) -> None:
    for _ in range(connections):
        with server.client() as client:
            client.ask(type="hello", protocol=2)
            client.socket.sendall(BAD * A_CONNECTION)
            for _ in range(A_CONNECTION):
                assert client.read()["type"] == "error"


def test_a_flood_of_bad_lines_costs_no_memory(tmp_path: Path) -> None:
    """Nobody has to log in to send them; the server's memory stays what it was."""
    with running(tmp_path) as server:
        _flood(server, CONNECTIONS // 10)
        before = _resident(server)
        _flood(server, CONNECTIONS)
        assert _resident(server) - before < BOUND
