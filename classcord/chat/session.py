"""One connection as the hub sees it: who it is, what it speaks, how fast it may ask. Knows no transport."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from classcord.chat.errors import ChatError
    from classcord.chat.events import Answer, Event
    from classcord.chat.limits import TokenBucket
    from classcord.chat.quotas import Quota
    from classcord.chat.requests import Request
    from classcord.chat.state import Person


class Sink(Protocol):
    """Where what a session hears is written; the face has it."""

    def write(self, data: bytes) -> None:
        """Send `data`, or keep it until it can be sent. Never blocks; after a close it does nothing."""

    def close(self, *, after: float) -> None:
        """End the connection when all is sent, or `after` seconds later at the latest."""

    def pause(self) -> None:
        """Read no more from the connection for now."""

    def resume(self) -> None:
        """Read on."""


class Dialect(Protocol):
    """How a session's events and answers become bytes; wire/ has them. One object for each way to say things."""

    @property
    def modern(self) -> bool:
        """Whether it is the modern dialect."""

    def decode(self, line: bytes) -> Request:
        """Return what a line asks; ChatError if it asks nothing that can be understood."""

    def event(self, event: Event) -> bytes:
        """Return the event's line, or b"" if this dialect has no words for it."""

    def answer(self, request: Request, answer: Answer) -> bytes:
        """Return the answer's line, or b"" if this dialect gives none."""

    def error(self, error: ChatError, request: Request | None) -> bytes:
        """Return the refusal's line."""

    def earlier(self, event: Event) -> bytes:
        """Return the line of a message that was said before the session came."""

    def after_hello(self, language: str, encoding: str) -> Dialect:
        """Return the dialect that follows a `hello`."""


@dataclass(slots=True, eq=False)
class Session:
    """One connection, from its accept to its end."""

    id: int
    """The session's number: in every line of the log, and of the first row it has in the table of sessions."""
    sink: Sink
    dialect: Dialect
    address: str
    face: str
    language: str
    bucket: TokenBucket
    bad_lines: TokenBucket
    since: int = 0
    """When it began, in milliseconds since 1970."""

    shows_events: bool = True
    """Whether somebody reads what it hears unasked; not where files are carried, a script asks or a pipe talks."""
    person: Person | None = None
    before: str | None = None  # the key of who this was last: a mute is not shaken off by another name
    quotas: tuple[Quota, ...] = ()  # what it draws on when it stores something, while identified
    row: int | None = None  # in the table of sessions, while identified
    first_row: bool = True  # the first row has the session's own number
    answered: bool = False  # a first request was answered: from then on the session may hear things unasked
    complained: bool = False  # one bad line was answered before that
    history_due: bool = False  # the next `users` is followed by the channels' history
    kept_due: bool = False  # private messages may wait for it

    # the service's own account of what is under way
    backlog: deque[Request] = field(default_factory=deque)
    held: int = 0  # commits and look-ups that the backlog waits for
    in_flight: int = 0  # commits under way
    paused: bool = False
    closing: bool = False
    finished: bool = False  # its client has closed its side, before ours was
    noted: bool = True  # its beginning is in the log; of a flood of connections, only some are
    tracer: Callable[[str, bytes], None] | None = None  # is shown each line that comes in, with a remark, when watched
    gone: Callable[[], None] | None = None  # is told when the client has closed, when watched

    @property
    def name(self) -> str:
        """The name of who this is, for logs."""
        return self.person.name if self.person else ""

    @property
    def modern(self) -> bool:
        return self.dialect.modern
