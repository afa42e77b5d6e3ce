"""Many bad clients in a process of their own, so that they take no time from the clients whose chat is measured.

    python -m bench.faults.crowd KIND HOST PORT COUNT RATE

`slow` clients send one byte a second each; those of `tls` and `ssh` begin a handshake and never go on. COUNT of them
connect, RATE a second. Prints a line when all have connected, one when its input has ended with how many the server had
closed by then, or, for handshakes, when it has closed them all.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LONGEST = 120.0  # seconds until the server must have closed a handshake that does not go on
TURN = 0.05  # seconds between two looks


class Crowd:
    """Connections to one place that all behave alike."""

    def __init__(self, kind: str, host: str, port: int) -> None:
        self._kind = kind
        self._place = (host, port)
        self._selector = selectors.DefaultSelector()
        self._open: list[socket.socket] = []
        self._hello = {"slow": b"", "ssh": b"SSH-2.0-half\r\n", "tls": _half_a_hello()}[kind]
        self._next = 0
        self.closed = 0
        self.refused = 0

    def connect(self, count: int, rate: float) -> None:
        """Connect so many, `rate` a second."""
        began = time.monotonic()
        for number in range(count):
            while time.monotonic() - began < number / rate:
                self.look(TURN / 5)
                self.drip(TURN / 5)
            try:
                client = socket.create_connection(self._place, timeout=20)
            except OSError:
                self.refused += 1
                continue
            client.setblocking(False)
            with suppress(OSError):
                client.send(self._hello)
            self._open.append(client)
            self._selector.register(client, selectors.EVENT_READ)

    def drip(self, seconds: float) -> None:
        """Send a byte by as many of the slow as are due within so many seconds."""
        if self._kind == "slow":
            for _ in range(int(len(self._open) * seconds)):
                self._next = (self._next + 1) % len(self._open)
                with suppress(OSError):
                    self._open[self._next].send(b"x")

    def look(self, seconds: float) -> None:
        """Take out those that the server has closed."""
        for key, _ in self._selector.select(seconds):
            client = key.fileobj
            assert isinstance(client, socket.socket)
            with suppress(BlockingIOError):
                try:
                    if client.recv(65_536):
                        continue
                except ConnectionError:
                    pass
                self._selector.unregister(client)
                self._open.remove(client)
                client.close()
                self.closed += 1

    @property
    def open(self) -> int:
        return len(self._open)


def _half_a_hello() -> bytes:
    """Return the first half of what begins TLS."""
    out = ssl.MemoryBIO()
    context = ssl.create_default_context()
    hello = context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost")
    with suppress(ssl.SSLWantReadError):
        hello.do_handshake()
    whole = out.read()
    return whole[: len(whole) // 2]


def main(kind: str, host: str, port: str, count: str, rate: str) -> None:
    crowd = Crowd(kind, host, int(port))
    crowd.connect(int(count), float(rate))
    print(f"{crowd.open} {crowd.closed + crowd.refused}", flush=True)
    began = time.monotonic()
    if kind == "slow":
        ended = selectors.DefaultSelector()
        ended.register(sys.stdin, selectors.EVENT_READ)
        while not ended.select(0):
            crowd.look(TURN)
            crowd.drip(TURN)
    else:
        while crowd.open and time.monotonic() - began < LONGEST:
            crowd.look(1.0)
    print(f"{crowd.open} {crowd.closed + crowd.refused} {time.monotonic() - began:.1f}", flush=True)


class Running:
    """A crowd at work; `before` is how many are connected, and how many the server has closed already."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def connected(self) -> tuple[int, int]:
        """Wait until all have connected; return how many are open, and how many were closed or refused."""
        assert self._process.stdout is not None
        still, closed = self._process.stdout.readline().split()
        return int(still), int(closed)

    def over(self) -> tuple[int, int, float]:
        """Return how many are open in the end, how many were closed, and after how many seconds that was."""
        assert self._process.stdout is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        still, closed, took = self._process.stdout.readline().split()
        return int(still), int(closed), float(took)


@contextmanager
def crowd(kind: str, address: tuple[str, int] | str, count: int, rate: float) -> Iterator[Running]:
    """Let a crowd come to an address; it leaves at the end of the block."""
    assert not isinstance(address, str)
    command = [sys.executable, "-m", "bench.faults.crowd", kind, address[0], str(address[1]), str(count), str(rate)]
    with subprocess.Popen(  # noqa: S603
        command, cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            yield Running(process)
        finally:
            process.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
