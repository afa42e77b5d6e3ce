"""How long until a thousand people are back after a restart? All resume at once, and hear what they missed.

    python -m bench.resuming [--people 1000] [--missed 100] [--history 20000]

A database is made with so many accounts, each with a token, and a history whose newest messages everybody has missed:
a tenth of them are private. Then the server starts, and all connect, say hello and resume at the same moment. Measured
is the time from the first connection to the last message of the last replay; nobody may hear a message twice, or not at
all. bench/README.md says more.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from classcord.chat.channels.vocabulary import ChannelAdded
from classcord.chat.effects import Commit
from classcord.chat.messages.vocabulary import MessageAdded, PrivateMessageAdded
from classcord.chat.names import channel_key, conversation
from classcord.chat.passwords import ELSEWHERE
from classcord.chat.records import Record
from classcord.chat.registration.vocabulary import UserAdded
from classcord.chat.resuming.tokens import digest
from classcord.chat.resuming.vocabulary import TokenMade
from classcord.store.sqlite.store import SQLiteStore

if __package__:
    from bench.processes import processor_seconds
    from tests.server import Server
else:
    sys.exit("run it from the root of the project: python -m bench.resuming")

SETTINGS = ("limits.messages_per_second=0", "limits.connections_per_address=0")
DAY_MS = 86_400_000


def fill(data: Path, people: int, history: int) -> None:
    """Make a database with accounts, their tokens, and a history."""
    data.mkdir()
    store = SQLiteStore(data / "classcord.db", "NORMAL")
    store.prepare(data / "backups")
    now = int(time.time() * 1000)
    general = ChannelAdded(
        channel_id=1,
        name="#général",
        name_key=channel_key("#général"),
        kind="default",
        members_from="guest",
        added_at=now,
    )
    records: list[Record] = [general]
    for number in range(1, people + 1):
        name = f"user{number}"
        records.append(
            UserAdded(
                user_id=number, name=name, name_key=name, role="member", password_hash=ELSEWHERE, added_at=now - DAY_MS
            )
        )
        records.append(
            TokenMade(
                token_id=number,
                digest=digest(f"token {number}"),
                user_id=number,
                name=name,
                address="127.0.0.1",
                session=number,
                made_at=now,
                used_at=now,
                expires_at=now + DAY_MS,
            )
        )
    messages = (_message(number, now - history + number, people) for number in range(1, history + 1))
    records.extend(messages)
    store.write_now([Commit(None, tuple(records))])


def _message(number: int, at: int, people: int) -> Record:
    """Return a message; each tenth one is private, from one person to the next."""
    author = number // 10 % people + 1
    content = f"message {number} of some words, as people write them"
    if number % 10:
        return MessageAdded(
            message_id=number, at=at, channel_id=1, author=f"user{author}", author_id=author, content=content
        )
    other = author % people + 1
    return PrivateMessageAdded(
        message_id=number,
        at=at,
        conversation=conversation(author, other),
        author=f"user{author}",
        author_id=author,
        recipient=f"user{other}",
        content=content,
    )


def expected(number: int, people: int, history: int, missed: int) -> list[int]:
    """Return the ids of the messages that a person has missed."""
    found = []
    for each in range(history - missed + 1, history + 1):
        author = each // 10 % people + 1
        if each % 10 or number in {author, author % people + 1}:
            found.append(each)
    return found


def resume(place: Any, people: int, history: int, missed: int) -> tuple[float, float]:
    """Let all come back at once; return the seconds until the last answer, and until the last message."""
    wanted = {number: expected(number, people, history, missed) for number in range(1, people + 1)}
    begun = time.monotonic()
    selector = selectors.DefaultSelector()
    received: dict[int, bytearray] = {}
    for number in wanted:
        client = socket.create_connection(place, timeout=60)
        request = {"type": "resume", "session": f"token {number}", "after": history - missed}
        client.sendall(b'{"type":"hello","encoding":"utf-8"}\n' + json.dumps(request).encode() + b"\n")
        client.setblocking(False)
        selector.register(client, selectors.EVENT_READ, number)
        received[number] = bytearray()
    waiting, answered = dict(wanted), 0.0
    unanswered = set(wanted)
    while waiting:
        for key, _ in selector.select(60):
            number = key.data
            received[number] += key.fileobj.recv(1_048_576)  # type: ignore[union-attr]
            if number in unanswered and b'"type":"resume"' in received[number]:
                unanswered.discard(number)
                answered = time.monotonic() - begun
            has_all = number in waiting and received[number].count(b'"type":"message"') >= len(waiting[number])
            if has_all and number not in unanswered:
                del waiting[number]
    took = time.monotonic() - begun
    for number, data in received.items():
        lines = [json.loads(each) for each in data.split(b"\n")[:-1]]
        heard = [each["message_id"] for each in lines if each["type"] == "message"]
        if heard != wanted[number]:
            raise RuntimeError(f"user{number} has heard {heard}, not {wanted[number]}")
    return answered, took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--missed", type=int, default=100, help="of all messages, the newest so many were missed")
    parser.add_argument("--history", type=int, default=20_000, help="messages")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="resuming-") as name:
        fill(Path(name) / "data", asked.people, asked.history)
        with Server(Path(name), *(part for each in SETTINGS for part in ("--set", each))) as server:
            before = processor_seconds(server.pid)
            answered, took = resume(server.address(), asked.people, asked.history, asked.missed)
            busy = processor_seconds(server.pid) - before
    print(f"{asked.people:,} sessions resumed, each with its part of {asked.missed:,} messages:")
    print(f"the last answer after {answered:.2f} s, the last message after {took:.2f} s; none lost, none doubled")
    print(f"the server was busy for {busy:.2f} s")


if __name__ == "__main__":
    main()
