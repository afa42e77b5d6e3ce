"""Open files over sftp: a file that is read, a file that is written, a folder that is listed.

Each has its own descriptor, so that it stays the same file whatever happens to its name. Knows no path of the machine,
no role and no packet.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from twisted.conch.interfaces import ISFTPFile
from twisted.conch.ls import lsLine
from twisted.conch.ssh.filetransfer import FX_FAILURE, FX_NO_SUCH_FILE, FX_PERMISSION_DENIED, SFTPError
from twisted.logger import Logger
from zope.interface import implementer

from classcord.chat.text import N_, Text, is_readable

LONGEST_READ = 65_536  # bytes of one answer: twice what OpenSSH asks for
GAP = 4_194_304  # bytes past its end at which a file may grow: clients send up to 2 MiB in advance, in any order

# a FIFO does not block; a terminal does not become ours
OPEN = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY

Attributes = dict[str, int]
"""The attributes of a file, as conch packs and parses them: size, permissions, atime and mtime."""

log = Logger()


class SFTPRefused(SFTPError):
    """A refusal, with the sentence for the user; `notable` ones are also written into the audit trail."""

    def __init__(self, code: int, template: str, *, notable: bool | None = None, **values: object) -> None:
        self.text = Text(template, values)
        self.notable = code == FX_PERMISSION_DENIED if notable is None else notable
        SFTPError.__init__(self, code, self.text.render())

    def again(self) -> SFTPRefused:
        """Return an equal refusal without a traceback, so that keeping it keeps no other object alive."""
        return SFTPRefused(self.code, self.text.template, notable=self.notable, **self.text.values)


def no_such_file(*, notable: bool = False) -> SFTPRefused:
    return SFTPRefused(FX_NO_SUCH_FILE, N_("There is no such file."), notable=notable)


def not_regular() -> SFTPRefused:
    return SFTPRefused(FX_PERMISSION_DENIED, N_("Only regular files are served, without links."))


_REFUSALS = {
    **dict.fromkeys(
        (errno.ELOOP, errno.ENXIO, errno.EISDIR, errno.ENOTDIR, errno.ENODEV, errno.EOPNOTSUPP),
        (FX_PERMISSION_DENIED, N_("Only regular files are served, without links.")),
    ),
    **dict.fromkeys(
        (errno.EACCES, errno.EPERM, errno.EROFS),
        (FX_PERMISSION_DENIED, N_("The server itself may not do this.")),
    ),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), (FX_FAILURE, N_("The disk of the server is full."))),
    errno.ENAMETOOLONG: (FX_FAILURE, N_("This name is too long.")),
    errno.ENOENT: (FX_NO_SUCH_FILE, N_("There is no such file.")),
}


@contextmanager
def system_errors() -> Iterator[None]:
    """Raise the system's errors as sentences that reveal nothing of the machine; also a decorator."""
    try:
        yield
    except OSError as error:
        known = _REFUSALS.get(error.errno or 0)
        if known is None:
            log.error("sftp: {why} ({name})", why=error.strerror, name=errno.errorcode.get(error.errno or 0, "?"))
            known = (FX_FAILURE, N_("The server could not do this; its log says why."))
        raise SFTPRefused(*known) from None


def is_served(found: os.stat_result) -> bool:
    """Whether this is a regular file with one name: a second name could be anywhere on the disk."""
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def open_served(name: bytes, flags: int, folder: int) -> int:
    """Open the file of this name in an open folder, or refuse."""
    fd = os.open(name, flags | OPEN, dir_fd=folder)
    if is_served(os.fstat(fd)):
        return fd
    os.close(fd)
    raise not_regular()


def check_served(name: bytes, folder: int) -> os.stat_result:
    """Return the status of the file of this name in an open folder, or refuse."""
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if is_served(found):
        return found
    raise not_regular()


def attributes(found: os.stat_result, permissions: int) -> Attributes:
    """Return the attributes of a file or folder that clients see; they do not see its owner."""
    kind = stat.S_IFMT(found.st_mode)
    atime, mtime = (min(max(int(t), 0), 2**32 - 1) for t in (found.st_atime, found.st_mtime))  # 32 bits in sftp 3
    return {"size": found.st_size, "permissions": kind | permissions, "atime": atime, "mtime": mtime}


Closed = Callable[["Handle"], None]
"""Called once for each handle that is closed."""


class Handle:
    """A descriptor that is closed once, however often `close` is called; `closed` is called then."""

    def __init__(self, fd: int, permissions: int, closed: Closed) -> None:
        self.fd = fd
        self._permissions = permissions
        self._closed = closed

    @system_errors()
    def close(self) -> None:
        if self.fd >= 0:
            fd, self.fd = self.fd, -1  # first: if the number is closed twice, another file may have it by then
            self._closed(self)
            os.close(fd)

    def abandon(self) -> None:
        """Close it at the end of the session, without a request from the client."""
        self.close()

    @system_errors()
    def getAttrs(self) -> Attributes:
        return attributes(os.fstat(self.fd), self._permissions)


@implementer(ISFTPFile)
class Download(Handle):
    """A file that is read."""

    @system_errors()
    def readChunk(self, offset: int, length: int) -> bytes:
        """Return at most LONGEST_READ bytes; EOFError at the end."""
        if offset >= os.fstat(self.fd).st_size:
            raise EOFError
        return os.pread(self.fd, min(length, LONGEST_READ), offset)

    def writeChunk(self, _offset: int, _data: bytes) -> None:
        raise SFTPRefused(FX_PERMISSION_DENIED, N_("This file was not opened for writing."))

    def setAttrs(self, _attrs: Attributes) -> None:
        raise SFTPRefused(FX_PERMISSION_DENIED, N_("This file was not opened for writing."))


@implementer(ISFTPFile)
class Upload(Handle):
    """A file that is written.

    If it was new or emptied when it was opened, and its content does not fit, it is removed: half a list of people is
    worse than none. It is also removed if nothing was written to it when the session ends. An existing file that is
    continued or changed keeps its content.
    """

    def __init__(
        self,
        fd: int,
        permissions: int,
        closed: Closed,
        *,
        make_room: Callable[[int, int], None],
        remove: Callable[[os.stat_result], None],
        fresh: bool,
        append: bool,
    ) -> None:
        """`make_room(size, more)` refuses what does not fit.

        `remove(file)` removes the name if it still is this file's.
        """
        super().__init__(fd, permissions, closed)
        self._make_room = make_room
        self._remove = remove
        self._fresh = fresh
        self._append = append
        self._failed: SFTPRefused | None = None

    def readChunk(self, _offset: int, _length: int) -> bytes:
        raise SFTPRefused(FX_PERMISSION_DENIED, N_("What is uploaded cannot be read again."))

    def writeChunk(self, offset: int, data: bytes) -> None:
        """Write at an offset, or at the end of a file that was opened to append to."""
        with self._whole_or_not():
            present = self._present()
            start = present.st_size if self._append else offset
            self._grow(present.st_size, start, start + len(data))
            while data:  # a full disk accepts only the first part of it
                written = os.pwrite(self.fd, data, start)
                start, data = start + written, data[written:]

    def setAttrs(self, attrs: Attributes) -> None:
        """Set size and times; permissions are ignored, and accepted because clients always send theirs."""
        if "uid" in attrs:
            raise SFTPRefused(FX_PERMISSION_DENIED, N_("The owner of a file cannot be changed."))
        with self._whole_or_not():
            present = self._present()
            if "size" in attrs:
                self._grow(present.st_size, attrs["size"], attrs["size"])
                os.ftruncate(self.fd, attrs["size"])
            if "mtime" in attrs:
                os.utime(self.fd, (attrs["atime"], attrs["mtime"]))

    def abandon(self) -> None:
        if self.fd >= 0 and self._fresh and not self._failed:
            with suppress(OSError):
                present = os.fstat(self.fd)
                if not present.st_size:
                    self._remove(present)
        self.close()

    @contextmanager
    def _whole_or_not(self) -> Iterator[None]:
        if self._failed:
            raise self._failed.again()
        try:
            with system_errors():
                yield
        except SFTPRefused as refused:
            if self._fresh:
                self._failed = refused.again()
                with suppress(OSError):
                    os.ftruncate(self.fd, 0)
                    self._remove(os.fstat(self.fd))
            raise

    def _present(self) -> os.stat_result:
        """Return the file's status; SFTPRefused if it was removed, or got a second name, since it was opened."""
        present = os.fstat(self.fd)
        if not present.st_nlink:
            raise SFTPRefused(FX_FAILURE, N_("This file was removed meanwhile."))
        if not is_served(present):
            raise not_regular()
        return present

    def _grow(self, size: int, start: int, end: int) -> None:
        if start > size + GAP:
            raise SFTPRefused(FX_FAILURE, N_("A file grows from its end on; nothing can be written so far behind it."))
        if end > size:
            self._make_room(end, end - size)


class Listing(Handle):
    """A folder that is listed, entry by entry as the client asks: name, line of `ls -l`, attributes.

    Invalid names, and files that are not served, are left out.
    """

    def __init__(self, fd: int, permissions: int, closed: Closed) -> None:
        super().__init__(fd, permissions, closed)
        try:
            self._entries = os.scandir(fd)
        except OSError:  # it needs a descriptor of its own, and we had the last one
            os.close(fd)
            raise

    def __iter__(self) -> Iterator[tuple[bytes, bytes, Attributes]]:
        for entry in self._entries:
            name = os.fsencode(entry.name)
            try:
                found = entry.stat(follow_symlinks=False)
                if is_served(found) and is_name(name.decode()):
                    yield line(name.decode(), attributes(found, self._permissions))
            except (UnicodeDecodeError, FileNotFoundError):  # removed since the folder was read
                continue

    def close(self) -> None:
        self._entries.close()
        super().close()


class Root(Handle):
    """The list of folders; it has no descriptor."""

    def __init__(self, folders: list[tuple[str, Attributes]], closed: Closed) -> None:
        super().__init__(-1, 0, closed)
        self._folders = folders
        self._open = True

    def __iter__(self) -> Iterator[tuple[bytes, bytes, Attributes]]:
        return (line(name, known) for name, known in self._folders)

    def close(self) -> None:
        if self._open:
            self._open = False
            self._closed(self)


def is_name(name: str) -> bool:
    """Whether a file may have this name: readable characters, and not hidden."""
    return is_readable(name) and not name.startswith(".")


class _Owned:
    """A stat result for `lsLine`; clients do not see the machine's own accounts."""

    st_nlink = 1
    st_uid = st_gid = "classcord "  # lsLine leaves 9 columns and no space

    def __init__(self, known: Attributes) -> None:
        self.st_mode = known["permissions"]
        self.st_size = known["size"]
        self.st_mtime = known["mtime"]


def line(name: str, known: Attributes) -> tuple[bytes, bytes, Attributes]:
    """Return an entry of a listing."""
    return name.encode(), lsLine(name, _Owned(known)).encode(), known
