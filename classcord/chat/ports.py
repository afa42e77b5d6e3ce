"""What a session writes to, and what it speaks: ports that faces and dialects fill. Knows no transport."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from classcord.chat.errors import ChatError
    from classcord.chat.events import Answer, Event
    from classcord.chat.requests import Request


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


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """In what dialects differ for rules and services, which ask for a trait and never for a dialect by its name."""

    name: str
    """What administrators read in the list of sessions; chat/words.py has its translation."""
    acknowledges: bool
    """A message is answered when it is stored (PROTOCOL.md, `ack`); else its author hears of failures alone."""
    history_at_join: bool
    """The first `users` after a login is followed by the channels' history; else a client asks for it."""
    kept_at_login: bool
    """Kept private messages follow the login at once; else they follow `users`, or come some seconds later."""
    mirrors_own: bool
    """A private message reaches its author's other sessions as well."""
    answers_same_state: bool
    """A `status` that changes nothing is answered."""
    shows_errors: bool
    """Its clients show an error to somebody who is logged in; else a notice says why the connection ends."""


class Dialect(Protocol):
    """How a session's events and answers become bytes; wire/ has them. One object for each way to say things."""

    @property
    def traits(self) -> Traits:
        """What rules and services need to know of it."""

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
