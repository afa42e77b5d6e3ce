"""Removes entries from the audit trail and keeps its chain valid: purges, erasures.

Each is a transaction of its own, on a connection in autocommit mode; removed data are overwritten in the file. Knows no
clock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from classcord.chat.names import name_key
from classcord.store.ports import Head, Purged
from classcord.store.sqlite.audit_chain import (
    BEGINNING,
    PERSONAL,
    Checkpoint,
    TrailRow,
    as_object,
    canonical,
    verified_page,
)
from classcord.store.sqlite.statements import TRAIL

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_ABOUT = ("object_id", "before", "after")  # of PERSONAL, the fields about the object of an entry
_NAMES = frozenset({"name", "user", "username", "target"})  # the keys of `before` and `after` that name people


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def last_to_purge(connection: sqlite3.Connection, before: int) -> Head | None:
    """See `Chain.last_to_purge` in ports/trail.py."""
    kept = connection.execute(TRAIL.first_kept.sql, {"before": before}).fetchone()
    row = connection.execute(TRAIL.last_before.sql, {"id": kept[0] if kept else 2**63 - 1}).fetchone()
    return Head(*row) if row else None


def purge(connection: sqlite3.Connection, before: int, key: Ed25519PrivateKey, now: int) -> Purged | None:
    """See `Chain.purge` in ports/trail.py."""
    with _transaction(connection):
        last = last_to_purge(connection, before)
        if last is None:
            return None
        number = 1 + connection.execute(TRAIL.last_checkpoint.sql).fetchone()[0]
        checkpoint = Checkpoint(id=number, at=now, audit_id=last.id, hash=last.hash, why="purge", signature="")
        signed = checkpoint._replace(signature=key.sign(checkpoint.signed()).hex())
        connection.execute(TRAIL.checkpoint_added.sql, signed._asdict())
        removed = connection.execute(TRAIL.purged.sql, {"up_to": last.id})
        return Purged(rows=removed.rowcount, last=last)


class NotPurged(Exception):
    """The entries that would go are not as they were written, or nothing can sign their end."""


def purge_page(connection: sqlite3.Connection, before: int, key: Callable[[], Ed25519PrivateKey], most: int) -> int:
    """Remove some of the entries older than a time and leave a signed checkpoint; return how many have gone.

    Each page is verified before it goes, for with it would go the proof of a fault: NotPurged then. The checkpoint's
    time is that of its last entry. The caller holds the transaction.
    """
    last = last_to_purge(connection, before)
    if last is None:
        return 0
    rows = [TrailRow(*each) for each in connection.execute(TRAIL.page.sql, {"after": 0, "most": most})]
    rows = [row for row in rows if row.id <= last.id]
    checkpoint = connection.execute(TRAIL.last_purged.sql).fetchone()
    findings = verified_page(Head(*checkpoint) if checkpoint else BEGINNING, rows)
    if findings:
        raise NotPurged(findings[0].render())
    try:
        signing = key()
    except Exception as error:
        raise NotPurged(str(error)) from error
    end = rows[-1]
    number = 1 + connection.execute(TRAIL.last_checkpoint.sql).fetchone()[0]
    left = Checkpoint(id=number, at=end.at, audit_id=end.id, hash=end.hash, why="purge", signature="")
    connection.execute(TRAIL.checkpoint_added.sql, left._replace(signature=signing.sign(left.signed()).hex())._asdict())
    return connection.execute(TRAIL.purged.sql, {"up_to": end.id}).rowcount


PAGE = 1_000  # entries that are read in one transaction of `erase`


def erase(connection: sqlite3.Connection, name: str, user_id: int | None = None) -> int:
    """Remove a person from the trail; return the number of entries that have lost a field.

    Entries about what the person did lose every personal field. Entries about what others did to the account with this
    id, or noted under this name, lose the fields about their object; the name of the actor stays.
    """
    before = connection.total_changes
    reached: int | None = 0
    while reached is not None:
        with _transaction(connection):
            reached = erase_page(connection, name_key(name), user_id, after=reached, most=PAGE)
    return connection.total_changes - before


def erase_page(
    connection: sqlite3.Connection,
    person: str,
    user_id: int | None,
    *,
    after: int,
    most: int,
    during: tuple[int, int] = (0, 2**63),
    keeps_acts: bool = False,
) -> int | None:
    """Remove the person with this name key from some entries after an id; return the last id, None if there are none.

    `during` is when the account was made and erased, in milliseconds: before and afterwards somebody else had the name.
    `keeps_acts`: the entries about what the person did stay. The caller holds the transaction.
    """
    rows = [TrailRow(*values) for values in connection.execute(TRAIL.page.sql, {"after": after, "most": most})]
    taken = []
    for row in rows:
        named = person if during[0] <= row.at <= during[1] else None
        fields = {field for field in _of(row, named, user_id, keeps_acts) if getattr(row, field) is not None}
        if fields:
            taken.append(_without(row, fields))
    connection.executemany(TRAIL.erased.sql, taken)
    return rows[-1].id if rows else None


def _of(row: TrailRow, person: str | None, user_id: int | None, keeps_acts: bool) -> tuple[str, ...]:
    """Return the fields of an entry that must be removed; if `person` is None, the names in it are somebody else's."""
    if person is not None and isinstance(row.actor, str) and name_key(row.actor) == person:
        return () if keeps_acts else PERSONAL
    is_account = user_id is not None and (row.object_type, row.object_id) == ("user", str(user_id))
    return _ABOUT if is_account or _named(row.before, person) or _named(row.after, person) else ()


def _named(text: str | None, person: str | None) -> bool:
    """Whether `before` or `after` of an entry names a person."""
    found = as_object(text)
    return any(isinstance(found.get(key), str) and name_key(str(found[key])) == person for key in _NAMES)


def _without(row: TrailRow, fields: set[str]) -> dict[str, object]:
    """Return the values of an entry without these fields and their salts."""
    kept = {field: None if field in fields else getattr(row, field) for field in PERSONAL}
    salts = {field: salt for field, salt in as_object(row.salts).items() if field not in fields}
    return {**kept, "salts": canonical(salts), "id": row.id}
