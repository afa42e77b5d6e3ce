"""Which store a URL of the settings means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from classcord.store.sqlite.store import SQLiteStore

if TYPE_CHECKING:
    from classcord.store.ports import Store

SQLITE = "sqlite:///"


def store_at(url: str, data: Path, *, synchronous: str = "FULL") -> Store:
    """Return the store of a URL such as `sqlite:///classcord.db`, whose path begins in the data folder.

    `synchronous` says what a commit survives: FULL a power cut, NORMAL the end of the process. Nothing is opened yet.
    """
    if not url.startswith(SQLITE):
        raise ValueError(url)  # the settings refuse it
    return SQLiteStore(data / url.removeprefix(SQLITE), synchronous)
