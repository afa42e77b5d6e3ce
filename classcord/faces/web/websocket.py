"""The chat in WebSocket text messages: RFC 6455, with wsproto. A message is one line or several.

A message is read as it comes, like a stream of lines: what it declares costs nothing, and only a line that is not yet
whole waits, up to the limit of lines. Knows frames; the connection's Peer (faces/peer.py) does everything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, TextMessage

from classcord.faces.peer import Face, Peer
from classcord.faces.web.framed_outbox import FramedOutbox, framed_outbox
from classcord.faces.web.frames import SharedFrames, pong

if TYPE_CHECKING:
    from collections.abc import Callable

NOT_TEXT, TOO_BIG = 1003, 1009  # RFC 6455 §7.4.1


class WebFace(Face):
    """What the connections of one open port share, and the frames that they all receive."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.frames = SharedFrames()


class WebSocketPeer(Peer):
    """A client whose lines come and go in text messages."""

    outbox: FramedOutbox

    def __init__(self, face: WebFace, transport: Any, read_away: Callable[[], None]) -> None:
        self._frames = face.frames
        super().__init__(face, transport, read_away)

    def _open_outbox(self) -> FramedOutbox:
        face = self._face
        return framed_outbox(
            self._transport, face.clock, face.outbox_bytes, self._overflowed, pages=face.pages, frames=self._frames
        )


class WebSocketChat(Protocol):
    """One client's connection, from the answer to its handshake on."""

    def __init__(self, face: WebFace, answer: bytes, address: str) -> None:
        """`answer` accepts the handshake; `address` is the client's."""
        self._face = face
        self._answer = answer
        self._address = address
        self._socket = Connection(ConnectionType.SERVER)
        self._line = bytearray()  # a line that is not yet whole
        self._reads = True  # whether anybody still wants lines
        self.peer: WebSocketPeer | None = None

    def connectionMade(self) -> None:
        self.peer = peer = WebSocketPeer(self._face, self.transport, self._read_away)
        peer.outbox.begin(self._answer)
        peer.begin(self._address)

    def _read_away(self) -> None:
        self._reads = False
        self._line.clear()

    def dataReceived(self, data: bytes) -> None:
        assert self.peer is not None
        if self._reads:
            self._socket.receive_data(data)
            for event in self._socket.events():
                self._happened(event, self.peer)
                if not self._reads:
                    break
        else:
            self.peer.discard(len(data))

    def _happened(self, event: Event, peer: WebSocketPeer) -> None:
        if isinstance(event, TextMessage):
            self._text(event, peer)
        elif isinstance(event, Ping):
            peer.nothing()
            peer.outbox.control(pong(event.payload))
        elif isinstance(event, BytesMessage):
            self._fail(peer, NOT_TEXT, "it sends something else than text")
        elif isinstance(event, CloseConnection):
            self._closes(event, peer)
        else:
            peer.nothing()  # a pong

    def _text(self, event: TextMessage, peer: WebSocketPeer) -> None:
        data = event.data.encode()
        whole = event.message_finished
        if not data and not whole:
            peer.nothing()  # an empty part
            return
        self._line += data
        if not whole and b"\n" not in data:
            self._check_length(peer)
            return
        lines = self._line.split(b"\n")
        last = lines.pop()
        if whole and (last or not lines):
            lines.append(last)
            last = bytearray()
        self._line = last
        for line in lines:
            if not self._reads:
                return
            text = bytes(line.removesuffix(b"\r"))
            if len(text) > peer.line_bytes:
                peer.outbox.end_with(TOO_BIG)
            peer.received(text, bytes(line))
        self._check_length(peer)

    def _check_length(self, peer: WebSocketPeer) -> None:
        if len(self._line) > peer.line_bytes + 1:  # a carriage return before the newline does not count
            peer.outbox.end_with(TOO_BIG)
            peer.too_long(bytes(self._line))

    def _closes(self, event: CloseConnection, peer: WebSocketPeer) -> None:
        """Answer the client's close frame; if it is our own, because wsproto has found a fault, say which."""
        if self._socket.state is ConnectionState.OPEN:
            self._fail(peer, event.code, event.reason or "its frames are wrong")
        else:
            self._unfinished(peer)
            peer.finished()

    def _fail(self, peer: WebSocketPeer, code: int, why: str) -> None:
        peer.outbox.end_with(code)
        peer.give_up(why)
        self._read_away()

    def _unfinished(self, peer: WebSocketPeer) -> None:
        peer.unfinished(bytes(self._line))
        self._read_away()

    def readConnectionLost(self) -> None:
        """The client has closed its side, without a close frame."""
        if self.peer is not None:
            self._unfinished(self.peer)
            self.peer.finished()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self.peer is not None:
            self._unfinished(self.peer)
            self.peer.lost(reason.getErrorMessage())
