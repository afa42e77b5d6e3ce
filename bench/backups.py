"""Is everything in a backup that had been acknowledged before it began? Backups are made in the middle of load.

    python -m bench.backups [--backups 10] [--between 20000]

The load is that of bench/crash.py. Every other backup is asked for over the control socket, and made in a thread of the
server; the others are made beside it by `classcord backup`. Each is restored into a new data folder by `classcord
restore`, and a server is started there. bench/README.md says more.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

if __package__:
    from bench.crash import LONG, OPTIONS, WRITERS, Ledger, Load
    from tests.server import Server
else:
    sys.exit("run it from the root of the project: python -m bench.backups")

CLASSCORD = (sys.executable, "-c", "import sys; from classcord.cli import main; sys.exit(main())")
KEEP_ALL = tuple(word for key in ("hourly", "daily", "weekly") for word in ("--set", f"backup.{key}=0"))
WATCHER = "heloise"
LONGEST = 600.0  # seconds that one command may take at the most


class Outcome(NamedTuple):
    """What has come out of one backup; columns of the table that is printed."""

    by: str
    seconds: float
    megabytes: float
    acknowledged: int
    found: int
    lost: int
    per_second: int
    pause_ms: int


class Acknowledged(dict[str, int]):
    """Messages and their ids, and the longest pause (s) between two of them since `begin`."""

    def begin(self) -> None:
        self.longest, self._last = 0.0, time.monotonic()

    def __setitem__(self, content: str, number: int) -> None:
        now = time.monotonic()
        self.longest, self._last = max(self.longest, now - self._last), now
        super().__setitem__(content, number)


class Made(NamedTuple):
    """A backup, and what was acknowledged before it began; meanwhile, so many a second, with so long a pause (s)."""

    by: str
    file: Path
    seconds: float
    before: dict[str, int]
    per_second: float
    pause: float


def classcord(*arguments: object) -> str:
    """Run a command of the `classcord` program, and return what it says."""
    command = [*CLASSCORD, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=LONGEST, check=False)  # noqa: S603 (our own)
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return done.stdout


def back_up(server: Server, acknowledged: Acknowledged, by: str) -> Made:
    """Make a backup: the server does it if `by` is ctl, else a command beside it."""
    before = dict(acknowledged)
    acknowledged.begin()
    began = time.monotonic()
    where = ("--data", server.data)
    command = ("ctl", *where, "backup", "--json") if by == "ctl" else ("backup", *where, "--json", *KEEP_ALL)
    told = json.loads(classcord(*command))
    took = time.monotonic() - began
    gained = len(acknowledged) - len(before)
    return Made(by, server.data / told["file"], told["seconds"], before, gained / took, acknowledged.longest)


def made_under_load(folder: Path, count: int, between: int) -> list[Made]:
    """Make so many backups of a server that is kept busy; before each a listener has heard so many messages."""
    ledger = Ledger()
    ledger.acknowledged = acknowledged = Acknowledged()
    acknowledged.begin()
    server = Server(folder, *OPTIONS, *KEEP_ALL)
    try:
        with server.client() as watcher:
            watcher.register(WATCHER)
        load = Load(server, ledger, "load", first=True)
        load.run_until(between)
        made = []
        for number in range(count):
            with server.client() as watcher:
                watcher.login(WATCHER)
                for _ in range(between // 10):
                    assert watcher.read() is not None
            made.append(back_up(server, acknowledged, ("command", "ctl")[number % 2]))
            assert load.expect("ack").wait(LONG), "nobody writes any more after the backup"
        assert server.stop() == 0, server.output
        load.ended()
    finally:
        server.close()
    return made


def found_in(folder: Path) -> dict[str, int]:
    """Return the messages of the database in a data folder, and their ids."""
    with closing(sqlite3.connect(f"file:{folder}/classcord.db?mode=ro", uri=True)) as database:
        return dict(database.execute("SELECT content, id FROM messages"))


def restored(backup: Path, folder: Path) -> dict[str, int]:
    """Restore a backup into a new folder, start a server there, and return the messages it has begun with."""
    folder.mkdir()
    classcord("restore", backup, "--data", folder / "data", "--yes")
    found = found_in(folder / "data")
    with Server(folder, *OPTIONS) as server, server.client() as client:
        client.hello().login(WRITERS[0])
        client.send(type="history", id="last", channel="#général", limit=50)
        page = client.until(id="last")["messages"]
        assert page
        assert all(found[message["content"]] == message["message_id"] for message in page)
        client.say("it goes on", id="goes on")
        assert client.until(id="goes on")["message_id"] > max(found.values())
        assert server.stop() == 0, server.output
    return found


def backups(folder: Path, count: int, between: int) -> Iterator[Outcome]:
    """Yield what has come out of each backup."""
    (folder / "server").mkdir()
    for number, made in enumerate(made_under_load(folder / "server", count, between)):
        found = restored(made.file, folder / f"restored-{number}")
        yield Outcome(
            by=made.by,
            seconds=made.seconds,
            megabytes=round(made.file.stat().st_size / 1e6, 2),
            acknowledged=len(made.before),
            found=len(found),
            lost=sum(found.get(content) != number for content, number in made.before.items()),
            per_second=round(made.per_second),
            pause_ms=round(made.pause * 1000),
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backups", type=int, default=10)
    parser.add_argument("--between", type=int, default=20_000, help="events of the load before each")
    options = parser.parse_args()
    print(f"{options.backups} backups in the middle of load, each restored and started\n")
    print("".join(f"{name:>13}" for name in Outcome._fields))
    lost = 0
    with tempfile.TemporaryDirectory(prefix="classcord-backups-") as folder:
        for outcome in backups(Path(folder), max(1, options.backups), options.between):
            print("".join(f"{value:>13}" for value in outcome), flush=True)
            lost += outcome.lost
    print(f"\nacknowledged before a backup began and not in it: {lost}")
    return 1 if lost else 0


if __name__ == "__main__":
    raise SystemExit(main())
