"""The paths that an operator uses over sftp: three folders of the data folder, and the names of files in them.

A path is split here and never passed to the system; folders within the three are not served. Knows no file.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from twisted.conch.ssh import filetransfer as fx

from classcord.chat.roles import Permission
from classcord.chat.text import N_, is_readable
from classcord.faces.ssh.sftp_handles import SFTPRefused, no_such_file, not_regular

LONGEST_PATH = 4096  # bytes, the system's limit

May = Callable[[Permission], bool]
"""Whether the operator has a permission at this moment."""


class ServedFolder(Enum):
    """One of the folders: its name, its permission, and whether it is for writing instead of reading."""

    EXPORTS = ("exports", Permission.DOWNLOAD, False)
    BACKUPS = ("backups", Permission.DOWNLOAD, False)
    IMPORT = ("import", Permission.UPLOAD, True)

    def __init__(self, label: str, needs: Permission, writable: bool) -> None:
        self.label = label
        self.needs = needs
        self.writable = writable

    @property
    def permissions(self) -> int:
        """The permissions of its files, as clients see them."""
        return 0o600 if self.writable else 0o400

    @property
    def own_permissions(self) -> int:
        return 0o700 if self.writable else 0o500


LABELS = frozenset(served.label for served in ServedFolder)


class ServedFolders:
    """The folders that an operator may open, by the present permissions."""

    def __init__(self, may: May) -> None:
        self._may = may

    def folder(self, label: str) -> ServedFolder:
        for served in self.open():
            if served.label == label:
                return served
        raise no_such_file(notable=label in LABELS)

    def open(self) -> list[ServedFolder]:
        """Return the folders that the operator may open now."""
        return [served for served in ServedFolder if self._may(served.needs)]

    def file(self, path: bytes) -> tuple[ServedFolder, bytes]:
        """Return the folder and the name of a file, in bytes, whatever the system's encoding."""
        parts = parts_of(path)
        if not parts:
            raise not_regular()
        served = self.folder(parts[0])
        if len(parts) == 1:
            raise not_regular()
        if len(parts) > 2:
            raise no_such_file()
        return served, parts[1].encode()

    def writable(self, path: bytes) -> tuple[ServedFolder, bytes]:
        """Return the folder and the name of a file to be changed.

        Refuse other places, and name the folder for writing.
        """
        parts = parts_of(path)
        if len(parts) == 1 and parts[0] not in LABELS:
            raise SFTPRefused(fx.FX_PERMISSION_DENIED, N_("Only import/ is for writing."))
        served, name = self.file(path)
        if not served.writable:
            raise SFTPRefused(fx.FX_PERMISSION_DENIED, N_("Only import/ is for writing."))
        return served, name


def parts_of(path: bytes) -> list[str]:
    """Return the names in a path from the root; `..` at the root stays there."""
    if len(path) > LONGEST_PATH:
        raise SFTPRefused(fx.FX_PERMISSION_DENIED, N_("This name is too long."))
    try:
        text = path.decode()
    except UnicodeDecodeError:
        raise SFTPRefused(fx.FX_PERMISSION_DENIED, N_("Names here are UTF-8.")) from None
    if not is_readable(text):
        raise SFTPRefused(fx.FX_PERMISSION_DENIED, N_("Names here have no control characters."))
    parts: list[str] = []
    for part in text.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in {"", "."}:
            parts.append(part)
    if any(part.startswith(".") for part in parts):
        raise SFTPRefused(fx.FX_PERMISSION_DENIED, N_("Names here do not begin with a dot."))
    return parts


def real_path(path: bytes) -> bytes:
    """Return the absolute path, even if nothing is there."""
    return ("/" + "/".join(parts_of(path))).encode()


def shown(path: bytes) -> str:
    """Return a path as text for the audit trail, whatever bytes it contains."""
    text = path[:LONGEST_PATH].decode(errors="backslashreplace")
    return "".join(c if is_readable(c) else f"\\x{ord(c):02x}" for c in text)
