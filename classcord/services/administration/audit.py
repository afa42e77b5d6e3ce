"""DATA/log/audit.log: one line an event, in the one format that fail2ban and a person read.

    2026-11-20T20:36:27.607Z login-failed session=12 address=10.0.0.1 name="bob" reason=""

What a user chose stands last, in quotes, as JSON in ASCII: it can neither break a line nor look like a field before it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from twisted.logger import Logger

from classcord.chat.times import rfc3339
from classcord.wire.json_text import json_text

if TYPE_CHECKING:
    from classcord.chat.session import Session

Write = Callable[[str], None]
"""Takes one line, with its newline."""


class Happening(NamedTuple):
    """One event of the audit log."""

    at: float  # seconds since the epoch
    event: str
    session: int | None  # None for somebody who has none yet
    address: str  # "" for a unix socket
    name: str
    reason: str


class AuditLog:
    """Writes events by way of `write`; `watchers` are called with each, once it is written."""

    log = Logger()

    def __init__(self, write: Write) -> None:
        self._write = write
        self.watchers: list[Callable[[Happening], None]] = []

    def event(self, now: float, event: str, session: Session, name: str = "", reason: str = "") -> None:
        """Write one event of a session; `event` is a stable word such as `login-failed`."""
        self._happened(Happening(now, event, session.id, session.address, name, reason))

    def attempt(self, now: float, event: str, address: str, name: str, reason: str) -> None:
        """Write one event of somebody at `address` who has no session yet."""
        self._happened(Happening(now, event, None, address, name, reason))

    def _happened(self, happening: Happening) -> None:
        self._write(as_line(happening))
        for watcher in tuple(self.watchers):
            try:
                watcher(happening)
            except Exception:
                self.log.failure("a watcher of the audit log failed")


def as_line(happening: Happening) -> str:
    """Return the event's line of the file, with its newline."""
    at, event, session, address = happening[:4]
    name, reason = (json_text(text, only_ascii=True) for text in (happening.name, happening.reason))
    return (
        f"{rfc3339(int(at * 1000))} {event} session={'-' if session is None else session} "
        f"address={address or '-'} name={name} reason={reason}\n"
    )
