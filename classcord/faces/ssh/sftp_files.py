"""What an administrator does over sftp: read files of exports/ and backups/, write files of import/, nothing else.

The system is asked for one name at a time, in a folder that is held open, and follows no link. Knows no packet.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn, Protocol

from twisted.conch.interfaces import ISFTPServer
from twisted.conch.ssh import filetransfer as fx
from zope.interface import implementer

from classcord.chat.text import N_
from classcord.faces.ssh.sftp_handles import (
    OPEN,
    Attributes,
    Download,
    Handle,
    Listing,
    Root,
    SFTPRefused,
    Upload,
    attributes,
    check_served,
    open_served,
    system_errors,
)
from classcord.faces.ssh.sftp_paths import May, ServedFolder, ServedFolders, parts_of, real_path, shown
from classcord.faces.ssh.sftp_quota import ImportQuota, check_new

MOST_OPEN = 64  # open handles of one operator, in all sessions together: the process has a limit of open files

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_ROOT_PERMISSIONS = 0o500


class NoteForAudit(Protocol):
    """Writes into the audit trail what an operator does, and forbidden attempts."""

    def __call__(self, action: str, path: str, to: str = "") -> None:
        """Note `read`, `write`, `remove` or `rename` (`to` is the new path), or one of them followed by ` refused`."""


@implementer(ISFTPServer)
class Files:
    """The files of one session; paths are bytes, as the client sends them."""

    avatar: object = None

    def __init__(
        self,
        folder: Path,
        may: May,
        bound: int,
        audit: NoteForAudit,
        *,
        total: int | None = None,
        opened: set[Handle] | None = None,
    ) -> None:
        """`folder` is DATA. One upload has at most `bound` bytes, import/ at most `total` (default: ten such).

        0 is no limit. `may` is asked for each file that is named, and at each read or write. `opened` has the
        operator's open handles of all sessions.
        """
        self._folder = folder
        self._folders = ServedFolders(may)
        self._quota = ImportQuota(bound, total)
        self._audit = audit
        self._open: set[Handle] = set()
        self._theirs = set() if opened is None else opened

    def gotVersion(self, _version: int, _extensions: dict[bytes, bytes]) -> dict[bytes, bytes]:
        return {}

    # -- files ----------------------------------------------------------------------------------------------------

    def openFile(self, filename: bytes, flags: int, _attrs: Attributes) -> Download | Upload:
        """Open to read, or in import/ to write; the server sets the attributes of a new file."""
        writing = bool(flags & (fx.FXF_WRITE | fx.FXF_APPEND | fx.FXF_CREAT | fx.FXF_TRUNC))
        with self._noted("write" if writing else "read", filename):
            self._check_room_for_handles()
            served, name = self._folders.writable(filename) if writing else self._folders.file(filename)
            if served.writable and (not writing or flags & fx.FXF_READ):
                raise SFTPRefused(fx.FX_PERMISSION_DENIED, N_("What is uploaded cannot be read again."))
            handle = self._upload(served, name, flags) if writing else self._download(served, name)
            self._note_open(handle)
        return handle

    def removeFile(self, filename: bytes) -> None:
        with self._noted("remove", filename):
            served, name = self._folders.writable(filename)
            with self._opened(served) as folder:
                check_served(name, folder)
                os.unlink(name, dir_fd=folder)

    def renameFile(self, old_path: bytes, new_path: bytes) -> None:
        """Rename within import/, if no file has the new name."""
        with self._noted("rename", old_path, new_path):
            served, old = self._folders.writable(old_path)
            _, new = self._folders.writable(new_path)
            with self._opened(served) as folder:
                check_served(old, folder)
                try:  # our own empty file takes the name first, so that no other file is overwritten
                    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN, 0o600, dir_fd=folder))
                except FileExistsError:
                    raise SFTPRefused(fx.FX_FAILURE, N_("A file of this name is there already.")) from None
                try:
                    os.rename(old, new, src_dir_fd=folder, dst_dir_fd=folder)
                except OSError:
                    os.unlink(new, dir_fd=folder)
                    raise

    @system_errors()
    def getAttrs(self, path: bytes, _follow_links: bool) -> Attributes:
        """Return the attributes of a file or folder; links are never followed."""
        parts = parts_of(path)
        if not parts:
            return attributes(self._folder.stat(), _ROOT_PERMISSIONS)
        served = self._folders.folder(parts[0])
        with self._opened(served) as folder:
            if len(parts) == 1:
                return attributes(os.fstat(folder), served.own_permissions)
            _, name = self._folders.file(path)
            return attributes(check_served(name, folder), served.permissions)

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
        """Return the Listing of a folder."""
        parts = parts_of(path)
        self._check_room_for_handles()
        listing: Listing | Root
        if not parts:
            listing = Root(list(self._usable()), self._closed)
        elif len(parts) == 1:
            served = self._folders.folder(parts[0])
            with self._opened(served) as folder:
                fd = os.open(".", _FOLDER, dir_fd=folder)
            listing = Listing(fd, served.permissions, self._closed)
        else:
            self.getAttrs(path, False)  # raises if the path does not exist
            raise SFTPRefused(fx.FX_FAILURE, N_("This is a file, not a folder."))
        self._note_open(listing)
        return listing

    def makeDirectory(self, _path: bytes, _attrs: Attributes) -> NoReturn:
        raise SFTPRefused(fx.FX_PERMISSION_DENIED, N_("Folders can be neither made nor removed here."))

    def removeDirectory(self, _path: bytes) -> NoReturn:
        raise SFTPRefused(fx.FX_PERMISSION_DENIED, N_("Folders can be neither made nor removed here."))

    def realPath(self, path: bytes) -> bytes:
        """Return the absolute path, even if nothing is there."""
        return real_path(path)

    def readLink(self, _path: bytes) -> NoReturn:
        raise SFTPRefused(fx.FX_OP_UNSUPPORTED, N_("There are no links here."))

    def makeLink(self, _link: bytes, _target: bytes) -> NoReturn:
        raise SFTPRefused(fx.FX_OP_UNSUPPORTED, N_("There are no links here."))

    def extendedRequest(self, _name: bytes, _data: bytes) -> NoReturn:
        raise SFTPRefused(fx.FX_OP_UNSUPPORTED, N_("This server has no extensions of sftp."))

    def close(self) -> None:
        """Close the open handles, and remove files that were opened for writing and are empty."""
        for handle in list(self._open):
            with suppress(SFTPRefused):
                handle.abandon()

    # -- the audit trail ------------------------------------------------------------------------------------------

    @contextmanager
    def _noted(self, action: str, path: bytes, to: bytes = b"") -> Iterator[None]:
        """Note the action when it is done; also note a forbidden attempt."""
        try:
            with system_errors():
                yield
        except SFTPRefused as refused:
            if refused.notable:
                self._audit(f"{action} refused", shown(path), shown(to))
            raise
        self._audit(action, shown(real_path(path)), shown(real_path(to)) if to else "")

    def _usable(self) -> Iterator[tuple[str, Attributes]]:
        """Yield the folders of the root that are not replaced by a link."""
        for served in self._folders.open():
            with suppress(SFTPRefused):
                yield served.label, self.getAttrs(served.label.encode(), False)

    # -- the system -----------------------------------------------------------------------------------------------

    @contextmanager
    def _opened(self, served: ServedFolder) -> Iterator[int]:
        """Open a folder, created if needed; a link in its place is refused."""
        data = os.open(self._folder, _FOLDER)
        try:
            try:
                folder = os.open(served.label, _FOLDER | os.O_NOFOLLOW, dir_fd=data)
            except FileNotFoundError:
                os.mkdir(served.label, 0o700, dir_fd=data)
                folder = os.open(served.label, _FOLDER | os.O_NOFOLLOW, dir_fd=data)
        finally:
            os.close(data)
        try:
            yield folder
        finally:
            os.close(folder)

    def _download(self, served: ServedFolder, name: bytes) -> Download:
        with self._opened(served) as folder:
            fd = open_served(name, os.O_RDONLY, folder)
        return Download(fd, served.permissions, self._closed)

    def _upload(self, served: ServedFolder, name: bytes, flags: int) -> Upload:
        with self._opened(served) as folder:
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
            with self._opened(served) as folder:
                self._quota.check(folder, size, more)

        def remove(file: os.stat_result) -> None:
            with self._opened(served) as folder:
                there = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if os.path.samestat(there, file):
                    os.unlink(name, dir_fd=folder)
                    self._audit("remove", f"/{served.label}/{name.decode()}")

        return Upload(
            fd,
            served.permissions,
            self._closed,
            make_room=make_room,
            remove=remove,
            fresh=created or emptied,
            append=bool(flags & fx.FXF_APPEND),
        )

    def _open_to_write(self, name: bytes, flags: int, folder: int) -> tuple[int, bool]:
        """Return the descriptor, and whether the file is new."""
        if flags & fx.FXF_CREAT:
            check_new(folder, name)
            try:
                return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN, 0o600, dir_fd=folder), True
            except FileExistsError:
                if flags & fx.FXF_EXCL:
                    raise SFTPRefused(fx.FX_FAILURE, N_("A file of this name is there already.")) from None
        return open_served(name, os.O_WRONLY, folder), False

    def _check_room_for_handles(self) -> None:
        if len(self._theirs) >= MOST_OPEN:
            raise SFTPRefused(fx.FX_FAILURE, N_("At most {limit} files can be open at a time."), limit=MOST_OPEN)

    def _note_open(self, handle: Handle) -> None:
        self._open.add(handle)
        self._theirs.add(handle)

    def _closed(self, handle: Handle) -> None:
        self._open.discard(handle)
        self._theirs.discard(handle)
