"""The URL of a database, as the settings have it: `sqlite:///` and the path of a file. Opens nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SQLITE = "sqlite:///"
DEFAULT = f"{_SQLITE}classcord.db"


def means_a_file(url: str) -> bool:
    """Whether a URL is of a kind that there is, and names a file."""
    return url.isprintable() and bool(re.fullmatch(rf"{_SQLITE}(?!:memory:$)[^?#]*[^?#/]", url))


def file_of(url: str, data: Path) -> Path:
    """Return the file that a URL names; a relative path is in the data folder."""
    if not url.startswith(_SQLITE):
        raise ValueError(url)  # the settings refuse other URLs
    return data / url.removeprefix(_SQLITE)
