"""A session within the process: its requests and answers are objects, not lines. The console's way into the chat.

It is its session's listener. It hands events on in the reactor's next turn, so that no request comes in the middle of
a group that is being released. Knows no dialect and no transport.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from classcord.chat.errors import ChatError, NotIdentified
from classcord.chat.events import Answer, Event
from classcord.chat.ports import NATIVE
from classcord.chat.requests import Request

if TYPE_CHECKING:
    from classcord.chat.roles import Permission
    from classcord.services.chat.service import ChatService


class _Settled(NamedTuple):
    """A request, and its answer or refusal."""

    request: Request
    outcome: Answer | ChatError


_Heard = tuple[Event | _Settled, ...]  # a chunk


class _Objects:
    """An encoder that leaves events as they are: one for all local sessions."""

    def event(self, event: Event) -> _Heard:
        return (event,)

    def earlier(self, event: Event, now: float) -> _Heard:  # noqa: ARG002
        return (event,)

    def parts(self, chunk: _Heard) -> list[_Heard]:
        return [(heard,) for heard in chunk]

    def join(self, chunks: Iterable[_Heard]) -> _Heard:
        return tuple(chain.from_iterable(chunks))


class LocalSession:
    """A local session; it is open from its creation until `end`, or until the service closes it."""

    # there is no connection to lose; an error answers a request, and there may be none
    traits = msgspec.structs.replace(NATIVE, resumes=False, shows_errors=False)
    encoder = _Objects()
    waiting = 0
    portion = sys.maxsize

    def __init__(
        self,
        service: ChatService,
        clock: IReactorTime,
        *,
        address: str,
        face: str,
        heard: Callable[[Event], None] | None = None,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        """`heard` is called with each event (None: events are not shown); `ended` once, when the service closes it."""
        self._service = service
        self._clock = clock
        self._heard = heard
        self._ended = ended
        self._asked: dict[int, tuple[Request, Deferred[Answer]]] = {}
        self._open = True
        self.connection = service.admit(self, address=address, face=face)
        self.session = self.connection.session
        self.session.shows_events = heard is not None

    def ask(self, request: Request) -> Deferred[Answer]:
        """Return a Deferred of the answer; it fails with the ChatError of a refusal."""
        answered: Deferred[Answer] = Deferred()
        if not self._open:
            answered.errback(NotIdentified())
            return answered
        request = copy.copy(request)  # the same request may be asked twice
        self._asked[id(request)] = (request, answered)
        self._service.submit(self.connection, request)
        if not self.connection.takes_requests:
            self._drop()
        return answered

    def may(self, permission: Permission) -> bool:
        """Whether the person of this session has a permission now; False after the session's end."""
        goes_on = self._open and self.connection.takes_requests
        return goes_on and self._service.hub.may(self.session.person, permission)

    def end(self, reason: str = "it has ended") -> None:
        """End the session from this side; requests without an answer fail."""
        if self._open:
            self._open = False
            self._drop()
            self._service.disconnected(self.connection, reason)

    def _drop(self) -> None:
        asked, self._asked = self._asked, {}
        for _, answered in asked.values():
            answered.errback(NotIdentified())

    # -- Listener -----------------------------------------------------------------------------------------------------

    @property
    def sink(self) -> LocalSession:
        return self

    def answer(self, request: Request, answer: Answer) -> _Heard:
        return (_Settled(request, answer),)

    def error(self, error: ChatError, request: Request | None) -> _Heard:
        return () if request is None else (_Settled(request, error),)

    def write(self, chunk: _Heard) -> None:
        for heard in chunk:
            self._clock.callLater(0, self._hear, heard)

    def _hear(self, heard: Event | _Settled) -> None:
        if isinstance(heard, _Settled):
            self._settle(heard)
        elif self._heard is not None:
            self._heard(heard)

    def _settle(self, settled: _Settled) -> None:
        _, answered = self._asked.pop(id(settled.request), (None, None))
        if answered is None:
            return
        if isinstance(settled.outcome, ChatError):
            answered.errback(settled.outcome)
        else:
            answered.callback(settled.outcome)

    def close(self, *, after: float) -> None:  # noqa: ARG002
        self._clock.callLater(0, self._closed)

    def _closed(self) -> None:
        if self._open:
            self.end("it was closed")
            self._ended()

    def pause(self) -> None:
        """Do nothing: the caller waits for each answer anyway."""

    def resume(self) -> None:
        """Go on."""

    def speak(self, language: str, encoding: str) -> None:
        """Do nothing: the caller shows the objects in a language of its own."""

    def pace(self, lasts: Callable[[], bool]) -> None:
        """Do nothing: the caller shows each object of a burst."""

    def when_written(self, then: Callable[[], None]) -> None:
        then()

    def mark(self) -> None:
        """Return no position: objects arrive."""

    def acknowledged(self) -> int:
        return 0

    def was_silent(self) -> bool:
        return False  # nobody waits for a sign of life

    def give_up_after(self, seconds: float) -> None:
        """Do nothing: there is no link."""
