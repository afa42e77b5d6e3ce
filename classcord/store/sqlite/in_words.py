"""What SQLite and the system say of a database that cannot be used, in words that are translated.

The English words are SQLite's own, which administrators look up. What only a developer understands has no others.
"""

from __future__ import annotations

import sqlite3

from classcord.chat.text import N_, Text
from classcord.store.ports import StorageTrouble
from classcord.system_errors import in_words

_WORDS = (
    N_("database is locked"),
    N_("database or disk is full"),
    N_("disk I/O error"),
    N_("attempt to write a readonly database"),
    N_("unable to open database file"),
    N_("database disk image is malformed"),
    N_("file is not a database"),
    N_("out of memory"),
    N_("interrupted"),
)
"""SQLite's messages (sqlite3_errstr), by which an error is known: Python 3.10 does not tell their numbers."""


def said(error: BaseException) -> Text:
    """Return why a database cannot be used."""
    if isinstance(error, StorageTrouble):
        return error.text
    if isinstance(error, sqlite3.Error):
        words = str(error)
        return Text(words) if words in _WORDS else Text("{why}", {"why": words})
    return in_words(error)
