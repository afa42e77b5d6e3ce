"""A real server and clients on real sockets: a day of a class, and what hostile or unlucky clients do to others."""

from __future__ import annotations

import resource
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.server import BOUND, Client, Server, running, unverified

UNLIMITED = ("--set", "limits.messages_per_second=0")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path, "--verbose") as started:
        yield started


def test_a_class_comes_back_tomorrow(tmp_path: Path) -> None:
    """Classic clients register, log in, talk; after a restart they find their history, and what was kept for them."""
    with running(tmp_path) as server, server.client() as alice, server.client() as bob, server.client() as carol:
        assert alice.ask(type="register", username="alice", password="azerty") == {"type": "register", "status": "ok"}
        login = alice.ask(type="login", username="alice", password="azerty")
        assert login | {"type": "login", "status": "ok", "username": "alice"} == login
        assert carol.ask(type="register", username="carol", password="azerty")["status"] == "ok"
        bob.register("bob")
        assert bob.ask(type="users") == {"type": "users", "users": ["alice", "bob"]}
        alice.say("coucou é", subtype="global", to="global", **{"from": "alice"})
        assert bob.until(content="coucou é")["from"] == "alice"
        bob.say("MP pour alice", subtype="private", to="alice")
        private = alice.until(content="MP pour alice")
        assert (private["subtype"], private["from"], private["to"]) == ("private", "bob", "alice")
        bob.say("à demain", subtype="private", to="carol")
        assert "carol" in bob.until(subtype="system", type="message", to="global", **{"from": "Serveur"})["content"]
    with running(tmp_path) as server, server.client() as carol:
        carol.login("carol")
        assert carol.ask(type="users") == {"type": "users", "users": ["carol"]}
        missed = [carol.read(), carol.read()]
        assert [(line["from"], line["subtype"]) for line in missed] == [("alice", "global"), ("bob", "private")]
        assert [line["content"].partition("] ")[2] for line in missed] == ["coucou é", "à demain"]


def test_private_message_is_kept_once(tmp_path: Path) -> None:
    """What was kept for somebody and handed over does not come again at the next login."""
    with running(tmp_path) as server:
        with server.client() as zoe, server.client() as bob:
            assert zoe.ask(type="register", username="zoe", password="azerty")["status"] == "ok"
            bob.hello().register("bob")
            bob.send(type="message", subtype="private", to="zoe", content="gardé", id=1)
            assert bob.until(id=1)["type"] == "ack"
        with server.client() as zoe:
            zoe.hello().login("zoe")
            assert zoe.until(type="message")["content"] == "gardé"
    with running(tmp_path) as server, server.client() as zoe:
        zoe.hello().login("zoe")
        zoe.send(type="history", id=2)
        while (line := zoe.read())["type"] != "history":
            assert line.get("content") != "gardé"


def test_tls_with_the_certificate_that_was_made(server: Server) -> None:
    """A client that is given the server's own certificate verifies it by name and talks with those without TLS."""
    trusting = ssl.create_default_context(cafile=str(server.data / "tls" / "cert.pem"))
    with Client(server.address("tls"), trusting) as zoe, server.client() as bob:
        bob.register("bob")
        zoe.say("by TLS", **{"from": "zoe"})
        assert bob.until(content="by TLS")["from"] == "zoe"
        bob.say("x" * 9000)
        assert zoe.until(content="x" * 9000)["from"] == "bob"


def test_wrong_protocol_on_a_port(server: Server) -> None:
    """Plain lines on the TLS port and a TLS greeting on the plain port end that connection, or are refused."""
    with Client(server.address("tls")) as plain:
        plain.socket.sendall(b'{"type":"users"}\n')
        assert plain.socket.recv(100)[:1] in (b"", b"\x15")  # closed, after an alert (RFC 8446 §6)
    with pytest.raises(ssl.SSLError), Client(server.address("tcp"), unverified()):
        pass
    with server.client() as alice:
        alice.register("alice")


def test_one_that_does_not_read(tmp_path: Path) -> None:
    """It is closed when its outbox is full, with a logged reason; others hear everything, in order."""
    options = (*UNLIMITED, "--verbose", "--set", "limits.outbox_bytes=65536")
    with running(tmp_path, *options) as server, ExitStack() as stack:
        deaf = stack.enter_context(Client(server.address(), buffer=4096)).register("deaf")
        reader = stack.enter_context(server.client()).register("reader")
        writer = stack.enter_context(server.client()).hello().register("writer")
        filler = "x" * 9000
        for number in range(1000):  # 9 MB: more than any kernel keeps for one connection here
            writer.say(f"{number} {filler}", id=number)
            writer.until(id=number, type="ack")
            assert reader.until(subtype="global")["content"].split()[0] == str(number)
        assert "its outbox is full" in server.wait_for("closing session 1:")
        assert reader.ask(type="users")["users"] == ["reader", "writer"]
        deaf.socket.settimeout(BOUND)
        assert len(list(deaf)) < 1000  # what the kernel had, then the end


def test_thousands_of_silent_connections(tmp_path: Path) -> None:
    """A full server closes the oldest silent connections, which hear why; who wants to talk gets in."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    silent = min(1500, hard // 2)
    limit = silent * 2 // 3
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with running(tmp_path, "--set", f"limits.connections={limit}") as server, ExitStack() as stack:
            address = server.address()
            clients = [stack.enter_context(Client(address)) for _ in range(silent)]
            with server.client() as alice:
                alice.register("alice")
                assert alice.ask(type="users")["users"] == ["alice"]
                oldest, others = clients[: silent - limit + 1], clients[silent - limit + 1 :]
                last = [client.read() for client in oldest]
                # of a burst of them only some linger to hear why
                assert {line["code"] for line in last if line is not None} == {"too_many_connections"}
                assert [client.read() for client in oldest] == [None] * len(oldest)
                for client in (others[0], others[-1]):
                    assert client.ask(type="users")["users"] == ["alice"]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("face", ["tcp", "tls"])
def test_who_is_closed_for_a_flood_hears_why(server: Server, face: str) -> None:
    """The last line that a socket brings, and a TLS connection, says why it ends."""
    with server.client(face) as client:
        client.send(type="hello", lang="en")
        client.socket.sendall(b"no JSON\n" * 60)
        heard = list(iter(client.read, None))
    assert (heard[0]["type"], heard[1]["code"], heard[-1]["code"]) == ("hello", "bad_json", "rate_limited")


@pytest.mark.parametrize(
    "line",
    [b"no JSON\n", b'{"type":"users"}\n', b"\xff\xfe\x00" * 999, b"[" * 5000 + b"\n"],
    ids=["garbage", "users", "binary", "nested"],
)
def test_flood(server: Server, line: bytes) -> None:
    """A flood of lines is cut short, whatever they are; somebody else is served meanwhile, and it is in the audit."""
    with server.client() as alice, server.client() as flooder:
        alice.register("alice")
        with pytest.raises(ConnectionError):
            send_for_ever(flooder, line)
        assert alice.ask(type="users")["users"] == ["alice"]
    server.wait_for("closing session 2: a (flood|line)")
    assert "session=2 address=127.0.0.1" in server.audit.read_text("utf-8")


def send_for_ever(client: Client, line: bytes) -> None:
    """Send a line over and over, as fast as it goes; 6 GB at most."""
    burst = line * (1 + 65536 // len(line))
    for _ in range(100_000):
        client.socket.sendall(burst)


def test_half_of_a_connection(server: Server) -> None:
    """Who stops sending in the middle of a line has asked nothing, and is gone for the others."""
    with server.client() as bob, server.client() as alice:
        bob.register("bob")
        alice.register("alice")
        assert bob.until(type="status", user="alice")["state"] == "online"
        alice.socket.sendall(b'{"type":"message","content":"half')
        alice.socket.shutdown(socket.SHUT_WR)
        assert bob.until(type="status", user="alice")["state"] == "offline"
        bob.send(type="users")
        assert bob.until(type="users")["users"] == ["bob"]


def test_who_closes_their_half_hears_every_answer(server: Server) -> None:
    """`printf … | nc -N`: all that was asked is done and answered, hashing and storing included; then comes the end."""
    with server.client() as bob, server.client() as alice:
        bob.register("bob")
        account = {"username": "alice", "password": "azerty"}
        alice.send(
            {"type": "register", **account},
            {"type": "login", **account},
            {"type": "message", "content": "et voilà"},
            {"type": "users"},
        )
        alice.socket.shutdown(socket.SHUT_WR)
        assert [alice.read()["type"] for _ in range(3)] == ["register", "login", "users"]
        assert bob.until(content="et voilà")["from"] == "alice"
        assert bob.until(type="status", user="alice", state="offline")


def test_an_abrupt_end(server: Server) -> None:
    """A connection that is reset in the middle of what it asked leaves nothing behind."""
    with server.client() as bob:
        bob.register("bob")
        alice = server.client().register("alice")
        alice.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        alice.send(*({"type": "users"} for _ in range(20)))
        alice.close()
        assert bob.until(type="status", user="alice", state="offline")
        bob.send(type="users")
        assert bob.until(type="users")["users"] == ["bob"]
