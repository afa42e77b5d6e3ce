"""The log as a program reads it: each line that a connection causes carries the number of its session."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.server import Client, running

pytestmark = pytest.mark.slow


def visits(client: Client, *lines: bytes) -> None:
    """Say something, and wait until the server has closed."""
    client.socket.sendall(b"".join(line + b"\n" for line in lines))
    client.socket.shutdown(1)
    for _ in client:
        pass
    client.close()


def test_every_line_of_a_connection_has_its_number(tmp_path: Path) -> None:
    """Whatever somebody does: logging in, failing to, talking nonsense, too much at once, leaving without a word."""
    options = ("log.format=json", "log.level=debug", "log.message_content=true", "limits.bad_lines=3")
    with running(tmp_path, *(part for option in options for part in ("--set", option))) as server:
        with server.client() as alice, server.client("tls") as bob:
            alice.register("alice")
            bob.register("bob")
            bob.say("Bonjour")
            alice.until(content="Bonjour")
        visits(server.client())
        visits(server.client(), b'{"type":"login","username":"alice","password":"wrong"}')
        visits(server.client(), *[b"nonsense"] * 20)
        visits(server.client(), b"x" * 200_000)
        with server.client() as alice:
            alice.login("alice")
            with server.client() as again:
                again.login("alice")
    events: list[dict[str, Any]] = [json.loads(line) for line in server.logged().splitlines()]
    texts = [event["text"] for event in events]
    began = next(place for place, text in enumerate(texts) if text.startswith("SSH host key"))
    ended = next(place for place, text in enumerate(texts) if "Received SIG" in text or text.startswith("("))
    of_connections = events[began + 1 : ended]
    assert {event["session"] for event in of_connections if "session" in event} == set(range(1, 9))
    assert [event["text"] for event in of_connections if "session" not in event] == []
    for event in of_connections:
        named = re.search(r"session (\d+)", event["text"])
        assert named
        assert int(named[1]) == event["session"]
