"""How the words of edited and deleted messages leave the database file.

What is taken out of the index stays in the file: FTS5 notes beside the words which message no longer has them, and
drops both when it merges the parts of its index into one. Doing that at once takes seconds for a million messages, so
it is done in steps. (FTS5's own `secure-delete` needs SQLite 3.42, and an older one could no longer read the file.)

Runs in the writer's thread. Knows no message.
"""

from __future__ import annotations

import sqlite3

from classcord.store.ports import Obstacle
from classcord.store.sqlite.statements import WORDS
from classcord.store.sqlite.word_index import written

PAGES = 64  # of the index, that a step writes: some 10 ms; 88 MB of a million messages are 240 steps
_CHANGES = 2  # rows that a merge changes at least, unless there is nothing to merge


def step(connection: sqlite3.Connection, begun: int | None, obstacle: Obstacle = lambda: None) -> int | None:
    """Take a step; return what the next one is to be given as `begun`, or None if there is no more to do.

    The first one is given None. Nothing is written while `obstacle` returns a reason.
    """
    taken_out, wiped = WORDS.left(connection)
    if begun is None and taken_out == wiped:
        return None
    before, merges = connection.total_changes, True

    def work() -> None:
        nonlocal merges
        WORDS.merged(connection, pages=PAGES if begun is not None else -PAGES)  # below 0: begin to merge all parts
        merges = connection.total_changes - before >= _CHANGES
        if not merges:
            WORDS.wiped(connection, taken_out=taken_out if begun is None else begun)

    if not written(connection, work, obstacle) or not merges:
        return None
    return int(taken_out) if begun is None else begun
