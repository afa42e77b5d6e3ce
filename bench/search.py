"""Measure pages of history and of searches over a million messages, and the start of such a server.

    python -m bench.search [--messages 1000000] [--asked 400]

A database is filled with messages of words that are as unequally frequent as those of a language, in sixty channels
(one has half of them) and in conversations. The index of words is filled as the server fills it behind its groups.
Then a real server is started, and clients ask it for pages, one after another. bench/README.md says more.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

if __package__:
    from bench.processes import processor_seconds
    from tests.server import Client, Server
else:
    sys.exit("run it from the root of the project: python -m bench.search")

from classcord.store.sqlite import word_index
from classcord.store.sqlite.migrate import migrate
from classcord.store.sqlite.space import gives_back

PEOPLE, CHANNELS = 200, 60
SEARCHES_EACH = 25  # fewer than one person may ask at once
SYLLABLES = (
    *("ba", "bon", "ca", "cé", "da", "de", "di", "fa", "fê", "ga", "jour", "la", "le", "li", "ma", "mo", "na"),
    *("œu", "pa", "ra", "ré", "sa", "si", "ta", "tion", "ver", "vou"),
)
NUMBERS = count(1)
SEARCHES: dict[str, list[dict[str, Any]]] = {
    "a word in most messages": [{"query": "le"}, {"query": "LE", "order": "newest"}],
    "a common word": [{"query": "bonjour"}, {"query": "projet", "since": "2024-01-01"}],
    "a rare word": [{"query": "{rare}"}, {"query": "{rare}", "from": "person-7"}],
    "two words": [{"query": "le {rare}"}, {"query": "le bonjour"}],
    "a phrase of common words": [{"query": '"le bonjour"'}],
    "the beginning of words": [{"query": "bon*"}, {"query": "{rare}*"}],
    "a common word that is not in the channel": [{"query": "ailleurs", "channel": "#général"}],
    "a word that nobody has said": [{"query": "jamaisdit"}],
}


class Times(NamedTuple):
    """Durations in milliseconds, and the time of the processor that one took on average."""

    p50: float
    p99: float
    most: float
    processor: float

    @classmethod
    def of(cls, seconds: list[float], used: float) -> Times:
        found = sorted(1000 * each for each in seconds)
        return cls(found[len(found) // 2], found[int(len(found) * 0.99)], found[-1], 1000 * used / len(found))

    def __str__(self) -> str:
        return "".join(f"{each:9.1f}" for each in self[:3]) + f"{self.processor:11.1f}"


def vocabulary(chance: random.Random) -> list[str]:
    """Return words from the most to the least frequent."""
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(20_000)]
    return ["le", "bonjour", "projet", *words]


def rows(chance: random.Random, words: list[str], messages: int) -> Iterator[tuple[object, ...]]:
    said = chance.choices(words, weights=[1 / (place + 3) for place in range(len(words))], k=1_000_000)
    for number in range(1, messages + 1):
        begin = chance.randrange(len(said) - 20)
        content = " ".join(said[begin : begin + chance.randint(2, 18)]).capitalize()
        author, other = chance.randint(1, PEOPLE), chance.randint(1, PEOPLE)
        channel, conversation, recipient = None, None, None
        if chance.random() < 0.2:
            recipient, conversation = f"person-{other}", ":".join(sorted((str(author), str(other))))
        elif chance.random() < 0.6:
            channel = 1
        else:
            channel, content = chance.randint(2, CHANNELS), f"{content} ailleurs"
        at = 1_700_000_000_000 + number * 30_000
        yield number, at, channel, conversation, f"person-{author}", author, recipient, content


def build(path: Path, messages: int, words: list[str]) -> tuple[float, float, list[float], float]:
    """Fill a database; return its megabytes without the index and with it, how long each batch took, and all used."""
    chance = random.Random(1)  # noqa: S311 (no secret)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        gives_back(connection)  # as the server makes it, which would write an older file anew at its first start
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        migrate(connection, path.parent / "backups")
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO users (name, name_key, role, password_hash, added_at) VALUES (?1, ?1, 'member', '!', 0)",
            ((f"person-{number}",) for number in range(1, PEOPLE + 1)),
        )
        connection.execute(
            "INSERT INTO channels (name, name_key, kind, members_from, added_at) "
            "VALUES ('#général', 'general', 'default', 'guest', 0)"
        )
        connection.executemany(
            "INSERT INTO channels (name, name_key, kind, added_at) VALUES (?1, ?2, 'open', 0)",
            ((f"#room-{number}", f"room-{number}") for number in range(2, CHANNELS + 1)),
        )
        connection.executemany(
            "INSERT INTO messages (id, at, channel_id, conversation, author, author_id, recipient, content) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows(chance, words, messages),
        )
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        without, batches, more, used = path.stat().st_size / 1e6, [], True, time.process_time()
        while more:
            began = time.perf_counter()
            more = word_index.update(connection)
            batches.append(time.perf_counter() - began)
        used = time.process_time() - used
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return without, path.stat().st_size / 1e6, batches, used


def asked(client: Client, **request: Any) -> float:
    """Ask for a page, and return how long the answer took."""
    number = next(NUMBERS)
    began = time.perf_counter()
    client.send({**request, "id": number})
    answer = client.until(id=number)
    took = time.perf_counter() - began
    assert answer["type"] == request["type"], answer
    return took


def ask_history(chance: random.Random, client: Client, messages: int) -> float:
    """Ask for a page somewhere in the channel with the most messages, or for the newest one of some channel."""
    if chance.random() < 0.5:
        return asked(client, type="history", before=chance.randint(1, messages))
    return asked(client, type="history", channel=chance.choice(("#général", "#room-2", "#room-3")))


def ask_search(chance: random.Random, client: Client, words: list[str], request: dict[str, Any]) -> float:
    query = request["query"].format(rare=chance.choice(words[2000:]))
    return asked(client, type="search", **{**request, "query": query})


def measure(server: Server, messages: int, pages: int, words: list[str]) -> dict[str, Times]:
    chance, found = random.Random(2), {}  # noqa: S311 (no secret)
    with ExitStack() as stack:
        clients = []
        for number in range(1 + pages // SEARCHES_EACH):
            client = stack.enter_context(server.client()).hello().register(f"asker {number}").login(f"asker {number}")
            for channel in range(2, 8):
                client.ask(type="join", channel=f"#room-{channel}")
            clients.append(client)
        used = processor_seconds(server.pid)
        times = [ask_history(chance, chance.choice(clients), messages) for _ in range(pages)]
        found["history"] = Times.of(times, processor_seconds(server.pid) - used)
        total: list[float] = []
        begun = processor_seconds(server.pid)
        for words_for, requests in SEARCHES.items():
            share = max(1, pages // len(SEARCHES))
            used = processor_seconds(server.pid)
            times = [
                ask_search(chance, clients[next(NUMBERS) % len(clients)], words, requests[n % len(requests)])
                for n in range(share)
            ]
            found[f"search: {words_for}"] = Times.of(times, processor_seconds(server.pid) - used)
            total += times
        found["search, all"] = Times.of(total, processor_seconds(server.pid) - begun)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--asked", type=int, default=400, help="pages of history, and of searches")
    options = parser.parse_args()
    words = vocabulary(random.Random(0))  # noqa: S311 (no secret)
    with tempfile.TemporaryDirectory(prefix="classcord-search-") as name:
        folder = Path(name)
        (folder / "data").mkdir()
        without, whole, batches, used = build(folder / "data" / "classcord.db", options.messages, words)
        print(f"{options.messages:,} messages: {without:.0f} MB, with the index of words {whole:.0f} MB")
        each = 1e6 * used / options.messages
        print(f"index filled in {sum(batches):.1f} s; {each:.1f} µs of the processor a message")
        print(f"{'milliseconds':44}{'p50':>9}{'p99':>9}{'most':>9}{'processor':>11}")
        print(f"{'a batch of the index':44}{Times.of(batches, used)}")
        began = time.monotonic()
        with Server(folder, "--set", "limits.messages_per_second=0") as server:
            started, busy = time.monotonic() - began, processor_seconds(server.pid)
            for words_for, times in measure(server, options.messages, options.asked, words).items():
                print(f"{words_for:44}{times}")
            assert server.stop() == 0, server.output
        began = time.monotonic()
        with Server(folder) as server:
            again = time.monotonic() - began
            server.stop()
        print(f"first start {started:.2f} s ({busy:.2f} s of the processor), second {again:.2f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
