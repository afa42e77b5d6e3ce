"""A real haproxy before every face: the server knows the client's address, by both versions of the protocol."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.server import BOUND, Client, Server, unverified
from tests.system.namespaces import Lan, Namespace, lan
from tests.websocket import WebClient

pytestmark = pytest.mark.system

FACES = {  # haproxy's port and ours
    "chat": (12345, 21_001),
    "tls": (12346, 21_002),
    "ssh": (2222, 21_003),
    "web": (8080, 21_004),
}
CONFIG = """
defaults
    mode tcp
    timeout connect 5s
    timeout client 30s
    timeout server 30s
"""
LISTEN = """
listen {face}
    bind :::{port} v4v6
    server classcord 127.0.0.1:{ours} {send} check inter 100ms
"""
_OPTIONS = ("BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "IdentitiesOnly=yes")
SSH = ("ssh", "-q", *(f"-o{option}" for option in _OPTIONS))
VERSIONS = pytest.mark.parametrize("send", ["send-proxy", "send-proxy-v2", "send-proxy-v2-ssl-cn"])
FAMILIES = pytest.mark.parametrize("ipv6", [False, True], ids=["IPv4", "IPv6"])


class Town:
    """A server that only haproxy reaches, and two clients of haproxy."""

    def __init__(self, network: Lan, server: Server, *, ipv6: bool) -> None:
        self.network = network
        self.server = server
        self.ipv6 = ipv6

    def client(self, number: int, face: str = "chat") -> Client:
        """Return a connection of neighbour `number`."""
        with self.network.neighbours[number - 1].entered():
            return Client(self.where(number, face), unverified() if face == "tls" else None)

    def page(self, number: int) -> WebClient:
        """Return a WebSocket of neighbour `number`."""
        with self.network.neighbours[number - 1].entered():
            return WebClient(self.where(number, "web"))

    def where(self, number: int, face: str) -> tuple[str, int]:
        return self.network.server_address(number, ipv6=self.ipv6), FACES[face][0]

    def address(self, number: int) -> str:
        return self.network.address(number, ipv6=self.ipv6)

    def neighbour(self, number: int) -> Namespace:
        return self.network.neighbours[number - 1]

    def audited(self) -> list[str]:
        """Return event and address of the audit log's lines."""
        lines = self.server.audit.read_text("utf-8").splitlines()
        return [f"{line.split()[1]} {line.split()[3]}" for line in lines]


@contextmanager
def town(folder: Path, send: str, *, ipv6: bool) -> Iterator[Town]:
    if shutil.which("haproxy") is None:
        pytest.skip("haproxy is not installed")
    (folder / "keys").mkdir(mode=0o700)
    options = [f"listen.{face}=tcp:{ours}:interface=127.0.0.1" for face, (_, ours) in FACES.items()]
    options += ["listen.trusted_proxies=127.0.0.0/8", "limits.block_after=5", f"ssh.keys={folder / 'keys'}"]
    with lan(2) as network:
        with network.server.entered():
            server = Server(folder, *(part for option in options for part in ("--set", option)))
        with server, haproxy(folder, send, network.server):
            yield Town(network, server, ipv6=ipv6)
            assert "PROXY header" not in server.logged()  # haproxy's looks whether the server is there are understood
            assert "Traceback" not in server.logged()


@contextmanager
def haproxy(folder: Path, send: str, namespace: Namespace) -> Iterator[None]:
    """Run it; when its command is back, it listens."""
    config, pid = folder / "haproxy.cfg", folder / "haproxy.pid"
    sections = [LISTEN.format(face=face, port=port, ours=ours, send=send) for face, (port, ours) in FACES.items()]
    config.write_text(CONFIG + "".join(sections), "utf-8")
    with namespace.entered():
        subprocess.run(["haproxy", "-q", "-D", "-f", config, "-p", pid], check=True, timeout=BOUND, capture_output=True)
    try:
        yield
    finally:
        for number in pid.read_text("utf-8").split():
            os.kill(int(number), signal.SIGKILL)


@FAMILIES
@VERSIONS
def test_every_face_knows_the_client(tmp_path: Path, send: str, ipv6: bool) -> None:
    """In the clear, through TLS that haproxy does not open, in a WebSocket, and over SSH with the real client."""
    with town(tmp_path, send, ipv6=ipv6) as place:
        with place.client(1) as alice, place.client(2, "tls") as bob:
            alice.register("alice")
            bob.register("bob")
            alice.say("bonjour")
            assert bob.until(type="message", content="bonjour")["from"] == "alice"
        assert place.audited()[-4:] == [
            f"{event} address={place.address(number)}" for number in (1, 2) for event in ("registered", "login")
        ]
        with place.page(1) as carol:
            carol.hello().register("carol")
        assert place.audited()[-1] == f"login address={place.address(1)}"
        host, port = place.where(2, "ssh")
        key = _admitted_key(tmp_path)
        said = place.neighbour(2).run(*SSH, "-i", str(key), "-p", str(port), f"prof@{host}", "who --json")
        assert '"prof"' in said
        assert f"operator address={place.address(2)}" in place.audited()


def test_a_client_of_the_proxy_forges_nothing(tmp_path: Path) -> None:
    """A header of its own comes after haproxy's, and is a line that makes no sense."""
    with town(tmp_path, "send-proxy", ipv6=False) as place, place.client(1) as client:
        client.socket.sendall(b"PROXY TCP4 198.51.100.66 203.0.113.17 1 1\r\n")
        assert client.read()["code"] == "bad_json"
        client.register("alice")
        assert place.audited()[-1] == f"login address={place.address(1)}"


@FAMILIES
def test_a_guesser_behind_the_proxy_is_blocked_alone(tmp_path: Path, ipv6: bool) -> None:
    """Neither the proxy nor anybody else who comes by it."""
    with town(tmp_path, "send-proxy-v2", ipv6=ipv6) as place:
        with place.client(1) as guesser:
            guesser.send(*({"type": "login", "username": f"name{number}", "password": "x"} for number in range(5)))
            assert [line["code"] for line in guesser] == ["login_failed"] * 5 + ["blocked"]
        with place.client(1) as guesser:
            assert guesser.read()["code"] == "blocked"
            assert guesser.read() is None
        with place.client(2) as pupil:
            pupil.register("alice")


def _admitted_key(folder: Path) -> Path:
    key = folder / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True, timeout=BOUND)
    (folder / "keys/prof.pub").touch(mode=0o600)
    (folder / "keys/prof.pub").write_text(key.with_suffix(".pub").read_text("utf-8"), "utf-8")
    return key
