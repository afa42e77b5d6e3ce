"""Lines on a socket: TCP, TLS, or any other endpoint.

Knows where lines end and how a transport works; the connection's Peer (peer.py) does everything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.interfaces import IDelayedCall, IHalfCloseableProtocol, IHandshakeListener, ISSLTransport
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from classcord.faces.peer import Peer

if TYPE_CHECKING:
    from classcord.faces.peer import Face

HANDSHAKE_WITHIN = 10.0  # seconds, for TLS; a lost packet is sent again several times within them


@implementer(IHalfCloseableProtocol, IHandshakeListener)
class ChatLines(Protocol):
    """One client's connection; a client that closes its side first still receives the answers.

    All lines that have come are split off at once: Twisted's LineReceiver splits off one at a time, and costs half a
    microsecond for each.
    """

    factory: ChatLinesFactory

    def __init__(self) -> None:
        self.peer: Peer | None = None
        self._rest = b""  # a line without its end
        self._discards = False  # what comes is no longer read
        self._late: IDelayedCall | None = None

    def connectionMade(self) -> None:
        face, transport = self.factory.face, self.transport
        assert transport is not None
        if ISSLTransport.providedBy(transport):
            self._late = face.clock.callLater(HANDSHAKE_WITHIN, self._no_handshake)
        self.peer = Peer(face, transport, self._read_away)
        self.peer.begin()

    def _read_away(self) -> None:
        self._discards = True

    def handshakeCompleted(self) -> None:
        """TLS has begun: from now on a client may be silent for any time."""
        if self._late is not None and self._late.active():
            self._late.cancel()

    def _no_handshake(self) -> None:
        if self.peer is not None:
            self.peer.give_up("it does not finish the TLS handshake")

    def dataReceived(self, data: bytes) -> None:
        peer = self.peer
        assert peer is not None
        if self._discards:
            peer.discard(len(data))
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in (remaining := iter(lines)):
            peer.received(line[:-1] if line.endswith(b"\r") else line, line)
            if self._discards:
                peer.discard(sum(len(each) + 1 for each in remaining) + len(self._rest))
                self._rest = b""
                return
        if len(self._rest) > peer.line_bytes + 1:  # a carriage return before the newline does not count
            beginning, self._rest = self._rest, b""
            peer.too_long(beginning)

    def readConnectionLost(self) -> None:
        self._show_unfinished()
        if self.peer is not None:
            self.peer.finished()

    def _show_unfinished(self) -> None:
        rest, self._rest = self._rest, b""
        if self.peer is not None:
            self.peer.unfinished(rest)

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
