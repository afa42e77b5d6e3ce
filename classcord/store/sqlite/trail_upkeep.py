"""Removes entries from the audit trail and keeps its chain valid: purges, erasures; and the key that signs purges.

Each is a transaction of its own, on a connection in autocommit mode; removed data are overwritten in the file. Knows no
clock.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from classcord.chat.names import name_key
from classcord.chat.text import N_, Text
from classcord.durable import write
from classcord.store.sqlite.statements import TRAIL
from classcord.store.sqlite.trail import PERSONAL, Checkpoint, Head, Row, as_object, canonical

KEY = "audit_key"  # its file in DATA
PUBLIC_KEY = "audit_key.pub"
_ABOUT = ("object_id", "before", "after")  # of PERSONAL, the fields about the object of an entry
_NAMES = frozenset({"name", "user", "username", "target"})  # the keys of `before` and `after` that name people


class TrailKeyError(Exception):
    """The key of the audit trail cannot be used; `text` says which file is wrong and why."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render())


class Purged(msgspec.Struct, frozen=True, kw_only=True):
    """The number of entries that a purge has removed, and the last of them."""

    rows: int
    last: Head


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
    """Return the last entry that a purge removes, with all entries before the time `before`; None if there are none.

    An entry that was written after one that stays, stays too.
    """
    kept = connection.execute(TRAIL.first_kept.sql, {"before": before}).fetchone()
    row = connection.execute(TRAIL.last_before.sql, {"id": kept[0] if kept else 2**63 - 1}).fetchone()
    return Head(*row) if row else None


def purge(connection: sqlite3.Connection, before: int, key: Ed25519PrivateKey, now: int) -> Purged | None:
    """Remove the entries older than `before` and leave a signed checkpoint; None if there is nothing to remove.

    Times are milliseconds since 1970. A purge also removes the proof of faults in the removed entries: verify first.
    """
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


def erase(connection: sqlite3.Connection, name: str, user_id: int | None = None) -> int:
    """Remove a person from the trail; return the number of entries that have lost a field.

    Entries about what the person did lose every personal field. Entries about what others did to the account with this
    id, or noted under this name, lose the fields about their object; the name of the actor stays.
    """
    person = name_key(name)
    with _transaction(connection):
        taken = []
        for values in connection.execute(TRAIL.whole.sql):
            row = Row(*values)
            fields = {field for field in _of(row, person, user_id) if getattr(row, field) is not None}
            if fields:
                taken.append(_without(row, fields))
        connection.executemany(TRAIL.erased.sql, taken)
    return len(taken)


def _of(row: Row, person: str, user_id: int | None) -> tuple[str, ...]:
    """Return the fields of an entry that must be removed."""
    if isinstance(row.actor, str) and name_key(row.actor) == person:
        return PERSONAL
    is_account = user_id is not None and (row.object_type, row.object_id) == ("user", str(user_id))
    return _ABOUT if is_account or _named(row.before, person) or _named(row.after, person) else ()


def _named(text: str | None, person: str) -> bool:
    """Whether `before` or `after` of an entry names a person."""
    found = as_object(text)
    return any(isinstance(found.get(key), str) and name_key(str(found[key])) == person for key in _NAMES)


def _without(row: Row, fields: set[str]) -> dict[str, object]:
    """Return the values of an entry without these fields and their salts."""
    kept = {field: None if field in fields else getattr(row, field) for field in PERSONAL}
    salts = {field: salt for field, salt in as_object(row.salts).items() if field not in fields}
    return {**kept, "salts": canonical(salts), "id": row.id}


# -- the key ----------------------------------------------------------------------------------------------------------


def signing_key(folder: Path) -> Ed25519PrivateKey:
    """Return the key in a data folder; if there is none, create it and its public half. TrailKeyError if that fails."""
    private, public = folder / KEY, folder / PUBLIC_KEY
    try:
        if os.path.lexists(private):
            key = _loaded(private)
        elif os.path.lexists(public):
            raise TrailKeyError(
                N_("{file}: the private key of this public one is missing; put it back, or move this file elsewhere"),
                file=public,
            )
        else:
            key = Ed25519PrivateKey.generate()
            write(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600)
        if not os.path.lexists(public):
            write(public, _public(key.public_key()), mode=0o644)
        elif public.read_bytes() != _public(key.public_key()):
            raise TrailKeyError(N_("{file}: this is not the public half of {key}"), file=public, key=private)
    except OSError as error:
        raise _failed(error, private) from error
    return key


def public_key(file: Path) -> Ed25519PublicKey:
    """Return the public key in a file; TrailKeyError if there is none."""
    try:
        found = load_pem_public_key(file.read_bytes())
    except OSError as error:
        raise _failed(error, file) from error
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PublicKey):
        raise TrailKeyError(N_("{file}: this is no public key of an audit trail (Ed25519, in PEM)"), file=file)
    return found


def _loaded(file: Path) -> Ed25519PrivateKey:
    try:
        found = load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise TrailKeyError(N_("{file}: this is no key of an audit trail (Ed25519, in PEM)"), file=file)
    return found


def _public(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _failed(error: OSError, file: Path) -> TrailKeyError:
    return TrailKeyError(N_("{file}: {why}."), file=error.filename or file, why=error.strerror)
