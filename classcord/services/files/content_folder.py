"""DATA/files: each content once, under its digest, complete or not at all. Knows no message and no person.

A content comes under a name of its own in `incoming`, and is renamed when it is whole and synced: ab/ab12...; whatever
a killed process has left in `incoming` is nobody's.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

from classcord import durable

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Incoming(NamedTuple):
    """A content that is coming, and the name under which it comes."""

    path: Path
    file: IO[bytes]


class ContentFolder:
    """The folder; its operations are slow, and run in a thread, but for `open`, `free` and `remove`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._incoming = path / "incoming"

    def make(self) -> None:
        """Create the folder if needed, private to its owner; remove what a killed process has left."""
        for folder in (self.path, self._incoming):
            folder.mkdir(mode=0o700, exist_ok=True)
            durable.give_to_owner(folder, folder.parent)
        for left in self._incoming.iterdir():
            left.unlink()

    def begin(self) -> Incoming:
        """Open a new file for a content that is about to come."""
        path = self._incoming / secrets.token_hex(16)
        return Incoming(path, durable.created(path))

    def keep(self, incoming: Incoming, digest: str) -> None:
        """Put a whole content where it belongs; if it is there already, the new one takes its place."""
        durable.keep(incoming.file)
        file = self.file(digest)
        if not file.parent.is_dir():
            with suppress(FileExistsError):  # another thread was faster
                file.parent.mkdir(mode=0o700)
            durable.give_to_owner(file.parent, self.path)
            durable.keep_names(self.path)
        incoming.path.rename(file)
        durable.keep_names(file.parent)

    def drop(self, incoming: Incoming) -> None:
        """Remove a content that has not come whole."""
        with suppress(OSError):
            incoming.file.close()
        with suppress(FileNotFoundError):
            incoming.path.unlink()

    def file(self, digest: str) -> Path:
        """Return where a content lies, or would lie."""
        return self.path / digest[:2] / digest

    def open(self, digest: str) -> IO[bytes] | None:
        """Open a content; None if it is missing."""
        try:
            return self.file(digest).open("rb")
        except OSError:
            return None

    def remove(self, digest: str) -> None:
        """Remove a content that no message needs."""
        with suppress(FileNotFoundError):
            self.file(digest).unlink()

    def contents(self) -> Iterator[tuple[str, int]]:
        """Yield the digest and the size of each content that lies here."""
        for folder in sorted(self.path.glob("[0-9a-f][0-9a-f]")):
            with os.scandir(folder) as entries:
                for entry in entries:
                    if _DIGEST.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                        with suppress(FileNotFoundError):
                            yield entry.name, entry.stat(follow_symlinks=False).st_size

    def free(self) -> int:
        """Return the free bytes of its disk."""
        return shutil.disk_usage(self.path).free

    @contextmanager
    def undisturbed(self, *, alone: bool) -> Iterator[bool]:
        """Hold the folder, in any process: `alone` to remove contents, otherwise so that none is removed meanwhile.

        It yields whether that succeeded; only whoever wants to be alone may fail.
        """
        held = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(held)
