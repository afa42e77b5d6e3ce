"""DATA/log/audit.log: one line an event, in the one format that fail2ban and a person read.

    2026-11-20T20:36:27.607Z login-failed session=12 address=10.0.0.1 name="bob" reason=""

What a user chose stands last, in quotes, as JSON in ASCII: it can neither break a line nor look like a field before it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.session import Session

Write = Callable[[str], None]
"""Takes one line, with its newline."""


class AuditLog:
    """Writes events by way of `write`."""

    def __init__(self, write: Write) -> None:
        self._write = write

    def event(self, now: float, event: str, session: Session, name: str = "", reason: str = "") -> None:
        """Write one event of a session; `event` is a stable word such as `login-failed`."""
        self._line(now, f"{event} session={session.id}", session.address, name, reason)

    def attempt(self, now: float, event: str, address: str, name: str, reason: str) -> None:
        """Write one event of somebody at `address` who has no session yet."""
        self._line(now, f"{event} session=-", address, name, reason)

    def _line(self, now: float, event: str, address: str, name: str, reason: str) -> None:
        self._write(
            f"{rfc3339(int(now * 1000))} {event} address={address or '-'} "
            f"name={json.dumps(name)} reason={json.dumps(reason)}\n"
        )
