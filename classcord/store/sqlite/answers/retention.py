"""Answers about retention: how much is older than it may be, and what the last run has removed."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter

import msgspec

from classcord.chat.retention.durations import CLOCKS_GO
from classcord.chat.retention.vocabulary import OlderThan, OldRows, PurgesIn, RowCounts, StoredPurge
from classcord.store.sqlite.answers.registry import answers
from classcord.store.sqlite.statements import PURGING

LOOKED_AT = 10_000  # messages, in some milliseconds


@answers
def last_purge(connection: sqlite3.Connection, question: PurgesIn) -> StoredPurge:  # noqa: ARG001
    row = PURGING.last(connection)
    if row is None:
        return StoredPurge(number=0, at=0, swept=True, ended_at=0, counts=RowCounts())
    number, at, swept, ended_at, removed = row
    return StoredPurge(
        number=number,
        at=at,
        swept=bool(swept),
        ended_at=ended_at,
        counts=msgspec.convert(json.loads(removed), RowCounts),
    )


@answers
def old_rows(connection: sqlite3.Connection, question: OlderThan) -> OldRows:
    times = msgspec.structs.asdict(question.cutoffs)
    found = _old_messages(connection, {kind: times[kind] for kind in ("everyone", "channels", "private")})
    others = ("connections", "versions", "reports", "sanctions", "audit")
    counts = dict(zip(others, PURGING.count_others(connection, **times), strict=True))
    return OldRows(
        counts=RowCounts(**counts, **found),
        free=PURGING.unused_bytes(connection),
        last=last_purge(connection, PurgesIn()),
    )


def _old_messages(connection: sqlite3.Connection, times: dict[str, int]) -> Counter[str]:
    """Count the messages whose time is over, and their files, some thousands at a time."""
    found: Counter[str] = Counter()
    after: int | None = 0
    while after is not None:
        last = PURGING.looked_at(connection, after=after, most=LOOKED_AT)
        if last is not None:
            bounds = {"after": after, "last": last, "clocks_go": CLOCKS_GO}
            for kind, messages, files in PURGING.count_messages(connection, **bounds, **times):
                found[kind] += messages
                found["files"] += files
        after = last
    return found
