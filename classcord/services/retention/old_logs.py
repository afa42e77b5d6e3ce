"""How long the files of the log stay: a full one gets a name with its day, an old one goes.

Whoever rotates them by another program, such as logrotate, does so more often, and this has nothing to do but to remove
what is too old. Knows names and times, not what is in a file.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path

TURNED = re.compile(r"(?:classcord|audit)\.log[-.][0-9A-Za-z.-]+")
"""A file of the log that is written no more, as logrotate or this module calls it."""
LARGEST_AGE = 31  # days that lines are added to one file


def look_after(folder: Path, before: float, now: float) -> list[Path]:
    """Begin new files for those that are a month old, remove what was last written before a time; return that.

    Times are seconds since 1970. The server goes on in a new file by itself when one is renamed.
    """
    for name in ("classcord.log", "audit.log"):
        file = folder / name
        began = _began(file)
        if began is not None and now - began > LARGEST_AGE * 86_400:
            file.rename(_free(folder / f"{name}-{datetime.fromtimestamp(now, timezone.utc):%Y%m%d}"))
    removed = []
    for file in sorted(folder.iterdir()):
        if TURNED.fullmatch(file.name) and file.is_file() and not file.is_symlink() and file.stat().st_mtime < before:
            file.unlink()
            removed.append(file)
    return removed


def _began(file: Path) -> float | None:
    """Return the time of the first line of a file; None if it has none."""
    try:
        with file.open("rb") as lines:
            first = lines.readline(4096).decode("utf-8", "replace")
    except OSError:
        return None
    found = re.search(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", first)
    if found is None:
        return None
    try:
        return datetime.fromisoformat(found[0]).replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None


def _free(file: Path) -> Path:
    """Return a name that no file has."""
    number, free = 1, file
    while free.exists():
        number += 1
        free = file.with_name(f"{file.name}.{number}")
    return free
