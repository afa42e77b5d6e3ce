"""Assembles the daily run of retention: what is stored, and the files beside it.

Only modules of this folder name concrete classes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger

from classcord.chat.retention.durations import months_before
from classcord.chat.retention.rules import removes
from classcord.services.administration.signing_keys import signing_key
from classcord.services.backups.backup import Backups
from classcord.services.files.content_folder import ContentFolder
from classcord.services.process.clock import TimeOfDay
from classcord.services.retention import old_copies, old_logs
from classcord.services.retention.job import RetentionJob
from classcord.services.retention.purged_list import PurgedList

if TYPE_CHECKING:
    from classcord.chat.retention.vocabulary import PurgeBegun
    from classcord.server.startup import Prepared
    from classcord.services.process.datafolder import DataFolder
    from classcord.settings import Settings
    from classcord.store.ports import CommitQueue, OpenStore


def retention(
    settings: Callable[[], Settings],
    prepared: Prepared,
    store: OpenStore,
    journal: CommitQueue,
    reactor: Any,
) -> RetentionJob:
    """Return the job of a server; the store is told by which key purges of the audit trail are signed."""
    store.sign_with(partial(signing_key, prepared.folder.path))
    backups = Backups(prepared.folder.backups, prepared.store.copies, time.time, ContentFolder(prepared.folder.files))
    files = FilesInTime(settings, prepared.folder, prepared.store.file, backups, reactor)
    return RetentionJob(prepared.hub, journal, store, begun=files.begun, timers=reactor, clock=TimeOfDay(reactor))


class FilesInTime:
    """What a run does to files: the log, copies, backups, and the list that holds even after a backup is restored."""

    log = Logger()

    def __init__(
        self, settings: Callable[[], Settings], folder: DataFolder, database: Path, backups: Backups, reactor: Any
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._database = database
        self._backups = backups
        self._reactor = reactor
        self._purged = PurgedList((folder.path, folder.backups))

    def begun(self, run: PurgeBegun, now: float) -> None:
        """Note from which times on nothing is kept, and remove what files have had their time: not in the first run."""
        if not removes(run):
            return
        self._purged.note(run)
        kept = self._settings().retention
        try:
            self._gone(old_logs.look_after(self._folder.log, months_before(now, kept.connections) / 1000, now))
        except OSError as error:
            self.log.error("retention: old files of the log cannot be removed: {why}", why=error)
        oldest = months_before(now, kept.backups) / 1000
        reports = months_before(now, kept.reports) / 1000
        places = self._folder.path, self._database
        self._in_thread("copies", partial(old_copies.look_after, *places, oldest, reports))
        self._in_thread("backups", partial(self._backups.remove_old, oldest))

    def _in_thread(self, what: str, remove: Callable[[], Iterable[Path]]) -> None:
        removed = deferToThreadPool(self._reactor, self._reactor.getThreadPool(), remove)
        removed.addCallbacks(
            self._gone,
            lambda failure: self.log.error(
                "retention: old {what} cannot be removed: {why}", what=what, why=failure.value
            ),
        )

    def _gone(self, files: Iterable[Path]) -> None:
        for file in files:
            self.log.info("retention: {file} has gone", file=file)
