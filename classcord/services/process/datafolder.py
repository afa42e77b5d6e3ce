"""DATA, the one folder that the server writes to: private, and locked by one server at a time.

Knows where files lie in it, not what they contain.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from twisted.logger import Logger

from classcord.chat.text import N_, Text
from classcord.durable import Identity, identity
from classcord.language import terminal_language, translator
from classcord.system_errors import in_words


class DataFolderError(Exception):
    """The folder cannot be used; the message says in one line why, and what would be right."""


class DataFolder:
    """DATA, locked until `release` or the end of the process; a fork keeps the lock.

    Its lock file contains the number of the process that holds the lock.
    """

    _logger = Logger()

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock = -1
        self._here: Identity | None = None

    @property
    def log(self) -> Path:
        return self.path / "log"

    @property
    def backups(self) -> Path:
        return self.path / "backups"

    @property
    def files(self) -> Path:
        return self.path / "files"

    @property
    def control(self) -> Path:
        """The path of the socket that connects `classcord ctl` to the server."""
        return self.path / "control"

    @property
    def first_password(self) -> Path:
        """The file with the first account's one-time password; it exists until the password is changed."""
        return self.path / "first-password"

    def hold(self) -> None:
        """Create the folder if needed, private to its owner, and lock it.

        DataFolderError if another server holds it.
        """
        _ = translator(terminal_language())
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)  # an existing folder keeps its permissions
            self.log.mkdir(mode=0o700, exist_ok=True)
            self._lock = self._locked()
        except BlockingIOError:
            words = _(
                N_("{path}: another ClassCord is running with this data folder; stop it, or choose another --data.")
            )
            raise DataFolderError(words.format(path=self.path)) from None
        except OSError as error:
            raise self.unusable(error) from None
        self._here = identity(self.path)
        self.sign()

    def _locked(self) -> int:
        """Open the lock file and lock it; BlockingIOError if another process holds it."""
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException:
            os.close(lock)
            raise
        return lock

    def sign(self) -> None:
        """Write the number of this process into the lock file.

        Again after the process became a daemon, with another number.
        """
        with suppress(OSError):  # on a full disk the number is missing
            os.ftruncate(self._lock, 0)
            os.pwrite(self._lock, b"%d\n" % os.getpid(), 0)

    @property
    def is_at_its_place(self) -> bool:
        """Whether the folder at this path is still the folder that we hold."""
        return identity(self.path) == self._here

    def obstacle(self) -> Text | None:
        """Return why nothing may be written to it any more; None while it is ours, and at its path.

        If the lock file was removed, it is created again, before another server can take the folder for unlocked.
        """
        if not self.is_at_its_place:
            return Text(N_("the data folder {path} was moved, removed or replaced"), {"path": str(self.path)})
        if identity(self.path / "lock") == identity(self._lock):
            return None
        try:
            lock = self._locked()
        except BlockingIOError:
            return Text(N_("another ClassCord is running with the data folder {path}"), {"path": str(self.path)})
        except OSError as error:
            return Text(N_("{path} cannot be locked: {why}"), {"path": str(self.path), "why": in_words(error)})
        os.close(self._lock)
        self._lock = lock
        self.sign()
        self._logger.warn("the lock file in {path} had been removed or replaced; it was made again", path=self.path)
        return None

    def make_folders(self, file: Path) -> None:
        """Create the folders between DATA and a file in it, private to their owner; none for a file elsewhere."""
        if ".." in file.parts or not file.is_relative_to(self.path):
            return
        for folder in reversed(file.relative_to(self.path).parents):
            # the caller that opens the file will report what stands in the way
            with suppress(FileExistsError, NotADirectoryError):
                (self.path / folder).mkdir(mode=0o700, exist_ok=True)

    def traces(self, database_log: Path) -> Iterator[Path]:
        """Yield non-empty files that only a server leaves: the database's own log, backups, logs."""
        beside = [database_log]
        for folder in (self.backups, self.log):
            try:
                beside += sorted(folder.iterdir())
            except OSError:  # it does not exist, or we may not read it
                continue
        yield from (file for file in beside if _size(file))

    def check_not_lost(self, database: Path, database_log: Path) -> None:
        """Refuse a folder whose database is missing (DataFolderError): a server would silently start with a new one.

        An empty file does not count as a database: it may be there because a disk is not mounted.
        """
        trace = next(self.traces(database_log), None) if _size(database) == 0 else None
        if trace is None:
            return
        _ = translator(terminal_language())
        words = _(
            N_(
                "{database} is missing, but {trace} shows that a server has run with {data}. Mount its disk or put the "
                "file back; or put in the newest backup: {restore}; or begin anew, without accounts and messages: "
                "{init}"
            )
        )
        backup = max(self.backups.glob("classcord-*.db.gz"), default=Path(_(N_("FILE"))))
        values = {
            "restore": command("restore", str(backup), "--data", str(self.path)),
            "init": command("init", "--new", "--data", str(self.path)),
        }
        raise DataFolderError(words.format(database=database, trace=trace, data=self.path, **values))

    def unusable(self, error: OSError) -> DataFolderError:
        """Return a system error as a refusal of the folder."""
        words = N_("{path}: this cannot be the data folder: {why}.")
        said = Text(words, {"path": error.filename or self.path, "why": in_words(error)})
        return DataFolderError(said.render(translator(terminal_language())))

    def release(self) -> None:
        """Unlock it for another server."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def command(*words: str) -> str:
    """Return a `classcord` command that can be pasted; with its path if PATH does not have it."""
    beside = Path(sys.argv[0]).with_name("classcord")
    name = str(beside) if beside.is_file() and not shutil.which("classcord") else "classcord"
    return shlex.join([name, *words])


def _size(file: Path) -> int | None:
    """Return the size of a file, 0 if it does not exist; None if it is not a file, or cannot be read."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return 0
    except OSError:  # the caller that opens it reports what is wrong
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None
