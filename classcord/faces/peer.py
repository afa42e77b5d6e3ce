"""What every face does for a client's connection, whatever its framing: begin, trace, decode, refuse, end.

A face reads whole lines from its connection and gives them to its Peer, which decodes each by the dialect and submits
the request to the service; answers go through the session's listener to the peer's outbox. Knows no framing, no dialect
by name, and no rule of the chat.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IReactorTime

from classcord.chat.errors import ChatError, LineTooLong
from classcord.faces.listener import ConnectionListener
from classcord.faces.liveness import is_tcp, notice_silence
from classcord.faces.outbox import BoundedOutbox, SharedPages, outbox
from classcord.faces.peer_addresses import normal_address

if TYPE_CHECKING:
    from classcord.chat.ports import Dialect
    from classcord.chat.requests import Request
    from classcord.services.chat.connection import Connection
    from classcord.services.chat.service import ChatService

LINGER = 2.0  # seconds that a refused client has to read the reason
DISCARDED = 1_048_576  # bytes read and discarded on a connection that is being closed, before it is cut


@dataclass(eq=False)
class Face:
    """What the connections of one open port share; a connection reads it when it begins."""

    service: ChatService
    dialect: Dialect
    clock: IReactorTime
    name: str
    """Its word in logs: `tcp`, `tls`, `web` or `web_tls`."""
    line_bytes: int
    """The longest line, without its end; 0 for no limit."""
    outbox_bytes: int
    pages: SharedPages = field(default_factory=SharedPages)


class Peer:
    """One client's connection, between its framing and the chat."""

    __slots__ = (
        "_begun",
        "_connection",
        "_discarded",
        "_face",
        "_listener",
        "_read_away",
        "_service",
        "_transport",
        "line_bytes",
        "outbox",
    )  # thousands of these are there at a time

    def __init__(self, face: Face, transport: Any, read_away: Callable[[], None]) -> None:
        """`read_away` is called when no more lines are read: from then on the framing only reports to `discard`."""
        self._face = face
        self._transport = transport
        self._service = face.service
        self._read_away = read_away
        self._connection: Connection | None = None
        self._begun = False  # whether the first line has come
        self._discarded = 0
        self.line_bytes = face.line_bytes or sys.maxsize
        notice_silence(transport)
        if is_tcp(transport):
            transport.setTcpNoDelay(True)
        self.outbox = self._open_outbox()
        self._listener = ConnectionListener(self.outbox, face.dialect, face.clock)

    def _open_outbox(self) -> BoundedOutbox:
        face = self._face
        return outbox(self._transport, face.clock, face.outbox_bytes, self._overflowed, face.pages)

    def begin(self, address: str | None = None) -> None:
        """Begin a session, or send the reason why there is none; a proxy may have told the client's address."""
        listener = self._listener
        if address is None:
            address = normal_address(self._transport.getPeer())
        try:
            self._connection = self._service.connect(listener, address=address, face=self._face.name)
            listener.begin(self._connection.session)
        except ChatError as error:
            self._service.refusals[error.code] += 1
            listener.write(listener.error(error, None))
            listener.close(after=LINGER)
            self._read_away()

    @property
    def connection(self) -> Connection | None:
        """The connection as the service has it; None if it was refused or has ended."""
        return self._connection

    def received(self, line: bytes, framed: bytes) -> None:
        """Handle a line; `framed` is the same line with its end, for traces."""
        connection = self._connection
        if connection is None or not connection.takes_requests:
            self._read_away()
            return
        if not self._begun:
            self._begun = True
            line = line.removeprefix(codecs.BOM_UTF8)  # a pipe on Windows begins with a BOM
        if len(line) > self.line_bytes:
            self._trace("", framed)
            self.too_long(b"")  # traces have already shown it
            return
        try:
            request = self._listener.decode(line)
        except ChatError as error:
            self._trace("", framed)
            self._refuse(connection, line, error)
            return
        if connection.tracer is not None:  # traces show the line before its answer
            connection.tracer("", framed, request)
        self._service.submit(connection, request)

    def _refuse(self, connection: Connection, line: bytes, error: ChatError) -> None:
        if not line or line.isspace():
            self._service.blank_line(connection)
        else:
            self._service.bad_line(connection, error)

    def nothing(self) -> None:
        """Count what asks nothing, such as a ping; a flood of it ends the connection."""
        if self._connection is not None:
            self._service.blank_line(self._connection)

    def _trace(self, remark: str, line: bytes, request: Request | None = None) -> None:
        """Show a line in traces, if the session is watched."""
        if self._connection is not None and self._connection.tracer is not None:
            self._connection.tracer(remark, line, request)

    def too_long(self, beginning: bytes) -> None:
        """Refuse a line that is longer than the limit; this ends the connection."""
        connection = self._connection
        if connection is not None:
            self._trace("too long", beginning)
            self._service.too_long(connection, LineTooLong(limit=self.line_bytes))
        self._read_away()

    def discard(self, size: int) -> None:
        """Discard bytes of a client whose lines are no longer read; cut the connection if it does not stop."""
        self._discarded += size
        if self._discarded > DISCARDED:
            self.outbox.cut()

    def unfinished(self, rest: bytes) -> None:
        """Show in traces a line without its end, which is discarded because the client has closed."""
        connection = self._connection
        if rest and connection is not None and connection.takes_requests:
            self._trace("no end of line", rest)

    def finished(self) -> None:
        """The client has closed its side: answer its requests, then end."""
        if self.outbox.peer_finished() and self._connection is not None:
            self._service.finished(self._connection)

    def give_up(self, why: str) -> None:
        """End a connection that fails before its first line."""
        if self._connection is not None:
            self._service.close(self._connection, why)
        else:
            self.outbox.cut()

    def lost(self, why: str) -> None:
        """End the session: the connection has ended."""
        self._listener.lost()
        if self._connection is not None:
            self._service.disconnected(self._connection, why)
            self._connection = None

    def _overflowed(self) -> None:
        if self._connection is not None:
            self._service.close(self._connection, "it does not read what it is sent: its outbox is full")
