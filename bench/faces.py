"""What a delivery costs by each face: lines over TCP, inside TLS, and WebSocket messages, plain and inside TLS.

    python -m bench.faces [--clients 500] [--messages 3000] [--rounds 3] [tcp tls web web_tls]

That many guests listen by one face while one member writes to everyone. The faces take turns. Deliveries are counted by
what the server itself has spent (CPU seconds) and by the clock, until the last guest has read the last message.
"""

from __future__ import annotations

import argparse
import os
import select
import socket
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

if __package__:
    from tests.server import Client, Server, unverified
    from tests.websocket import WebClient
else:
    sys.exit("run it from the root of the project: python -m bench.faces")

FACES = ("tcp", "tls", "web", "web_tls")
OFF = ("messages_per_second", "connections_per_address", "announce_below", "stored_bytes_per_day")
CONTENT = "Bonjour à tous, le cours commence dans cinq minutes en salle B12 ; apportez vos notes de la semaine."
WINDOW = 200  # messages under way
QUIET = 1.0  # seconds without a byte: all is read
TICKS = os.sysconf("SC_CLK_TCK")


def connect(server: Server, face: str) -> Client:
    """Return a modern client of this face."""
    address = server.address(face)
    tls = unverified() if face.endswith("tls") else None
    client = WebClient(address, tls) if face.startswith("web") and isinstance(address, tuple) else Client(address, tls)
    client.send(type="hello", protocol=2, encoding="utf-8", lang="en")
    client.until(type="hello")
    return client


def spent(pid: int) -> float:
    """Return the CPU seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Readers:
    """The guests' sockets; what comes is counted and forgotten, encrypted or not."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self._sockets = {each.fileno(): each for each in sockets}
        self._poll = select.epoll()
        self._buffer = bytearray(1 << 20)
        for number, each in self._sockets.items():
            each.setblocking(False)
            self._poll.register(number, select.EPOLLIN)

    def read_until_quiet(self) -> float:
        """Read, until nothing comes for some time; return when the last byte came."""
        last = time.monotonic()
        while found := self._poll.poll(QUIET):
            for number, _ in found:
                os.readv(number, [self._buffer])
            last = time.monotonic()
        return last

    def read(self) -> None:
        """Read what has come."""
        for number, _ in self._poll.poll(0):
            os.readv(number, [self._buffer])


def measure(folder: Path, face: str, clients: int, messages: int) -> tuple[float, float]:
    """Return deliveries a CPU second of the server, and deliveries a second."""
    options = [part for name in OFF for part in ("--set", f"limits.{name}=0")]
    with Server(folder, *options) as server:
        writer = connect(server, "tcp")
        writer.register("writer")
        guests = [connect(server, face) for _ in range(clients)]
        for number, guest in enumerate(guests):
            guest.send(type="guest", username=f"guest{number}")
            guest.until(type="guest")
        readers = Readers([guest.socket for guest in guests])
        readers.read_until_quiet()
        before, began = spent(server.pid), time.monotonic()
        written = acknowledged = 0
        while acknowledged < messages:
            while written < min(messages, acknowledged + WINDOW):
                writer.say(CONTENT, id=written)
                written += 1
            writer.until(type="ack", id=acknowledged)
            acknowledged += 1
            readers.read()
        ended = readers.read_until_quiet()
        deliveries = clients * messages
        return deliveries / (spent(server.pid) - before), deliveries / (ended - began)


def main() -> None:
    """Measure the faces in turn; print the medians, each beside plain TCP."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("faces", nargs="*", default=FACES)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = {face: [] for face in given.faces}
    for _ in range(given.rounds):
        for face in given.faces:
            with tempfile.TemporaryDirectory() as folder:
                found[face].append(measure(Path(folder), face, given.clients, given.messages))
    print(f"{'face':>8} {'deliveries/CPU s':>17} {'share':>6} {'deliveries/s':>13} {'share':>6}")
    middle = {face: [median(column) for column in zip(*rounds, strict=True)] for face, rounds in found.items()}
    first = middle[given.faces[0]]
    for face, (cpu, clock) in middle.items():
        print(f"{face:>8} {cpu:17,.0f} {cpu / first[0]:6.2f} {clock:13,.0f} {clock / first[1]:6.2f}")


if __name__ == "__main__":
    main()
