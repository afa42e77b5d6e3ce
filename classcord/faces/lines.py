"""The line protocol on a socket: TCP, TLS, or whatever an endpoint string says.

Knows lines and transports; what a line means is its dialect's, what follows is the service's. The factory is given the
one ChatService by reference, so that every face shares one state.
"""

from __future__ import annotations

import codecs
import sys
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import (
    IDelayedCall,
    IHalfCloseableProtocol,
    IHandshakeListener,
    IReactorTime,
    ISSLTransport,
)
from twisted.internet.protocol import Factory, connectionDone
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from classcord.chat.errors import ChatError, LineTooLong
from classcord.faces.addresses import normal_address
from classcord.faces.liveness import is_tcp, notice_silence
from classcord.faces.outbox import Outbox, SharedPages, outbox

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.ports import Dialect
    from classcord.services.chat.service import ChatService

HANDSHAKE_WITHIN = 10.0  # seconds, for TLS; a lost packet is sent again several times within them
LINGER = 2.0  # seconds that a refused connection is given to read why
DISCARDED = 1_048_576  # bytes of a line too long that are read away before the connection is cut


@implementer(IHalfCloseableProtocol, IHandshakeListener)
class ChatLines(LineReceiver):
    """One client's connection; a client that closes its side first still hears the answers."""

    delimiter = b"\n"
    factory: ChatLinesFactory

    def __init__(self) -> None:
        self._session: Session | None = None
        self._outbox: Outbox | None = None
        self._line_bytes = 0
        self._begun = False  # a first line has come
        self._discarded = 0
        self._late: IDelayedCall | None = None

    def connectionMade(self) -> None:
        factory, transport = self.factory, self.transport
        assert transport is not None
        if ISSLTransport.providedBy(transport):
            self._late = factory.clock.callLater(HANDSHAKE_WITHIN, self._no_handshake)
        self._line_bytes = factory.line_bytes or sys.maxsize
        self.MAX_LENGTH = self._line_bytes + 1  # a carriage return before the newline does not count
        notice_silence(transport)
        if is_tcp(transport):
            tcp: Any = transport
            tcp.setTcpNoDelay(True)
        self._outbox = outbox(transport, factory.clock, factory.outbox_bytes, self._overflowed, factory.pages)
        address = normal_address(transport.getPeer())
        try:
            self._session = factory.service.connect(self._outbox, factory.dialect, address=address, face=factory.face)
        except ChatError as error:
            factory.service.refusals[error.code] += 1
            self._outbox.write(factory.dialect.error(error, None))
            self._outbox.close(after=LINGER)
            self._read_away()

    def handshakeCompleted(self) -> None:
        """TLS has begun: from now on a client may be silent as long as it likes."""
        if self._late is not None and self._late.active():
            self._late.cancel()

    def _no_handshake(self) -> None:
        if self._session is not None:
            self.factory.service.close(self._session, "it does not finish the TLS handshake")
        elif self._outbox is not None:
            self._outbox.cut()

    def lineReceived(self, line: bytes) -> None:
        session, service = self._session, self.factory.service
        if session is None or session.closing:
            self._read_away()
            return
        if session.tracer is not None:
            session.tracer("", line)
        if line.endswith(b"\r"):
            line = line[:-1]
        if not self._begun:
            self._begun = True
            line = line.removeprefix(codecs.BOM_UTF8)  # a pipe on Windows begins with one
        if len(line) > self._line_bytes:
            self.lineLengthExceeded(b"")  # whoever watches has seen it
            return
        if not line:
            service.blank_line(session)
            return
        try:
            request = session.dialect.decode(line)
        except ChatError as error:
            service.bad_line(session, error)
            return
        service.submit(session, request)

    def lineLengthExceeded(self, line: bytes) -> None:
        session = self._session
        if session is not None:
            if session.tracer is not None:
                session.tracer("too long", line)
            self.factory.service.too_long(session, LineTooLong(limit=self._line_bytes))
        self._read_away()

    def _read_away(self) -> None:
        """Take no more lines; what still comes is read and forgotten, up to a bound."""
        self.setRawMode()  # type: ignore[no-untyped-call]

    def rawDataReceived(self, data: bytes) -> None:
        self._discarded += len(data)
        if self._discarded > DISCARDED and self._outbox is not None:
            self._outbox.cut()

    def readConnectionLost(self) -> None:
        self._show_unfinished()
        if self._outbox is None or not self._outbox.peer_finished():
            return
        if self._session is not None:
            self.factory.service.finished(self._session)

    def _show_unfinished(self) -> None:
        """Show whoever watches what came without an end of line, and is thrown away now that no more will come."""
        session = self._session
        if session is not None and session.tracer is not None and not session.closing:
            rest = self.clearLineBuffer().rpartition(b"\n")[2]  # type: ignore[no-untyped-call]
            if rest:
                session.tracer("no end of line", rest)

    def writeConnectionLost(self) -> None:
        """Our side is closed; the peer's is awaited, for a time (see Outbox.close)."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.handshakeCompleted()  # or never will be
        if self._outbox is not None:
            self._outbox.lost()
        self._show_unfinished()
        if self._session is not None:
            self.factory.service.disconnected(self._session, reason.getErrorMessage())
            self._session = None

    def _overflowed(self) -> None:
        if self._session is not None:
            self.factory.service.close(self._session, "it does not read what it is sent: its outbox is full")


class ChatLinesFactory(Factory):
    """Makes a ChatLines for each connection; `face` is its word in logs, `tcp` or `tls`."""

    protocol = ChatLines  # type: ignore[assignment]
    noisy = False

    def __init__(
        self,
        service: ChatService,
        dialect: Dialect,
        clock: IReactorTime,
        *,
        face: str,
        line_bytes: int,
        outbox_bytes: int,
    ) -> None:
        self.service = service
        self.dialect = dialect
        self.clock = clock
        self.face = face
        self.line_bytes = line_bytes
        self.outbox_bytes = outbox_bytes
        self.pages = SharedPages()

    def stopFactory(self) -> None:
        self.pages.close()
