"""Finds the store that a URL of the settings means. Knows nothing of what is stored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from classcord.store.ports.database_urls import file_of
from classcord.store.sqlite import library
from classcord.store.sqlite.store import SQLiteStore

if TYPE_CHECKING:
    from classcord.store.ports import Store

LIBRARY = library
"""The machine's SQLite, which every store needs at present."""


def store_at(url: str, data: Path, *, synchronous: str = "FULL") -> Store:
    """Return the store of a URL such as `sqlite:///classcord.db`; the path is relative to the data folder.

    `synchronous` says what a commit survives: FULL a power cut, NORMAL a crash of the process. This opens no file.
    """
    return SQLiteStore(file_of(url, data), synchronous)
