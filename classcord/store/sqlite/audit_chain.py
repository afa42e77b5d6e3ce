"""The audit trail in the database: entries chained by hash, so that a changed or removed entry is detected.

Each personal field that has a value has a salt of its own and a digest: SHA-256 over salt, name and value. The hash of
an entry is SHA-256 over the previous entry's hash, the other fields and the digests. So an erasure removes a field and
its salt but leaves the digest, and the chain stays valid. What is hashed is written as JSON (`canonical`), in which two
different values never have the same text. Knows connections and rows, not what the entries are about; the caller holds
the transaction (database.py). audit_chain_upkeep.py removes entries.

If an administrator has written down the last hash elsewhere, the chain proves that nothing before it was changed.
Without such a note it proves less: somebody who can write the file can also write a new chain.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidSignature

from classcord.chat.text import N_, Text
from classcord.store.ports import Head, TrailVerdict
from classcord.store.sqlite.statements import TRAIL

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from classcord.chat.audit.vocabulary import Audited

PERSONAL = ("actor", "actor_address", "actor_key", "object_id", "before", "after")
SALT = 16  # bytes
MOST_FINDINGS = 1_000  # findings that are reported one by one


BEGINNING = Head(0, "0" * 64)
"""What the first entry follows."""


class TrailRow(NamedTuple):
    """An entry as it is stored in the table."""

    id: int
    at: int
    actor: str | None
    actor_address: str | None
    actor_key: str | None
    action: str
    object_type: str
    object_id: str | None
    before: str | None
    after: str | None
    salts: str
    digests: str
    hash: str

    def follows(self, previous_hash: str, digests: object) -> str:
        """Return the hash of this entry when it follows the entry with `previous_hash`."""
        plain = {name: getattr(self, name) for name in ("id", "at", "action", "object_type")}
        return _sha256([previous_hash, {**plain, "digests": digests}])


canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=repr).encode
"""How each value is hashed, signed and stored: JSON in ASCII, keys sorted, no spaces."""


def digest(salt: object, name: str, value: str) -> str:
    """Return the digest of a personal field; `salt` as it is written in its column."""
    return _sha256([salt, name, value])


def _sha256(value: object) -> str:
    return hashlib.sha256(canonical(value).encode("ascii")).hexdigest()


def append(cursor: sqlite3.Cursor, record: Audited) -> None:
    """Write an entry after the last one, in the same transaction as the change that it describes."""
    last = _last(cursor)
    given = {name: value for name in PERSONAL if (value := getattr(record, name)) is not None}
    salts = {name: os.urandom(SALT).hex() for name in given}
    digests = {name: digest(salts[name], name, value) for name, value in given.items()}
    row = TrailRow(
        id=1 + max(last.id, _counted(cursor)),  # the id that AUTOINCREMENT will give; it is part of the hash
        at=record.at,
        actor=record.actor,
        actor_address=record.actor_address,
        actor_key=record.actor_key,
        action=record.action,
        object_type=record.object_type,
        object_id=record.object_id,
        before=record.before,
        after=record.after,
        salts=canonical(salts),
        digests=canonical(digests),
        hash="",
    )
    cursor.execute(TRAIL.added.sql, row._replace(hash=row.follows(last.hash, digests))._asdict())


def _last(cursor: sqlite3.Cursor) -> Head:
    """Return the last entry, read from the file each time: other programs may have changed it."""
    for sql in (TRAIL.last.sql, TRAIL.last_purged.sql):
        row = cursor.execute(sql).fetchone()
        if row is not None:
            return Head(*row)
    return BEGINNING


def _counted(cursor: sqlite3.Cursor) -> int:
    row = cursor.execute(TRAIL.counted.sql).fetchone()
    return row[0] if row and isinstance(row[0], int) else 0


# -- verifying --------------------------------------------------------------------------------------------------------


def verify(
    connection: sqlite3.Connection, public_key: Ed25519PublicKey | None = None, known: Head | None = None
) -> TrailVerdict:
    """See `Chain.verify` in ports/trail.py; `connection` is in autocommit mode, and may be read-only."""
    connection.execute("BEGIN")  # the entries and their counter at one moment
    as_text = connection.text_factory
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")  # a changed file may contain any bytes
    try:
        walk = _Walk(known)
        walk.begin([Checkpoint(*row) for row in connection.execute(TRAIL.checkpoints.sql)], public_key)
        for row in connection.execute(TRAIL.whole.sql):
            walk.take(TrailRow(*row))
        return walk.end(_counted(connection.cursor()))
    finally:
        connection.execute("ROLLBACK")
        connection.text_factory = as_text


def verified_page(head: Head, rows: Iterable[TrailRow]) -> list[Text]:
    """Return what is wrong with some entries, which follow the one of `head`."""
    return _Walk(None).go_on(head, rows)


class Checkpoint(NamedTuple):
    """What a purge leaves: the last entry that it removed, signed."""

    id: int
    at: int
    audit_id: int
    hash: str
    why: str
    signature: str

    def signed(self) -> bytes:
        """Return the bytes that are signed."""
        return canonical([self.id, self.at, self.audit_id, self.hash, self.why]).encode()

    def is_genuine(self, public_key: Ed25519PublicKey) -> bool:
        """Whether the checkpoint is as it was when it was signed."""
        try:
            public_key.verify(bytes.fromhex(self.signature), self.signed())
        except (InvalidSignature, ValueError, TypeError):
            return False
        return bytes.fromhex(self.signature).hex() == self.signature


class _Walk:
    """Reads the checkpoints, then the entries in order, and notes what is wrong with them."""

    def __init__(self, known: Head | None) -> None:
        self._known = known
        self._met = False  # whether the known hash was met
        self._rows = self._erased = self._checkpoints = self._unnamed = 0
        self._purged = self._head = BEGINNING
        self._hashes: set[str] = set()  # the hashes that the next entry may follow
        self._findings: list[Text] = []

    def begin(self, checkpoints: list[Checkpoint], public_key: Ed25519PublicKey | None) -> None:
        self._meet(BEGINNING)
        for number, checkpoint in enumerate(checkpoints, 1):
            about = {"number": checkpoint.id, "id": checkpoint.audit_id}
            if public_key is None:
                self._find(N_("checkpoint {number} (entries up to {id}): there is no public key to check it"), **about)
            elif not checkpoint.is_genuine(public_key):
                self._find(N_("checkpoint {number} (entries up to {id}): its signature is wrong"), **about)
            elif checkpoint.id != number:
                self._find(N_("checkpoint {number} (entries up to {id}): one before it is missing"), **about)
            if isinstance(checkpoint.audit_id, int):
                self._purged = Head(checkpoint.audit_id, str(checkpoint.hash))
                self._meet(self._purged)
        self._checkpoints = len(checkpoints)
        self._head, self._hashes = self._purged, {self._purged.hash}

    def go_on(self, head: Head, rows: Iterable[TrailRow]) -> list[Text]:
        """Read entries that follow one that is gone; return what is wrong with them."""
        self._head, self._hashes = head, {head.hash}
        for row in rows:
            self.take(row)
        return self._findings

    def take(self, row: TrailRow) -> None:
        self._rows += 1
        if row.id <= self._head.id:
            self._find(N_("entry {id}: it stands before the first one"), id=row.id)
            return
        if row.id > self._head.id + 1:
            self._missing(self._head.id + 1, row.id - 1)
            self._hashes = set()
        digests = self._check_fields(row)
        computed = {row.follows(each, digests) for each in self._hashes}
        if self._hashes and row.hash not in computed:
            self._find(N_("entry {id}: it does not follow from the one before it; one of them was altered"), id=row.id)
        self._hashes = {row.hash, *computed}  # so that one altered entry is one finding
        self._head = Head(row.id, row.hash)
        self._meet(self._head)

    def _check_fields(self, row: TrailRow) -> object:
        """Compare the personal fields with their digests; return the digests as they are hashed."""
        digests, salts = as_object(row.digests), as_object(row.salts)
        altered = [
            name
            for name, text, parsed in (("digests", row.digests, digests), ("salts", row.salts, salts))
            if canonical(parsed) != text or not parsed.keys() <= set(PERSONAL)
        ]
        for name in PERSONAL:
            value, salt = getattr(row, name), salts.get(name)
            if value is None and salt is None:
                self._erased += name in digests
            elif not isinstance(value, str) or digest(salt, name, value) != digests.get(name):
                altered.append(name)
        for name in altered:
            self._find(N_("entry {id}: “{column}” was altered"), id=row.id, column=name)
        return digests

    def end(self, counted: int) -> TrailVerdict:
        if counted > self._head.id:
            self._missing(self._head.id + 1, counted)
        elif counted < self._head.id:
            words = N_(
                "entry {id}: the counter of entries was set back to {counted}, or later entries were added by hand"
            )
            self._find(words, id=self._head.id, counted=counted)
        if self._known is not None and not self._met:
            self._find(N_("entry {id}: this head, written down before, is no longer in the chain"), id=self._known.id)
        if self._unnamed:
            self._findings.append(Text(N_("… and {count} more"), {"count": self._unnamed}))
        return TrailVerdict(
            rows=self._rows,
            erased=self._erased,
            checkpoints=self._checkpoints,
            head=self._head,
            findings=self._findings,
        )

    def _meet(self, head: Head) -> None:
        self._met = self._met or head == self._known

    def _missing(self, first: int, last: int) -> None:
        self._find(N_("entries {first} to {last}: they are missing, and no purge says so"), first=first, last=last)

    def _find(self, words: str, **values: object) -> None:
        if len(self._findings) < MOST_FINDINGS:
            self._findings.append(Text(words, values))
        else:
            self._unnamed += 1


def as_object(text: object) -> dict[str, object]:
    """Return the object that a column holds; an empty one if the column holds anything else."""
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
