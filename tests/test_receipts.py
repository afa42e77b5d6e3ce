"""A real server, and clients whose connection ends before they have read: what was written to them is not lost."""

from __future__ import annotations

import socket
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import pytest

from tests.server import Client, Server, running, unverified
from tests.websocket import WebClient

WORDS = [f"{number} {'x' * 9_000}" for number in range(30)]
"""More than a client with a small buffer has room for; its machine acknowledges no whole line of it."""


def waiting(folder: Path) -> int:
    """Return how many messages wait for somebody, in the database of a server that has stopped."""
    with closing(sqlite3.connect(folder / "data" / "classcord.db")) as database:
        found: int = database.execute("SELECT count(*) FROM messages WHERE waiting_for IS NOT NULL").fetchone()[0]
        return found


def comes(server: Server, face: str, *, modern: bool, buffer: int = 0) -> Client:
    tls, address = unverified() if face.endswith("tls") else None, server.address(face)
    if face.startswith("web"):
        assert not isinstance(address, str)
        client: Client = WebClient(address, tls, buffer=buffer)
    else:
        client = Client(address, tls, buffer)
    return client.hello() if modern else client


@pytest.mark.parametrize(
    ("face", "modern"),
    [("tcp", True), ("tcp", False), ("tls", True), ("tls", False), ("web", True), ("web_tls", True)],
)
def test_what_a_client_has_not_acknowledged_comes_again(tmp_path: Path, face: str, modern: bool) -> None:
    """It reads nothing, and is gone with a reset: the next login gets every message, in order."""
    with running(tmp_path, "--verbose", "--set", "limits.messages_per_second=0") as server, server.client() as bob:
        alice = comes(server, face, modern=modern, buffer=4096).register("alice")
        bob.hello().register("bob")
        for number, words in enumerate(WORDS):
            bob.send(type="message", subtype="private", to="alice", content=words, id=number)
            assert bob.until(id=number)["type"] == "ack"
        alice.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        alice.close()
        server.wait_for("session 2 ended")
        with comes(server, face, modern=modern).login("alice") as again:
            again.send(type="users")
            heard = [again.until(type="message", subtype="private")["content"] for _ in WORDS]
            assert [words if modern else words.partition("] ")[2] for words in heard] == WORDS
            again.send(type="ping")
            again.until(type="ping")  # nothing is unread: it leaves without a reset
        assert "alice" in bob.until(type="system")["content"]  # had gone
    assert waiting(tmp_path) == 0


def test_a_crash_gives_no_message_up(tmp_path: Path) -> None:
    """The server dies between the delivery and the receipt: after its next start the message comes."""
    with Server(tmp_path) as server, server.client() as bob:
        alice = comes(server, "tcp", modern=True, buffer=4096).register("alice")
        bob.hello().register("bob")
        bob.send(type="message", subtype="private", to="alice", content=WORDS[0], id=1)
        assert bob.until(id=1)["type"] == "ack"
        server.crash()
        alice.close()
    with running(tmp_path) as server, server.client() as again:
        again.hello().login("alice")
        assert again.until(type="message", subtype="private")["content"] == WORDS[0]
    assert waiting(tmp_path) == 0
