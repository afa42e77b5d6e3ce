"""Makes the kernel detect clients that have vanished, on every TCP connection.

Two options are needed (tcp(7)): keep-alive probes a silent peer, but not while data wait for its acknowledgement; then
only TCP_USER_TIMEOUT ends the connection before the kernel's 16 minutes. Knows sockets, nothing else.
"""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet.interfaces import ITCPTransport

KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}  # seconds, seconds, tries
UNACKNOWLEDGED = 120  # seconds that data may wait for a peer's acknowledgement, or for space in its window: RFC 5482


def is_tcp(transport: Any) -> bool:
    """Whether this is a TCP connection, with or without TLS; Twisted's unix sockets claim to be TCP, too."""
    handle = getattr(transport, "socket", None)
    return ITCPTransport.providedBy(transport) and getattr(handle, "family", None) != socket.AF_UNIX


def notice_silence(transport: Any) -> None:
    """Make the kernel, if it can, end a TCP connection within two minutes after its peer has vanished."""
    if is_tcp(transport):
        transport.setTcpKeepAlive(True)
        for name, seconds_or_tries in KEEPALIVE.items():
            _set(transport, name, seconds_or_tries)
        limit_unacknowledged(transport, UNACKNOWLEDGED)


def limit_unacknowledged(transport: Any, seconds: float) -> None:
    """Make the kernel, if it can, end a TCP connection whose peer acknowledges nothing for so long, or two minutes.

    The kernel counts from the first retransmission, a round trip or two after the data were sent.
    """
    if is_tcp(transport):
        _set(transport, "TCP_USER_TIMEOUT", int(min(seconds, UNACKNOWLEDGED) * 1000))


def _set(transport: Any, name: str, value: int) -> None:
    handle, option = getattr(transport, "socket", None), getattr(socket, name, None)
    if isinstance(handle, socket.socket) and option is not None:  # Linux has all options, other systems only some
        handle.setsockopt(socket.IPPROTO_TCP, option, value)
