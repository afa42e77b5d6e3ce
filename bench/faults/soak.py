"""Does the server's memory stay as it is? People chat, come and go, read and mistype for a long time.

    python -m bench.faults.soak [--minutes 30]

Prints a line every ten seconds: memory, open files, messages. In the end the slope of the memory over the second half,
by least squares, in MB an hour; the status is 1 if that is more than LIMIT. bench/README.md says more.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

if not __package__:
    sys.exit("run it from the root of the project: python -m bench.faults.soak")

from bench.crash import OPTIONS
from bench.faults.outcome import memory, open_files
from bench.faults.talk import Talk, quantile, talking
from tests.server import Server

EVERY = 10.0  # seconds between two samples
LIMIT = 24.0  # MB an hour: a leak of one kilobyte a message would be eight times as much
MANY = 200  # visitors between two who register


class Sample(NamedTuple):
    """One look at the server."""

    seconds: float
    memory: float  # MB
    open_files: int
    messages: int
    p99: float  # milliseconds, since the look before


def soak(server: Server, talk: Talk, seconds: float, every: float = EVERY) -> Iterator[Sample]:
    """Yield a sample every so often; visitors come and go meanwhile."""
    over = threading.Event()
    visits = threading.Thread(target=_visit, args=(server, over))
    visits.start()
    began = time.monotonic()
    try:
        while time.monotonic() - began < seconds:
            latencies = talk.latencies(every)
            now = time.monotonic() - began
            yield Sample(now, memory(server.pid), open_files(server.pid), talk.sent, quantile(latencies, 0.99))
    finally:
        over.set()
        visits.join()


def _visit(server: Server, over: threading.Event) -> None:
    """Come as a guest, over TLS too; read, join, mistype, and leave without a word."""
    number = 0
    while not over.wait(0.1):
        number += 1
        with server.client("tls" if number % 5 == 0 else "tcp") as client:
            client.hello()
            if number % MANY == 0:
                client.register(f"pupil{number}")
            else:
                client.ask(type="guest", username=f"visitor{number}")
            client.say(f"I am number {number}")
            client.send(type="join", channel=f"#room{number % 50}")
            client.send({"type": "nothing"}, {"type": "login", "username": "writer0", "password": "wrong"})
            if number % 10 == 0:
                client.send(type="history", id="page", channel="#général", limit=200)
                client.until(id="page")
            client.send(type="ping", id="last")
            client.until(id="last")


def slope(samples: list[Sample]) -> float:
    """Return by how many MB an hour the memory grows in the second half, by least squares."""
    half = samples[len(samples) // 2 :]
    middle = sum(each.seconds for each in half) / len(half)
    mean = sum(each.memory for each in half) / len(half)
    spread = sum((each.seconds - middle) ** 2 for each in half)
    together = sum((each.seconds - middle) * (each.memory - mean) for each in half)
    return 3600 * together / spread if spread else 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    minutes = parser.parse_args().minutes
    samples: list[Sample] = []
    print(f"{'minutes':>9}{'memory (MB)':>13}{'open files':>12}{'messages':>10}{'p99 (ms)':>10}")
    with (
        tempfile.TemporaryDirectory(prefix="classcord-soak-") as folder,
        Server(Path(folder), *OPTIONS) as server,
        talking(server) as talk,
    ):
        for sample in soak(server, talk, 60 * minutes):
            samples.append(sample)
            print(
                f"{sample.seconds / 60:9.1f}{sample.memory:13.1f}{sample.open_files:12}"
                f"{sample.messages:10}{sample.p99:10.1f}",
                flush=True,
            )
    grows = slope(samples)
    print(f"\nmemory grows by {grows:.1f} MB an hour (limit: {LIMIT:.0f})")
    return 1 if grows > LIMIT else 0


if __name__ == "__main__":
    raise SystemExit(main())
