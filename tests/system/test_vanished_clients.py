"""Clients whose network dies: the server notices, also while what it has sent is not acknowledged."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.links import INTERVAL, hurry, start_by
from tests.server import Client, Server, unverified
from tests.system.namespaces import Lan, lan

pytestmark = pytest.mark.system

SECONDS = 2
"""Instead of the two minutes: the kernel counts, and the test waits for it."""
SHORTENED = f"""
from classcord.faces import liveness
liveness.UNACKNOWLEDGED = {SECONDS}
liveness.KEEPALIVE = dict(TCP_KEEPIDLE=1, TCP_KEEPINTVL=1, TCP_KEEPCNT={SECONDS})
from twisted.scripts.twistd import run
run()
"""


@pytest.fixture
def network() -> Iterator[Lan]:
    with lan(2) as made:
        yield made


@pytest.fixture
def server(network: Lan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    start_by(monkeypatch, SHORTENED)
    with network.server.entered():
        started = Server(tmp_path, "--verbose", "--set", "listen.chat=tcp:12345")
    with started:
        yield started


@pytest.fixture
def hurried(network: Lan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Give a server with a short interval between heartbeats, and the two minutes for everything else."""
    hurry(monkeypatch)
    listening = ("--set", "listen.chat=tcp:12345", "--set", "listen.tls=tcp:12346")
    with network.server.entered():
        started = Server(tmp_path, "--verbose", *listening, "--set", f"limits.heartbeat={INTERVAL}")
    with started:
        yield started


@pytest.mark.parametrize("port", [12345, 12346], ids=["tcp", "tls"])
def test_both_sides_notice_within_two_heartbeats(network: Lan, hurried: Server, port: int) -> None:
    """Nobody says anything: it is the heartbeat that is missed on one side, and not acknowledged on the other."""
    dead, alive = network.neighbours
    context = unverified() if port == 12346 else None
    with dead.entered():
        bob = Client((network.server_address(1), port), context)
    with alive.entered():
        alice = Client((network.server_address(2), 12345))
    with bob, alice:
        bob.hello().register("bob")
        alice.register("alice")
        bob.socket.settimeout(2 * INTERVAL)
        bob.until(type="heartbeat")
        dead.run("ip", "link", "set", "eth0", "down")
        with pytest.raises(socket.timeout):
            bob.until(type="nothing")
        hurried.wait_for("session 1 ended")
        assert any("bob" in line.get("content", "") for line in alice)


@pytest.mark.parametrize("deaf", [False, True], ids=["nothing under way", "data unacknowledged"])
def test_a_client_whose_network_dies_is_gone(network: Lan, server: Server, deaf: bool) -> None:
    """The others see it leave, whether or not it was being told something when its cable was pulled."""
    dead, alive = network.neighbours
    with dead.entered():
        bob = Client((network.server_address(1), 12345))
    with alive.entered():
        alice = Client((network.server_address(2), 12345))
    with bob, alice:
        bob.register("bob")
        alice.register("alice")
        dead.run("ip", "link", "set", "eth0", "down")
        if deaf:
            alice.say("bob, es-tu là ?")
        server.wait_for("session 1 ended")
        assert any("bob" in line.get("content", "") for line in alice)


@pytest.mark.parametrize("modern", [False, True], ids=["classic", "modern"])
def test_a_message_that_never_arrived_comes_at_the_next_login(network: Lan, server: Server, modern: bool) -> None:
    """Its recipient's cable was pulled unnoticed: the author was answered, then hears that nobody had it."""
    dead, alive = network.neighbours
    with dead.entered():
        bob = Client((network.server_address(1), 12345))
    with alive.entered():
        alice, again = (Client((network.server_address(2), 12345)) for _ in range(2))
    with bob, alice, again:
        if modern:
            bob.hello()
            again.hello()
        bob.register("bob")
        alice.register("alice")
        dead.run("ip", "link", "set", "eth0", "down")
        alice.say("bob, es-tu là ?", subtype="private", to="bob")
        server.wait_for("session 1 ended")
        assert "bob" in alice.until(subtype="system")["content"]
        again.login("bob")
        if not modern:
            again.send(type="users")
        assert again.until(type="message", subtype="private")["content"].endswith("bob, es-tu là ?")
