"""A session within the process: it asks and is answered in objects, not lines. The console's way into the chat.

It is the session's sink and its dialect at once. What it hears is handed on in the reactor's next turn, so that nobody
asks anything in the middle of a group that is being released.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from classcord.chat.errors import BadRequest, ChatError, NotIdentified
from classcord.chat.ports import Traits
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.events import Answer, Event
    from classcord.chat.requests import Request
    from classcord.chat.roles import Permission
    from classcord.services.chat.service import ChatService


class LocalSession:
    """One such session, open from the beginning to `end` or until the service closes it."""

    traits = Traits(
        name="modern",
        acknowledges=True,
        history_at_join=False,
        kept_at_login=True,
        mirrors_own=True,
        answers_same_state=True,
        shows_errors=False,
    )

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
        """`heard` is called with each event, None where none is shown; `ended` once, when the service has closed it."""
        self._service = service
        self._clock = clock
        self._heard = heard
        self._ended = ended
        self._asked: dict[int, tuple[Request, Deferred[Answer]]] = {}
        self._open = True
        self.session = service.admit(self, self, address=address, face=face)
        self.session.shows_events = heard is not None

    def ask(self, request: Request) -> Deferred[Answer]:
        """Return a Deferred of the answer; it fails with the ChatError of a refusal."""
        answered: Deferred[Answer] = Deferred()
        if not self._open:
            answered.errback(NotIdentified())
            return answered
        request = copy.copy(request)  # the same request may be asked twice
        self._asked[id(request)] = (request, answered)
        self._service.submit(self.session, request)
        if self.session.closing:
            self._drop()
        return answered

    def may(self, permission: Permission) -> bool:
        """Whether whoever has this session may do something now; never after its end."""
        ended = not self._open or self.session.closing
        return not ended and self._service.hub.may(self.session.person, permission)

    def end(self, reason: str = "it has ended") -> None:
        """End the session from this side; what was asked and is not answered fails."""
        if self._open:
            self._open = False
            self._drop()
            self._service.disconnected(self.session, reason)

    def _drop(self) -> None:
        asked, self._asked = self._asked, {}
        for _, answered in asked.values():
            answered.errback(NotIdentified())

    # -- Sink ---------------------------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Do nothing: what there was to hear was heard."""

    def close(self, *, after: float) -> None:  # noqa: ARG002
        self._clock.callLater(0, self._closed)

    def _closed(self) -> None:
        if self._open:
            self.end("it was closed")
            self._ended()

    def pause(self) -> None:
        """Go on: whoever asks waits for the answer."""

    def resume(self) -> None:
        """Go on."""

    # -- Dialect ------------------------------------------------------------------------------------------------------

    def decode(self, line: bytes) -> NoReturn:  # noqa: ARG002
        raise BadRequest(why=Text(N_("a request is a JSON object with a “type”")))

    def event(self, event: Event) -> bytes:
        self._clock.callLater(0, self._hear, event)
        return b""

    earlier = event

    def _hear(self, event: Event) -> None:
        if self._heard is not None:
            self._heard(event)

    def answer(self, request: Request, answer: Answer) -> bytes:
        self._clock.callLater(0, self._settle, request, answer)
        return b""

    def error(self, error: ChatError, request: Request | None) -> bytes:
        if request is not None:
            self._clock.callLater(0, self._settle, request, error)
        return b""

    def _settle(self, request: Request, outcome: Answer | ChatError) -> None:
        _, answered = self._asked.pop(id(request), (None, None))
        if answered is None:
            return
        if isinstance(outcome, ChatError):
            answered.errback(outcome)
        else:
            answered.callback(outcome)

    def after_hello(self, language: str, encoding: str) -> LocalSession:  # noqa: ARG002
        return self
