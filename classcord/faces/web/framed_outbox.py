"""The outbox of a WebSocket connection: each chunk is one text message, and a close frame comes last.

Knows frames and transports, no chat.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IReactorTime
from twisted.internet.tcp import Connection as SocketTransport

from classcord.faces.outbox import BoundedOutbox, Outbox, SharedPages, SocketOutbox
from classcord.faces.web.frames import SharedFrames, close

NORMAL = 1000  # RFC 6455 §7.4.1: the purpose is fulfilled


class FramedOutbox(BoundedOutbox):
    """What both have that follow."""

    __slots__ = ()

    frames: SharedFrames
    close_code: int

    def write(self, data: bytes) -> None:
        if data:
            super().write(self.frames.text(data))

    def begin(self, answer: bytes) -> None:
        """Send the answer to the handshake, behind what the transport still has of earlier answers."""
        super().write(answer)

    def end_with(self, code: int) -> None:
        """Let the close frame have this code."""
        self.close_code = code  # type: ignore[misc]  # a slot of the subclasses

    def control(self, frame: bytes) -> None:
        """Send a frame as it is, in its order."""
        super().write(frame)

    def close(self, *, after: float) -> None:
        super().write(close(self.close_code))
        super().close(after=after)


class FramedTransportOutbox(FramedOutbox, Outbox):
    """The outbox for any transport."""

    __slots__ = ("close_code", "frames")


class FramedSocketOutbox(FramedOutbox, SocketOutbox):
    """The outbox that sends by itself, once the transport has sent what it had."""

    __slots__ = ("close_code", "frames")

    def begin(self, answer: bytes) -> None:
        self._paused = True
        self._keep(answer)
        self._transport.registerProducer(self, False)


def framed_outbox(
    transport: Any,
    clock: IReactorTime,
    limit: int,
    overflowed: Callable[[], None],
    *,
    pages: SharedPages,
    frames: SharedFrames,
) -> FramedOutbox:
    """Return the right outbox for a transport; those of one server share `pages` and `frames`."""
    made: FramedOutbox
    if isinstance(transport, SocketTransport):
        made = FramedSocketOutbox(transport, clock, limit, overflowed, pages)
    else:
        made = FramedTransportOutbox(transport, clock, limit, overflowed)
    made.frames, made.close_code = frames, NORMAL
    return made
