"""What does a school's ordinary day cost? People in channels of a class each write now and then, and all read along.

    python -m bench.capacity [--people 300] [--room 30] [--every 20] [--seconds 60]

Each person has a modern client, is in one channel with `--room` others, and writes a message of some 60 characters
every `--every` seconds on average. Told are the share of one core that the server uses, its memory, and how long a
message takes from its author to a reader. The status is 1 if a message did not arrive. bench/README.md says more.
"""

from __future__ import annotations

import argparse
import random
import re
import select
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

if __package__:
    from bench.arrivals import SETTINGS, line
    from bench.processes import processor_seconds
    from tests.server import Server
else:
    sys.exit("run it from the root of the project: python -m bench.capacity")

PATIENCE = 30.0  # seconds for the last messages to arrive
WORDS = "Qui a compris l’exercice 4 de la page 82, pour demain"
_SAID = re.compile(rb'"type":"message"[^\n]*"content":"(\d+) ')


class Person:
    """One client, with what it has not read to the end."""

    def __init__(self, place: tuple[str, int], number: int, channel: str) -> None:
        self.channel = channel
        self.socket = socket.create_connection(place, timeout=PATIENCE)
        self.rest = b""
        self.ask(type="hello", protocol=2)
        self.ask(type="guest", username=f"p{number}")
        self.until(b'"id":2')
        self.ask(type="join", channel=channel)
        self.until(b'"type":"join","status":"ok"')

    def ask(self, **request: Any) -> None:
        self.socket.sendall(line(**request, id=2 if request["type"] != "hello" else 1))

    def until(self, mark: bytes) -> None:
        """Read until an answer has come; what comes before it is not looked at."""
        heard = b""
        while mark not in heard:
            data = self.socket.recv(65_536)
            if not data:
                raise RuntimeError("the server has closed a connection")
            heard += data


def talk(people: list[Person], every: float, seconds: float) -> tuple[list[float], int, int]:
    """Let people write for so long; return the delays in seconds, and how many were and should have been read."""
    poll, by_descriptor = select.poll(), {person.socket.fileno(): person for person in people}
    for descriptor in by_descriptor:
        poll.register(descriptor, select.POLLIN)
    chance = random.Random(1)  # noqa: S311 (no secret)
    begun = time.monotonic()
    due = sorted((begun + chance.uniform(0, every), number) for number in range(len(people)))
    sent: list[float] = []
    delays: list[float] = []
    size = {person.channel: 0 for person in people}
    for person in people:
        size[person.channel] += 1
    wanted = 0
    while True:
        now = time.monotonic()
        while due and due[0][0] <= now:
            _, number = due.pop(0)
            if now - begun < seconds:
                person = people[number]
                person.ask(type="message", channel=person.channel, content=f"{len(sent)} {WORDS}")
                sent.append(time.monotonic())
                wanted += size[person.channel] - 1
                due.append((now + chance.uniform(0.5, 1.5) * every, number))
                due.sort()
        if (not due and len(delays) >= wanted) or now - begun > seconds + PATIENCE:
            return delays, len(delays), wanted
        for descriptor, _ in poll.poll(max(0.0, min(0.05, (due[0][0] if due else now + 0.05) - now)) * 1000):
            person = by_descriptor[descriptor]
            data = person.rest + person.socket.recv(1_048_576)
            whole, _, person.rest = data.rpartition(b"\n")
            read = time.monotonic()
            delays += [read - sent[int(found)] for found in _SAID.findall(whole)]


def memory(pid: int) -> float:
    """Return the resident memory of a process, in MB."""
    (kilobytes,) = re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text("utf-8"))
    return int(kilobytes) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--room", type=int, default=30, help="people of one channel")
    parser.add_argument("--every", type=float, default=20.0, help="seconds between two messages of a person")
    parser.add_argument("--seconds", type=float, default=60.0)
    arguments = parser.parse_args()
    rooms = -(-arguments.people // arguments.room)
    listed = ", ".join(f'{{name = "#classe-{n}", kind = "open"}}' for n in range(rooms))
    channels = f"channels.list=[{listed}]"
    settings = ["--set", channels, *(word for setting in SETTINGS for word in ("--set", setting))]
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), *settings) as server:
        place = server.address()
        assert not isinstance(place, str)
        people = [Person(place, n, f"#classe-{n // arguments.room}") for n in range(arguments.people)]
        used, begun = processor_seconds(server.pid), time.monotonic()
        delays, read, wanted = talk(people, arguments.every, arguments.seconds)
        used, took = processor_seconds(server.pid) - used, time.monotonic() - begun
        middle, late = statistics.median(delays) * 1000, statistics.quantiles(delays, n=100)[98] * 1000
        print(
            f"{arguments.people} people, {arguments.room} a channel, {wanted / took:.0f} deliveries a second: "
            f"{100 * used / took:.1f} % of a core, {memory(server.pid):.0f} MB; "
            f"delay p50 {middle:.1f} ms, p99 {late:.1f} ms; read {read} of {wanted}"
        )
    sys.exit(0 if read == wanted else 1)


if __name__ == "__main__":
    main()
