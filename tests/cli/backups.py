"""What the tests of `classcord backup` and `restore` have in common: a server's data, a backup of it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from classcord.store.sqlite.migrate import SHIPPED

DATABASE = Path("var/classcord.db")
BACKUPS = Path("var/backups")
NEWEST = len(list(SHIPPED.glob("*.sql")))


def last_entry() -> tuple[str, str, dict[str, object]]:
    """Return the last entry of the audit trail."""
    with closing(sqlite3.connect(DATABASE)) as connection:
        row = connection.execute("SELECT actor, action, after FROM audit ORDER BY id DESC").fetchone()
    return row[0], row[1], json.loads(row[2])
