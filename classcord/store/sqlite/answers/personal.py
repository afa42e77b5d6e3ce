"""Answers about everything that is kept about one person."""

from __future__ import annotations

import sqlite3

from classcord.chat.privacy.vocabulary import DataKept, DataOf, DataPart
from classcord.store.sqlite.answers.registry import answers
from classcord.store.sqlite.statements import PERSONAL

KINDS = (
    *("profile", "memberships", "moderates", "join_requests", "connections", "tokens", "blocked", "sanctions"),
    *("messages", "held", "reports", "files", "reactions", "markers", "conversations", "acts", "about"),
)
"""The statements, in the order in which they are told."""
ROOM = 200_000  # characters of one page
MOST = 200  # rows of one page


@answers
def personal(connection: sqlite3.Connection, question: DataOf) -> DataPart:
    """Return a page of it, and where the next one begins."""
    kept: list[DataKept] = []
    room, after = ROOM, question.after
    about = {"user_id": question.user_id, "name": question.name, "name_key": question.name_key}
    for index in range(question.kind, len(KINDS)):
        given = {**about, "after": after, "most": MOST - len(kept)}
        for number, at, data in getattr(PERSONAL, KINDS[index])(connection, **given):
            kept.append(DataKept(kind=KINDS[index], at=at, data=data))
            room -= len(data)
            if room < 0 or len(kept) == MOST:
                return DataPart(kept=tuple(kept), kind=index, after=number)
        after = 0
    return DataPart(kept=tuple(kept))
