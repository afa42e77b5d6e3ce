"""How long retention and erasures hold the database beside a running chat.

    python -m bench.retention [messages] [seconds of the chat before]

Fills a database in a temporary folder, half of it older than it may be, a tenth of the rest by one person. Then a chat
writes 50 messages a second through the journal, first alone, then while a run of retention removes the older half,
then while the person is erased. Prints for each how long a step held the database, and how long a message waited to be
stored; at the end the size of the file before and after. On a machine with other work, a step also waits for the
processor and the disk: so its own work is measured, too, and that of 50 ms or more ends the bench with status 1.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import LoopingCall, deferLater, react

from classcord.chat.channels.vocabulary import ChannelAdded
from classcord.chat.effects import Commit
from classcord.chat.messages.vocabulary import MessageAdded
from classcord.chat.privacy.vocabulary import AccountErased
from classcord.chat.registration.vocabulary import UserAdded
from classcord.chat.retention.vocabulary import Cutoffs, PurgeBegun
from classcord.services.chat.journal import Journal
from classcord.store.ports import Outcomes
from classcord.store.sqlite import word_index
from classcord.store.sqlite.database import Database, prepare
from classcord.store.sqlite.writing import write_group

OLD, NEW = 1_000_000_000_000, 1_795_176_000_000  # milliseconds
GROUP = 1_000
EVERY = 0.02  # seconds between two messages of the chat
LOOK = 1.0  # seconds between two looks of the store at what it has to remove
LIMIT = 0.05  # seconds


def fill(file: Path, count: int) -> None:
    """Write the messages."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        people = [
            UserAdded(user_id=n, name=f"user{n}", name_key=f"user{n}", role="member", password_hash="", added_at=OLD)
            for n in range(1, 11)
        ]
        room = ChannelAdded(channel_id=1, name="#général", name_key="general", kind="default", added_at=0)
        write_group(connection, [Commit(None, (room, *people))])
        for first in range(1, count + 1, GROUP):
            numbers = range(first, min(first + GROUP, count + 1))
            write_group(connection, [Commit(None, (message(n, OLD if n <= count // 2 else NEW),)) for n in numbers])
        while word_index.update(connection):
            pass
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def message(number: int, at: int) -> MessageAdded:
    who = number % 10 + 1
    text = f"message {number}: on se retrouve à midi devant la salle {number % 300} pour la suite du projet"
    return MessageAdded(message_id=number, at=at, channel_id=1, author=f"user{who}", author_id=who, content=text)


class Bench:
    """A store with its journal, a chat that writes, and what is measured."""

    def __init__(self, file: Path, count: int) -> None:
        self.file = file
        self.next = count + 1
        self.held: list[float] = []
        self.worked: list[float] = []
        self.waits: list[float] = []
        self._began: list[float] = []
        self.database = Database.in_file(file, "FULL", reactor)
        self.journal = Journal(self.database, reactor)  # type: ignore[arg-type]
        self.journal.release_to(self._released, trouble=lambda why: print("trouble:", why))
        self.database.watch_removing(self._stepped)
        self._chat = LoopingCall(self._say)
        self._looks = LoopingCall(lambda: self.database.tidy(time.monotonic()))

    def _stepped(self, took: float, worked: float) -> None:
        self.held.append(took)
        self.worked.append(worked)

    def _say(self) -> None:
        self._began.append(time.perf_counter())
        self.journal.append(Commit(None, (message(10 * self.next, NEW),)))  # by the first person, who stays
        self.next += 1

    def _released(self, group: Any, outcomes: Outcomes) -> None:
        now = time.perf_counter()
        for commit in group:
            if isinstance(commit.records[0], MessageAdded):
                self.waits.append(now - self._began.pop(0))
        assert not outcomes, outcomes

    def start(self) -> None:
        self.database.start()
        self._chat.start(EVERY)
        self._looks.start(LOOK)

    def stop(self) -> Deferred[None]:
        self._chat.stop()
        self._looks.stop()
        return self.journal.flushed().addCallback(lambda _: self.database.close())

    def asked(self, sql: str) -> Any:
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute(sql).fetchone()[0]

    def told(self, what: str) -> float:
        """Print what was measured, and forget it; return the longest step."""
        longest = max(self.worked, default=0.0)
        print(f"{what:>28}: {len(self.held):6,} steps, held {_spread(self.held)}")
        print(f"{'work':>28}: {_spread(self.worked)}")
        print(f"{'a message waited':>28}: {_spread(self.waits)}", flush=True)
        self.held.clear()
        self.worked.clear()
        self.waits.clear()
        return longest


def _spread(times: list[float]) -> str:
    if not times:
        return "-"
    ordered = sorted(times)
    middle, last = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    return f"{middle * 1000:5.1f} ms (median) {last * 1000:5.1f} (99 %) {ordered[-1] * 1000:5.1f} (max)"


def measure(bench: Bench, alone: float) -> Iterator[Deferred[Any]]:
    """Yield what is to be waited for."""
    before = bench.file.stat().st_size
    yield deferLater(reactor, alone, lambda: None)
    bench.told("the chat alone")
    times = Cutoffs(**(dict.fromkeys(Cutoffs.__struct_fields__, 1) | {"everyone": NEW - 1}))
    bench.journal.append(Commit(None, (PurgeBegun(number=1, at=NEW, before=times),)))
    yield deferLater(reactor, 1.0, lambda: None)
    while not bench.asked("SELECT swept FROM purges WHERE id = 1"):
        yield deferLater(reactor, 1.0, lambda: None)
    longest = bench.told("while retention removes")
    shown = "(1)"
    erased = AccountErased(number=1, user_id=3, name="user3", name_key="user3", added_at=OLD, shown=shown, at=NEW)
    bench.journal.append(Commit(None, (erased,)))
    yield deferLater(reactor, 1.0, lambda: None)
    while bench.asked("SELECT count(*) FROM erasures WHERE name IS NOT NULL"):
        yield deferLater(reactor, 1.0, lambda: None)
    longest = max(longest, bench.told("while a person is erased"))
    yield bench.stop()
    print(f"the file: {before:,} bytes before, {bench.file.stat().st_size:,} after")
    if longest >= LIMIT:
        raise SystemExit(1)


async def main(_reactor: Any, count: str = "200000", alone: str = "5") -> None:
    """Fill, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.db"
        prepare(file, Path(folder), "FULL")
        fill(file, int(count))
        bench = Bench(file, int(count))
        bench.start()
        for step in measure(bench, float(alone)):
            await step
        await succeed(None)


if __name__ == "__main__":
    react(main, sys.argv[1:])
