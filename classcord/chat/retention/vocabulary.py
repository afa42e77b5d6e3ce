"""The words of retention: what a run removes, what it has removed, and who has left. Decides nothing."""

from __future__ import annotations

from typing import ClassVar

from classcord.chat.events import Answer, Bytes, Row, Time, called
from classcord.chat.frozen import Frozen
from classcord.chat.questions import Found, Question
from classcord.chat.records import Record
from classcord.chat.requests import Group, Request
from classcord.chat.roles import Permission
from classcord.chat.text import N_


class RowCounts(Frozen, kw_only=True):
    """How many rows of each kind have gone, or would go. `private` are messages, `files` those of all messages."""

    everyone: int = 0
    channels: int = 0
    private: int = 0
    files: int = 0
    connections: int = 0
    versions: int = 0
    reports: int = 0
    sanctions: int = 0
    audit: int = 0
    accounts: int = 0
    held: int = 0


class Cutoffs(Frozen, kw_only=True):
    """What is older than these times goes; milliseconds since 1970."""

    everyone: int
    channels: int
    private: int
    connections: int
    versions: int
    reports: int
    sanctions: int
    audit: int


NOTHING_OLD = Cutoffs(**dict.fromkeys(Cutoffs.__struct_fields__, 0))
"""The times of a run that removes nothing."""


class PurgeBegun(Record, kw_only=True):
    """A run of the retention job has begun: from now on nothing is kept that is older than `before`.

    The rows go in steps (store/sqlite/purging.py), also after a restart.
    """

    number: int
    at: int
    before: Cutoffs


class PurgeEnded(Record, kw_only=True):
    """Everything has gone that a run of the retention job removes."""

    number: int
    at: int
    gone: RowCounts = RowCounts()


class AccountLeft(Record, kw_only=True):
    """The person of an account has left the school: it is erased some months later, unless the person comes back."""

    user_id: int
    at: int


class PurgesIn(Question):
    """The last run of the retention job; the answer is a StoredPurge."""


class StoredPurge(Frozen):
    """A run as the store knows it: whether anything is left to remove, and what has gone already."""

    number: int
    at: int
    swept: bool
    ended_at: int | None
    counts: RowCounts


class OlderThan(Question):
    """How much is older than some times, and the last run; the answer is an OldRows."""

    slow: ClassVar[bool] = True

    cutoffs: Cutoffs


class OldRows(Frozen):
    counts: RowCounts
    free: int  # bytes in the database file that nothing uses
    last: StoredPurge


class Retention(Request, tag="retention"):
    permission = Permission.WATCH
    summary = N_("tell what is kept for how long, what would go now, and what the last run has removed")
    command = "retention"
    group = Group.WATCHING
    reads_store = True


class RetentionFound(Found, tag="-retention-found"):
    """What the store says of it."""

    asked: Retention
    found: OldRows


class RetentionRow(Row):
    """A kind of record: the months that it is kept, how many would go now, how many the last run has removed."""

    kept: str
    months: int
    oldest: Time
    expired: int
    went: int

    labels = called(
        kept=N_("kept"),
        months=N_("months"),
        oldest=N_("none older than"),
        expired=N_("would go now"),
        went=N_("last run"),
    )


class RetentionTold(Answer, kw_only=True):
    """`last_run` is None until the first run has begun; while one is under way, `run_ended` is None.

    `leaving` is the number of accounts whose people have left and that are not erased yet.
    """

    rows: tuple[RetentionRow, ...]
    last_run: Time | None
    run_ended: Time | None
    next_run: Time
    leaving: int
    unused: Bytes

    labels = called(
        last_run=N_("last run at"),
        run_ended=N_("ended at"),
        next_run=N_("next run at"),
        leaving=N_("accounts that leave"),
        unused=N_("unused in the database file"),
    )
