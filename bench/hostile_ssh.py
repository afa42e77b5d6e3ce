"""Does the chat notice an attack on SSH? How late people hear each other, alone and beside hostile connections.

    python -m bench.hostile_ssh [--seconds 20] [--attackers 200] [--rounds 1] [--at-once]

A real server with a large history. 50 people write a message a second each; one other of them notes how long it took
to arrive. The attackers (ssh_attackers.py) are another process. They are spread over the time, or with --at-once there
all the time, each followed by another. The promise: the slowest hundredth is at most twice as late as without them,
and nothing is left of them. bench/README.md says more.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from statistics import quantiles
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ed25519
from twisted.conch.ssh import keys

if __package__:
    from bench.processes import processor_seconds
    from bench.ssh_attackers import ADMINISTRATOR, ATTACKS, Attack, run
    from tests.server import BOUND, Server
else:
    sys.exit("run it from the root of the project: python -m bench.hostile_ssh")

PEOPLE = 50
EVERY = 1.0  # seconds between two messages of one person
SETTLE = 6.0  # seconds at the beginning that do not count: people log in
STAYS = 10.0  # seconds after which what is still there is taken to stay
HISTORY = 50_000  # messages that are there before, for those who export them
CONTENT = "x" * 120
PASSWORD = "azerty"  # noqa: S105
MOST = 2.0  # times as late
CTL = "import sys; from classcord.cli import main; sys.exit(main(sys.argv[1:]))"


# -- the chat ---------------------------------------------------------------------------------------------------------


class Person:
    """One who writes, and hears the one before."""

    def __init__(self, number: int) -> None:
        self.name = f"person{number}"
        self.hears = f"person{(number - 1) % PEOPLE}"
        self.delays: list[float] = []  # seconds

    async def chat(self, address: tuple[str, int], since: float, until: float) -> None:
        """Log in, write until it is over, and note how late each message came that was written after `since`."""
        reader, writer = await asyncio.open_connection(*address)
        for kind in ("register", "login"):  # an earlier round may have registered them
            writer.write(_line(type=kind, username=self.name, password=PASSWORD))
            await asyncio.wait_for(_until(reader, kind), BOUND)
        listening = asyncio.create_task(self._listen(reader, since))
        moment = max(since - SETTLE / 2, time.monotonic()) + random.random() * EVERY  # noqa: S311 (no secret)
        while moment < until:
            await asyncio.sleep(moment - time.monotonic())
            moment += EVERY
            writer.write(_line(type="message", content=f"{time.monotonic()} {CONTENT}"))
        await asyncio.sleep(1)  # the last ones arrive
        writer.close()
        await listening

    async def _listen(self, reader: asyncio.StreamReader, since: float) -> None:
        mark = f'"{self.hears}"'.encode()
        with suppress(ConnectionError):
            async for line in reader:
                now = time.monotonic()
                if mark in line and CONTENT.encode() in line:  # the others are not parsed, which would take its time
                    first = json.loads(line)["content"].split()[0]
                    if not first.startswith("[") and float(first) >= since:  # [07:24]: a line of the history
                        self.delays.append(now - float(first))


def _line(**request: str) -> bytes:
    return json.dumps(request).encode() + b"\n"


async def _until(reader: asyncio.StreamReader, kind: str) -> None:
    while json.loads(await reader.readline()).get("type") not in {kind, "error"}:
        pass


async def chat(address: tuple[str, int], seconds: float) -> list[float]:
    """Let everybody chat; return how late the messages came, in seconds."""
    people = [Person(number) for number in range(PEOPLE)]
    since = time.monotonic() + SETTLE
    await asyncio.gather(*(person.chat(address, since, since + seconds) for person in people))
    return [delay for person in people for delay in person.delays]


# -- the server -------------------------------------------------------------------------------------------------------


class Use(NamedTuple):
    """What the server takes of the machine."""

    resident: int  # KiB
    descriptors: int
    sockets: int  # of those
    processor: float  # seconds since its start
    sessions: int


def use(server: Server) -> Use:
    """Return what it takes now; that it answers shows that it has done what came before."""
    command = [sys.executable, "-c", CTL, "ctl", "--data", str(server.data), "sessions", "--json"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=BOUND, check=True)  # noqa: S603 (our own)
    process = Path("/proc") / str(server.pid)
    descriptors = [str(each.readlink()) for each in (process / "fd").iterdir()]
    return Use(
        resident=int((process / "status").read_text("utf-8").partition("VmRSS:")[2].split()[0]),
        descriptors=len(descriptors),
        sockets=sum(each.startswith("socket:") for each in descriptors),
        processor=processor_seconds(server.pid),
        sessions=len(json.loads(done.stdout)) - 1,  # without that of the command itself
    )


def fill(folder: Path, messages: int) -> None:
    """Make a server's data, with this many messages in its history."""
    with Server(folder) as server:
        with server.client() as client:
            client.register("ada")
        server.stop()
    with closing(sqlite3.connect(server.data / "classcord.db")) as database, database:
        (channel,) = database.execute("SELECT min(id) FROM channels").fetchone()
        database.executemany(
            "INSERT INTO messages (at, channel_id, author, content) VALUES (?, ?, 'ada', ?)",
            ((number * 1000, channel, f"message {number} {CONTENT}") for number in range(messages)),
        )


# -- both together ----------------------------------------------------------------------------------------------------


class Outcome(NamedTuple):
    """One time of chatting: how late messages came, in milliseconds, and what the server took."""

    messages: int
    p50: float
    p99: float
    most: float
    before: Use
    after: Use
    attacks: Counter[str]
    came_in: Counter[str]


@contextmanager
def attacking(attack: Attack) -> Iterator[Any]:
    """Attack meanwhile; what is yielded receives the counts in the end."""
    context = multiprocessing.get_context("spawn")
    answer, theirs = context.Pipe(duplex=False)
    process = context.Process(target=run, args=(attack, theirs), daemon=True)
    process.start()
    try:
        yield answer
    finally:
        process.join(BOUND)
        process.kill()
        process.join()


def settled(server: Server, before: Use) -> Use:
    """Return what the server uses when it has seen all ends, or after a bound if something of them stays."""
    until = time.monotonic() + STAYS
    while True:
        found = use(server)
        if (found.sessions, found.sockets) == (0, before.sockets) or time.monotonic() > until:
            return found
        time.sleep(0.1)


def measure(folder: Path, seconds: float, attackers: int, *, at_once: bool, kinds: tuple[str, ...] = ()) -> Outcome:
    """Chat beside so many attackers."""
    key = keys.Key(ed25519.Ed25519PrivateKey.generate())
    admitted = folder / "keys" / f"{ADMINISTRATOR}.pub"
    admitted.parent.mkdir(mode=0o700, exist_ok=True)
    admitted.touch(mode=0o600)
    admitted.write_bytes(key.public().toString("OPENSSH") + b"\n")
    with Server(folder, "--set", f"ssh.keys={admitted.parent}") as server:
        place, ssh = server.address(), server.address("ssh")
        assert isinstance(place, tuple)
        assert isinstance(ssh, tuple)
        before = use(server)
        secret = key.toString("OPENSSH").decode()
        with attacking(Attack(ssh, secret, attackers, SETTLE + seconds, at_once, kinds)) as answer:
            delays = asyncio.run(chat(place, seconds))
            assert answer.poll(BOUND), "the attackers have failed"
            began, came_in = answer.recv()
        after = settled(server, before)
        assert server.stop() == 0, server.output
        assert "Traceback" not in server.logged(), "the log has a fault in it"
    hundredths = quantiles(delays, n=100) if len(delays) > 1 else 99 * delays
    p50, p99, most = (each * 1000 for each in (hundredths[49], hundredths[98], max(delays)))
    return Outcome(len(delays), p50, p99, most, before, after, began, came_in)


def show(name: str, outcome: Outcome) -> None:
    before, after = outcome.before, outcome.after
    print(
        f"{name:>8} {outcome.messages:9} {outcome.p50:8.2f} {outcome.p99:8.2f} {outcome.most:8.2f}"
        f" {after.processor - before.processor:9.1f}"
        f" {before.descriptors:6} ->{after.descriptors:5} {after.sessions:9}"
        f" {before.resident // 1024:6} ->{after.resident // 1024:5}",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="of chatting, each time")
    parser.add_argument("--attackers", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=1, help="of chatting without and with them")
    parser.add_argument("--at-once", action="store_true", help="all are there all the time")
    parser.add_argument("--only", action="append", default=[], choices=[kind.__name__ for kind in ATTACKS])
    options = parser.parse_args()
    ratios = []
    left = 0
    print("            messages   p50 ms   p99 ms  most ms  server s    descriptors  sessions   resident MiB")
    with tempfile.TemporaryDirectory(prefix="classcord-hostile-") as folder:
        fill(Path(folder), HISTORY)
        for _ in range(max(1, options.rounds)):
            calm = measure(Path(folder), options.seconds, 0, at_once=False)
            show("calm", calm)
            attacked = measure(
                Path(folder), options.seconds, options.attackers, at_once=options.at_once, kinds=tuple(options.only)
            )
            show("attacked", attacked)
            ratios.append(attacked.p99 / calm.p99)
            left += attacked.after.sessions + attacked.after.sockets - attacked.before.sockets
            print(f"{attacked.attacks.total()} attacks, {attacked.came_in.total()} of them came in: ", end="")
            print(", ".join(f"{name} {count}" for name, count in attacked.attacks.items()))
    print(f"\np99 {', '.join(f'{ratio:.2f}' for ratio in ratios)} times as late / left behind: {left}")
    return 1 if left or min(ratios) > MOST else 0


if __name__ == "__main__":
    raise SystemExit(main())
