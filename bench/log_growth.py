"""How fast the logs of a real server grow while somebody does all that is refused, as fast as they can.

    python -m bench.log_growth [SECONDS]

Prints the bytes of both log files and of the audit trail's rows at the beginning and in the second half, when what may
come at once is used up, and what a day of the second half would be.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

from tests.server import Client, Server

CLIENTS = 4
SETTINGS = ("limits.messages_per_second=0", "limits.block_after=0", "limits.connections_per_address=0")
DAY = 86_400


def _lines(*requests: dict[str, str]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in requests)


REFUSED = [
    b"{\n" * 24,
    _lines({"type": "login", "username": "admin", "password": "wrong"}),
    b"x" * 70_000 + b"\n",
    _lines({"type": "guest", "username": "eve"}, *[{"type": "kick", "user": "bob", "reason": "x"}] * 20),
    _lines({"type": "nonsense"}, {"type": "join", "channel": "#dev"}),
]


def _flood(server: Server, until: float, done: list[int]) -> None:
    number = 0
    while time.monotonic() < until:
        number += 1
        with suppress(OSError, ValueError), Client(server.address()) as client:
            client.socket.sendall(REFUSED[number % len(REFUSED)])
            client.read()
    done.append(number)


def _sizes(server: Server) -> dict[str, int]:
    with closing(sqlite3.connect(f"file:{server.data / 'classcord.db'}?mode=ro", uri=True)) as database:
        (rows,) = database.execute("SELECT count(*) FROM audit").fetchone()
    return {"classcord.log": server.log.stat().st_size, "audit.log": server.audit.stat().st_size, "audit rows": rows}


def main(seconds: float) -> None:
    options = [part for setting in SETTINGS for part in ("--set", setting)]
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), *options) as server:
        began = time.monotonic()
        done: list[int] = []
        threads = [threading.Thread(target=_flood, args=(server, began + seconds, done)) for _ in range(CLIENTS)]
        first = _sizes(server)
        for thread in threads:
            thread.start()
        threads[0].join(seconds / 2)
        half, halved = _sizes(server), time.monotonic()
        for thread in threads:
            thread.join()
        last, took = _sizes(server), time.monotonic() - halved
        print(f"{sum(done)} connections, each with something that is refused")
        for name in first:
            rate = (last[name] - half[name]) / took
            print(
                f"{name:14} {half[name] - first[name]:>10} at first, {rate:8.1f} a second then, {rate * DAY:,.0f} a day"
            )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 120.0)
