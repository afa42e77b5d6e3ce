"""How long copies of what the database holds stay in the data folder.

Exports, slips and what a restore replaced go by the time in their names, an uploaded list by that of its last change.
Knows names and times, not what is in a file; what has another name than the server gives is somebody's own, and stays.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from classcord.chat.retention.durations import CLOCKS_GO

_EXPORT = re.compile(r"(?P<what>[a-z_]+(?:-\d+)?)-(?P<when>\d{8}-\d{6})(?:-\d+)?\.(?:csv|json|ndjson|pdf)")
_SLIPS = re.compile(r"slips-(?P<when>\d{8}-\d{6})(?:-\d+)?\.(?:html|pdf)")
_REPLACED = re.compile(r"before-restore-(?P<when>\d{8}-\d{6})(?:-\d+)?")


def look_after(data: Path, database: Path, before: float, evidence_before: float) -> list[Path]:
    """Remove copies made before a time (seconds since 1970), files of reports before another; return them.

    What a restore replaced lies beside the database.
    """
    removed = []
    for file in _files(data / "exports"):
        found = _EXPORT.fullmatch(file.name)
        if found is not None:
            oldest = evidence_before if found["what"].startswith("evidence-") else before
            if _is_older(_moment(found["when"]), oldest):
                file.unlink()
                removed.append(file)
    for file in _files(data / "slips"):
        found = _SLIPS.fullmatch(file.name)
        if found is not None and _is_older(_moment(found["when"]), before):
            file.unlink()
            removed.append(file)
    for file in _files(data / "import"):
        if _is_older(file.stat().st_mtime, before):
            file.unlink()
            removed.append(file)
    for folder in sorted(database.parent.glob("before-restore-*")):
        found = _REPLACED.fullmatch(folder.name)
        if (
            found is not None
            and folder.is_dir()
            and not folder.is_symlink()
            and _is_older(_moment(found["when"]), before)
        ):
            shutil.rmtree(folder)
            removed.append(folder)
    return removed


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that are no links; of one that is a link or not there, none."""
    if folder.is_dir() and not folder.is_symlink():
        yield from (each for each in sorted(folder.iterdir()) if each.is_file() and not each.is_symlink())


def _moment(stamp: str) -> float | None:
    """Return the time in a name, in seconds; None if there is no such time."""
    try:
        return datetime.strptime(stamp, "%Y%m%d-%H%M%S").replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None


def _is_older(at: float | None, before: float) -> bool:
    """Whether something was made before a time, by a clock that had been set."""
    return at is not None and CLOCKS_GO / 1000 <= at < before
