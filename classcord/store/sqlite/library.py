"""The machine's SQLite: which one it is, and whether it is one that ClassCord can use. Knows no table."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from classcord.chat.text import N_
from classcord.store.ports import StoreError

VERSION = sqlite3.sqlite_version
OLDEST = (3, 35, 0)  # for RETURNING, and the name sqlite_schema
_FULL_TEXT = "fts5"  # a module that every distribution's SQLite has, and one that somebody has built may lack


def searches_texts() -> bool:
    """Whether this SQLite can have an index of words."""
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute(f"CREATE VIRTUAL TABLE found USING {_FULL_TEXT} (words)")
        except sqlite3.OperationalError:
            return False
    return True


def check() -> None:
    """StoreError if ClassCord cannot use this SQLite."""
    if sqlite3.sqlite_version_info < OLDEST:
        raise StoreError(N_("SQLite {version} is too old: upgrade the system, or Python"), version=VERSION)
    if not searches_texts():
        raise StoreError(
            N_(
                "SQLite {version} was built without FTS5, which searches need: use the Python of your distribution, "
                "or one that was built with a complete SQLite"
            ),
            version=VERSION,
        )
