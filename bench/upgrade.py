"""How long does an upgrade take? A database of the previous schema is brought to the newest one, and back again.

    python -m bench.upgrade [--messages 1000000]

The upgrade is that of the real program, `classcord init`, which a start of the server does as well; the way back is
`classcord restore` of the backup that the upgrade has made. bench/README.md says more.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, TypeVar

if __package__:
    from bench.backups import classcord
    from tests.server import Server
else:
    sys.exit("run it from the root of the project: python -m bench.upgrade")

from classcord.store.sqlite.migrate import SHIPPED, migrate, steps

T = TypeVar("T")
NEWEST = len(steps())
PREVIOUS = NEWEST - 1

_BUILT = """
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 200)
INSERT INTO users (name, name_key, role, password_hash, added_at)
SELECT 'person-' || n, 'person-' || n, 'member', 'no password', 0 FROM numbers;

WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10)
INSERT INTO channels (name, name_key, kind, added_at) SELECT '#room-' || n, '#room-' || n, 'open', 0 FROM numbers;

WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {messages})
INSERT INTO messages (id, at, channel_id, author, author_id, content)
SELECT n, 1700000000000 + n * 100, 1 + n % 10, 'person-' || (1 + n % 200), 1 + n % 200,
       'message ' || n || ' ' || hex(randomblob(n % 60))
FROM numbers;
"""


class Database(NamedTuple):
    """What a database says of itself: its schema's version, and how many messages it has, with the sum of their ids."""

    schema: int
    messages: int
    ids: int


class Figures(NamedTuple):
    """What has come out; times in seconds."""

    megabytes: float
    upgrade: float
    backup: str
    start: float
    rollback: float
    again: float
    before: Database
    after: Database
    kept: Database
    back: Database
    at_last: Database


def build(data: Path, messages: int) -> Path:
    """Make a data folder with a database as the previous ClassCord has left it."""
    data.mkdir()
    migrations, path = data.with_name("migrations"), data / "classcord.db"
    migrations.mkdir()
    for step in sorted(SHIPPED.glob("*.sql"))[:PREVIOUS]:
        shutil.copy(step, migrations)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        migrate(connection, data / "backups", migrations)
        connection.executescript(_BUILT.format(messages=messages))
    return path


def look(path: Path) -> Database:
    """Return what a database says of itself, once it was read to its end."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        assert database.execute("PRAGMA quick_check").fetchone() == ("ok",)
        (schema,) = database.execute("SELECT max(version) FROM schema_version").fetchone()
        return Database(schema, *database.execute("SELECT count(*), sum(id) FROM messages").fetchone())


def timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.monotonic()
    return work(), time.monotonic() - began


def start(folder: Path) -> None:
    """Start a server, and stop it."""
    with Server(folder) as server:
        assert server.stop() == 0, server.output


def upgrade(folder: Path, messages: int) -> Figures:
    """Build, upgrade, start a server, go back to the backup that was made, and upgrade again."""
    data = folder / "data"
    path = build(data, messages)
    before, size = look(path), path.stat().st_size
    _, upgraded = timed(lambda: classcord("init", "--data", data))
    after = look(path)
    (backup,) = (data / "backups").glob("before-schema-*.db")
    kept = look(backup)
    _, started = timed(lambda: start(folder))
    _, rolled_back = timed(lambda: classcord("restore", backup, "--data", data, "--yes"))
    back = look(path)
    _, again = timed(lambda: classcord("init", "--data", data))
    return Figures(
        megabytes=round(size / 1e6, 1),
        upgrade=upgraded,
        backup=backup.name,
        start=started,
        rollback=rolled_back,
        again=again,
        before=before,
        after=after,
        kept=kept,
        back=back,
        at_last=look(path),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    options = parser.parse_args()
    print(f"{options.messages} messages, from schema {PREVIOUS} to {NEWEST} and back\n")
    with tempfile.TemporaryDirectory(prefix="classcord-upgrade-") as folder:
        found = upgrade(Path(folder), options.messages)
    print(f"{'':34}{'seconds':>8}{'schema':>8}{'messages':>10}")
    for words, seconds, database in (
        (f"before, {found.megabytes} MB", None, found.before),
        ("upgrade (classcord init)", found.upgrade, found.after),
        (f"its backup, {found.backup[:20]}…", None, found.kept),
        ("start and stop of a server", found.start, found.after),
        ("rollback (classcord restore)", found.rollback, found.back),
        ("upgrade again", found.again, found.at_last),
    ):
        shown = "" if seconds is None else f"{seconds:.1f}"
        print(f"{words:34}{shown:>8}{database.schema:>8}{database.messages:>10}")
    return 0 if found.before == found.kept == found.back and found.after == found.at_last else 1


if __name__ == "__main__":
    raise SystemExit(main())
