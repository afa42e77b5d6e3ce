"""How long until ten thousand people have come? One after another, beside a running chat.

    python -m bench.arrivals [--people 10000] [--lists] [--most 300]

Each guest connects, asks to come in, and has its answer before the next one connects; half of them are classic clients,
half modern ones. With --lists each asks for the list of people as well, as most classic clients do. Twenty people chat
meanwhile. They must hear each guest come, once and in order. Then all guests leave at once. The server has one core,
the clients another. bench/README.md says more.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from typing import Any

if __package__:
    from bench.processes import processor_seconds
    from tests.server import Server
else:
    sys.exit("run it from the root of the project: python -m bench.arrivals")

TALKERS = 20
READ_EACH = 1.0  # seconds in which the guests' machines take what has come: they are none of the server's
TO_EVERYONE, IN_A_CHANNEL = 2.0, 20.0  # messages a second
SETTINGS = ("limits.messages_per_second=0", "limits.connections=0", "limits.connections_per_address=0")
_HELLO = b'{"type":"hello","protocol":2}\n'
_STATE = re.compile(rb'"type":"status","user":"g(\d+)","state":"(online|offline)"')


def line(**request: Any) -> bytes:
    return json.dumps(request).encode() + b"\n"


class Guests:
    """The people who come. What is told to those who are here is read and forgotten."""

    def __init__(self, place: tuple[str, int], *, lists: bool) -> None:
        self._place = place
        self._lists = lists
        self._sockets: list[socket.socket] = []
        self._read_at = time.monotonic()

    def come(self, number: int) -> None:
        """Let one come, and read until it is here."""
        client = socket.create_connection(self._place, timeout=60)
        client.setblocking(False)
        self._sockets.append(client)
        modern = number % 2 == 1
        client.send((_HELLO if modern else b"") + line(type="guest", username=f"g{number}"))
        self._read_until(client, b'"type":"guest"')
        if self._lists:
            client.send(line(type="users"))
            self._read_until(client, b'"type":"users"')

    def _read_until(self, client: socket.socket, words: bytes) -> None:
        """Read until these words have come to a client."""
        found, poll = b"", select.poll()
        poll.register(client, select.POLLIN)
        while words not in found:
            poll.poll(60_000)
            found += _received(client)
        if time.monotonic() - self._read_at > READ_EACH:
            for each in self._sockets:
                _received(each)
            self._read_at = time.monotonic()

    def leave(self) -> None:
        """Let all leave at once."""
        for client in self._sockets:
            client.close()


def _received(client: socket.socket) -> bytes:
    """Return what has come; RuntimeError if the server has closed the connection."""
    try:
        data = client.recv(1_048_576)
    except BlockingIOError:
        return b""
    if not data:
        raise RuntimeError("the server has closed a connection")
    return data


class Talk:
    """People who chat, in a process of their own; each message says when it was sent."""

    def __init__(self, place: tuple[str, int]) -> None:
        self._clients = [socket.create_connection(place) for _ in range(TALKERS)]
        self._rest = [b""] * TALKERS
        self.latencies: list[float] = []
        self.came: list[int] = []
        self.left: set[int] = set()
        for number, client in enumerate(self._clients):
            client.sendall(_HELLO + line(type="guest", username=f"talker{number}") + line(type="join", channel="#dev"))

    def run(self) -> None:
        """Chat until the input ends, then until all guests have left; print what was seen."""
        places = {client.fileno(): number for number, client in enumerate(self._clients)}
        poll = select.poll()
        for client in (*self._clients, sys.stdin):
            poll.register(client, select.POLLIN)
        begun, sent, ended = time.monotonic(), 0, 0.0
        while not ended or len(self.left) < len(self.came):
            now = time.monotonic()
            while not ended and now - begun > sent / (TO_EVERYONE + IN_A_CHANNEL):
                everyone = sent % int(1 + IN_A_CHANNEL / TO_EVERYONE) == 0
                where = {} if everyone else {"channel": "#dev"}
                self._clients[sent % TALKERS].send(line(type="message", content=repr(now), **where))
                sent += 1
            for descriptor, _ in poll.poll(5):
                if descriptor == sys.stdin.fileno():
                    ended = time.monotonic()
                    poll.unregister(sys.stdin)
                else:
                    self._hear(places[descriptor])
        seconds = time.monotonic() - ended
        print(json.dumps({"latencies": self.latencies, "came": self.came, "leaving": seconds}))

    def _hear(self, number: int) -> None:
        data = self._rest[number] + self._clients[number].recv(1_048_576)
        now = time.monotonic()
        whole, _, self._rest[number] = data.rpartition(b"\n")
        for each in whole.split(b"\n"):
            if b'"type":"message"' in each:
                self.latencies.append(now - float(json.loads(each)["content"]))
        if number == 0:
            for who, state in _STATE.findall(whole):
                if state == b"online":
                    self.came.append(int(who))
                else:
                    self.left.add(int(who))


def megabytes(pid: int) -> float:
    words = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", words)[0]) / 1024


def measure(folder: Path, people: int, most: float, *, lists: bool) -> None:
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:1])  # the server's, with all its threads
    options = [word for setting in SETTINGS for word in ("--set", setting)]
    with Server(folder, *options) as server:
        os.sched_setaffinity(0, cores[1:] or cores)
        place = server.address()
        assert not isinstance(place, str)
        command = [sys.executable, "-m", "bench.arrivals", "--talk", place[0], str(place[1])]
        talk = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")  # noqa: S603
        guests = Guests(place, lists=lists)
        time.sleep(1)  # they chat
        used, begun, slowest, here = processor_seconds(server.pid), time.monotonic(), 0.0, 0
        for number in range(people):
            before = time.monotonic()
            if before - begun > most:
                break
            guests.come(number)
            here, slowest = here + 1, max(slowest, time.monotonic() - before)
        seconds = time.monotonic() - begun
        used, size = processor_seconds(server.pid) - used, megabytes(server.pid)
        guests.leave()
        seen = json.loads(talk.communicate(timeout=600)[0])
    latencies = quantiles(seen["latencies"], n=100)
    if seen["came"] != list(range(here)):
        sys.exit("not every guest was announced, once and in order")
    print(f"{here} of {people} have come in {seconds:.1f} s, the slowest in {slowest * 1000:.0f} ms")
    print(f"the server: {used:.1f} s of its core, {size:.0f} MB")
    print(f"a message meanwhile: p50 {latencies[49] * 1000:.0f} ms, p99 {latencies[98] * 1000:.0f} ms")
    print(f"all have left, and the last one was told so, after {seen['leaving']:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--lists", action="store_true", help="each guest asks for the list of people")
    parser.add_argument("--most", type=float, default=300.0, help="seconds after which nobody more comes")
    parser.add_argument("--talk", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.talk:
        Talk((arguments.talk[0], int(arguments.talk[1]))).run()
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), arguments.people, arguments.most, lists=arguments.lists)


if __name__ == "__main__":
    main()
