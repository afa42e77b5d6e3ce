"""What does it cost when a whole school enters one channel? Everybody joins #dev: at once, then one after another.

    python -m bench.joins [--people 500]

All are modern clients, who hear of each other who joins after them. Each must hear exactly those, in one order. The
server has one core, the clients another. bench/README.md says more.
"""

from __future__ import annotations

import argparse
import os
import re
import select
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

if __package__:
    from bench.arrivals import SETTINGS, line, processor_seconds
    from tests.server import Server
else:
    sys.exit("run it from the root of the project: python -m bench.joins")

MOST = 300.0  # seconds for whatever must happen at all
_JOINED = re.compile(rb'"type":"joined","channel":"#dev","user":"(g\d+)"')


class Member:
    """One person, and whom it has heard join."""

    def __init__(self, place: tuple[str, int], name: str) -> None:
        self.name = name
        self.socket = socket.create_connection(place, timeout=MOST)
        self.heard: list[bytes] = []
        self.answered = 0
        self._rest = b""
        self.ask(type="hello", protocol=2)
        self.ask(type="guest", username=name)

    def ask(self, **request: Any) -> None:
        self.socket.sendall(line(**request, id=1))

    def receive(self) -> None:
        """Read what has come."""
        data = self.socket.recv(1_048_576)
        if not data:
            raise RuntimeError("the server has closed a connection")
        whole, _, self._rest = (self._rest + data).rpartition(b"\n")
        self.heard += _JOINED.findall(whole)
        self.answered += whole.count(b'"id":1')


class Everybody:
    """All people; what is told to them is read as it comes."""

    def __init__(self, place: tuple[str, int], people: int) -> None:
        self._poll = select.poll()
        self.members: list[Member] = []
        self._by_descriptor: dict[int, Member] = {}
        for number in range(people):
            member = Member(place, f"g{number}")
            self.members.append(member)
            self._by_descriptor[member.socket.fileno()] = member
            self._poll.register(member.socket, select.POLLIN)
            self.until_answered([member], 2)

    def _read(self) -> None:
        found = self._poll.poll(MOST * 1000)
        if not found:
            raise RuntimeError("nothing has come for a long time")
        for descriptor, _ in found:
            self._by_descriptor[descriptor].receive()

    def until_answered(self, members: list[Member], answers: int) -> None:
        while any(member.answered < answers for member in members):
            self._read()

    def until_heard(self) -> None:
        """Wait until everybody has heard of all who came later, and check that they have heard nothing else."""
        lines = len(self.members) * (len(self.members) - 1) // 2
        while sum(len(member.heard) for member in self.members) < lines:
            self._read()
        ranked = sorted(self.members, key=lambda member: len(member.heard), reverse=True)
        order = [member.name.encode() for member in ranked]
        if any(member.heard != order[place + 1 :] for place, member in enumerate(ranked)):
            sys.exit("not everybody has heard of those who came later, in one order")

    def join_at_once(self) -> None:
        for member in self.members:
            member.ask(type="join", channel="#dev")
        self.until_answered(self.members, 3)

    def join_one_by_one(self) -> None:
        for member in self.members:
            member.ask(type="join", channel="#dev")
            self.until_answered([member], 3)

    def leave(self) -> None:
        for member in self.members:
            member.socket.close()


def measure(folder: Path, people: int) -> None:
    cores = sorted(os.sched_getaffinity(0))
    for words in ("at once", "one by one"):
        os.sched_setaffinity(0, cores[:1])  # the server's, with all its threads
        options = [word for setting in SETTINGS for word in ("--set", setting)]
        with Server(folder / words.replace(" ", "-"), *options) as server:
            os.sched_setaffinity(0, cores[1:] or cores)
            place = server.address()
            assert not isinstance(place, str)
            everybody = Everybody(place, people)
            used, begun = processor_seconds(server.pid), time.monotonic()
            if words == "at once":
                everybody.join_at_once()
            else:
                everybody.join_one_by_one()
            everybody.until_heard()
            seconds, used = time.monotonic() - begun, processor_seconds(server.pid) - used
            everybody.leave()
        print(f"{people} people join {words}: {used:.2f} s of the server's core, {seconds:.2f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=500)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for words in ("at-once", "one-by-one"):
            Path(folder, words).mkdir()
        measure(Path(folder), arguments.people)


if __name__ == "__main__":
    main()
