"""Floor 1: what the services need of a store. Each implementation passes tests/store/contract.py.

`store` is a store in use by a server, `trail` its audit trail; `files` is what is done with a store beside a server.
"""

from classcord.store.ports.files import (
    Contents,
    Copies,
    Inspection,
    Locked,
    Part,
    Progress,
    Snapshot,
    Stored,
    Unreadable,
    Unsound,
)
from classcord.store.ports.store import (
    Archive,
    CommitQueue,
    Displaced,
    Exports,
    Obstacle,
    OpenStore,
    Outcomes,
    Release,
    StorageTrouble,
    Store,
    StoredAccounts,
    StoreError,
    Writer,
)
from classcord.store.ports.trail import AuditEntry, Chain, Head, Purged, Trail, TrailVerdict

__all__ = [
    "Archive",
    "AuditEntry",
    "Chain",
    "CommitQueue",
    "Contents",
    "Copies",
    "Displaced",
    "Exports",
    "Head",
    "Inspection",
    "Locked",
    "Obstacle",
    "OpenStore",
    "Outcomes",
    "Part",
    "Progress",
    "Purged",
    "Release",
    "Snapshot",
    "StorageTrouble",
    "Store",
    "StoreError",
    "Stored",
    "StoredAccounts",
    "Trail",
    "TrailVerdict",
    "Unreadable",
    "Unsound",
    "Writer",
]
