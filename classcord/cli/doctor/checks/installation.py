"""The server that is checked: the part of its settings that checks need, and whether it runs. Knows no check."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from classcord.chat.retention.durations import Durations
from classcord.services.passwords.directory.options import DirectoryOptions
from classcord.store.ports import Inspection, Store


def may_enter(folder: Path) -> bool:
    """Whether we may read a folder; yes if it does not exist."""
    try:
        folder.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return os.access(folder, os.R_OK | os.X_OK)


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """What the checks need to know. `listen` has the endpoints of each face; a limit of 0 means no limit."""

    data: Path
    running: bool | None
    """Whether a server holds the data folder; None if we may not look."""
    process: int | None = None
    """The process number of that server, from its lock file."""
    store: Store
    tls: Path
    keys: Path
    strict_modes: bool = True
    """Whether the key files must belong to root or the server's user."""
    passwords: bool
    """Whether administrators may log in by password."""
    listen: dict[str, tuple[str, ...]]
    secrets: tuple[Path, ...] = ()
    """Files outside DATA that contain secrets."""
    trusted_proxies: tuple[str, ...] = ()
    shared_addresses: tuple[str, ...] = ()
    connections: int = 10_000
    own_files: int = 64
    """The number of open files that are not connections."""
    mail: Mapping[str, Any] = {}
    """The arguments for `relay` of services/alerts/mail.py; without a `place`, no mails are sent."""
    directory: DirectoryOptions | None = None
    """The directory that checks passwords; None if there is none."""
    login_program: tuple[str, ...] = ()
    free_disk: int = 500
    """Megabytes that should be free."""
    certificate_days: int = 14
    retention: Durations = Durations()
    """For how many months things are kept."""
    weekly_backups: int = 8
    """How many weeks the rules of the rotation keep backups."""

    @property
    def database(self) -> Path:
        """The file of the database."""
        return self.store.file

    @property
    def log(self) -> Path:
        """The database's own log."""
        return self.store.log

    @property
    def inspection(self) -> Inspection:
        """The means to read the store, even if it is damaged."""
        return self.store.inspection

    @property
    def schema(self) -> int:
        """The newest schema that this ClassCord knows."""
        return self.store.schema

    @property
    def backups(self) -> Path:
        return self.data / "backups"

    @property
    def first_password(self) -> Path:
        return self.data / "first-password"
