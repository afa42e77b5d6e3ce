"""How much import/ may hold: bytes of one file, bytes of all, number of files. Knows descriptors, no path."""

from __future__ import annotations

import os
from contextlib import suppress

from twisted.conch.ssh import filetransfer as fx

from classcord.chat.text import N_
from classcord.faces.ssh.sftp_handles import SFTPRefused

MOST_FILES = 100  # in import/: each write that needs room looks at all of them


class ImportQuota:
    """The limits of import/; 0 is no limit. An open folder is passed as its descriptor."""

    def __init__(self, bound: int, total: int | None = None) -> None:
        """One file has at most `bound` bytes, all together have `total`: ten such files if it is not given."""
        self._bound = bound
        self._total = 10 * bound if total is None else total

    def check(self, folder: int, size: int, more: int) -> None:
        """Refuse a file of this size, `more` of which is new, if that exceeds a limit."""
        if self._bound and size > self._bound:
            raise SFTPRefused(fx.FX_FAILURE, N_("A file in import/ has at most {limit} bytes."), limit=self._bound)
        if not self._total:
            return
        files, used = _used(folder)
        if files > MOST_FILES:
            raise _too_many()
        if used + more > self._total:
            raise SFTPRefused(
                fx.FX_FAILURE,
                N_("All files in import/ together have at most {limit} bytes; remove some first."),
                limit=self._total,
            )


def check_new(folder: int, name: bytes) -> None:
    """Refuse a new file if there are too many; one that exists may be written again."""
    if _used(folder)[0] >= MOST_FILES and not _exists(name, folder):
        raise _too_many()


def _used(folder: int) -> tuple[int, int]:
    """Return the number of entries in import/ and their bytes; stop counting after the first entry too many."""
    files = used = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            files += 1
            if files > MOST_FILES:
                break
            with suppress(FileNotFoundError):
                used += entry.stat(follow_symlinks=False).st_size
    return files, used


def _exists(name: bytes, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _too_many() -> SFTPRefused:
    return SFTPRefused(fx.FX_FAILURE, N_("import/ holds {limit} files already; remove some first."), limit=MOST_FILES)
