"""The work of `classcord export`: rows as they are at one moment, with or without a running server.

The form is the same as in the console. Knows neither parsers nor a reactor: asynchronous functions complete at once.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Coroutine, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from classcord.chat.audit import trail
from classcord.chat.effects import Commit
from classcord.chat.errors import BadRequest, StorageUnavailable
from classcord.chat.operators.rules import check_excel
from classcord.chat.reasons import checked_reason
from classcord.chat.text import N_, readable
from classcord.cli.interaction import failed, login_name, progress
from classcord.cli.options import say_refused
from classcord.services.export import Exporter
from classcord.services.process.datafolder import DataFolder, DataFolderError
from classcord.settings import Settings, SettingsError, chosen
from classcord.store.ports import Progress, Snapshot, Store, StoreError, Unreadable
from classcord.store.urls import store_at
from classcord.system_errors import in_words

REFUSED = (SettingsError, DataFolderError, StoreError, BadRequest)
T = TypeVar("T")


def run(arguments: argparse.Namespace) -> int:
    """Export what the options say. Returns 0 for success, 1 if it failed, 2 if it was refused."""
    try:
        return _export(arguments, chosen(arguments.config, arguments.overrides))
    except REFUSED as error:
        return say_refused(error, arguments)
    except StorageUnavailable as error:
        why = error.text if error.__cause__ is None else in_words(error.__cause__)
        return failed(N_("nothing was exported: {why}"), why=why)
    except Unreadable as error:
        return failed(N_("nothing was exported: {why}"), why=error.text)


def _export(arguments: argparse.Namespace, settings: Settings) -> int:
    data = DataFolder(arguments.data)
    store = store_at(settings.storage.url, data.path, synchronous=settings.storage.synchronous)
    reason = checked_reason(arguments.reason)
    check_excel(arguments.format, excel=arguments.excel)
    zone = ZoneInfo(settings.server.timezone) if arguments.excel else None
    with store.snapshot() as snapshot, progress() as told:
        if reason:
            _note(store, arguments, reason)
        rows = _Rows(snapshot, _milliseconds(arguments, settings), told)
        now = Clock()
        now.rightNow = time.time()
        export = Exporter(rows, now, maybeDeferred)
        how: dict[str, Any] = {"private": bool(reason), "bom": arguments.bom, "excel": zone}
        if arguments.output == "-":
            _done(_to_output(export, arguments.what, arguments.format, how))
            return 0
        if arguments.output is None:
            folder = data.path / "exports"
            writing = export.to_file(folder, arguments.what, arguments.format, keep=arguments.keep, **how)
        else:
            writing = export.replace(Path(arguments.output).absolute(), arguments.what, arguments.format, **how)
        file = _done(writing)
    print(readable(str(file)))
    return 0


class _Rows:
    """The rows of a snapshot, returned at once; with `since`, only rows of that time (ms since 1970) or later."""

    def __init__(self, snapshot: Snapshot, since: int | None, told: Progress) -> None:
        self._snapshot = snapshot
        self._since = since
        self._told = told
        self._last: int | None = None

    def rows(self, what: str, *, after_id: int, limit: int) -> Deferred[tuple[list[str], list[Sequence[Any]]]]:
        """Return the next rows.

        All are read, because a clock that jumps makes the order of ids differ from that of times.
        """
        if self._last is None:
            self._last = self._snapshot.last_id(what)
        found: list[Sequence[Any]] = []
        while len(found) < limit:
            self._told("rows", after_id, self._last)
            columns, page = self._snapshot.rows(what, after_id, limit)
            time = columns.index("at" if "at" in columns else "added_at")
            found += [row for row in page if self._since is None or row[time] >= self._since]
            if len(page) < limit:
                break
            after_id = int(page[-1][0])
        return succeed((columns, found))


def _milliseconds(arguments: argparse.Namespace, settings: Settings) -> int | None:
    day = arguments.since
    if day is None:
        return None
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings.server.timezone))
    return int(midnight.timestamp() * 1000)


def _note(store: Store, arguments: argparse.Namespace, reason: str) -> None:
    """Write into the audit trail, with or without a server, that private messages will be read."""
    fields = {"what": arguments.what, "format": arguments.format, "reason": reason, "user": login_name()}
    entry = trail.entry(None, time.time(), ("export", "server", arguments.what, None, fields), actor="export")
    store.write_now([Commit(None, (entry,))])


async def _to_output(export: Exporter, what: str, form: str, how: dict[str, Any]) -> None:
    async for piece in export.pieces(what, form, **how):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _done(work: Coroutine[Deferred[Any], Any, T]) -> T:
    """Return the result of a coroutine that never waits."""
    outcomes: list[T | Failure] = []
    Deferred.fromCoroutine(work).addBoth(outcomes.append)
    (outcome,) = outcomes
    if isinstance(outcome, Failure):
        outcome.raiseException()
    return outcome
