"""What programs for a script and for a person share: a session, and work that can be cancelled.

Knows no terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.chat.errors import ChatError
from classcord.chat.operators.vocabulary import NeedsTerminal
from classcord.chat.text import N_
from classcord.console.interpreter import REFUSED

if TYPE_CHECKING:
    from classcord.chat.events import Event
    from classcord.chat.roles import Operator
    from classcord.console.output import Output
    from classcord.console.tools import Tools
    from classcord.services.chat.local_session import LocalSession


class Running:
    """One operator's program on one carrier."""

    log = Logger()
    changes_password = False
    """Whether a one-time password can be changed here."""
    shows_events = True
    """Whether the session's unrequested events are shown."""
    has_terminal = False
    """Whether a Python prompt can be shown."""

    def __init__(self, tools: Tools, face: str, operator: Operator, address: str, output: Output) -> None:
        self.tools = tools
        self.operator = operator
        self.output = output
        self.local: LocalSession | None = None
        self._face = face
        self._address = address
        self._work: Deferred[None] | None = None
        self._over = False

    def start(self) -> None:
        self._work = Deferred.fromCoroutine(self._run())
        self._work.addErrback(self._failed)

    async def _run(self) -> None:
        try:
            self.local = await self.tools.logins.open(
                self.operator,
                address=self._address,
                face=self._face,
                heard=self.heard if self.shows_events else None,
                ended=self.ended,
                changes_password=self.changes_password,
            )
        except ChatError as error:
            self.output.refusal(error, json=False)
            self.finish(REFUSED)
            return
        await self.work(self.local)

    async def work(self, local: LocalSession) -> None:
        raise NotImplementedError

    def heard(self, event: Event) -> None:
        """Handle an event of the session that is not an answer."""

    async def show_pages(self, text: str) -> None:
        """Show a long text, without page breaks."""
        self.output.write(text)

    async def open_python(self) -> int:
        """Refuse: a Python prompt needs a person."""
        raise NeedsTerminal

    def ended(self) -> None:
        """Handle the end of the session by the server."""
        self.finish(REFUSED)

    def finish(self, status: int) -> None:
        """End the session, then the carrier with this status."""
        if self._over:
            return
        self._over = True
        if self.local is not None:
            self.local.end()
        self.output.carrier.end(status)
        self.tools.clock.callLater(0, self._cancel)  # the work itself may be calling this

    @property
    def number(self) -> int | str:
        """The session's number in the log."""
        return "-" if self.local is None else self.local.session.id

    def lost(self) -> None:
        if self._over:
            return
        self._over = True
        if self.local is not None:
            self.local.end("the console is gone")
        self._cancel()

    def _cancel(self) -> None:
        if self._work is not None:
            self._work.cancel()

    def _failed(self, failure: Failure) -> None:
        if failure.check(CancelledError, ConnectionError) or (self._over and failure.check(ChatError)):
            return  # the user has left during the work
        self.log.failure(
            "session {session}: a console of {name} failed", failure, session=self.number, name=self.operator.name
        )
        self.output.error(self.output.translate(N_("The server made a mistake; its log says more.")))
        self.finish(REFUSED)
