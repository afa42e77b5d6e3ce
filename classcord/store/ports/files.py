"""What is done with a store's files, with or without a server: inspected, read as a whole, copied and examined.

Knows no database and no SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from classcord.chat.records import Record
from classcord.chat.state import LastIds
from classcord.chat.text import Text

Progress = Callable[[str, int, int], None]
"""Called with the name of the current step, the amount done, and the total (0: unknown). An exception from it stops the
work.
"""


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What a database contains. `schema` is its version.

    `newest` is the version to which this ClassCord migrates it.
    """

    schema: int
    newest: int
    messages: int
    accounts: int


class Unreadable(Exception):
    """The store could not be read; `text` says why."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.render())


class Unsound(Exception):
    """A file cannot be read or copied, or is not a database that this ClassCord can use; `text` says why."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render())


class Copies(Protocol):
    """Operations on whole database files. They are slow, and run in a thread."""

    def begins(self, beginning: bytes) -> bool:
        """Whether a file that begins with these bytes, 16 or more, may be a database. Reads no file."""

    def copy(self, source: Path, target: Path, progress: Progress) -> None:
        """Copy a database, as it is at one moment, into the empty file `target`.

        A server may write to it at the same time.
        """

    def examine(self, file: Path, progress: Progress) -> Contents:
        """Read a whole database that no program has open, without a change; Unsound if any part of it is wrong."""

    def digests(self, file: Path) -> frozenset[str]:
        """Return the digests of the contents that the messages of a whole database need; none of an older schema."""

    def beside(self, file: Path) -> tuple[Path, ...]:
        """Return the files that belong to a database and may lie beside it, whether or not they exist."""

    def size(self, file: Path) -> int:
        """Return the bytes of a database with what is not in its file yet; 0 if there is none."""

    def settle(self, file: Path) -> bool:
        """Bring a whole database into one file. Returns False if it is damaged.

        Unsound if another program has it open.
        """


class Locked(Exception):
    """Another program holds a lock on the database, so that it could not be read."""


class Inspection(Protocol):
    """What can be read of a store whatever its condition, with or without a server; nothing is left beside it."""

    def account_names(self) -> list[tuple[str, str | None]]:
        """Return the name and the alias of each account; an empty result if the store cannot be read."""

    def waits_for_a_change(self, name_key: str) -> bool | None:
        """Whether an account still has a one-time password.

        None if there is no such account, or the store cannot be read.
        """

    def switch(self, name: str) -> str | None:
        """Return the value of a switch, None if it was never set; Unreadable if the store cannot be read."""

    def last_run(self) -> tuple[int, int | None] | None:
        """Return when the last run of retention began and ended, in milliseconds since 1970; None if there is none.

        Unreadable if the store cannot be read.
        """

    def unused_staff(self, before: int) -> list[str]:
        """Return the names of those above a member who were last here before a time; Unreadable as above."""

    def contents(self) -> dict[str, int]:
        """Return the digest and the size of each content that a message needs; Unreadable if that cannot be read."""

    def newest_message(self) -> float | None:
        """Return the time when the newest message was accepted, in seconds since 1970; None if it is unknown."""

    def schema_and_faults(self, patience: float) -> tuple[int, list[str]]:
        """Return the schema's version and the faults; Unreadable or Locked if the store cannot be looked at.

        ["ok"] if there are no faults, [] if `patience` seconds were not enough.
        """


Part = Literal["database", "log", ""]
"""What a file is to a store, recognised by its content; "" if it is no part of one."""


class Stored(msgspec.Struct, frozen=True):
    """The state with which a server starts."""

    records: list[Record]
    last: LastIds
    backup: Path | None = None
    keeps_space: Text | None = None
    """Why the file will not become smaller when rows go; None if it will."""


class Snapshot(Protocol):
    """The store as it is at one moment, for a command that runs beside a server; Unreadable if it cannot be read."""

    def state(self) -> Stored:
        """Return what a server would start with, sessions that are open included; nothing is changed."""

    def last_id(self, what: str) -> int:
        """Return the highest id of `users`, `messages` or `audit`; 0 if there is none."""

    def rows(self, what: str, after_id: int, limit: int) -> tuple[list[str], list[Sequence[Any]]]:
        """Return the columns of `users`, `messages` or `audit`, and the rows after an id.

        The id is the first column.
        """
