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
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from classcord.chat.channels.vocabulary import ChannelAdded
from classcord.chat.effects import Commit
from classcord.chat.hub import Hub
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
LINE = b'{"type":"message","subtype":"global","to":"global","from":"g%d","content":"%s"}\n'


class Queue:
    """A journal that writes when it is told to."""

    accepting, failing = True, False
    idle = True

    def __init__(self, connection: sqlite3.Connection, place: DatabaseFiles) -> None:
        self.place = place
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
        begun = time.perf_counter()
        outcomes = write_group(self.connection, group, self.place.obstacle)
        written = time.perf_counter()
        self.release(group, outcomes)
        return written - begun, time.perf_counter() - written


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


def main() -> None:
    """Measure, and print the medians."""
    size, groups = (int(argument) for argument in (*sys.argv[1:3], "320", "100")[:2])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        hub = Hub(Policy(messages_per_second=0), prepare(path, Path(folder), "FULL").last)
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # which opens the log
        place = DatabaseFiles(path)
        place.opened()
        archive, clock, queue = Database.in_memory(), Clock(), Queue(connection, place)
        hashing = Hashing(lambda *_: None)  # type: ignore[arg-type,return-value]
        security = SecurityEvents()
        service = ChatService(
            hub,
            acceptor=Acceptor(hub, security, clock),
            journal=queue,
            operations=NoOperations(),
            archive=archive,
            authenticator=LocalPasswords(archive, hashing),
            hashing=hashing,
            clock=clock,
            security=security,
        )
        everyone = ChannelAdded(
            channel_id=1, name="#général", name_key="general", kind="default", members_from="guest", added_at=0
        )
        queue.append(Commit(None, (everyone,)))
        queue.commit()
        face = Face(service, classic("fr", ZoneInfo("UTC")), clock, "tcp", line_bytes=65_536, outbox_bytes=0)
        factory = ChatLinesFactory(face)
        clients: list[ChatLines] = []
        for number in range(SENDERS):
            client = ChatLines()
            client.factory = factory
            client.makeConnection(Nowhere())
            client.dataReceived(LINE % (number, b"x" * 64))
            queue.commit()
            queue.commit()
            clients.append(client)
        stages: dict[str, list[float]] = {"read": [], "write": [], "release": [], "index": []}
        lines = LINE % (0, b"x" * 64) * (size // SENDERS)
        for _ in range(groups):
            begun = time.perf_counter()
            for client in clients:
                client.dataReceived(lines)
            stages["read"].append(time.perf_counter() - begun)
            if len(queue.waiting) != size // SENDERS * SENDERS:
                raise RuntimeError("the messages were not accepted, so there is nothing to measure")
            write, release = queue.commit()
            stages["write"].append(write)
            stages["release"].append(release)
            begun = time.perf_counter()
            word_index.update(connection)
            stages["index"].append(time.perf_counter() - begun)
        connection.close()
    for stage, seconds in stages.items():
        print(f"{stage:8} {statistics.median(seconds) / size * 1e6:6.2f} µs a message")


if __name__ == "__main__":
    main()
