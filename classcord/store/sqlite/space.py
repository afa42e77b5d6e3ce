"""Whether the database file becomes smaller when rows go: SQLite decides that when the file is made, or all of it anew.

purging.py gives the space back, some pages at a time. Sources: SQLite's "PRAGMA auto_vacuum" and "VACUUM".
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

INCREMENTAL = 2


def gives_back(connection: sqlite3.Connection) -> None:
    """Make a file, which has no table yet, one that gives space back."""
    connection.execute(f"PRAGMA auto_vacuum = {INCREMENTAL}")


def give_back_from_now_on(connection: sqlite3.Connection, path: Path) -> None:
    """Write an older file anew as one that gives space back, if the disk has room for that.

    It takes some seconds for a million messages. Without room it stays as it is: what goes leaves room for new rows.
    """
    if connection.execute("PRAGMA auto_vacuum").fetchone()[0] == INCREMENTAL:
        return
    if shutil.disk_usage(path.parent).free < 3 * path.stat().st_size:
        return
    gives_back(connection)
    with suppress(sqlite3.OperationalError):  # the file is as it was
        connection.execute("VACUUM")
