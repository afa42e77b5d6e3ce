"""Replaces the database by a backup while no server runs, and keeps the old database beside it.

The functions block. Knows files, no SQL. The caller holds the lock of the data folder. If the process is killed at any
moment, either the old database or the new one is there, and complete. The reasons:

1. The backup is read to its end into a hidden file beside the database, and examined; nothing else is changed.
2. The old database is brought into one file: the content of its log is then in it, and no log is left that SQLite would
   apply to the new database. If the old database is too damaged for that, its logs are moved away with it; it was
   incomplete before.
3. The old file gets a second name, a hard link in the folder before-restore-…; the first name stays. After a kill here,
   the next restore removes the second name: it is unsafe to write to a database that has two names.
4. The hidden file is renamed to the database's name; POSIX guarantees that this happens completely or not at all.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

from classcord import durable
from classcord.chat.text import N_
from classcord.services.backups import backup_files, kept_contents
from classcord.services.backups.backup import restore_to, unheard
from classcord.services.files.content_folder import ContentFolder
from classcord.store.ports import Contents, Copies, Progress, Unsound

_BEFORE = "before-restore-"


class Restored(NamedTuple):
    """What was restored, and where the old database is now; None if there was none."""

    contents: Contents
    before: Path | None


class Restore:
    """One restore: `check` first, then `commit`; `discard` in any case."""

    def __init__(self, database: Path, copies: Copies, now: Callable[[], float]) -> None:
        """`database` may be a link to the database."""
        self._database = database.resolve()
        self._copies = copies
        self._now = now
        self.hidden = backup_files.partial(self._database.parent, f"{self._database.name}.restored")

    def check(self, file: Path, progress: Progress = unheard, *, needs_sum: bool = True) -> Contents:
        """Read a backup to its end beside the database, and return its contents; Unsound says what is wrong."""
        with backup_files.said(file):
            self._clear()
            restore_to(self.hidden, file, self._copies, progress, needs_sum=needs_sum)
            return self._copies.examine(self.hidden, progress)

    def commit(self, contents: Contents) -> Restored:
        """Put the checked backup in the database's place; if that fails with Unsound, the old database is unchanged."""
        with backup_files.said(self._database):
            self._copies.settle(self.hidden)  # what was written to it in the meantime is then in that one file
            before = self._set_aside()
            self.hidden.rename(self._database)
            durable.keep_names(self._database.parent)
        return Restored(contents, before)

    def bring_files(self, file: Path, target: ContentFolder) -> int:
        """Put the contents that the checked backup needs beside the database; return how many are missing or damaged.

        A content that is there already under its name stays, unless it is damaged.
        """
        with backup_files.said(file):
            digests = self._copies.digests(self.hidden)
            for digest in kept_contents.faulty(digests, target):
                target.remove(digest)
            kept_contents.bring(digests, kept_contents.beside(file), target)
            return len(kept_contents.faulty(digests, target))

    def set_files_aside(self, restored: Restored, files: ContentFolder) -> None:
        """Keep all contents with the old database, too: the next start removes those that the new one does not need."""
        if restored.before is not None and files.path.is_dir():
            digests = [digest for digest, _ in files.contents()]
            kept_contents.bring(digests, files, kept_contents.beside(restored.before))

    def discard(self) -> None:
        """Remove the checked copy if it was not used."""
        backup_files.remove(self.hidden, *self._copies.beside(self.hidden))

    def _clear(self) -> None:
        """Remove what a killed restore left: the checked copy, and the second name of the database."""
        self.discard()
        for folder in self._database.parent.glob(f"{_BEFORE}*"):
            also = folder / self._database.name
            if also.is_file() and self._database.exists() and also.samefile(self._database):
                also.unlink()
                folder.rmdir()

    def _set_aside(self) -> Path | None:
        logs = self._copies.beside(self._database)
        is_there = os.path.lexists(self._database)
        if not is_there and not any(map(os.path.lexists, logs)):
            return None
        if is_there:
            self._copies.settle(self._database)
        folder = self._new_folder()
        if is_there:
            _name_also(self._database, folder / self._database.name)
        for log in filter(os.path.lexists, logs):
            log.rename(folder / log.name)
        durable.keep_names(folder)
        durable.keep_names(folder.parent)
        return folder / self._database.name

    def _new_folder(self) -> Path:
        stamp = datetime.fromtimestamp(int(self._now()), timezone.utc).strftime("%Y%m%d-%H%M%S")
        for number in range(1, 1000):  # two restores may begin within a second
            folder = self._database.with_name(f"{_BEFORE}{stamp}{f'-{number}' if number > 1 else ''}")
            try:
                folder.mkdir(mode=0o700)
            except FileExistsError:
                continue
            durable.give_to_owner(folder, self._database.parent)
            return folder
        raise Unsound(N_("{folder}: there are too many of them"), folder=folder)


def _name_also(file: Path, other: Path) -> None:
    """Give a file a second name; if the file system has no hard links, copy it."""
    try:
        other.hardlink_to(file)
    except OSError:
        with file.open("rb") as source, durable.created(other) as out:
            shutil.copyfileobj(source, out, backup_files.PIECE)
            durable.keep(out)
