"""Whether another user can change a file: its owner and permissions, and those of every folder above it.

Root and the server's own user do not count. Knows nothing of the file's content. Source: OpenSSH, auth_secure_path in
misc.c, and `StrictModes` in sshd_config(5).
"""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from classcord.chat.text import N_, Text

ROOT = 0
_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class CheckedPath(NamedTuple):
    """A file or a folder, with its owner and permissions."""

    path: Path
    owner: int
    mode: int


def paths_above(folder: Path) -> Iterator[CheckedPath]:
    """Yield a folder and each folder above it, with and without links resolved; OSError if one does not exist."""
    absolute = Path(os.path.abspath(folder))  # noqa: PTH100 (Path.resolve would follow the links)
    real = folder.resolve()
    for path in dict.fromkeys((real, absolute, *real.parents, *absolute.parents)):
        status = path.stat()
        yield CheckedPath(path, status.st_uid, status.st_mode)


def flaw(place: CheckedPath, user: int, *, above: bool = False, strict: bool = True) -> Text | None:
    """Return how another user could change this file or folder, and what to do; None if nobody can.

    `above` is a folder above the one that matters. For such a folder a sticky bit, as /tmp has it, is enough: it
    prevents other users from renaming or removing what belongs to root or to `user`, and the owner of the next folder
    below is checked as well. Without `strict` any owner is accepted: the folder of a container may belong to a user of
    the host.
    """
    if strict and place.owner not in {ROOT, user}:
        return Text(
            N_(
                "{path} belongs to {owner}, who could change it: chown {user} {path} "
                "(in a container: [ssh] strict_modes = false)"
            ),
            {"path": place.path, "owner": _named(place.owner), "user": _named(user)},
        )
    if place.mode & _OTHERS and not (above and place.mode & stat.S_ISVTX):
        return Text(N_("others may write it: chmod go-w {path}"), {"path": place.path})
    return None


def _named(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
