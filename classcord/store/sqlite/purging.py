"""How what is older than the times of a run leaves the database: in steps, each a transaction of some milliseconds.

They are taken between the groups of the journal, and begin anew after a restart: what has gone is not there any more,
and how much has gone is counted with each step. At the end the file gives its unused pages back to the disk. Runs in
the writer's thread. Knows no record and no clock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from twisted.logger import Logger

from classcord.chat.retention.durations import CLOCKS_GO
from classcord.store.sqlite import audit_chain_upkeep
from classcord.store.sqlite.statements import PURGING
from classcord.store.sqlite.word_index import written

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from classcord.store.ports import Obstacle

Reached = Any
"""How far a task has come; None where it begins, and when it is done."""

LOOKS = 8  # messages that are looked at for each that may go: reading costs less than removing
PAGES = 32  # of the file, that are given back for every 64 rows of a step


class Purge(NamedTuple):
    """A run that is under way."""

    number: int
    everyone: int
    channels: int
    private: int
    connections: int
    versions: int
    reports: int
    sanctions: int
    audit: int
    key: Callable[[], Ed25519PrivateKey] | None = None
    """Returns the key that signs what is removed from the audit trail; without one, the trail stays."""


class PurgePlace(NamedTuple):
    """Where the next step begins: the run, its task, how far this has come."""

    number: int
    task: int = 0
    reached: Reached = None


Task = Callable[[sqlite3.Connection, Purge, Reached, int], Reached]

_log = Logger()


def step(
    connection: sqlite3.Connection,
    place: PurgePlace | None,
    most: int,
    obstacle: Obstacle,
    key: Callable[[], Ed25519PrivateKey] | None = None,
) -> PurgePlace | None:
    """Take a step over at most so many rows; return where the next one begins, None if nothing is left to remove."""
    row = PURGING.under_way(connection)
    if row is None:
        return None
    purge = Purge(*row)._replace(key=key)
    if place is None or place.number != purge.number:
        place = PurgePlace(purge.number)
    reached: Reached = None

    def work() -> None:
        nonlocal reached
        reached = TASKS[place.task](connection, purge, place.reached, most)

    if not written(connection, work, obstacle):
        return place
    return place._replace(reached=reached) if reached is not None else PurgePlace(purge.number, place.task + 1)


def is_under_way(connection: sqlite3.Connection) -> bool:
    """Whether a run has something left to remove."""
    return PURGING.under_way(connection) is not None


def _count(connection: sqlite3.Connection, purge: Purge, kind: str, count: int) -> None:
    if count:
        PURGING.counted(connection, id=purge.number, kind=kind, count=count)


def _messages(connection: sqlite3.Connection, purge: Purge, reached: Reached, most: int) -> Reached:
    """Remove messages with all that belongs to them: triggers and references take words, files, marks, replies."""
    after = reached or 0
    last = PURGING.looked_at(connection, after=after, most=LOOKS * most)
    if last is None:
        return None
    times = {"everyone": purge.everyone, "channels": purge.channels, "private": purge.private}
    rows = list(PURGING.old_messages(connection, after=after, last=last, most=most, clocks_go=CLOCKS_GO, **times))
    PURGING.messages_gone(connection, ids=str([row[0] for row in rows]))
    for kind in times:
        _count(connection, purge, kind, sum(row[1] == kind for row in rows))
    _count(connection, purge, "files", sum(row[2] for row in rows))
    return rows[-1][0] if len(rows) == most else last


def _conversations(connection: sqlite3.Connection, purge: Purge, reached: Reached, most: int) -> Reached:  # noqa: ARG001
    """Take conversations out of people's lists of which no message is left."""
    user_id, conversation = reached or (0, "")
    rows = list(PURGING.conversations(connection, user_id=user_id, conversation=conversation, most=most))
    if not rows:
        return None
    last_user, last = rows[-1]
    PURGING.empty_conversations_gone(
        connection, user_id=user_id, conversation=conversation, last_user=last_user, last_conversation=last
    )
    return last_user, last


def _versions(connection: sqlite3.Connection, purge: Purge, reached: Reached, most: int) -> Reached:
    after = reached or 0
    last = PURGING.last_of_changes(connection, after=after, most=most)
    if last is not None:
        gone = PURGING.versions_gone(connection, after=after, last=last, before=purge.versions)
        _count(connection, purge, "versions", gone)
    return last


def _some(kind: str, query: Any) -> Task:
    """Return the task of a statement that removes some of the rows older than a time, until there are none."""

    def task(connection: sqlite3.Connection, purge: Purge, _: Reached, most: int) -> Reached:
        gone = query(connection, before=getattr(purge, kind), most=most)
        _count(connection, purge, kind, gone)
        return gone or None

    return task


def _trail(connection: sqlite3.Connection, purge: Purge, _: Reached, most: int) -> Reached:
    """Remove entries of the audit trail, and leave a signed checkpoint; what was tampered with stays, as its proof."""
    if purge.key is None:
        return None
    try:
        gone = audit_chain_upkeep.purge_page(connection, purge.audit, purge.key, most)
    except audit_chain_upkeep.NotPurged as error:
        _log.error("the audit trail is not purged: {why}", why=error)
        return None
    _count(connection, purge, "audit", gone)
    return gone or None


def _space(connection: sqlite3.Connection, _: Purge, __: Reached, most: int) -> Reached:
    """Give unused pages back to the disk, from the end of the file."""
    before = PURGING.unused_pages(connection)
    if not before or not PURGING.gives_space_back(connection):
        return None
    pages = max(1, PAGES * most // 64)
    connection.execute(f"PRAGMA incremental_vacuum({pages})").fetchall()  # each row that is fetched frees a page
    return before if PURGING.unused_pages(connection) < before else None


def _end(connection: sqlite3.Connection, purge: Purge, _: Reached, __: int) -> Reached:
    PURGING.swept(connection, id=purge.number)
    PURGING.older_runs_gone(connection, id=purge.number)
    return None


TASKS: tuple[Task, ...] = (
    _messages,
    _conversations,
    _versions,
    _some("connections", PURGING.connections_gone),
    _some("reports", PURGING.reports_gone),
    _some("sanctions", PURGING.sanctions_gone),
    _some("sanctions", PURGING.join_requests_gone),
    _some("sanctions", PURGING.lessons_gone),
    _trail,
    _space,
    _end,
)
