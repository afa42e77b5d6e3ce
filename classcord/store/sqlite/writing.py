"""How a group of commits is written: in one transaction; if a record is refused, with one savepoint a commit.

Runs in the thread of the connection that writes. Knows connections, no pools and no Deferreds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import chain, groupby

from classcord.chat.audit.vocabulary import Audited
from classcord.chat.effects import Commit
from classcord.chat.messages.vocabulary import MessageAdded, PrivateMessageAdded
from classcord.chat.records import Record
from classcord.chat.resends.vocabulary import ClientIdKept, SentBefore
from classcord.store.ports import Displaced, Obstacle, Outcomes, StorageTrouble
from classcord.store.sqlite import audit_chain
from classcord.store.sqlite.in_words import said
from classcord.store.sqlite.statements import CONVERSED, MESSAGES, RECORDS

ROWS = (256, 64, 16, 4, 1)  # of one statement: any number of messages needs few
_MANY: dict[tuple[type[Record], int], str] = {
    (kind, rows): RECORDS[kind].of_many(rows)
    for kind in (MessageAdded, PrivateMessageAdded, ClientIdKept)
    for rows in ROWS
}


def write_group(connection: sqlite3.Connection, group: Sequence[Commit], obstacle: Obstacle = lambda: None) -> Outcomes:
    """Write a group in one transaction; if a record of it is refused, write it again with a savepoint for each commit.

    `obstacle` is called before the transaction is committed: a sender must not hear that a message is stored in a file
    that is gone.
    """
    cursor = connection.cursor()
    try:
        try:
            cursor.execute("BEGIN IMMEDIATE")
            _write_together(cursor, group)
            outcomes: Outcomes = {}
        except Exception as error:
            if _is_trouble(error):
                raise
            cursor.execute("ROLLBACK")
            cursor.execute("BEGIN IMMEDIATE")
            outcomes = _write_apart(cursor, group)
        why = obstacle()
        if why is not None:
            cursor.execute("ROLLBACK")
            raise Displaced(why)
        cursor.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        if cursor.connection.in_transaction:
            cursor.execute("ROLLBACK")
        raise StorageTrouble(said(error)) from error
    finally:
        cursor.close()
    return outcomes


def _is_trouble(error: Exception) -> bool:
    """Whether the store is at fault, not a record: disk full, locked, read-only, I/O error, damaged file."""
    return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError


class _Unchanged(Exception):
    """A statement changed no row: the state for which it was decided has changed."""


def _write_together(cursor: sqlite3.Cursor, group: Sequence[Commit]) -> None:
    """Write all records in order, consecutive messages together; their client ids follow by another call."""
    records = [record for commit in group for record in commit.records]
    named = [record for record in records if type(record) is ClientIdKept]
    if named:
        records = [record for record in records if type(record) is not ClientIdKept]
    for kind, run in groupby(records, type):
        if kind is MessageAdded:
            _insert(cursor, MessageAdded, list(run))
        elif kind is PrivateMessageAdded:
            messages = list(run)
            _insert(cursor, PrivateMessageAdded, messages)
            cursor.executemany(CONVERSED.sql, map(CONVERSED.values, messages))
        else:
            for record in run:
                _write(cursor, record)
    if _insert(cursor, ClientIdKept, named) < len(named):
        raise _Unchanged


def _insert(cursor: sqlite3.Cursor, kind: type[Record], records: Sequence[Record]) -> int:
    """Insert a row for each record by few statements: after each, a busy reactor takes Python's lock for a while.

    Return how many were inserted.
    """
    values, start, inserted = RECORDS[kind].values, 0, 0
    for rows in ROWS:
        while len(records) - start >= rows:
            cursor.execute(_MANY[kind, rows], [*chain.from_iterable(map(values, records[start : start + rows]))])
            start, inserted = start + rows, inserted + cursor.rowcount
    return inserted


def _write(cursor: sqlite3.Cursor, record: Record) -> None:
    if not record.stored:
        return
    if isinstance(record, Audited):
        audit_chain.append(cursor, record)
        return
    statement = RECORDS[type(record)]
    cursor.execute(statement.sql, statement.values(record))
    if cursor.rowcount == 0 and not record.may_find_nothing:
        raise _Unchanged
    if isinstance(record, PrivateMessageAdded):
        cursor.execute(CONVERSED.sql, CONVERSED.values(record))


def _write_apart(cursor: sqlite3.Cursor, group: Sequence[Commit]) -> Outcomes:
    """Write each commit under its own savepoint: only the bad commit fails."""
    outcomes: Outcomes = {}
    for place, commit in enumerate(group):
        cursor.execute("SAVEPOINT one")
        try:
            for record in commit.records:
                _write(cursor, record)
        except Exception as error:
            if _is_trouble(error):
                raise
            cursor.execute("ROLLBACK TO one")
            outcomes[place] = _outcome(cursor, record, error)
        cursor.execute("RELEASE one")
    return outcomes


def _outcome(cursor: sqlite3.Cursor, record: Record, error: Exception) -> Exception:
    """Return the error for the sender of a refused record; if no rule explains the refusal, it is an internal error.

    A message that is sent again is no error: its outcome is the message that is stored.
    """
    if isinstance(error, _Unchanged):
        if isinstance(record, ClientIdKept):
            names = {"owner": record.owner, "client_id": record.client_id}
            message_id, at, said = cursor.execute(MESSAGES.sent_before.sql, names).fetchone()
            if said == record.said:
                return SentBefore(message_id, at)
        return record.refusal("")
    if isinstance(error, sqlite3.IntegrityError) and str(error).startswith(("UNIQUE", "FOREIGN KEY")):
        return record.refusal(str(error))
    return error
