"""A session whose connection belongs to another process.

Its person counts here like everyone who is here; that process writes to the connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.limits import TokenBucket
from classcord.chat.people import Session
from classcord.chat.ports import Traits

if TYPE_CHECKING:
    from classcord.chat.errors import ChatError
    from classcord.chat.events import Answer, Event
    from classcord.chat.records import SessionStarted
    from classcord.chat.requests import Request


def elsewhere(record: SessionStarted, language: str) -> Session:
    """Return the session of another process that a record begins."""
    session = Session(
        record.connection,
        Elsewhere(),
        Untold(),
        address=record.address,
        face=record.face,
        language=language,
        bucket=TokenBucket(0, 0, 0),
        bad_lines=TokenBucket(0, 0, 0),
        since=record.started_at,
    )
    session.shows_events = record.shows_events
    return session


class Elsewhere:
    """A sink that writes nothing."""

    def write(self, data: bytes) -> None: ...
    def close(self, *, after: float) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...


class Untold:
    """A dialect without words. Its traits ask for nothing: no history, no copies of own messages."""

    traits = Traits(
        name="modern", acknowledges=True, history_at_join=False, kept_at_login=False, mirrors_own=False,
        answers_same_state=True, shows_errors=True,
    )  # fmt: skip

    def decode(self, line: bytes) -> Request:
        raise NotImplementedError  # requests are decided where they come in

    def event(self, event: Event) -> bytes:  # noqa: ARG002
        return b""

    def answer(self, request: Request, answer: Answer) -> bytes:  # noqa: ARG002
        return b""

    def error(self, error: ChatError, request: Request | None) -> bytes:  # noqa: ARG002
        return b""

    def earlier(self, event: Event) -> bytes:  # noqa: ARG002
        return b""

    def after_hello(self, language: str, encoding: str) -> Untold:  # noqa: ARG002
        return self
