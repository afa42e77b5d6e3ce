"""DATA/log/audit.log: one line a security event, in the one format that fail2ban and people read.

2026-11-20T20:36:27.607Z login-failed session=12 address=10.0.0.1 name="bob" reason=""

A user's text stands last, in quotes, as JSON in ASCII: it can neither break a line nor imitate a field before it.
Events that strangers can cause without limit are limited: for each word and address some lines at once, then so many a
minute, then a line that counts the others:

2026-11-20T20:37:00.000Z spared session=- address=10.0.0.1 name="login-failed" reason="412 more such lines"

Knows events, not who causes or uses them.
"""

from __future__ import annotations

from collections.abc import Callable

from classcord.chat.limits import Sparing
from classcord.chat.sources import source
from classcord.chat.times import rfc3339
from classcord.services.security.security_events import SecurityEvent
from classcord.wire.json_text import json_text

Write = Callable[[str], None]
"""Takes one line, with its newline."""

AT_ONCE = 600  # lines of one word and address: a school behind one address that logs in in the morning
A_SECOND = 20 / 60  # lines a second, on average
ALL_AT_ONCE = 5_000  # lines of all words and addresses,
ALL_A_SECOND = 2.0  # lines a second, on average
LONGEST = 256  # bytes of a name or a reason in a line
TOLD_EVERY = 60.0  # seconds between two counts of the lines left out
TOLD = 20  # counts at a time, each of one word and address; the others are added up


class AuditLog:
    """Writes events by calling `write`; subscribe `heard` to all events, and call `look` regularly."""

    def __init__(self, write: Write) -> None:
        self._write = write
        total = {"all_a_second": ALL_A_SECOND, "all_at_once": ALL_AT_ONCE}
        self._strangers = Sparing(A_SECOND, AT_ONCE, **total)
        self._staff = Sparing(ALL_A_SECOND, ALL_AT_ONCE, **total)  # so that strangers cannot displace the staff's lines
        self._told_at = 0.0

    def heard(self, event: SecurityEvent) -> None:
        """Write an event's line, or count it."""
        sparing = self._staff if event.by_staff else self._strangers
        kind = event.word, source(event.address) if event.address else ""
        left_out = sparing.admits(kind, event.at)
        if left_out is None:
            return
        if left_out:
            self._write(_counted(event.at, kind, left_out))
        self._write(as_line(event))

    def look(self, now: float) -> None:
        """Once a minute, write how many lines were left out; if the clock was set back, this is not delayed."""
        if not 0 <= now - self._told_at < TOLD_EVERY:
            self.tell_left_out(now)

    def tell_left_out(self, now: float) -> None:
        """Write how many lines were left out since the last such line."""
        self._told_at = now
        for sparing in (self._strangers, self._staff):
            for kind, count in sparing.left_out(TOLD):
                self._write(_counted(now, kind, count))


def as_line(event: SecurityEvent) -> str:
    """Return the event's line of the file, with its newline."""
    return (
        f"{rfc3339(int(event.at * 1000))} {event.word} session={'-' if event.session is None else event.session} "
        f"address={event.address or '-'} name={_quoted(event.name)} reason={_quoted(event.reason)}\n"
    )


def _counted(at: float, kind: object, count: int) -> str:
    word, address = kind if isinstance(kind, tuple) else (str(kind), "")
    counted = SecurityEvent(word="spared", at=at, address=address, name=word, reason=f"{count} more such lines")
    return as_line(counted)


def _quoted(text: str) -> str:
    """Return text as JSON in ASCII; of a long text only the beginning."""
    quoted = json_text(text[: LONGEST + 1], only_ascii=True)
    if len(quoted) <= LONGEST:
        return quoted
    text = text[:LONGEST]
    while len(quoted) > LONGEST:
        text = text[: max(1, len(text) * LONGEST // (len(quoted) + 16))] if len(text) > 1 else ""
        quoted = json_text(text + "…", only_ascii=True)
    return quoted
