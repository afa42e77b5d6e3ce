"""A real server, and clients whose link dies: nothing is closed, and nothing comes any more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.reconnect import documented
from tests.faces.contract import FACES, Face
from tests.links import INTERVAL, Link, hurry
from tests.server import BOUND, Server, running

pytestmark = pytest.mark.system


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    hurry(monkeypatch)
    with running(tmp_path, "--set", f"limits.heartbeat={INTERVAL}") as started:
        yield started


@pytest.fixture
def link(server: Server) -> Iterator[Link]:
    address = server.address()
    assert isinstance(address, tuple)
    with Link(address) as made:
        yield made


class Documented:
    """The client of docs/clients/reconnexion.py at work; `types` and `shown` are what it has heard and shown."""

    def __init__(self, address: tuple[str, int], name: str) -> None:
        self.types: list[str] = []
        self.shown: list[str] = []
        self._moved = threading.Condition()
        self._client = documented().Client(address, name, "azerty", show=lambda _, content: self.shown.append(content))
        self._heard = self._client.heard
        self._client.heard = self._watched
        self._running = threading.Thread(target=self._client.run, daemon=True)
        self._running.start()

    def _watched(self, line: dict[str, Any]) -> None:
        with self._moved:
            self._heard(line)
            self.types.append(line["type"])
            self._moved.notify_all()

    def until(self, seen: Any) -> None:
        """Wait until this is so."""
        with self._moved:
            assert self._moved.wait_for(seen, BOUND), (self.types, self.shown)

    def __enter__(self) -> Documented:
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.close()
        self._running.join(BOUND)


def test_a_client_that_hears_nothing_comes_back(server: Server, link: Link) -> None:
    """It hears heartbeats; when none come any more, it resumes its session, and misses nothing."""
    with server.client() as bob:
        bob.register("ada").register("bob").hello()
        with Documented(link.address, "ada") as ada:
            ada.until(lambda: ada.types.count("heartbeat") >= 3)
            bob.say("un")
            ada.until(lambda: ada.shown == ["un"])
            link.cut()
            bob.say("deux")
            ada.until(lambda: ada.shown == ["un", "deux"])
            assert link.connections > 1
            assert ada.types.count("login") == 1


@pytest.mark.parametrize("face", [face for face in FACES if face.modern], ids=lambda face: face.name)
def test_every_face_has_heartbeats(server: Server, face: Face) -> None:
    """Who said `hello` hears them before and after the login, whatever carries the lines."""
    with face.connect(server) as client:
        client.until(type="heartbeat")
        client.register("ada")
        assert [client.read()["type"] for _ in range(3)] == ["heartbeat"] * 3
