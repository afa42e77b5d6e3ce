"""Lines on a socket: TCP, TLS, or any other endpoint.

Knows where lines end and how a transport works; the connection's Peer (peer.py) does everything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.interfaces import IDelayedCall, IHalfCloseableProtocol, IHandshakeListener, ISSLTransport
from twisted.internet.protocol import Factory, connectionDone
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from classcord.faces.peer import Peer

if TYPE_CHECKING:
    from classcord.faces.peer import Face

HANDSHAKE_WITHIN = 10.0  # seconds, for TLS; a lost packet is sent again several times within them


@implementer(IHalfCloseableProtocol, IHandshakeListener)
class ChatLines(LineReceiver):
    """One client's connection; a client that closes its side first still receives the answers."""

    delimiter = b"\n"
    factory: ChatLinesFactory

    def __init__(self) -> None:
        self.peer: Peer | None = None
        self._late: IDelayedCall | None = None

    def connectionMade(self) -> None:
        face, transport = self.factory.face, self.transport
        assert transport is not None
        if ISSLTransport.providedBy(transport):
            self._late = face.clock.callLater(HANDSHAKE_WITHIN, self._no_handshake)
        self.peer = Peer(face, transport, self.setRawMode)
        self.MAX_LENGTH = self.peer.line_bytes + 1  # a carriage return before the newline does not count
        self.peer.begin()

    def handshakeCompleted(self) -> None:
        """TLS has begun: from now on a client may be silent for any time."""
        if self._late is not None and self._late.active():
            self._late.cancel()

    def _no_handshake(self) -> None:
        if self.peer is not None:
            self.peer.give_up("it does not finish the TLS handshake")

    def lineReceived(self, line: bytes) -> None:
        assert self.peer is not None
        self.peer.received(line[:-1] if line.endswith(b"\r") else line, line)

    def lineLengthExceeded(self, line: bytes) -> None:
        assert self.peer is not None
        self.peer.too_long(line)

    def rawDataReceived(self, data: bytes) -> None:
        assert self.peer is not None
        self.peer.discard(len(data))

    def readConnectionLost(self) -> None:
        self._show_unfinished()
        if self.peer is not None:
            self.peer.finished()

    def _show_unfinished(self) -> None:
        if self.peer is not None:
            rest: bytes = self.clearLineBuffer()  # type: ignore[no-untyped-call]
            self.peer.unfinished(rest.rpartition(b"\n")[2])

    def writeConnectionLost(self) -> None:
        """Our side is closed; wait some time for the peer to close (see Outbox.close)."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.handshakeCompleted()  # or it never will be
        self._show_unfinished()
        if self.peer is not None:
            self.peer.lost(reason.getErrorMessage())


class ChatLinesFactory(Factory):
    """Makes a ChatLines for each connection of a face."""

    protocol = ChatLines  # type: ignore[assignment]
    noisy = False

    def __init__(self, face: Face) -> None:
        self.face = face

    def stopFactory(self) -> None:
        self.face.pages.close()
