"""Backups of the database in one folder: made beside a running server, read again before they count, the old removed.

Blocks: whoever has a reactor calls it in a thread. Knows files and their names, no SQL and no console.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

from classcord import durable
from classcord.chat.events import BackedUp
from classcord.chat.text import N_
from classcord.services.backups import files
from classcord.services.backups.files import Name
from classcord.store.ports import Contents, Copies, Progress, Unsound

LOGS = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a database


def unheard(_what: str, _done: int, _total: int) -> None:
    """Nobody watches."""


class Keep(NamedTuple):
    """How many hours, days and weeks keep the newest backup of each; with 0 everywhere, all of them stay.

    The newest `by_hand` of those that people have asked for stay besides.
    """

    hourly: int
    daily: int
    weekly: int
    by_hand: int = 0

    @property
    def everything(self) -> bool:
        return not (self.hourly or self.daily or self.weekly)


class Made(NamedTuple):
    """A backup that was made and read again."""

    file: Path
    size: int  # bytes
    contents: Contents
    seconds: float
    removed: tuple[Path, ...]

    def told(self) -> BackedUp:
        """Return the answer to whoever has asked for it."""
        return BackedUp(
            file=str(self.file),
            bytes=self.size,
            messages=self.contents.messages,
            accounts=self.contents.accounts,
            seconds=round(self.seconds, 3),
            removed=tuple(map(str, self.removed)),
        )


class Listed(NamedTuple):
    """A backup that is there; one that an upgrade has made has no sum."""

    file: Path
    when: datetime
    size: int
    summed: bool


class Backups:
    """Those of one folder. One thing is done there at a time, whichever process does it."""

    def __init__(self, folder: Path, copies: Copies, now: Callable[[], float]) -> None:
        self._folder = folder
        self._copies = copies
        self._now = now
        self._stopping = False

    def stop(self) -> None:
        """End what is under way, soon and with a refusal; nothing is begun any more."""
        self._stopping = True

    def make(
        self, database: Path, keep: Keep, progress: Progress = unheard, *, wait: bool = True, by_hand: bool = False
    ) -> Made:
        """Make a backup, read it again, and remove those that are not kept; Unsound if there is no new one after it.

        `wait` for another that is being made, instead of refusing; `by_hand` if a person asks for it. A kill at any
        moment leaves what was there, and files that the next one removes: nothing has a backup's name that was not read
        to its end.
        """
        began = time.monotonic()
        with files.said(self._folder), self._alone(database.parent, wait=wait):
            self._clear()
            files.need_room(self._folder, _size(database) * 3 // 2)
            when = datetime.fromtimestamp(int(self._now()), timezone.utc)
            name = self._new_name(when, by_hand=by_hand)
            file, contents = self._written(database, name, self._unless_stopped(progress))
            removed = self._rotate(keep, file)
            return Made(file, file.stat().st_size, contents, time.monotonic() - began, removed)

    def verify(self, file: Path, progress: Progress = unheard, *, needs_sum: bool = True) -> Contents:
        """Read a backup to its end and return what is in it; Unsound says what is wrong."""
        with files.said(file), self._alone(self._folder.parent, wait=True):
            self._clear()
            plain = self._plain(Name(datetime.fromtimestamp(int(self._now()), timezone.utc), 1))
            try:
                restore_to(plain, file, self._copies, self._unless_stopped(progress), needs_sum=needs_sum)
                return self._copies.examine(plain, progress)
            finally:
                files.remove(plain)

    def listed(self) -> list[Listed]:
        """Return the backups that are there, also those of upgrades, the newest first."""
        found = []
        for entry in self._entries():
            name, status = Name.read(entry.name), entry.stat(follow_symlinks=False)
            upgrade = entry.name.startswith("before-schema-") and entry.name.endswith(".db")
            if name is not None or upgrade:
                made = name or Name(datetime.fromtimestamp(int(status.st_mtime), timezone.utc), 0)
                file = self._folder / entry.name
                found.append((made, Listed(file, made.when, status.st_size, files.sum_file(file).exists())))
        return [backup for _name, backup in sorted(found, reverse=True)]

    # -- one at a time ------------------------------------------------------------------------------------------------

    @contextmanager
    def _alone(self, owner: Path, *, wait: bool) -> Iterator[None]:
        """Hold the folder, which is made where it is not there; its lock ends with the process, however that ends."""
        if not self._folder.is_dir():
            self._folder.mkdir(mode=0o700)
            durable.give_to_owner(self._folder, owner)
        held = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                raise Unsound(N_("another backup is being made")) from None
            yield
        finally:
            os.close(held)

    def _unless_stopped(self, progress: Progress) -> Progress:
        def told(what: str, done: int, total: int) -> None:
            if self._stopping:
                raise Unsound(N_("the server is stopping"))
            progress(what, done, total)

        return told

    # -- a new one ----------------------------------------------------------------------------------------------------

    def _written(self, database: Path, name: Name, progress: Progress) -> tuple[Path, Contents]:
        """Write a backup under hidden names, read it as a restore does, and only then name it: the sum first."""
        file, plain = self._folder / str(name), self._plain(name)
        packed = files.partial(self._folder, file.name)
        summed = files.partial(self._folder, files.sum_file(file).name)
        try:
            durable.created(plain).close()
            self._copies.copy(database, plain, progress)
            found = files.compress(plain, packed, name.when.timestamp(), progress)
            files.remove(plain)
            if files.sum_of(packed, progress) != found:
                raise Unsound(N_("what was written is not what is read: look after the disk"))
            files.expand(packed, plain, progress)
            contents = self._copies.examine(plain, progress)
            files.write_sum(summed, file.name, found)
            summed.rename(files.sum_file(file))
            packed.rename(file)
            durable.keep_names(self._folder)
        finally:
            files.remove(plain, packed, summed)
        return file, contents

    def _plain(self, name: Name) -> Path:
        return files.partial(self._folder, str(name).removesuffix(".gz"))

    def _new_name(self, when: datetime, *, by_hand: bool) -> Name:
        """Return a name after all others of its second, whatever is there under one: what is newer comes later."""
        numbers = [0]
        with os.scandir(self._folder) as entries:
            for entry in entries:
                name = Name.read(entry.name.removesuffix(files.SUM))
                if name is not None and name.when == when:
                    numbers.append(name.number)
        return Name(when, max(numbers) + 1, by_hand)

    # -- old ones -----------------------------------------------------------------------------------------------------

    def _entries(self) -> list[os.DirEntry[str]]:
        if not self._folder.is_dir():
            return []
        with os.scandir(self._folder) as entries:
            return [entry for entry in entries if entry.is_file(follow_symlinks=False)]

    def _clear(self) -> None:
        """Remove what was left by one that was killed: hidden files, and sums whose backup never got its name."""
        for entry in self._entries():
            orphan = entry.name.endswith(files.SUM) and Name.read(entry.name.removesuffix(files.SUM)) is not None
            backup = self._folder / entry.name.removesuffix(files.SUM)
            if files.is_ours_and_unfinished(entry.name) or (orphan and not os.path.lexists(backup)):
                files.remove(self._folder / entry.name)

    def _rotate(self, keep: Keep, newest: Path) -> tuple[Path, ...]:
        """Remove the backups that no rule keeps; never the newest, nor those that a wrong clock has put after it."""
        if keep.everything:
            return ()
        made = Name.read(newest.name)
        assert made is not None
        names = [name for entry in self._entries() if (name := Name.read(entry.name)) is not None and name <= made]
        removed = tuple(self._folder / str(name) for name in sorted(set(names) - kept(names, keep)))
        for file in removed:  # the backup first: one without its sum is one too much, a sum alone is cleared
            files.remove(file, files.sum_file(file))
        return removed


def _size(database: Path) -> int:
    return sum(f.stat().st_size for f in (database, database.with_name(f"{database.name}-wal")) if f.exists())


def kept(names: Iterable[Name], keep: Keep) -> set[Name]:
    """Return which are kept: the newest made by hand, and of the others the newest of each hour, day and week.

    Of hours, days and weeks, the last that have one. What was made by hand takes no other's place.
    """
    newest_first = sorted(names, reverse=True)
    stays = set([name for name in newest_first if name.by_hand][: keep.by_hand])
    newest_first = [name for name in newest_first if name not in stays]
    for form, count in (("%Y%m%d%H", keep.hourly), ("%Y%m%d", keep.daily), ("%G-%V", keep.weekly)):
        seen: dict[str, Name] = {}
        for name in newest_first:
            seen.setdefault(name.when.strftime(form), name)
        stays.update(list(seen.values())[:count])
    return stays


def restore_to(plain: Path, file: Path, copies: Copies, progress: Progress, *, needs_sum: bool) -> None:
    """Write the database that a backup holds to the new file `plain`; Unsound says what is wrong with the backup.

    A database as it is, such as an upgrade or a restore keeps, is copied with what its log holds; it needs no sum.
    """
    if not file.is_file():
        raise Unsound(N_("this is not a file") if os.path.lexists(file) else N_("there is no such file"))
    if not file.stat().st_size:
        raise Unsound(N_("it is empty"))
    is_plain = files.is_plain(file)
    if needs_sum and (not is_plain or files.sum_file(file).exists()):
        files.check_sum(file, progress)
    if is_plain:
        durable.created(plain).close()
        copies.copy(file, plain, progress)
        with plain.open("rb+") as copied:
            durable.keep(copied)
    else:
        files.expand(file, plain, progress)
