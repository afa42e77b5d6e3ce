"""Times in the form of the wire: RFC 3339, UTC, milliseconds (PROTOCOL.md, "Modern dialect"). Knows no clock."""

from __future__ import annotations

import functools
from datetime import datetime, timezone


@functools.lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.")


@functools.lru_cache(maxsize=64)
def rfc3339(milliseconds: int) -> str:
    """Return e.g. `2026-11-20T20:36:27.607Z` for milliseconds since 1970."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{_second(seconds)}{rest:03d}Z"
