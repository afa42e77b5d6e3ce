"""Does anybody notice that somebody guesses passwords? A real server, 200 people who chat, and 100 tries a second.

    python -m bench.bruteforce [--seconds 10] [--people 200] [--tries 100]

Three rounds: nobody guesses; somebody does, from one address, and is blocked as the settings say by themselves; they
do it from an address that is said to be shared, which is never blocked, so that each try costs what a password costs.
Each try is a connection of its own and another name, so that no pause holds it up. bench/README.md says more.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from statistics import quantiles
from typing import Any, NamedTuple

if __package__:
    from tests.server import BOUND, Server
else:
    sys.exit("run it from the root of the project: python -m bench.bruteforce")

ATTACKER, SCHOOL, OTHERS = "203.0.113.66", "192.0.2.1", "198.51.100.{}"
PASSWORD, GUESS = "azerty", "qwerty"
MESSAGES = 20.0  # a second, of all together
LOGINS = 2.0  # a second, of people who come in elsewhere
AFTERWARDS = 2.0  # seconds in which answers may still come
OBSERVERS = 5  # of those who chat: they note when a message comes
SETTINGS = ("listen.trusted_proxies=127.0.0.0/8", "limits.announce_below=0", "limits.messages_per_second=0")


class Round(NamedTuple):
    """What one round showed; times are in seconds."""

    name: str
    chat: list[float]
    logins: list[float]
    failed_logins: int
    answers: Counter[str]  # to those who guess, by code


class Line:
    """One connection that speaks lines of JSON, from whatever address it says."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def arrive(cls, server: Server, address: str) -> Line:
        where = server.address()
        assert not isinstance(where, str)
        line = cls(*await asyncio.open_connection(*where, limit=1_048_576))
        line._writer.write(f"PROXY TCP4 {address} 192.0.2.200 40000 12345\r\n".encode())
        return line

    def send(self, **request: Any) -> None:
        self._writer.write(json.dumps(request).encode() + b"\n")

    async def read(self) -> dict[str, Any] | None:
        with suppress(ConnectionError):
            line = await asyncio.wait_for(self._reader.readline(), BOUND)
            return json.loads(line) if line else None
        return None

    async def ask(self, **request: Any) -> dict[str, Any] | None:
        self.send(**request)
        return await self.read()

    async def read_away(self) -> None:
        while await self._reader.read(65_536):
            pass

    def close(self) -> None:
        self._writer.close()


async def login(server: Server, name: str, address: str) -> Line | None:
    """Return a connection that is logged in; None if that is refused."""
    line = await Line.arrive(server, address)
    answer = await line.ask(type="login", username=name, password=PASSWORD)
    if answer is not None and answer.get("status") == "ok":
        return line
    line.close()
    return None


async def steadily(rate: float, seconds: float, do: Callable[[int], Awaitable[None]]) -> None:
    """Begin something so often a second, whether or not what was begun before is over; in the end leave the rest."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    tasks = []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, begun + number / rate - loop.time()))
        tasks.append(asyncio.ensure_future(do(number)))
    await asyncio.sleep(max(0.0, begun + seconds + AFTERWARDS - loop.time()))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class People:
    """Those who chat, all from one school; the first of them note how long a message takes."""

    def __init__(self, lines: list[Line]) -> None:
        self.latencies: list[float] = []
        self._lines = lines
        self._tasks = [asyncio.ensure_future(self._note(line)) for line in lines[:OBSERVERS]]
        self._tasks += [asyncio.ensure_future(line.read_away()) for line in lines[OBSERVERS:]]

    async def _note(self, line: Line) -> None:
        while (received := await line.read()) is not None:
            if received.get("type") == "message":
                self.latencies.append(time.monotonic() - float(received["content"]))

    async def say(self, number: int) -> None:
        self._lines[OBSERVERS + number % (len(self._lines) - OBSERVERS)].send(
            type="message", subtype="global", to="global", content=repr(time.monotonic())
        )

    def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        for line in self._lines:
            line.close()


async def measure(server: Server, name: str, names: list[str], *, seconds: float, tries: float) -> Round:
    """Let people chat and others come in, while somebody guesses."""
    lines = [await login(server, each, SCHOOL) for each in names]
    people = People([line for line in lines if line is not None])
    logins: list[float] = []
    failed = 0
    answers: Counter[str] = Counter()

    async def come_in(number: int) -> None:
        nonlocal failed
        failed += 1  # until it has succeeded
        begun = time.monotonic()
        line = await login(server, names[number % len(names)], OTHERS.format(1 + number % 200))
        if line is not None:
            failed -= 1
            logins.append(time.monotonic() - begun)
            line.close()

    async def guess(number: int) -> None:
        answers["unanswered"] += 1
        code = "hung up"  # without a word: it waited for its answer when its address was blocked
        with suppress(ConnectionError):
            line = await Line.arrive(server, ATTACKER)
            answer = await line.ask(type="login", username=f"victim{number}", password=GUESS)
            line.close()
            code = answer["code"] if answer else code
        answers["unanswered"] -= 1
        answers[code] += 1

    await asyncio.gather(
        steadily(MESSAGES, seconds, people.say),
        steadily(LOGINS, seconds, come_in),
        steadily(tries, seconds, guess),
    )
    people.leave()
    return Round(name, people.latencies, logins, failed, answers)


def run(folder: Path, name: str, *settings: str, people: int, seconds: float, tries: float) -> Round:
    """Do one round with a server of its own."""
    names = [f"user{number}" for number in range(people)]
    folder.mkdir()
    with Server(folder, *(part for each in (*SETTINGS, *settings) for part in ("--set", each))) as server:
        with server.client() as teacher:
            teacher.socket.sendall(b"PROXY UNKNOWN\r\n")
            for each in names:
                assert teacher.ask(type="register", username=each, password=PASSWORD)["status"] == "ok"
        result = asyncio.run(measure(server, name, names, seconds=seconds, tries=tries))
        assert server.stop() == 0
    return result


def shown(result: Round) -> str:
    """Return a line of the table; times in milliseconds."""
    chat, logins = (quantiles(each, n=100) for each in (result.chat, result.logins))
    answers = ", ".join(f"{code} {count}" for code, count in sorted((+result.answers).items())) or "-"
    figures = (chat[49], chat[98], logins[49], max(result.logins))
    return (
        f"{result.name:<22}{''.join(f'{1000 * each:>10.1f}' for each in figures)}{result.failed_logins:>8}  {answers}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.bruteforce", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--tries", type=float, default=100.0, help="a second")
    options = parser.parse_args()
    print(f"{options.people} people chat, {MESSAGES:g} messages a second; {LOGINS:g} logins a second; ms")
    print(
        f"{'who guesses':<22}{'chat p50':>10}{'chat p99':>10}{'login p50':>10}{'login max':>10}{'failed':>8}  answers"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, tries, settings in (
            ("nobody", 0.0, ()),
            ("somebody", options.tries, ()),
            ("somebody, not blocked", options.tries, (f"limits.shared_addresses={ATTACKER}",)),
        ):
            result = run(
                Path(folder, name),
                name,
                *settings,
                people=options.people,
                seconds=options.seconds,
                tries=tries,
            )
            print(shown(result), flush=True)


if __name__ == "__main__":
    main()
