"""Backups of the database in one folder: made beside a running server, verified, and rotated.

The functions block: in a server, call them in a thread. Knows files and their names, no SQL and no console.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

from classcord import durable
from classcord.chat.operations.vocabulary import BackedUp
from classcord.chat.text import N_
from classcord.services.backups import backup_files, kept_contents
from classcord.services.backups.backup_files import BackupName
from classcord.services.files.content_folder import ContentFolder
from classcord.store.ports import Contents, Copies, Progress, Unsound

LONG = timedelta(days=400)  # since the backup before: nobody made any, or the clock is wrong


def unheard(_what: str, _done: int, _total: int) -> None:
    """Ignore progress."""


class Rotation(NamedTuple):
    """The newest backup of each hour, day and week is kept, for so many hours, days and weeks; all zero keeps all.

    The newest `by_hand` backups among those that a person asked for are kept in addition.
    """

    hourly: int
    daily: int
    weekly: int
    by_hand: int = 0

    @property
    def everything(self) -> bool:
        return not (self.hourly or self.daily or self.weekly)


class MadeBackup(NamedTuple):
    """A backup that was made and verified."""

    file: Path
    size: int  # bytes
    contents: Contents
    seconds: float
    removed: tuple[Path, ...]

    def told(self) -> BackedUp:
        """Return the answer for the operator who asked for the backup."""
        return BackedUp(
            file=str(self.file),
            bytes=self.size,
            messages=self.contents.messages,
            accounts=self.contents.accounts,
            seconds=round(self.seconds, 3),
            removed=tuple(map(str, self.removed)),
        )


class ListedBackup(NamedTuple):
    """An existing backup; one that an upgrade has made has no checksum file."""

    file: Path
    when: datetime
    size: int
    summed: bool


class Backups:
    """The backups in one folder. Only one operation runs at a time, across all processes."""

    def __init__(
        self, folder: Path, copies: Copies, now: Callable[[], float], files: ContentFolder | None = None
    ) -> None:
        """`files` has the contents of the files that messages carry."""
        self._folder = folder
        self._files = files
        self._copies = copies
        self._now = now
        self._stopping = False

    def stop(self) -> None:
        """Stop the running operation soon, with a refusal, and refuse any new one."""
        self._stopping = True

    def make(
        self,
        database: Path,
        keep: Rotation,
        progress: Progress = unheard,
        *,
        oldest: float = 0.0,
        wait: bool = True,
        by_hand: bool = False,
    ) -> MadeBackup:
        """Make a backup, verify it, and remove the backups that no rule keeps; Unsound if no new backup was made.

        What was made before `oldest` (seconds since 1970) goes too, whatever the rules say: it has what must be gone.
        But if the last one is from more than a year ago, the clock may be wrong: then only `remove_old` removes it.
        `wait` for another backup that is being made, instead of refusing; `by_hand` if a person asks for it. If the
        process is killed, the existing backups stay, and the next backup removes unfinished files. A file gets a
        backup's name only after it was read to its end.
        """
        began = time.monotonic()
        with backup_files.said(self._folder), self._alone(database.parent, wait=wait):
            self._clear()
            backup_files.need_room(self._folder, self._copies.size(database) * 3 // 2)
            when = datetime.fromtimestamp(int(self._now()), timezone.utc)
            name = self._new_name(when, by_hand=by_hand)
            file, contents = self._written(database, name, self._unless_stopped(progress))
            removed = self._rotate(keep, file)
            if self._goes_on_from_others(when):
                removed += self._too_old(oldest)
            kept_contents.drop_others(self._folder)
            return MadeBackup(file, file.stat().st_size, contents, time.monotonic() - began, removed)

    def remove_old(self, oldest: float) -> tuple[Path, ...]:
        """Remove the backups made before a time (seconds since 1970), but never the newest one; return their files."""
        if not self._folder.is_dir():
            return ()
        with backup_files.said(self._folder), self._alone(self._folder.parent, wait=True):
            removed = self._too_old(oldest)
            if removed:
                kept_contents.drop_others(self._folder)
            return removed

    def _goes_on_from_others(self, when: datetime) -> bool:
        """Whether the last backup before this one is not so old that the clock may be wrong."""
        before = [each.when for each in self.listed() if each.when < when]
        return bool(before) and when - before[0] < LONG

    def _too_old(self, oldest: float) -> tuple[Path, ...]:
        """Remove what was made before a time, copies of upgrades too; the newest backup stays."""
        listed = self.listed()
        newest = next((each for each in listed if each.summed), listed[0] if listed else None)
        old = tuple(each.file for each in listed if each.when.timestamp() < oldest and each is not newest)
        for file in old:
            backup_files.remove(file, backup_files.sum_file(file), kept_contents.list_file(file))
        return old

    def verify(self, file: Path, progress: Progress = unheard, *, needs_sum: bool = True) -> Contents:
        """Read a backup to its end and return its contents; Unsound says what is wrong."""
        with backup_files.said(file), self._alone(self._folder.parent, wait=True):
            self._clear()
            plain = self._plain(BackupName(datetime.fromtimestamp(int(self._now()), timezone.utc), 1))
            try:
                restore_to(plain, file, self._copies, self._unless_stopped(progress), needs_sum=needs_sum)
                contents = self._copies.examine(plain, progress)
                check_files(plain, file, self._copies)
                return contents
            finally:
                backup_files.remove(plain)

    def listed(self) -> list[ListedBackup]:
        """Return the existing backups, including those of upgrades, the newest first."""
        found = []
        for entry in self._entries():
            name, status = BackupName.read(entry.name), entry.stat(follow_symlinks=False)
            upgrade = entry.name.startswith("before-schema-") and entry.name.endswith(".db")
            if name is not None or upgrade:
                made = name or BackupName(datetime.fromtimestamp(int(status.st_mtime), timezone.utc), 0)
                file = self._folder / entry.name
                found.append(
                    (made, ListedBackup(file, made.when, status.st_size, backup_files.sum_file(file).exists()))
                )
        return [backup for _name, backup in sorted(found, reverse=True)]

    # -- one at a time ------------------------------------------------------------------------------------------------

    @contextmanager
    def _alone(self, owner: Path, *, wait: bool) -> Iterator[None]:
        """Lock the folder, which is created if needed; the lock ends with the process, however that ends."""
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

    def _written(self, database: Path, name: BackupName, progress: Progress) -> tuple[Path, Contents]:
        """Write a backup under hidden names, read it as a restore does, then rename.

        First the checksum, then the backup.
        """
        file, plain = self._folder / str(name), self._plain(name)
        packed = backup_files.partial(self._folder, file.name)
        summed = backup_files.partial(self._folder, backup_files.sum_file(file).name)
        try:
            durable.created(plain).close()
            digests = self._copied(database, plain, progress)
            found = backup_files.compress(plain, packed, name.when.timestamp(), progress)
            backup_files.remove(plain)
            if backup_files.sum_of(packed, progress) != found:
                raise Unsound(N_("what was written is not what is read: look after the disk"))
            backup_files.expand(packed, plain, self._copies, progress)
            contents = self._copies.examine(plain, progress)
            backup_files.write_sum(summed, file.name, found)
            if digests:
                kept_contents.write_list(file, digests)
            summed.rename(backup_files.sum_file(file))
            packed.rename(file)
            durable.keep_names(self._folder)
        finally:
            backup_files.remove(plain, packed, summed)
        return file, contents

    def _copied(self, database: Path, plain: Path, progress: Progress) -> frozenset[str]:
        """Copy the database, and keep the contents that it needs; meanwhile the server removes none. Return these."""
        if self._files is None or not self._files.path.is_dir():
            self._copies.copy(database, plain, progress)
            return frozenset()
        with self._files.undisturbed(alone=False):
            self._copies.copy(database, plain, progress)
            digests = self._copies.digests(plain)
            kept_contents.bring(digests, self._files, kept_contents.beside(plain))
        return digests

    def _plain(self, name: BackupName) -> Path:
        return backup_files.partial(self._folder, str(name).removesuffix(".gz"))

    def _new_name(self, when: datetime, *, by_hand: bool) -> BackupName:
        """Return a name that sorts after all backups of the same second."""
        numbers = [0]
        with os.scandir(self._folder) as entries:
            for entry in entries:
                name = BackupName.read(entry.name.removesuffix(backup_files.SUM))
                if name is not None and name.when == when:
                    numbers.append(name.number)
        return BackupName(when, max(numbers) + 1, by_hand)

    # -- old ones -----------------------------------------------------------------------------------------------------

    def _entries(self) -> list[os.DirEntry[str]]:
        if not self._folder.is_dir():
            return []
        with os.scandir(self._folder) as entries:
            return [entry for entry in entries if entry.is_file(follow_symlinks=False)]

    def _clear(self) -> None:
        """Remove what a killed process left: hidden files, and checksum files without a backup."""
        for entry in self._entries():
            orphan = (
                entry.name.endswith(backup_files.SUM)
                and BackupName.read(entry.name.removesuffix(backup_files.SUM)) is not None
            )
            backup = self._folder / entry.name.removesuffix(backup_files.SUM)
            if backup_files.is_ours_and_unfinished(entry.name) or (orphan and not os.path.lexists(backup)):
                backup_files.remove(self._folder / entry.name)

    def _rotate(self, keep: Rotation, newest: Path) -> tuple[Path, ...]:
        """Remove the backups that no rule keeps, except the new one and any that a wrong clock has dated later."""
        if keep.everything:
            return ()
        made = BackupName.read(newest.name)
        assert made is not None
        names = [
            name for entry in self._entries() if (name := BackupName.read(entry.name)) is not None and name <= made
        ]
        removed = tuple(self._folder / str(name) for name in sorted(set(names) - kept(names, keep)))
        # the backup first: `_clear` removes a checksum without a backup, but not a backup without a checksum
        for file in removed:
            backup_files.remove(file, backup_files.sum_file(file), kept_contents.list_file(file))
        return removed


def kept(names: Iterable[BackupName], keep: Rotation) -> set[BackupName]:
    """Return the backups to keep: the newest made by hand; of the others, the newest of each hour, day and week.

    Only hours, days and weeks that have a backup are counted, the latest first. A backup made by hand that is kept does
    not count as the backup of an hour, day or week.
    """
    newest_first = sorted(names, reverse=True)
    stays = set([name for name in newest_first if name.by_hand][: keep.by_hand])
    newest_first = [name for name in newest_first if name not in stays]
    for form, count in (("%Y%m%d%H", keep.hourly), ("%Y%m%d", keep.daily), ("%G-%V", keep.weekly)):
        seen: dict[str, BackupName] = {}
        for name in newest_first:
            seen.setdefault(name.when.strftime(form), name)
        stays.update(list(seen.values())[:count])
    return stays


def check_files(plain: Path, file: Path, copies: Copies) -> None:
    """Read the contents that a backup needs; Unsound if one is missing beside it, or is not what it was."""
    wrong = kept_contents.faulty(copies.digests(plain), kept_contents.beside(file))
    if wrong:
        raise Unsound(
            N_("of the files that its messages carry, {count} are missing or damaged in {folder}, such as {first}"),
            count=len(wrong),
            folder=kept_contents.beside(file).path,
            first=wrong[0],
        )


def restore_to(plain: Path, file: Path, copies: Copies, progress: Progress, *, needs_sum: bool) -> None:
    """Write the database in a backup to the new file `plain`; Unsound says what is wrong with the backup.

    An uncompressed database, which an upgrade or a restore keeps, is copied together with its log; it needs no
    checksum.
    """
    if not file.is_file():
        raise Unsound(N_("this is not a file") if os.path.lexists(file) else N_("there is no such file"))
    if not file.stat().st_size:
        raise Unsound(N_("it is empty"))
    is_plain = backup_files.is_plain(file, copies)
    if needs_sum and (not is_plain or backup_files.sum_file(file).exists()):
        backup_files.check_sum(file, progress)
    if is_plain:
        durable.created(plain).close()
        copies.copy(file, plain, progress)
        with plain.open("rb+") as copied:
            durable.keep(copied)
    else:
        backup_files.expand(file, plain, copies, progress)
