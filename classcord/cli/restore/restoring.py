"""A backup put in the place of the database, while no server runs; what was there is kept beside it.

Blocks. Knows files, no SQL. Whoever calls it holds the data folder. Why a kill at any moment leaves the old database or
the new one, and that whole:

1. The backup is read to its end into a hidden file beside the database, and examined: nothing else is touched.
2. The old database is brought into one file: what its log held is in it, and there is no log that SQLite would play
   into the new one. Should it be too damaged for that, its logs are moved away with it; it was no whole one any more.
3. The folder before-restore-… gets a second name of that file (a hard link): the first one stays where it is. After a
   kill here, the next restore takes that name away: two names of one database that is written are one too much.
4. The hidden file is renamed to the database's name, which POSIX does at once or not at all.
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
from classcord.services.backups import files
from classcord.services.backups.backup import LOGS, restore_to, unheard
from classcord.store.ports import Contents, Copies, Progress, Unsound

_BEFORE = "before-restore-"


class Restored(NamedTuple):
    """What was put in place, and where that is which was there before: None where nothing was."""

    contents: Contents
    before: Path | None


class Restore:
    """One restore: `check` first, then `commit`; `discard` in any case."""

    def __init__(self, database: Path, copies: Copies, now: Callable[[], float]) -> None:
        """`database` may be a link to where it is."""
        self._database = database.resolve()
        self._copies = copies
        self._now = now
        self.hidden = files.partial(self._database.parent, f"{self._database.name}.restored")

    def check(self, file: Path, progress: Progress = unheard, *, needs_sum: bool = True) -> Contents:
        """Read a backup to its end beside the database, and return what is in it; Unsound says what is wrong."""
        with files.said(file):
            self._clear()
            restore_to(self.hidden, file, self._copies, progress, needs_sum=needs_sum)
            return self._copies.examine(self.hidden, progress)

    def commit(self, contents: Contents) -> Restored:
        """Put what was checked in the database's place; Unsound if the old one stays, which then is as it was."""
        with files.said(self._database):
            self._copies.settle(self.hidden)  # what was noted in it meanwhile is in that one file
            before = self._set_aside()
            self.hidden.rename(self._database)
            durable.keep_names(self._database.parent)
        return Restored(contents, before)

    def discard(self) -> None:
        """Remove what was checked and not put in place."""
        files.remove(self.hidden, *_logs(self.hidden))

    def _clear(self) -> None:
        """Remove what one has left that was killed: what it had checked, and the second name of the database."""
        self.discard()
        for folder in self._database.parent.glob(f"{_BEFORE}*"):
            also = folder / self._database.name
            if also.is_file() and self._database.exists() and also.samefile(self._database):
                also.unlink()
                folder.rmdir()

    def _set_aside(self) -> Path | None:
        logs = _logs(self._database)
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
        for number in range(1, 1000):  # two may be made within a second
            folder = self._database.with_name(f"{_BEFORE}{stamp}{f'-{number}' if number > 1 else ''}")
            try:
                folder.mkdir(mode=0o700)
            except FileExistsError:
                continue
            durable.give_to_owner(folder, self._database.parent)
            return folder
        raise Unsound(N_("{folder}: there are too many of them"), folder=folder)


def _logs(database: Path) -> list[Path]:
    return [database.with_name(database.name + ending) for ending in LOGS]


def _name_also(file: Path, other: Path) -> None:
    """Give a file a second name; where the disk knows no such thing, copy it."""
    try:
        other.hardlink_to(file)
    except OSError:
        with file.open("rb") as source, durable.created(other) as out:
            shutil.copyfileobj(source, out, files.PIECE)
            durable.keep(out)
