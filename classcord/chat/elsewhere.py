"""A session with its connection in another process.

Its person counts here like all others; the other process writes to the connection. Knows no transport.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from classcord.chat.limits import TokenBucket
from classcord.chat.people import Session
from classcord.chat.ports import NATIVE

if TYPE_CHECKING:
    from classcord.chat.errors import ChatError
    from classcord.chat.events import Answer, Event
    from classcord.chat.identity.vocabulary import SessionStarted
    from classcord.chat.requests import Request


def elsewhere(record: SessionStarted, language: str) -> Session:
    """Return the session of another process that a record begins."""
    session = Session(
        record.connection,
        ELSEWHERE,
        address=record.address,
        face=record.face,
        language=language,
        bucket=TokenBucket(0, 0, 0),
    )
    session.shows_events = record.shows_events
    return session


class _Silence:
    """An encoder of nothing."""

    def event(self, event: Event) -> None: ...
    def earlier(self, event: Event, now: float) -> None: ...

    def parts(self, chunk: None) -> list[None]:  # noqa: ARG002
        return []

    def join(self, chunks: Iterable[None]) -> None: ...


class _Elsewhere:
    """A listener that hears nothing. Its traits ask for neither kept messages nor copies of own messages."""

    traits = msgspec.structs.replace(NATIVE, kept_at_login=False, mirrors_own=False)
    encoder = _Silence()
    waiting = 0
    portion = sys.maxsize

    @property
    def sink(self) -> _Elsewhere:
        return self

    def answer(self, request: Request, answer: Answer) -> None: ...
    def error(self, error: ChatError, request: Request | None) -> None: ...
    def write(self, chunk: None) -> None: ...
    def close(self, *, after: float) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def speak(self, language: str, encoding: str) -> None: ...
    def pace(self, lasts: Callable[[], bool]) -> None: ...
    def when_written(self, then: Callable[[], None]) -> None: ...
    def mark(self) -> None: ...

    def acknowledged(self) -> int:
        return 0

    def was_silent(self) -> bool:
        return False

    def give_up_after(self, seconds: float) -> None: ...


ELSEWHERE = _Elsewhere()
