"""The bytes of one TCP connection that its peer has acknowledged, as the kernel counts them.

Positions count the bytes that have left by the socket since the connection began; with TLS, these are encrypted ones.
Knows sockets and Twisted's buffer, no outbox and no chat.
"""

from __future__ import annotations

import socket
import struct
import sys
import termios
from fcntl import ioctl
from typing import Any

from classcord.faces.liveness import is_tcp

NEVER = sys.maxsize
"""A mark that no peer acknowledges: what was to be before it was never written."""

_TCP_INFO = getattr(socket, "TCP_INFO", None)  # Linux has it, with the field since 4.1
_BYTES_ACKED = struct.Struct("=120xQ")  # tcpi_bytes_acked in struct tcp_info (linux/tcp.h)
_INT = struct.Struct("=i")
_NO_INT = bytes(_INT.size)


class AcknowledgedBytes:
    """Where the peer's acknowledgements stand; `transport` is a TCP connection, with or without TLS.

    A mark may lie too far behind, never too far ahead: an acknowledgement between two questions to the kernel moves it
    by as many bytes. So a connection that has nothing unacknowledged has reached all its marks.
    """

    __slots__ = ("_marked", "_reached", "_transport")

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._marked = 0  # the last mark
        self._reached = 0  # the position at the last look

    def mark(self, waiting: int) -> int:
        """Return the position behind all that was written, of which `waiting` bytes have not come here yet."""
        left = self._left()
        mark = self._acknowledged() + left + waiting
        self._marked = max(self._marked, mark)
        return mark

    def look(self, waiting: int) -> int:
        """Return the position up to which everything is acknowledged."""
        self._reached = self._acknowledged() if waiting or self._left() else self._marked
        return self._reached

    @property
    def reached(self) -> int:
        """The position at the last look: all that is known once the socket is closed."""
        return self._reached

    def _left(self) -> int:
        """Return the bytes that wait in Twisted's buffer, and those in the kernel that are not acknowledged."""
        transport = self._transport
        unsent: int = len(transport.dataBuffer) - transport.offset + getattr(transport, "_tempDataLen", 0)
        try:
            queued: int = _INT.unpack(ioctl(transport.socket.fileno(), termios.TIOCOUTQ, _NO_INT))[0]
        except OSError:  # a system that does not tell: what the kernel has taken counts
            queued = 0
        return unsent + queued

    def _acknowledged(self) -> int:
        """Return the bytes that were acknowledged; 0 if the system does not tell, and then only `_left` counts."""
        try:
            info = self._transport.socket.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _BYTES_ACKED.size)
            return int(_BYTES_ACKED.unpack(info)[0])
        except (OSError, TypeError, struct.error):
            return 0


def acknowledged_bytes(transport: Any) -> AcknowledgedBytes | None:
    """Return the counter of a connection; None if it is not TCP: then nobody acknowledges bytes."""
    return AcknowledgedBytes(transport) if is_tcp(transport) else None
