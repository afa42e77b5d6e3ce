"""What an administrator sees over sftp: exports/ and backups/ to read, import/ to write, nothing else of the machine.

The tree is this module's own: paths are taken apart here and never handed to the system. It is asked for one name at a
time, within a folder that is held open, and follows no link. Folders within the three are not served. Knows no packet.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import NoReturn, Protocol

from twisted.conch.interfaces import ISFTPServer
from twisted.conch.ssh import filetransfer as fx
from zope.interface import implementer

from classcord.chat.roles import Permission
from classcord.chat.text import N_, is_readable
from classcord.faces.ssh.sftp_handles import (
    OPEN,
    Attributes,
    Download,
    Handle,
    Listing,
    Refused,
    Root,
    Upload,
    attributes,
    check_served,
    no_such_file,
    not_regular,
    open_served,
    system_errors,
)

MOST_OPEN = 64  # handles of one operator, in all sessions together: the process has only so many open files
MOST_FILES = 100  # in import/: it is looked through at each write that needs room
LONGEST_PATH = 4096  # bytes, as the system has it

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_ROOT_PERMISSIONS = 0o500


May = Callable[[Permission], bool]
"""Whether whoever has the session may do something now."""


class Audit(Protocol):
    """Takes what is done, and what is refused to somebody who should not have tried."""

    def __call__(self, action: str, path: str, to: str = "") -> None:
        """Note `read`, `write`, `remove` or `rename` (`to` its new path), or one of them with ` refused` behind it."""


class Shelf(Enum):
    """One of the folders: its name, the right that opens it, and whether it is for writing, not reading."""

    EXPORTS = ("exports", Permission.DOWNLOAD, False)
    BACKUPS = ("backups", Permission.DOWNLOAD, False)
    IMPORT = ("import", Permission.UPLOAD, True)

    def __init__(self, label: str, needs: Permission, writable: bool) -> None:
        self.label = label
        self.needs = needs
        self.writable = writable

    @property
    def permissions(self) -> int:
        """Of its files, as they are shown."""
        return 0o600 if self.writable else 0o400

    @property
    def own_permissions(self) -> int:
        return 0o700 if self.writable else 0o500


_LABELS = frozenset(shelf.label for shelf in Shelf)


@implementer(ISFTPServer)
class Files:
    """The files of one session; paths are bytes, as they come."""

    avatar: object = None

    def __init__(
        self,
        folder: Path,
        may: May,
        bound: int,
        audit: Audit,
        *,
        total: int | None = None,
        opened: set[Handle] | None = None,
    ) -> None:
        """`folder` is DATA; one upload has at most `bound` bytes and import/ `total` (ten such); 0 is no limit.

        `may` is asked for each file that is named, and each time one is read or written. `opened` is what the operator
        has open in all their sessions.
        """
        self._folder = folder
        self._may = may
        self._bound = bound
        self._total = 10 * bound if total is None else total
        self._audit = audit
        self._open: set[Handle] = set()
        self._theirs = set() if opened is None else opened

    def gotVersion(self, _version: int, _extensions: dict[bytes, bytes]) -> dict[bytes, bytes]:
        return {}

    # -- files ----------------------------------------------------------------------------------------------------

    def openFile(self, filename: bytes, flags: int, _attrs: Attributes) -> Download | Upload:
        """Open to read, or to write where one can; the attributes of a new file are the server's own."""
        writing = bool(flags & (fx.FXF_WRITE | fx.FXF_APPEND | fx.FXF_CREAT | fx.FXF_TRUNC))
        with self._noted("write" if writing else "read", filename):
            self._check_room_for_handles()
            shelf, name = self._writable(filename) if writing else self._file(filename)
            if shelf.writable and (not writing or flags & fx.FXF_READ):
                raise Refused(fx.FX_PERMISSION_DENIED, N_("What is uploaded cannot be read again."))
            handle = self._upload(shelf, name, flags) if writing else self._download(shelf, name)
            self._note_open(handle)
        return handle

    def removeFile(self, filename: bytes) -> None:
        with self._noted("remove", filename):
            shelf, name = self._writable(filename)
            with self._opened(shelf) as folder:
                check_served(name, folder)
                os.unlink(name, dir_fd=folder)

    def renameFile(self, old_path: bytes, new_path: bytes) -> None:
        """Rename within import/, where nothing has the new name."""
        with self._noted("rename", old_path, new_path):
            shelf, old = self._writable(old_path)
            _, new = self._writable(new_path)
            with self._opened(shelf) as folder:
                check_served(old, folder)
                try:  # a file of ours takes the name first, so that nobody else's is overwritten
                    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN, 0o600, dir_fd=folder))
                except FileExistsError:
                    raise Refused(fx.FX_FAILURE, N_("A file of this name is there already.")) from None
                try:
                    os.rename(old, new, src_dir_fd=folder, dst_dir_fd=folder)
                except OSError:
                    os.unlink(new, dir_fd=folder)
                    raise

    @system_errors()
    def getAttrs(self, path: bytes, _follow_links: bool) -> Attributes:
        """Return what is known of a file or folder; links are never followed."""
        parts = self._parts(path)
        if not parts:
            return attributes(self._folder.stat(), _ROOT_PERMISSIONS)
        shelf = self._shelf(parts[0])
        with self._opened(shelf) as folder:
            if len(parts) == 1:
                return attributes(os.fstat(folder), shelf.own_permissions)
            _, name = self._file(path)
            return attributes(check_served(name, folder), shelf.permissions)

    def setAttrs(self, path: bytes, attrs: Attributes) -> None:
        """Set a file's size or times in import/, see Upload."""
        upload = self.openFile(path, fx.FXF_WRITE, {})
        try:
            upload.setAttrs(attrs)
        finally:
            upload.close()

    # -- folders --------------------------------------------------------------------------------------------------

    @system_errors()
    def openDirectory(self, path: bytes) -> Listing | Root:
        """Return what lists the folder, see Listing."""
        parts = self._parts(path)
        self._check_room_for_handles()
        listing: Listing | Root
        if not parts:
            listing = Root(list(self._usable()), self._closed)
        elif len(parts) == 1:
            shelf = self._shelf(parts[0])
            with self._opened(shelf) as folder:
                fd = os.open(".", _FOLDER, dir_fd=folder)
            listing = Listing(fd, shelf.permissions, self._closed)
        else:
            self.getAttrs(path, False)  # is it there at all?
            raise Refused(fx.FX_FAILURE, N_("This is a file, not a folder."))
        self._note_open(listing)
        return listing

    def makeDirectory(self, _path: bytes, _attrs: Attributes) -> NoReturn:
        raise Refused(fx.FX_PERMISSION_DENIED, N_("Folders can be neither made nor removed here."))

    def removeDirectory(self, _path: bytes) -> NoReturn:
        raise Refused(fx.FX_PERMISSION_DENIED, N_("Folders can be neither made nor removed here."))

    def realPath(self, path: bytes) -> bytes:
        """Return the path from `/` on, whether something is there or not."""
        return ("/" + "/".join(self._parts(path))).encode()

    def readLink(self, _path: bytes) -> NoReturn:
        raise Refused(fx.FX_OP_UNSUPPORTED, N_("There are no links here."))

    def makeLink(self, _link: bytes, _target: bytes) -> NoReturn:
        raise Refused(fx.FX_OP_UNSUPPORTED, N_("There are no links here."))

    def extendedRequest(self, _name: bytes, _data: bytes) -> NoReturn:
        raise Refused(fx.FX_OP_UNSUPPORTED, N_("This server has no extensions of sftp."))

    def close(self) -> None:
        """Close what is still open, and remove what was opened to be written and is empty."""
        for handle in list(self._open):
            with suppress(Refused):
                handle.abandon()

    # -- paths ----------------------------------------------------------------------------------------------------

    def _parts(self, path: bytes) -> list[str]:
        """Return the names from the root on; `..` goes up as far as there is an up."""
        if len(path) > LONGEST_PATH:
            raise Refused(fx.FX_PERMISSION_DENIED, N_("This name is too long."))
        try:
            text = path.decode()
        except UnicodeDecodeError:
            raise Refused(fx.FX_PERMISSION_DENIED, N_("Names here are UTF-8.")) from None
        if not is_readable(text):
            raise Refused(fx.FX_PERMISSION_DENIED, N_("Names here have no control characters."))
        parts: list[str] = []
        for part in text.split("/"):
            if part == "..":
                del parts[-1:]
            elif part not in {"", "."}:
                parts.append(part)
        if any(part.startswith(".") for part in parts):
            raise Refused(fx.FX_PERMISSION_DENIED, N_("Names here do not begin with a dot."))
        return parts

    def _shelf(self, label: str) -> Shelf:
        for shelf in self._shelves():
            if shelf.label == label:
                return shelf
        raise no_such_file(notable=label in _LABELS)

    def _shelves(self) -> list[Shelf]:
        """Return the folders that are open to whoever this is, now."""
        return [shelf for shelf in Shelf if self._may(shelf.needs)]

    def _file(self, path: bytes) -> tuple[Shelf, bytes]:
        """Return where a file would be, and its name; in bytes, whatever encoding the system believes in."""
        parts = self._parts(path)
        if not parts:
            raise not_regular()
        shelf = self._shelf(parts[0])
        if len(parts) == 1:
            raise not_regular()
        if len(parts) > 2:
            raise no_such_file()
        return shelf, parts[1].encode()

    def _writable(self, path: bytes) -> tuple[Shelf, bytes]:
        """Return where a file that is to be changed would be; what is put beside the folders hears where it may be."""
        parts = self._parts(path)
        if len(parts) == 1 and parts[0] not in _LABELS:
            raise _read_only()
        shelf, name = self._file(path)
        if not shelf.writable:
            raise _read_only()
        return shelf, name

    @contextmanager
    def _noted(self, action: str, path: bytes, to: bytes = b"") -> Iterator[None]:
        """Note the action when it is done, and when it is refused to somebody who should not have tried."""
        try:
            with system_errors():
                yield
        except Refused as refused:
            if refused.notable:
                self._audit(f"{action} refused", _shown(path), _shown(to))
            raise
        self._audit(action, _shown(self.realPath(path)), _shown(self.realPath(to)) if to else "")

    def _usable(self) -> Iterator[tuple[str, Attributes]]:
        """Yield the folders of the root; not one that somebody has replaced by a link."""
        for shelf in self._shelves():
            with suppress(Refused):
                yield shelf.label, self.getAttrs(shelf.label.encode(), False)

    # -- the system -----------------------------------------------------------------------------------------------

    @contextmanager
    def _opened(self, shelf: Shelf) -> Iterator[int]:
        """Hold a folder open, made if it is not there; one that is a link is none."""
        data = os.open(self._folder, _FOLDER)
        try:
            try:
                folder = os.open(shelf.label, _FOLDER | os.O_NOFOLLOW, dir_fd=data)
            except FileNotFoundError:
                os.mkdir(shelf.label, 0o700, dir_fd=data)
                folder = os.open(shelf.label, _FOLDER | os.O_NOFOLLOW, dir_fd=data)
        finally:
            os.close(data)
        try:
            yield folder
        finally:
            os.close(folder)

    def _download(self, shelf: Shelf, name: bytes) -> Download:
        with self._opened(shelf) as folder:
            fd = open_served(name, os.O_RDONLY, folder)
        return Download(fd, shelf.permissions, self._closed)

    def _upload(self, shelf: Shelf, name: bytes, flags: int) -> Upload:
        with self._opened(shelf) as folder:
            fd, created = self._open_to_write(name, flags, folder)
            try:
                emptied = bool(flags & fx.FXF_TRUNC)
                if emptied:
                    os.ftruncate(fd, 0)
                os.fchmod(fd, 0o600)
            except OSError:
                os.close(fd)
                raise

        def make_room(size: int, more: int) -> None:
            self._make_room(shelf, size, more)

        def remove(file: os.stat_result) -> None:
            with self._opened(shelf) as folder:
                there = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if os.path.samestat(there, file):
                    os.unlink(name, dir_fd=folder)
                    self._audit("remove", f"/{shelf.label}/{name.decode()}")

        return Upload(
            fd,
            shelf.permissions,
            self._closed,
            make_room=make_room,
            remove=remove,
            fresh=created or emptied,
            append=bool(flags & fx.FXF_APPEND),
        )

    def _open_to_write(self, name: bytes, flags: int, folder: int) -> tuple[int, bool]:
        """Return the descriptor, and whether the file is new."""
        if flags & fx.FXF_CREAT:
            if self._used(folder)[0] >= MOST_FILES and not _exists(name, folder):
                raise _too_many()
            try:
                return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN, 0o600, dir_fd=folder), True
            except FileExistsError:
                if flags & fx.FXF_EXCL:
                    raise Refused(fx.FX_FAILURE, N_("A file of this name is there already.")) from None
        return open_served(name, os.O_WRONLY, folder), False

    def _make_room(self, shelf: Shelf, size: int, more: int) -> None:
        """Refuse a file of this size, `more` of which is new, if that is too much."""
        if self._bound and size > self._bound:
            raise Refused(fx.FX_FAILURE, N_("A file in import/ has at most {limit} bytes."), limit=self._bound)
        if not self._total:
            return
        with self._opened(shelf) as folder:
            files, used = self._used(folder)
        if files > MOST_FILES:
            raise _too_many()
        if used + more > self._total:
            raise Refused(
                fx.FX_FAILURE,
                N_("All files in import/ together have at most {limit} bytes; remove some first."),
                limit=self._total,
            )

    def _used(self, folder: int) -> tuple[int, int]:
        """Return how many entries import/ has, and their bytes; one more than are allowed are enough to know."""
        files = used = 0
        with os.scandir(folder) as entries:
            for entry in entries:
                files += 1
                if files > MOST_FILES:
                    break
                with suppress(FileNotFoundError):
                    used += entry.stat(follow_symlinks=False).st_size
        return files, used

    def _check_room_for_handles(self) -> None:
        if len(self._theirs) >= MOST_OPEN:
            raise Refused(fx.FX_FAILURE, N_("At most {limit} files can be open at a time."), limit=MOST_OPEN)

    def _note_open(self, handle: Handle) -> None:
        self._open.add(handle)
        self._theirs.add(handle)

    def _closed(self, handle: Handle) -> None:
        self._open.discard(handle)
        self._theirs.discard(handle)


def _read_only() -> Refused:
    return Refused(fx.FX_PERMISSION_DENIED, N_("Only import/ is for writing."))


def _too_many() -> Refused:
    return Refused(fx.FX_FAILURE, N_("import/ holds {limit} files already; remove some first."), limit=MOST_FILES)


def _shown(path: bytes) -> str:
    """Return a path for the audit trail, whatever was sent."""
    text = path[:LONGEST_PATH].decode(errors="backslashreplace")
    return "".join(c if is_readable(c) else f"\\x{ord(c):02x}" for c in text)


def _exists(name: bytes, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
