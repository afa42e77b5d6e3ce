"""What the services need of a store, whichever it is (floor 1). Each implementation passes tests/store/contract.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import msgspec
from twisted.internet.defer import Deferred

from classcord.chat.effects import Commit
from classcord.chat.records import Message, MessageAdded, PrivateMessageAdded, Record
from classcord.chat.state import LastIds
from classcord.chat.text import Text

Outcomes = dict[int, Exception]
"""Which commits of a group failed, by their place in it, and why: a ChatError for the sender, or a fault of ours."""


class StorageTrouble(Exception):
    """Nothing can be written for now: disk full, file locked or read-only. What was to be written still is to be."""


class Displaced(StorageTrouble):
    """What is open is not what stands at its place any more: nothing must be written, and waiting may not help."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.render())


Obstacle = Callable[[], "Text | None"]
"""Tells why nothing must be written, though it could be; None if it may be."""


class Writer(Protocol):
    """Writes groups."""

    def write(self, group: Sequence[Commit]) -> Deferred[Outcomes]:
        """Write a group in one transaction; fails with StorageTrouble if nothing of it is written, but later may be.

        A record that is refused takes its own commit with it, and no other.
        """


class Journal(Protocol):
    """The one ordered queue of all changes."""

    def append(self, commit: Commit) -> None:
        """Queue a commit; it is released in its place, when it is stored."""

    @property
    def accepting(self) -> bool:
        """Whether new writes of clients are taken; not while the store has been in trouble for a time."""

    @property
    def failing(self) -> bool:
        """Whether the last try to write has failed."""

    @property
    def idle(self) -> bool:
        """Whether nothing waits."""

    @property
    def waiting(self) -> int:
        """How many commits wait for the group before them."""

    @property
    def groups(self) -> Iterable[tuple[float, int]]:
        """The last groups that were written: the seconds that each took, and the commits that it had."""


class Archive(Protocol):
    """What was said. Messages come oldest first; StorageUnavailable if nothing can be read."""

    def page(
        self,
        *,
        channel_id: int | None = None,
        conversation: str | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int,
    ) -> Deferred[Sequence[Message]]:
        """Return up to `limit` messages of a channel or of a conversation.

        Those next to the id `before` or `after`; without either the latest ones.
        """

    def latest(self, channels: Sequence[tuple[int, int]], limit: int) -> Deferred[list[MessageAdded]]:
        """Return the last `limit` messages of these channels together, of each up to and with the id beside its own."""

    def kept(self, user_id: int, limit: int) -> Deferred[list[PrivateMessageAdded]]:
        """Return the private messages that wait for an account."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the audit trail as it is read; what was erased is None."""

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
        """Return the newest `limit` entries, oldest first; older than one, of one actor, of one action where asked."""


class Exports(Protocol):
    """Whole tables, a page at a time; StorageUnavailable if they cannot be read."""

    def rows(self, what: str, *, after_id: int, limit: int) -> Deferred[tuple[list[str], list[Sequence[Any]]]]:
        """Return the columns of `users`, `messages` or `audit`, and the rows after an id, which stands first."""


class Accounts(Protocol):
    """What the hub does not hold of an account; StorageUnavailable if nothing can be read."""

    def password_hash(self, user_id: int) -> Deferred[str | None]:
        """Return the digest of an account's password; None if there is no such account."""


Progress = Callable[[str, int, int], None]
"""Told what is being done, how far it has come, and how far it goes (0: nobody knows); whatever it raises ends it."""


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What a database has in it; `schema` is its own version, `newest` the one that this ClassCord makes of it."""

    schema: int
    newest: int
    messages: int
    accounts: int


class StoreError(Exception):
    """What is kept cannot be used by this ClassCord; `text` says which database, why, and what would help."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render())


class Unreadable(Exception):
    """Reading what is kept has failed."""


class Unsound(Exception):
    """A file is no database that this ClassCord can use, or cannot be read or copied; `text` says why."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render())


class Copies(Protocol):
    """Databases as whole files. All of it takes its time, and is done in a thread."""

    def copy(self, source: Path, target: Path, progress: Progress) -> None:
        """Write to `target`, an empty file, a database as it is at one moment, also while a server writes it."""

    def examine(self, file: Path, progress: Progress) -> Contents:
        """Read all of a database that nobody has open, changing nothing; Unsound if anything in it is wrong."""

    def settle(self, file: Path) -> bool:
        """Bring all of a database into its one file; False if it is damaged, Unsound if somebody has it open."""


class Stored(msgspec.Struct, frozen=True):
    """What a start begins with."""

    records: list[Record]
    last: LastIds
    backup: Path | None = None


class Snapshot(Protocol):
    """What is kept as it is at one moment, for a command beside a server; Unreadable if it cannot be read."""

    def last_id(self, what: str) -> int:
        """Return the highest id of `users`, `messages` or `audit`; 0 if there is none."""

    def rows(self, what: str, after_id: int, limit: int) -> tuple[list[str], list[Sequence[Any]]]:
        """Return the columns of `users`, `messages` or `audit`, and the rows after an id, which stands first."""


class Opened(Writer, Archive, Accounts, Trail, Exports, Protocol):
    """A store that a server works with: `start` it before use, `close` it after the last."""

    obstacle: Obstacle

    def start(self) -> None: ...

    def close(self) -> None:
        """Wait for what is under way, and let go of what is kept."""

    def came_in(self, since: int, most: int) -> Deferred[list[tuple[str, str, int]]]:
        """Return address, account and time (ms) of the last login of each from each, since then.

        Of so many sessions, the newest.
        """


class Store(Protocol):
    """Where everything is kept; `classcord.store.urls.store_at` finds it by the URL of the settings."""

    file: Path
    """What is measured, backed up, and looked for."""
    copies: Copies

    def in_file(self, file: Path) -> Store:
        """Return the store that another file of its kind is, such as one that is being put back."""

    def describe(self) -> str:
        """Return the version of the library that it uses."""

    def prepare(self, backups: Path) -> Stored:
        """Make it or bring it up to date before anything runs, end what a crash left open, read the state."""

    def write_now(self, commits: Sequence[Commit]) -> Outcomes:
        """Write commits while no server runs; StoreError if that is impossible."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Open it as it is at one moment, also while a server writes it; StoreError if it is none of this ClassCord."""

    def open(self, reactor: Any) -> Opened:
        """Return what a server works with; the work is done in threads."""
