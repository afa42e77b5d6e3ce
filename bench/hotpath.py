"""What one channel message costs the server, stage by stage, without sockets: microseconds a message.

    python bench/hotpath.py [messages in a group] [groups]

Read: lines to requests, decided and queued. Write: one transaction a group, `synchronous=FULL`, in a temporary folder.
Release: applied, encoded, joined. Index: its words, for searches, behind the group. What a socket costs comes on top
(bench/pages.py).
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from classcord.chat.channels.vocabulary import ChannelAdded
from classcord.chat.effects import Commit
from classcord.chat.hub import Hub
from classcord.chat.messages.vocabulary import MessageAdded
from classcord.chat.policy import Policy
from classcord.chat.requests import Request
from classcord.faces.lines import ChatLines, ChatLinesFactory
from classcord.faces.peer import Face
from classcord.services.chat.acceptor import Acceptor
from classcord.services.chat.service import ChatService
from classcord.services.passwords.local import Hashing, LocalPasswords
from classcord.services.security.security_events import SecurityEvents
from classcord.store.ports import Release
from classcord.store.sqlite import word_index
from classcord.store.sqlite.database import Database, prepare
from classcord.store.sqlite.database_files import DatabaseFiles
from classcord.store.sqlite.writing import write_group
from classcord.wire.jsonlines import classic

SENDERS = 10
NOW = 1_795_206_987.0  # a time like any other
LINE = b'{"type":"message","subtype":"global","to":"global","from":"g%d","content":"%s"}\n'


class Queue:
    """A journal that writes when it is told to."""

    accepting, failing = True, False
    idle = True

    def __init__(self, connection: sqlite3.Connection, place: DatabaseFiles, clock: Callable[[], float]) -> None:
        self.place = place
        self._clock = clock
        self.waiting: list[Commit] = []
        self.connection = connection
        self.append = self.waiting.append

    def release_to(self, release: Release, **_: object) -> None:
        """Note who is given what is stored."""
        self.release = release

    def commit(self) -> tuple[float, float]:
        """Write and release what waits; return the seconds that each took."""
        group = self.waiting[:]
        self.waiting.clear()
        begun = self._clock()
        outcomes = write_group(self.connection, group, self.place.obstacle)
        written = self._clock()
        self.release(group, outcomes)
        return written - begun, self._clock() - written


class NoOperations:
    """Nobody administers here."""

    ending = None

    async def perform(self, request: Request) -> NoReturn:
        """Fail."""
        raise NotImplementedError


class Nowhere(StringTransport):
    """A transport that forgets."""

    def write(self, data: bytes) -> None:
        """Forget `data`."""


def stages(
    size: int,
    groups: int,
    text: bytes = b"x" * 64,
    settle: Callable[[Hub], None] = lambda _: None,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Return the microseconds of each stage for a message; `clock` tells seconds, `settle` is given the hub first."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        hub = Hub(Policy(messages_per_second=0), prepare(path, Path(folder), "FULL").last)
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # which opens the log
        place = DatabaseFiles(path)
        place.opened()
        archive, timers, queue = Database.in_memory(), Clock(), Queue(connection, place, clock)
        timers.rightNow = NOW
        hashing = Hashing(lambda *_: None)  # type: ignore[arg-type,return-value]
        security = SecurityEvents()
        service = ChatService(
            hub,
            acceptor=Acceptor(hub, security, timers),
            journal=queue,
            operations=NoOperations(),
            archive=archive,
            authenticator=LocalPasswords(archive, hashing),
            hashing=hashing,
            clock=timers,
            security=security,
        )
        everyone = ChannelAdded(
            channel_id=1, name="#général", name_key="general", kind="default", members_from="guest", added_at=0
        )
        queue.append(Commit(None, (everyone,)))
        queue.commit()
        face = Face(service, classic("fr", ZoneInfo("UTC")), timers, "tcp", line_bytes=65_536, outbox_bytes=0)
        clients = [_writer(ChatLinesFactory(face), queue, number, text) for number in range(SENDERS)]
        settle(hub)
        found: dict[str, list[float]] = {"read": [], "write": [], "release": [], "index": []}
        lines = LINE % (0, text) * (size // SENDERS)
        for _ in range(groups):
            begun = clock()
            for client in clients:
                client.dataReceived(lines)
            found["read"].append(clock() - begun)
            if (
                sum(isinstance(commit.records[0], MessageAdded) for commit in queue.waiting)
                != size // SENDERS * SENDERS
            ):
                raise RuntimeError("the messages were not accepted, so there is nothing to measure")
            write, release = queue.commit()
            found["write"].append(write)
            found["release"].append(release)
            begun = clock()
            word_index.update(connection)
            found["index"].append(clock() - begun)
        connection.close()
    return {stage: statistics.median(seconds) / size * 1e6 for stage, seconds in found.items()}


def _writer(factory: ChatLinesFactory, queue: Queue, number: int, text: bytes) -> ChatLines:
    """Return a client that has come in by a first message."""
    client = ChatLines()
    client.factory = factory
    client.makeConnection(Nowhere())  # type: ignore[no-untyped-call]
    client.dataReceived(LINE % (number, text))
    queue.commit()
    queue.commit()
    return client


def main() -> None:
    """Measure, and print the medians."""
    size, groups = (int(argument) for argument in (*sys.argv[1:3], "320", "100")[:2])
    for stage, cost in stages(size, groups).items():
        print(f"{stage:8} {cost:6.2f} µs a message")


if __name__ == "__main__":
    main()
