"""Whether the database file becomes smaller when rows go: SQLite decides that when the file is made, or all of it anew.

purging.py gives the space back, some pages at a time. Sources: SQLite's "PRAGMA auto_vacuum" and "VACUUM".
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from classcord.chat.text import N_, Text
from classcord.store.sqlite.in_words import said

INCREMENTAL = 2
ROOM = 3  # sizes of the database: a copy beside it, the log through which it is written back, and one that stays free
MEGABYTE = 1_000_000

_NO_ROOM = N_("that needs {needed} MB free in {folder}, and there are {free}")


def gives_back(connection: sqlite3.Connection) -> None:
    """Make a file, which has no table yet, one that gives space back."""
    connection.execute(f"PRAGMA auto_vacuum = {INCREMENTAL}")


def give_back_from_now_on(connection: sqlite3.Connection, path: Path) -> Text | None:
    """Write an older file anew as one that gives space back; return why it stays as it is, None if it is one.

    It takes some seconds for a million messages. Without room the file is as it was, and what goes leaves room for
    new rows. SQLite writes its copy into the same folder, so that only this disk needs room.
    """
    if connection.execute("PRAGMA auto_vacuum").fetchone()[0] == INCREMENTAL:
        return None
    folder, needed = path.resolve().parent, ROOM * path.stat().st_size
    free = shutil.disk_usage(folder).free
    if free < needed:
        return Text(_NO_ROOM, {"needed": -(-needed // MEGABYTE), "folder": str(folder), "free": free // MEGABYTE})
    gives_back(connection)
    try:
        _copy_beside(connection, str(folder))
        connection.execute("VACUUM")
    except sqlite3.OperationalError as error:
        return said(error)
    finally:
        _copy_beside(connection, "")
    return None


def _copy_beside(connection: sqlite3.Connection, folder: str) -> None:
    """Say where SQLite makes its copies; "" is where the system does."""
    quoted = folder.replace("'", "''")
    connection.execute(f"PRAGMA temp_store_directory = '{quoted}'")
