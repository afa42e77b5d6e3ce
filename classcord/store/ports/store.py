"""A store in use by a server: what is written to it and read from it, and how it is opened.

Knows no database and no SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.defer import Deferred

from classcord.chat.effects import Commit
from classcord.chat.messages.vocabulary import Message, MessageAdded, PrivateMessageAdded
from classcord.chat.questions import Question
from classcord.chat.retention.vocabulary import RowCounts
from classcord.chat.text import Text
from classcord.store.ports.files import Copies, Inspection, Part, Snapshot, Stored
from classcord.store.ports.trail import Chain, Trail

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Outcomes = dict[int, Exception]
"""The commits of a group that were not stored: the index of the commit in the group, and a ChatError for its sender, an
internal error, or SentBefore for a message that is stored already.
"""


class StorageTrouble(Exception):
    """The store cannot write for now: disk full, file locked or read-only.

    The caller keeps the commits and tries again; `text` says why.
    """

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.render())


class Displaced(StorageTrouble):
    """The open file is no longer the file at its path: nothing may be written, and waiting may not help."""


Obstacle = Callable[[], "Text | None"]
"""Returns the reason why nothing may be written although writing would work; None if writing is allowed."""


Release = Callable[[Sequence[Commit], Outcomes], None]
"""Applies a group that is stored, all but the commits that failed, and answers."""


class Writer(Protocol):
    """Writes groups of commits."""

    def write(self, group: Sequence[Commit]) -> Deferred[Outcomes]:
        """Write a group in one transaction.

        Fails with StorageTrouble if nothing was written and a later try may succeed. If a record is refused, its commit
        fails; the other commits are written.
        """


class CommitQueue(Protocol):
    """The one ordered queue of all changes."""

    def release_to(
        self,
        release: Release,
        *,
        trouble: Callable[[str | Text | None], None],
        stuck: Callable[[Sequence[Commit]], list[Commit]] = list,
    ) -> None:
        """Say who is given what is stored; once, before the first commit.

        `release` is called with each group when it is stored, in order, and with what failed in it. `trouble` is called
        with the reason when writing begins to fail, with None when it works again; `stuck` with what waits each time
        that nothing can be written, and returns what is still to be written.
        """

    def release(self, group: Sequence[Commit], outcomes: Outcomes) -> None:
        """Release commits out of their turn."""

    def append(self, commit: Commit) -> None:
        """Queue a commit; its effects are released in order, when it is stored."""

    @property
    def accepting(self) -> bool:
        """Whether the journal accepts new writes from clients.

        It does not when the store has been failing for some time.
        """

    @property
    def failing(self) -> bool:
        """Whether the last attempt to write failed."""

    @property
    def idle(self) -> bool:
        """Whether no commit is waiting."""

    @property
    def waiting(self) -> int:
        """The number of commits that wait until the current group is written."""

    @property
    def groups(self) -> Iterable[tuple[float, int]]:
        """The last groups that were written: for each, its duration in seconds and its number of commits."""


class Archive(Protocol):
    """The stored messages, oldest first; StorageUnavailable if they cannot be read."""

    def find(self, question: Question) -> Deferred[Any]:
        """Return the answer to a question (chat/questions.py); its `Found` says of which type that is."""

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

        They are the messages next to the id `before` or `after`; without either, the latest messages.
        """

    def latest(self, channels: Sequence[tuple[int, int]], limit: int) -> Deferred[list[MessageAdded]]:
        """Return the last `limit` messages of these channels together.

        Each channel has an id, its last message that counts.
        """

    def kept(self, user_id: int, limit: int) -> Deferred[list[PrivateMessageAdded]]:
        """Return the private messages that wait for an account to log in."""


class Exports(Protocol):
    """Whole tables, read page by page; StorageUnavailable if they cannot be read."""

    def rows(self, what: str, *, after_id: int, limit: int) -> Deferred[tuple[list[str], list[Sequence[Any]]]]:
        """Return the columns of `users`, `messages` or `audit`, and the rows after an id.

        The id is the first column.
        """


class StoredAccounts(Protocol):
    """What the hub does not keep in memory about an account; StorageUnavailable if it cannot be read."""

    def password_hash(self, name_key: str) -> Deferred[str | None]:
        """Return the hash of the password of the account whose name has this key; None if there is no such account."""


class StoreError(Exception):
    """The store cannot be used by this ClassCord; `text` says which database, why, and what would help."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render())


class OpenStore(Writer, Archive, StoredAccounts, Trail, Exports, Protocol):
    """A store in use by a server: `start` it before the first use, `close` it after the last."""

    obstacle: Obstacle

    def start(self) -> None: ...

    def close(self) -> None:
        """Wait until running work has ended, then close the store."""

    def tidy(self, now: float) -> None:
        """Do a part of what may take its time, some milliseconds' worth: words of deleted messages leave the file.

        To be called every second or so; `now` is a clock's that is never set.
        """

    def sign_with(self, key: Callable[[], Ed25519PrivateKey]) -> None:
        """Say what returns the key that signs purges of the audit trail; without one, the trail is not purged."""

    def came_in(self, since: int, most: int) -> Deferred[list[tuple[str, str, int]]]:
        """Return the address, account and time (ms since 1970) of the last login of each pair of account and address.

        Logins before `since` are left out; of the others, only the `most` newest are read.
        """


class Store(Protocol):
    """The storage of all data; `classcord.store.urls.store_at` finds it by the URL in the settings."""

    file: Path
    """The database file: its size is measured, and it is backed up."""
    copies: Copies
    inspection: Inspection

    @property
    def log(self) -> Path:
        """The file of changes that are stored but not in the database file yet."""

    @property
    def schema(self) -> int:
        """The newest schema that this ClassCord knows."""

    def part(self, file: Path) -> Part:
        """Return what a file is to a store of this kind, whatever its name is."""

    def in_file(self, file: Path) -> Store:
        """Return the store for another file of the same kind, such as a backup that is being restored."""

    def describe(self) -> str:
        """Return the version of the database library."""

    def prepare(self, backups: Path) -> Stored:
        """Create or migrate the database before the server runs, and return the state.

        It ends the sessions that a crash left open.
        """

    def write_now(self, commits: Sequence[Commit]) -> Outcomes:
        """Write commits while no server runs; StoreError if that is impossible."""

    def sweep(self, key: Callable[[], Ed25519PrivateKey]) -> RowCounts:
        """Remove at once what the run of retention that is under way removes, while no server runs.

        Return how much has gone. `key` returns the one that signs purges of the audit trail.
        """

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Open the store as it is at one moment, even while a server writes.

        StoreError if this ClassCord cannot use it.
        """

    def chain(self, *, writes: bool = False) -> AbstractContextManager[Chain]:
        """Open the audit trail for a command; StoreError if this ClassCord cannot use the store.

        `writes`: to purge it, which is for a time when no server runs.
        """

    def open(self, reactor: Any) -> OpenStore:
        """Return the store for use by a server; its work is done in threads."""
