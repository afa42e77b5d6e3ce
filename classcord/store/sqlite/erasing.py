"""How what is kept about an erased person leaves the database: in steps, each a transaction of some milliseconds.

The account itself is gone with the record (the trigger `account_erased`); the steps are taken between the groups of the
journal, and go on after a restart where there is still something. docs/RGPD.md says what becomes of each column. Runs
in the writer's thread. Knows no record.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from classcord.chat import names
from classcord.store.ports import Obstacle
from classcord.store.sqlite.audit_chain_upkeep import erase_page
from classcord.store.sqlite.statements import ERASING
from classcord.store.sqlite.word_index import written

Reached = Any
"""How far a task has come; None where it begins, and when it is done."""


class Erasure(NamedTuple):
    """An erasure that is under way."""

    number: int
    user_id: int
    shown: str
    empties: bool
    keeps_acts: bool
    name: str
    name_key: str
    added_at: int  # of the account, in milliseconds
    at: int  # of the erasure


class Stand(NamedTuple):
    """Where the next step begins: the erasure, its task, how far this has come."""

    number: int
    task: int = 0
    reached: Reached = None


Task = Callable[[sqlite3.Connection, Erasure, Reached, int], Reached]


def first_under_way(connection: sqlite3.Connection) -> int | None:
    """Return the number of the erasure that is to be done next."""
    row = ERASING.under_way(connection)
    return None if row is None else int(row[0])


def step(connection: sqlite3.Connection, place: Stand | None, most: int, obstacle: Obstacle) -> Stand | None:
    """Take a step over at most so many rows; return where the next one begins, None if there is nothing to erase."""
    row = ERASING.under_way(connection)
    if row is None:
        return None
    erasure = Erasure(*row)
    if place is None or place.number != erasure.number:
        place = Stand(erasure.number)
    reached: Reached = None

    def work() -> None:
        nonlocal reached
        reached = TASKS[place.task](connection, erasure, place.reached, most)

    if not written(connection, work, obstacle):
        return place
    if reached is not None:
        return place._replace(reached=reached)
    following = place.task + 1
    return Stand(erasure.number, following) if following < len(TASKS) else Stand(0)


def _ids(rows: Sequence[tuple[int]] | Any) -> list[int]:
    return [row[0] for row in rows]


def _own_messages(connection: sqlite3.Connection, erasure: Erasure, _: Reached, most: int) -> Reached:
    ids = _ids(ERASING.own_messages(connection, user_id=erasure.user_id, most=most))
    if not ids:
        return None
    given = {"ids": str(ids), "number": erasure.number, "shown": erasure.shown, "empties": erasure.empties}
    if erasure.empties:
        ERASING.emptied(connection, **given)
        ERASING.files_emptied(connection, **given)
    ERASING.author_gone(connection, **given)
    ERASING.renamed(connection, **given)
    ERASING.versions_gone(connection, **given)
    return ids[-1]


def _conversations(connection: sqlite3.Connection, erasure: Erasure, reached: Reached, most: int) -> Reached:
    """Rename the person in the conversations with others; remove those that nobody reads any more."""
    key, after = reached or ("", None)
    given = {"user_id": erasure.user_id, "shown": erasure.shown}
    if after is None:
        key, after = ERASING.next_conversation(connection, after=key, **given), 0
        if key is None:
            return None
    part = names.others_part(erasure.user_id, key)
    other = int(part) if part.isdecimal() else 0  # a guest, who does not come back as the same person
    is_read = other != erasure.user_id and bool(ERASING.is_here(connection, user_id=other))
    ids = _ids(ERASING.in_conversation(connection, conversation=key, after=after, most=most))
    if not ids:
        ended = ERASING.conversation_renamed if is_read else ERASING.conversation_gone
        ended(connection, conversation=key, other=other, **given)
        return key, None
    (ERASING.recipient_gone if is_read else ERASING.messages_gone)(connection, ids=str(ids), **given)
    return key, ids[-1]


def _some(query: Any) -> Task:
    """Return the task of a statement that changes some of the person's rows, until there are none."""

    def task(connection: sqlite3.Connection, erasure: Erasure, _: Reached, most: int) -> Reached:
        given = {"user_id": erasure.user_id, "shown": erasure.shown, "most": most}
        return query(connection, **given) or None

    return task


def _range(last_of: Any, query: Any) -> Task:
    """Return the task of a statement that changes the rows between two ids, for a table without an index of names."""

    def task(connection: sqlite3.Connection, erasure: Erasure, reached: Reached, most: int) -> Reached:
        after = reached or 0
        last = last_of(connection, after=after, most=most)
        if last is not None:
            given: dict[str, object] = {"name": erasure.name, "name_key": erasure.name_key, "shown": erasure.shown}
            given |= {"user_id": erasure.user_id, "since": erasure.added_at, "until": erasure.at}
            query(connection, after=after, last=last, **given)
        return last

    return task


def _trail(connection: sqlite3.Connection, erasure: Erasure, reached: Reached, most: int) -> Reached:
    return erase_page(
        connection,
        erasure.name_key,
        erasure.user_id,
        after=reached or 0,
        most=most,
        during=(erasure.added_at, erasure.at),
        keeps_acts=erasure.keeps_acts,
    )


def _end(connection: sqlite3.Connection, erasure: Erasure, _: Reached, most: int) -> Reached:  # noqa: ARG001
    ERASING.account_gone(connection, user_id=erasure.user_id)
    ERASING.done(connection, number=erasure.number)
    return None


TASKS: tuple[Task, ...] = (
    _own_messages,
    _conversations,
    _some(ERASING.reactions_gone),
    _some(ERASING.mentions_gone),
    _some(ERASING.client_ids_gone),
    _some(ERASING.sessions_gone),
    _some(ERASING.files_gone),
    _some(ERASING.markers_gone),
    _range(ERASING.last_of_changes, ERASING.changes_renamed),
    _range(ERASING.last_of_sanctions, ERASING.sanctions_renamed),
    _range(ERASING.last_of_lessons, ERASING.lessons_renamed),
    _range(ERASING.last_of_requests, ERASING.requests_renamed),
    _range(ERASING.last_of_reports, ERASING.reports_renamed),
    _range(ERASING.last_of_reports, ERASING.report_lines_renamed),
    _trail,
    _end,
)
