"""`[limits] allow` and `deny` of a real server, by chat, TLS and SSH; addresses are told by the PROXY protocol."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import BOUND, LOCAL, Client, Server, running, unverified
from tests.test_reload import reload

SCHOOL, HOME, SCHOOL_V6 = "192.0.2.7", "203.0.113.7", "2001:db8:7::7"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "classcord.toml"
    file.write_text("", "utf-8")
    return file


@pytest.fixture
def server(tmp_path: Path, config: Path) -> Iterator[Server]:
    places = (f"listen.chat=['{LOCAL}', 'unix:{tmp_path / 'chat'}']", "listen.trusted_proxies=127.0.0.0/8")
    options = [part for each in places for part in ("--set", each)]
    with running(tmp_path, "--verbose", "--config", config.name, *options) as started:
        yield started


def header(address: str) -> bytes:
    if ":" in address:
        return f"PROXY TCP6 {address} 2001:db8::1 40000 12345\r\n".encode()
    return f"PROXY TCP4 {address} 192.0.2.200 40000 12345\r\n".encode()


def arrived(server: Server, address: str, face: str = "tcp") -> socket.socket:
    """Return a socket that has said for whom it connects."""
    connection = socket.create_connection(server.address(face), timeout=BOUND)  # type: ignore[arg-type]
    connection.sendall(header(address))
    return connection


def comes_in(server: Server, address: str) -> str:
    """Return what a chat client of this address hears: "ok", or the code of the refusal, after which it is closed."""
    with server.client() as client:
        client.socket.sendall(header(address))
        client.send(type="guest", username="someone")
        line = client.read()
        if line.get("status") == "ok":
            return "ok"
        assert client.read() is None
        return str(line["code"])


def test_lists_are_read_again(server: Server, config: Path) -> None:
    """What they say holds from the reload on; whoever is here stays."""
    assert [comes_in(server, each) for each in (SCHOOL, HOME, SCHOOL_V6)] == ["ok"] * 3
    with server.client() as early:
        early.socket.sendall(header(HOME))
        early.register("alice")
        config.write_text("[limits]\nallow = ['192.0.2.0/24', '2001:db8:7::/48']\ndeny = ['192.0.2.8']\n", "utf-8")
        reload(server)
        seen = [comes_in(server, each) for each in (SCHOOL, HOME, SCHOOL_V6, "192.0.2.8", "2001:db8:8::1")]
        assert seen == ["ok", "not_allowed", "ok", "not_allowed", "not_allowed"]
        early.send(type="list_users")
        assert "alice" in str(early.until(type="list_users"))
    assert (
        f"a connection from {HOME} by tcp was refused: it is not among the networks that may connect" in server.logged()
    )
    config.write_text("", "utf-8")
    reload(server)
    assert comes_in(server, HOME) == "ok"


def test_the_machine_itself_always_may(server: Server, config: Path) -> None:
    """By loopback and by a unix socket, whatever the lists say."""
    config.write_text("[limits]\nallow = ['192.0.2.0/24']\ndeny = ['127.0.0.0/8', '::1', '0.0.0.0/0']\n", "utf-8")
    reload(server)
    assert comes_in(server, "127.0.0.1") == "ok"
    with Client(server.address(number=1)) as local:
        local.send(type="guest", username="local")
        assert local.read()["status"] == "ok"


def test_tls_and_ssh_refuse_too(server: Server, config: Path) -> None:
    """TLS with the error of the chat inside, SSH with a line before its version, as OpenSSH does; both are closed."""
    config.write_text(f"[limits]\ndeny = ['{HOME}']\n", "utf-8")
    reload(server)
    with unverified().wrap_socket(arrived(server, HOME, "tls"), server_hostname="localhost") as wrapped:
        assert b'"code":"not_allowed"' in everything(wrapped)
    with arrived(server, HOME, "ssh") as refused, arrived(server, SCHOOL, "ssh") as admitted:
        assert everything(refused) == b"Not allowed at this time\r\n"
        assert admitted.makefile("rb").readline().startswith(b"SSH-2.0-ClassCord")
    assert f"a connection from {HOME} by ssh was refused" in server.logged()


def everything(connection: socket.socket) -> bytes:
    """Return all that comes until the other side closes."""
    received = b""
    while data := connection.recv(4096):
        received += data
        if isinstance(connection, ssl.SSLSocket) and data.endswith(b"\n"):
            connection.unwrap()
            break
    return received


def test_a_block_closes_what_nobody_has_logged_in_on(server: Server, config: Path) -> None:
    """By chat, TLS and SSH alike; who is logged in stays, and so does who is elsewhere."""
    config.write_text("[limits]\nblock_after = 3\n", "utf-8")
    reload(server)
    with server.client() as alice, arrived(server, SCHOOL, "ssh") as elsewhere:
        alice.socket.sendall(header(HOME))
        alice.register("alice")
        silent = [arrived(server, HOME, face) for face in ("tcp", "ssh")]
        assert silent[1].recv(1, socket.MSG_PEEK)  # it was greeted
        with server.client() as guesser:
            guesser.socket.sendall(header(HOME))
            guesser.send(*({"type": "login", "username": f"x{number}", "password": "x"} for number in range(6)))
            told = [line["code"] for line in guesser]
            assert told == ["login_failed"] * 6 + ["blocked"]  # for alice, and for who is silent; and why it is closed
        for connection, last in zip(silent, (b'"code":"blocked"', b"SSH-2.0"), strict=True):
            assert last in everything(connection)
            connection.close()
        elsewhere.sendall(b"SSH-2.0-Test\r\n")
        assert elsewhere.makefile("rb").readline().startswith(b"SSH-2.0-ClassCord")
        alice.send(type="list_users")
        assert "alice" in str(alice.until(type="list_users"))
    assert comes_in(server, HOME) == "blocked"
