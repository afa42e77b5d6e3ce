"""What a session writes to, and what it speaks: ports that faces and dialects fill. Knows no transport."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

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
