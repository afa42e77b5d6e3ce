"""Files that survive a power failure, and are either complete or absent. Knows nothing of their content."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import IO

Identity = tuple[int, int]
"""Device and inode: they distinguish a file from every other one, whatever its name."""


def identity(file: Path | str | int) -> Identity | None:
    """Return the identity of a file, by its name or its descriptor; None if the file does not exist."""
    try:
        status = os.stat(file)  # noqa: PTH116 (a descriptor has no path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def created(file: Path, *, given: bool = True) -> IO[bytes]:
    """Create and open a file that only its owner can read.

    If `given`, its owner is the owner of the folder, even if root creates it.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        if given:
            give_to_owner(descriptor, file.parent)
        return os.fdopen(descriptor, "w+b")
    except BaseException:
        os.close(descriptor)
        file.unlink()
        raise


def give_to_owner(made: int | Path, beside: Path) -> None:
    """If root has created a file, give it to the owner of `beside`, so that the server can read it.

    A service manager may forbid chown, also to root: that is no harm to a file that is theirs already.
    """
    if os.geteuid() != 0:
        return
    owner = beside.stat()
    try:
        if isinstance(made, int):
            os.chown(made, owner.st_uid, owner.st_gid)
        else:  # the folder's owner may have put a link there, to become the owner of another file
            os.chown(made, owner.st_uid, owner.st_gid, follow_symlinks=False)
    except PermissionError:
        own = os.fstat(made) if isinstance(made, int) else made.lstat()
        if (own.st_uid, own.st_gid) != (owner.st_uid, owner.st_gid):
            raise


def keep(file: IO[bytes]) -> None:
    """Sync a file to the disk, so that it survives a power failure; close it."""
    file.flush()
    os.fsync(file.fileno())
    file.close()


def keep_names(folder: Path) -> None:
    """Sync a folder to the disk, so that names that were added or removed survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(file: Path, most: int | None = None) -> bytes:
    """Return the content of a regular file; OSError for anything else, such as a pipe, which would block.

    A file of more than `most` bytes is an OSError too.
    """
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as source:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(file))
        content = source.read() if most is None else source.read(most + 1)
        if most is not None and len(content) > most:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(file))
        return content


def write(file: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file, or replace the existing one; users whom `mode` excludes can never read it."""
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # 0600
    try:
        with os.fdopen(handle, "wb") as output:
            output.write(content)
            keep(output)
        Path(draft).chmod(mode)
        Path(draft).rename(file)
    except BaseException as error:
        Path(draft).unlink()
        if isinstance(error, OSError):  # the caller does not know the draft's name
            raise OSError(error.errno, error.strerror, str(file)) from None
        raise
    keep_names(file.parent)
