"""The server that is looked at: the part of its settings that checks depend on, and whether it runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec


def may_enter(folder: Path) -> bool:
    """Whether we may look into a folder; yes if there is none."""
    try:
        folder.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return os.access(folder, os.R_OK | os.X_OK)


class Patient(msgspec.Struct, frozen=True, kw_only=True):
    """What the doctor is told. `listen` has the endpoints of each face; limits of 0 are none."""

    data: Path
    running: bool | None
    """Whether a server holds the data folder; None if we may not look."""
    process: int | None = None
    """The process of that server, as its lock file says."""
    database: Path
    schema: int
    """The newest schema that this ClassCord knows."""
    tls: Path
    keys: Path
    strict_modes: bool = True
    """Whether only root and the server's user may own the keys."""
    passwords: bool
    """Whether people may administer by password."""
    listen: dict[str, tuple[str, ...]]
    secrets: tuple[Path, ...] = ()
    """Files elsewhere with secrets in them."""
    trusted_proxies: tuple[str, ...] = ()
    shared_addresses: tuple[str, ...] = ()
    connections: int = 10_000
    own_files: int = 64
    """Open files that are no connections."""
    mail: Mapping[str, Any] = {}
    """How alerts go by mail, as `relay` of services/alerts/mail.py asks for it; without a `place` none do."""
    free_disk: int = 500
    """Megabytes that are to be free."""
    certificate_days: int = 14

    @property
    def backups(self) -> Path:
        return self.data / "backups"

    @property
    def first_password(self) -> Path:
        return self.data / "first-password"
