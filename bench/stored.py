"""What one account puts on the disk in a day at most: bytes counted by the quota, beside bytes of the file.

    python -m bench.stored [share in bytes]

Stores a whole share (`[limits] stored_bytes_per_day`) in messages of each size, in a temporary folder, and prints how
large the database has become. Twice as much is the most of one day: the share comes back within it (chat/quotas.py).
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from classcord.chat.channels.vocabulary import ChannelAdded
from classcord.chat.effects import Commit
from classcord.chat.messages.vocabulary import MessageAdded
from classcord.chat.quotas import ROW
from classcord.chat.registration.vocabulary import UserAdded
from classcord.settings import Settings
from classcord.store.sqlite.database import prepare
from classcord.store.sqlite.writing import write_group

SIZES = {"1 letter": "x", "100 letters": "x" * 100, "10,000 letters": "x" * 10_000, "10,000 emoji": "👍" * 10_000}
GROUP = 1_000


def main() -> None:
    """Measure, and print a line for each size."""
    share = int(sys.argv[1]) if len(sys.argv) > 1 else Settings().limits.stored_bytes_per_day
    print(f"a share is {share:,} bytes")
    for what, content in SIZES.items():
        count = max(1, share // (ROW + len(content.encode())))
        with tempfile.TemporaryDirectory() as folder:
            print(f"{what:>16}: {count:7,} messages, {_written(Path(folder), content, count):>12,} bytes on the disk")


def _written(folder: Path, content: str, count: int) -> int:
    file = folder / "bench.db"
    prepare(file, folder, "FULL")
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        begin = (
            ChannelAdded(channel_id=1, name="#général", name_key="general", kind="default", added_at=0),
            UserAdded(user_id=1, name="bob", name_key="bob", role="member", password_hash="", added_at=0),
        )
        write_group(connection, [Commit(None, begin)])
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = file.stat().st_size
        for first in range(1, count + 1, GROUP):
            numbers = range(first, min(first + GROUP, count + 1))
            write_group(connection, [Commit(None, (_message(number, content),)) for number in numbers])
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return file.stat().st_size - before


def _message(number: int, content: str) -> MessageAdded:
    at = 1_795_176_000_000 + number
    return MessageAdded(message_id=number, at=at, channel_id=1, author="bob", author_id=1, content=content)


if __name__ == "__main__":
    main()
