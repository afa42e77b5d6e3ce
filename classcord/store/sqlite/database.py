"""SQLite: one connection that writes and several that read, through twisted.enterprise.adbapi.

Implements `OpenStore` of ports/store.py. Knows records and SQL, not what they mean.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import msgspec
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.chat.block_lists.vocabulary import PersonBlocked
from classcord.chat.channel_moderators.vocabulary import ModeratorNamed
from classcord.chat.channels.vocabulary import ChannelAdded, MemberAdded
from classcord.chat.effects import Commit
from classcord.chat.errors import StorageUnavailable
from classcord.chat.held_messages.vocabulary import HeldFile, MessageHeld
from classcord.chat.invitation_codes.vocabulary import InvitationCodeMade
from classcord.chat.join_requests.vocabulary import JoinRequested
from classcord.chat.lessons.vocabulary import LessonBegun
from classcord.chat.maintenance.vocabulary import SettingSet
from classcord.chat.messages.vocabulary import Message, MessageAdded, PrivateMessageAdded
from classcord.chat.privacy.vocabulary import AccountErased
from classcord.chat.questions import Question
from classcord.chat.records import Record
from classcord.chat.registration.vocabulary import UserAdded
from classcord.chat.reports.vocabulary import ReportClosed, ReportFiled
from classcord.chat.resuming.vocabulary import TokenMade
from classcord.chat.retention.vocabulary import PurgeBegun, PurgeEnded, PurgesIn, RowCounts
from classcord.chat.sanctions.vocabulary import SanctionAdded
from classcord.chat.state import LastIds
from classcord.chat.text import N_
from classcord.store.ports import AuditEntry, Displaced, Obstacle, Outcomes, StorageTrouble, Stored, StoreError
from classcord.store.sqlite import answers, damaged_rows, library, purging, reading, space, word_index
from classcord.store.sqlite.connections import Connections
from classcord.store.sqlite.database_files import BESIDE, DatabaseFiles
from classcord.store.sqlite.in_memory import MemoryConnection
from classcord.store.sqlite.in_words import said
from classcord.store.sqlite.indexing import Indexing
from classcord.store.sqlite.migrate import migrate, version
from classcord.store.sqlite.pools import LOCK_WAIT, Pool, WritingPool, configure_reader, configure_writer
from classcord.store.sqlite.removing import MOST, Removing
from classcord.store.sqlite.statements import ARCHIVE, START, lists_of, values_within
from classcord.store.sqlite.writing import write_group

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

READERS = 3
TELL_AGAIN = 60.0  # seconds before the log reports the same read error again
_WHERE = "{path}: {why}"
_FOREVER = 2**53  # higher than every id (PROTOCOL.md: ids are below it)

T = TypeVar("T")


def prepare(path: Path, backups: Path, synchronous: str) -> Stored:
    """Create or migrate the database before the server runs, end the sessions that a crash left open, read the state.

    StoreError says in one line why the database cannot be used.
    """
    try:
        library.check()
        if not path.parent.is_dir():
            raise StoreError(N_("there is no folder {folder}"), folder=path.parent)
        if path.is_file() and not path.stat().st_size and backups.is_dir() and any(backups.iterdir()):
            raise StoreError(  # with a new database, the first stranger could take any name
                N_("it is empty, but there are backups: put one back (classcord restore), or remove it to begin anew")
            )
        _check_remains(path)
        path.touch(mode=0o600)
        _check_place(path.resolve())
        with closing(sqlite3.connect(path, isolation_level=None, timeout=LOCK_WAIT)) as connection:
            version(connection)  # so that a database that is refused stays unchanged
            if not path.stat().st_size:
                space.gives_back(connection)
            configure_writer(synchronous, connection)
            backup = migrate(connection, backups)
            keeps_space = space.give_back_from_now_on(connection, path)
            return msgspec.structs.replace(begin(connection), backup=backup, keeps_space=keeps_space)
    except StoreError as error:
        raise StoreError(_WHERE, path=path, why=error.text) from error
    except (sqlite3.Error, OSError) as error:
        raise StoreError(_WHERE, path=path, why=said(error)) from error


def begin(connection: sqlite3.Connection) -> Stored:
    """End the sessions that a crash left open, and return the state with which a server starts."""
    START.end_open_sessions(connection)
    return stored_state(connection)


def stored_state(connection: sqlite3.Connection) -> Stored:
    """Return the state with which a server starts; nothing is changed."""
    rows = {row[0]: row[1] for row in START.last_ids(connection)}
    records: list[Record] = [
        *_records(connection, START.users, UserAdded),
        *_records(connection, START.channels, ChannelAdded),
        *_records(connection, START.memberships, MemberAdded),
        *_records(connection, START.channel_moderators, ModeratorNamed),
        *_records(connection, START.sanctions, SanctionAdded),
        *_records(connection, START.join_requests, JoinRequested),
        *_records(connection, START.invitation_codes, InvitationCodeMade),
        *_records(connection, START.reports, ReportFiled),
        *_records(connection, START.untold_outcomes, ReportClosed),
        *_records(connection, START.held_messages, MessageHeld),
        *_records(connection, START.held_files, HeldFile),
        *_records(connection, START.switches, SettingSet),
        *_records(connection, START.lessons, LessonBegun),
        *_records(connection, START.tokens, TokenMade),
        *_records(connection, START.blocks, PersonBlocked),
        *_records(connection, START.erasures, AccountErased),
        *_records(connection, START.last_purge, PurgeBegun),
        *_records(connection, START.last_purge_ended, PurgeEnded),
    ]
    last = LastIds(
        user=rows.get("users", 0),
        channel=rows.get("channels", 0),
        message=rows.get("messages", 0),
        session=rows.get("sessions", 0),
        sanction=rows.get("sanctions", 0),
        join_request=rows.get("join_requests", 0),
        erasure=rows.get("erasures", 0),
        invitation_code=rows.get("invitation_codes", 0),
        report=rows.get("reports", 0),
        lesson=rows.get("lessons", 0),
        held=rows.get("held_messages", 0),
        purge=rows.get("purges", 0),
    )
    return Stored(records, last)


def _check_remains(path: Path) -> None:
    """Refuse to create a database where parts of an old one are left: SQLite would delete the data in its log."""
    left = [Path(f"{path}{ending}") for ending in BESIDE[:1]]
    if not path.exists() and any(file.exists() and file.stat().st_size for file in left):
        raise StoreError(
            N_(
                "it is not there, but {file} is: put the database back beside it, or restore a backup "
                "(classcord restore), or move {file} away to begin anew"
            ),
            file=left[0],
        )


def _check_place(path: Path) -> None:
    """Refuse an unusable path more clearly than SQLite does, and before SQLite creates a log file there."""
    if not path.is_file():
        raise StoreError(N_("this is not a file"))
    for needed in (path, path.parent):
        if not os.access(needed, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            raise StoreError(N_("the permission to write {file} is missing"), file=needed)


def store_now(path: Path, synchronous: str, commits: Sequence[Commit]) -> Outcomes:
    """Write commits while no server runs; StoreError if that is impossible."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=LOCK_WAIT)) as connection:
            configure_writer(synchronous, connection)
            return write_group(connection, commits)
    except (sqlite3.Error, StorageTrouble) as error:
        raise StoreError(_WHERE, path=path, why=said(error)) from error


def sweep_now(path: Path, synchronous: str, key: Callable[[], Ed25519PrivateKey]) -> RowCounts:
    """Take all steps of the run of retention that is under way, while no server runs; return what has gone."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=LOCK_WAIT)) as connection:
            configure_writer(synchronous, connection)
            place = purging.step(connection, None, MOST, _free, key)
            while purging.is_under_way(connection):
                place = purging.step(connection, place, MOST, _free, key)
            while word_index.update(connection) or word_index.is_outdated(connection):
                pass
            return answers.answer(connection, PurgesIn()).counts  # type: ignore[no-any-return]
    except sqlite3.Error as error:
        raise StoreError(_WHERE, path=path, why=said(error)) from error


def _free() -> None:
    """Return no reason why nothing may be written."""


def _write(connection: sqlite3.Connection, group: Sequence[Commit], obstacle: Obstacle) -> tuple[Outcomes, bool]:
    """Write a group; return what failed, and whether the index of words has words of edited or deleted messages."""
    return write_group(connection, group, obstacle), word_index.is_outdated(connection)


def _records(connection: sqlite3.Connection, query: Callable[..., Any], kind: type[Record]) -> list[Record]:
    cursor = connection.execute(query.sql)  # type: ignore[attr-defined]
    names = [column[0] for column in cursor.description]
    several = lists_of(kind)
    records = []
    for row in cursor:
        try:
            values = {name: json.loads(of) if name in several else of for name, of in zip(names, row, strict=True)}
            records.append(msgspec.convert(_nested(values, kind), kind, strict=False))
        except (msgspec.ValidationError, json.JSONDecodeError, TypeError) as error:
            damaged_rows.refuse(error, query.sql, names, row)  # type: ignore[attr-defined]
    return records


def _nested(row: dict[str, Any], kind: type[Record]) -> dict[str, Any]:
    """Return a row in which the columns of a value within the record are beside each other under its name."""
    within = {field: {name: row[name] for name in names if name in row} for field, names in values_within(kind).items()}
    return row | {field: values for field, values in within.items() if values} if within else row


class Database:
    """One connection that writes and some that read; `start` them before the first use, `close` them after the last."""

    log = Logger()

    def __init__(self, writer: Connections, readers: Connections, obstacle: Obstacle = lambda: None) -> None:
        self._unread, self._told = "", 0.0  # the last read error in the log, and its time
        self.obstacle = obstacle
        self._writer = writer
        self._readers = readers
        self._indexing = Indexing(writer, obstacle)
        self._removing = Removing(writer, obstacle, self._indexing)

    @classmethod
    def in_file(cls, path: Path, synchronous: str, reactor: Any) -> Database:
        """Return the database of a file; its connections work in threads."""
        place = DatabaseFiles(path)
        writer: Any = WritingPool(path, place, 1, partial(configure_writer, synchronous), reactor)
        readers: Any = Pool(path, place, READERS, configure_reader, reactor)
        return cls(writer, readers, place.obstacle)

    @classmethod
    def in_memory(cls) -> Database:
        """Return a new database in memory, which answers without a thread; no data remain."""
        connection = MemoryConnection()
        return cls(connection, connection)

    def start(self) -> None:
        self._writer.start()
        self._readers.start()

    def close(self) -> None:
        """Close all connections, after the threads have ended."""
        self._indexing.end()
        self._removing.end()
        self._readers.close()
        self._writer.close()

    def tidy(self, now: float) -> None:
        self._indexing.tidy(now)
        self._removing.tidy(now)

    def sign_with(self, key: Callable[[], Ed25519PrivateKey]) -> None:
        self._removing.trail_key = key

    def watch_removing(self, watcher: Callable[[float, float], None]) -> None:
        """Call this, in the writer's thread, with the seconds of each step of a removal, and the processor's."""
        self._removing.watchers.append(watcher)

    def write(self, group: Sequence[Commit]) -> Deferred[Outcomes]:
        written = self._writer.runWithConnection(_write, group, self.obstacle)
        return written.addCallbacks(self._stored, self._not_opened, (len(group),))

    def _stored(self, written: tuple[Outcomes, bool], commits: int) -> Outcomes:
        outcomes, outdated = written
        self._indexing.stored(commits, outdated=outdated)
        return outcomes

    def _not_opened(self, failure: Failure) -> NoReturn:
        """Fail with StorageTrouble if no connection could be opened."""
        failure.trap(sqlite3.DatabaseError)
        assert failure.value is not None
        why = self.obstacle()
        raise StorageTrouble(said(failure.value)) if why is None else Displaced(why) from failure.value

    def page(
        self,
        *,
        channel_id: int | None = None,
        conversation: str | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int,
    ) -> Deferred[Sequence[Message]]:
        kind: type[Message]
        where: dict[str, object]
        if channel_id is not None:
            kind, of, where = MessageAdded, "channel", {"channel_id": channel_id}
        else:
            kind, of, where = PrivateMessageAdded, "conversation", {"conversation": conversation}
        if after is not None:
            where |= {"after": _within(after), "limit": limit}
            return self._read(reading.messages, kind, getattr(ARCHIVE, f"{of}_after").sql, where)
        where |= {"before": _within(before) if before is not None else _FOREVER, "limit": limit}
        return self._read(reading.messages_backwards, kind, getattr(ARCHIVE, f"{of}_before").sql, where)

    def find(self, question: Question) -> Deferred[Any]:
        return self._read(answers.answer, question)

    def latest(self, channels: Sequence[tuple[int, int]], limit: int) -> Deferred[list[MessageAdded]]:
        return self._read(reading.latest, channels, limit)

    def kept(self, user_id: int, limit: int) -> Deferred[list[PrivateMessageAdded]]:
        return self._read(reading.messages, PrivateMessageAdded, ARCHIVE.kept.sql, {"user_id": user_id, "limit": limit})

    def password_hash(self, name_key: str) -> Deferred[str | None]:
        return self._read(reading.password_hash, name_key)

    def came_in(self, since: int, most: int) -> Deferred[list[tuple[str, str, int]]]:
        """Return the address, account and time (ms since 1970) of the last login of each pair of account and address.

        Logins before `since` are left out; of the others, only the `most` newest are read.
        """
        return self._read(reading.came_in, since, most)

    def entries(
        self, *, limit: int, before_id: int | None = None, actor: str | None = None, action: str | None = None
    ) -> Deferred[list[AuditEntry]]:
        before_id = _FOREVER if before_id is None else _within(before_id)
        return self._read(reading.entries, limit, before_id, actor, action)

    def rows(self, what: str, *, after_id: int, limit: int) -> Deferred[tuple[list[str], list[Sequence[Any]]]]:
        return self._read(reading.rows, what, _within(after_id), limit)

    def _read(self, query: Callable[..., T], *args: object) -> Deferred[T]:
        found: Deferred[T] = self._readers.runWithConnection(query, *args)
        return found.addErrback(self._unreadable)

    def _unreadable(self, failure: Failure) -> NoReturn:
        failure.trap(sqlite3.DatabaseError, Displaced, StoreError)
        reason, now = str(failure.value), time.monotonic()
        if reason != self._unread or now - self._told >= TELL_AGAIN:  # each attempt to log in causes another error
            self._unread, self._told = reason, now
            self.log.critical("the database cannot be read: {reason}", reason=reason)
        raise StorageUnavailable(retry_after=5) from failure.value


def _within(message_id: int) -> int:
    """Return the nearest id that SQLite can hold: a client may send any number, SQLite's integers have 64 bits."""
    return max(0, min(message_id, _FOREVER))
