"""A link between clients and a server that can die unnoticed: nobody's machine closes anything, nothing arrives.

The machine of the link still acknowledges what it drops; for a link on which nothing is acknowledged, a test needs
network namespaces (tests/system/namespaces.py).
"""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import suppress

import pytest

from tests import server as servers

INTERVAL = 1
"""Seconds between heartbeats that a hurried server promises; it keeps to a fifth of them."""
_PROGRAM = """
from classcord.services.chat import heartbeats
from classcord.settings import rules
from twisted.scripts.twistd import run
heartbeats.TURN = 0.05
rules.SHORTEST_HEARTBEAT = 1
run()
"""


def hurry(patch: pytest.MonkeyPatch) -> None:
    """Let servers be started for which shorter intervals are permitted: a test waits for two of them."""
    start_by(patch, _PROGRAM)


def start_by(patch: pytest.MonkeyPatch, program: str) -> None:
    """Let each server be started by a program of its own, which changes something before it runs twistd."""
    patch.setattr(servers, "TWISTD", (sys.executable, "-c", program))


class Link:
    """Forwards each connection to the server, until it is cut; later connections are forwarded again."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._listening.getsockname()
        self.connections = 0
        """How many there have been."""
        self._dead = threading.Event()  # of the connections that come now
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(self._server)
                self.connections += 1
                self._sockets += [client, server]
                for source, target in ((client, server), (server, client)):
                    forwarding = threading.Thread(target=self._forward, args=(source, target, self._dead), daemon=True)
                    self._threads.append(forwarding)
                    forwarding.start()

    def _forward(self, source: socket.socket, target: socket.socket, dead: threading.Event) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if not dead.is_set():
                    target.sendall(data)
        if not dead.is_set():
            with suppress(OSError):
                target.shutdown(socket.SHUT_WR)

    def cut(self) -> None:
        """Let nothing pass any more on the connections that there are."""
        self._dead.set()
        self._dead = threading.Event()

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *exception: object) -> None:
        self.cut()
        for each in (self._listening, *self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in (self._listening, *self._sockets):
            each.close()
