"""Does anything get lost? The server is killed in the middle of load, started again, and its history compared.

    python -m bench.crash [--rounds 20] [--seed N]

Several modern clients write as fast as they are acknowledged, to everyone, to a channel, to people who are here and to
one who is not, while classic clients listen. Every message is unique. What any client has received and what was
acknowledged must be in the history after the restart, once, under the id of its acknowledgement: as modern clients
read it, and as the database file holds it. bench/README.md says more.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

if __package__:
    from tests.server import Client, Server, history
else:
    sys.exit("run it from the root of the project: python -m bench.crash")

WRITERS = ("ada", "blaise", "charles", "dorothy")
LISTENERS = ("eve", "felix", "grace")
ABSENT = "zoe"  # has an account, and is never here
PLACES: tuple[dict[str, str], ...] = (
    {},  # everyone
    {"channel": "#dev"},
    *({"subtype": "private", "to": name} for name in (*LISTENERS, ABSENT)),
)
WINDOW = 64  # messages of one writer that may wait for their acknowledgement
LONG = 120.0  # seconds that the load may stand still, or take until it has come so far, on a machine that is busy
LIMITS = ("messages_per_second", "history_lines", "outbox_bytes")  # off: a listener may be slower than all writers
OPTIONS = tuple(word for limit in LIMITS for word in ("--set", f"limits.{limit}=0"))


class Ledger:
    """What clients know: the messages that were sent, received, refused, and acknowledged with an id."""

    def __init__(self) -> None:
        self.sent: set[str] = set()
        self.received: set[str] = set()
        self.refused: set[str] = set()
        self.acknowledged: dict[str, int] = {}


class Load:
    """Writers and listeners at work, until their connections end."""

    def __init__(self, server: Server, ledger: Ledger, tag: str, *, first: bool) -> None:
        """`tag` begins each message; `first` when the accounts have to be made."""
        self.notices: dict[str, set[str]] = {name: set() for name in (*WRITERS, *LISTENERS)}
        self._ledger = ledger
        self._tag = tag
        self._over = threading.Event()
        self._events, self._due = count(1), sys.maxsize
        self._enough = threading.Event()
        self._expected: dict[str, threading.Event] = {}
        self._refused: set[str] = set()  # writers for whose messages to ABSENT there is no more room
        enter = Client.register if first else Client.login
        if first:
            with server.client() as client:
                client.register(ABSENT)
        self._clients: list[Client] = []
        self._threads: list[threading.Thread] = []
        for number, name in enumerate(self.notices):
            client = server.client("tls" if name == LISTENERS[-1] else "tcp")
            self._clients.append(client)
            if name in WRITERS:
                enter(client.hello(), name)
                window = threading.Semaphore(WINDOW)
                self._threads.append(threading.Thread(target=self._write, args=(client, name, number, window)))
            else:
                enter(client, name)
                client.send(type="join", channel="#dev")
                window = None
            self._threads.append(threading.Thread(target=self._listen, args=(client, name, window)))

    def run_until(self, events: int) -> None:
        """Return when so many messages were sent, received or acknowledged; the load goes on."""
        self._due = events
        for thread in self._threads:
            thread.start()
        assert self._enough.wait(LONG), "the load has stopped by itself"

    def expect(self, kind: str) -> threading.Event:
        """Return what is set when the next line of this type comes to anybody; to expect it again takes its place."""
        event = self._expected[kind] = threading.Event()
        return event

    def ended(self) -> None:
        """Wait until every connection has ended; close them."""
        for thread in self._threads:
            thread.join(LONG)
            assert not thread.is_alive()
        for client in self._clients:
            client.close()

    def _count(self) -> None:
        if next(self._events) == self._due:
            self._enough.set()

    def _write(self, client: Client, name: str, turn: int, window: threading.Semaphore) -> None:
        for number in count():
            place = PLACES[(number + turn) % len(PLACES)]
            if name in self._refused and place.get("to") == ABSENT:
                continue  # who goes on all the same is closed for a flood
            if not window.acquire(timeout=LONG) or self._over.is_set():
                return
            content = f"{self._tag}/{name}/{number}"
            self._ledger.sent.add(content)
            self._count()
            try:
                client.say(content, id=content, **place)
            except OSError:
                return

    def _listen(self, client: Client, name: str, window: threading.Semaphore | None) -> None:
        for line in client:
            expected = self._expected.get(line["type"])
            if expected is not None:
                expected.set()
            if line["type"] == "ack":
                self._ledger.acknowledged[line["id"]] = line["message_id"]
            elif line["type"] == "error":
                if "id" not in line:  # a listener's, who is in #dev since the last round
                    continue
                self._ledger.refused.add(line["id"])
                if line["code"] == "rate_limited":
                    self._refused.add(name)
            elif line["type"] == "system" or line.get("subtype") == "system":
                self.notices[name].add(line["content"])
                continue
            elif line["type"] == "message":
                self._ledger.received.add(line["content"].split()[-1])  # the time stands before what was kept
            self._count()
            if window is not None and line["type"] in ("ack", "error"):
                window.release()
        self._over.set()
        if window is not None:
            window.release()


class Found(NamedTuple):
    """One message of the history."""

    content: str
    message_id: int


def read_history(server: Server) -> Counter[Found]:
    """Return what clients read: all that was said in the channels, and between any writer and any other."""
    found: Counter[Found] = Counter()
    with ExitStack() as stack:
        for name in WRITERS:
            client = stack.enter_context(server.client()).hello().login(name)
            places: Iterator[dict[str, str]] = ({"user": other} for other in (*LISTENERS, ABSENT))
            if name == WRITERS[0]:
                client.send(type="join", channel="#dev")
                places = chain(places, ({"channel": channel} for channel in ("#général", "#dev")))
            for place in places:
                found.update(Found(m["content"], m["message_id"]) for m in history(client, **place))
    return found


def read_database(server: Server) -> Counter[Found]:
    """Return what the file holds."""
    with closing(sqlite3.connect(f"file:{server.data}/classcord.db?mode=ro", uri=True)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return Counter(Found(*row) for row in database.execute("SELECT content, id FROM messages"))


class Outcome(NamedTuple):
    """What has come out since the first round, in messages."""

    sent: int
    received: int
    acknowledged: int
    found: int
    lost: int
    doubled: int


def compare(ledger: Ledger, found: Counter[Found]) -> Outcome:
    """Return how what clients know of stands against a history."""
    times = Counter(message.content for message in found.elements())
    assert times.keys() <= ledger.sent, "a message that nobody has sent"

    def is_there(content: str) -> bool:
        number = ledger.acknowledged.get(content)
        return content in times if number is None else Found(content, number) in found

    known = ledger.received | ledger.acknowledged.keys()
    return Outcome(
        sent=len(ledger.sent),
        received=len(ledger.received),
        acknowledged=len(ledger.acknowledged),
        found=len(times),
        lost=sum(not is_there(content) for content in known),
        doubled=times.total() - len(times),
    )


def crash(folder: Path, rounds: int, seed: int) -> Iterator[Outcome]:
    """Yield the outcome after each round: load, kill, start again, look at everything since the first."""
    moments = random.Random(seed)  # noqa: S311 (no secret)
    ledger = Ledger()
    server = Server(folder, *OPTIONS)
    try:
        for number in range(1, rounds + 1):
            load = Load(server, ledger, f"round{number}", first=number == 1)
            load.run_until(moments.randint(500, 6000))
            server.crash()
            load.ended()
            server.close()
            server = Server(folder, *OPTIONS)
            by_clients, in_file = compare(ledger, read_history(server)), compare(ledger, read_database(server))
            yield max(by_clients, in_file, key=lambda outcome: outcome.lost + outcome.doubled)
    finally:
        server.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="of the moments at which it is killed")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(10_000)  # noqa: S311
    print(f"kill -9 in the middle of load, {options.rounds} times (--seed {seed})\n")
    print("round " + "".join(f"{name:>14}" for name in Outcome._fields))
    with tempfile.TemporaryDirectory(prefix="classcord-crash-") as folder:
        for number, outcome in enumerate(crash(Path(folder), max(1, options.rounds), seed), 1):
            print(f"{number:5} " + "".join(f"{value:14}" for value in outcome), flush=True)
    print(
        f"\nreceived {outcome.received} / acknowledged {outcome.acknowledged} / found {outcome.found} "
        f"/ lost = {outcome.lost} / doubled = {outcome.doubled}"
    )
    return 1 if outcome.lost or outcome.doubled else 0


if __name__ == "__main__":
    raise SystemExit(main())
