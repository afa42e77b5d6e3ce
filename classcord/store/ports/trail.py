"""What is read of the audit trail, and how its chain of hashes is checked and purged. Knows no database and no SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec
from twisted.internet.defer import Deferred

from classcord.chat.text import Text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the audit trail as it is read; a field that was erased is None."""

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


class Trail(Protocol):
    """The audit trail; StorageUnavailable if it cannot be read."""

    def entries(
        self, *, limit: int, before_id: int | None = None, actor: str | None = None, action: str | None = None
    ) -> Deferred[list[AuditEntry]]:
        """Return the newest `limit` entries, oldest first.

        Only those before an id, of one actor, of one action, if given.
        """


class Head(NamedTuple):
    """An entry of the audit trail's chain: its number and its hash, from which the next entry's hash is made."""

    id: int
    hash: str


class TrailVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a verification. `erased` counts fields, `checkpoints` counts purges.

    With no `findings` the chain is unbroken.
    """

    rows: int
    erased: int
    checkpoints: int
    head: Head
    findings: list[Text]


class Purged(msgspec.Struct, frozen=True, kw_only=True):
    """The number of entries that a purge has removed, and the last of them."""

    rows: int
    last: Head


class Chain(Protocol):
    """The whole audit trail with its chain of hashes, as a command reads it or removes from it."""

    def verify(self, public_key: Ed25519PublicKey | None = None, known: Head | None = None) -> TrailVerdict:
        """Check the whole trail as it is now.

        Without `public_key` a trail that was purged cannot be trusted, which is one of the findings. `known` is the
        hash of an entry that was written down before: it must still be in the chain.
        """

    def last_to_purge(self, before: int) -> Head | None:
        """Return the last entry that a purge of all before a time removes; None if there are none.

        An entry that was written after one that stays, stays too.
        """

    def purge(self, before: int, key: Ed25519PrivateKey, now: int) -> Purged | None:
        """Remove the entries older than `before` and leave a signed checkpoint; None if there is nothing to remove.

        Times are milliseconds since 1970. A purge also removes the proof of faults in what it removes: verify first.
        """
