"""The bounded output of one connection: what waits until the transport accepts it.

The only place that calls `socket.send`: if nothing waits, that saves two epoll calls a delivery. What a client does not
read waits here, up to a limit; beyond it the connection is closed, and other connections are not affected. Knows bytes
and transports, no chat.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IReactorTime, ISSLTransport
from twisted.internet.tcp import Connection as SocketTransport

from classcord.faces.acknowledged_bytes import NEVER, AcknowledgedBytes, acknowledged_bytes
from classcord.faces.liveness import limit_unacknowledged

CHUNK = 131_072  # bytes given to a transport at a time


class SharedPages:
    """The current batch for many sockets, in pages that the kernel sends to each socket without a copy.

    When a batch comes a second time, it is written to an anonymous file; from then on `sendfile` sends it. A file is
    never changed after that, because sockets may still hold its pages.
    """

    LEAST = 16_384  # bytes from which this is cheaper than a copy (bench/README.md)

    def __init__(self) -> None:
        self._data: bytes | None = None
        self._file = -1

    def file(self, data: bytes) -> int:
        """Return the descriptor of a file with `data`, or -1 if a file is not worth it."""
        if data is self._data:
            if self._file < 0:
                self._file = os.memfd_create("classcord-batch", os.MFD_CLOEXEC)
                os.write(self._file, data)
            return self._file
        self.close()
        self._data = data
        return -1

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._data, self._file = None, -1


class BoundedOutbox:
    """What its connection does not accept waits, up to a limit. Subclasses send.

    A transport receives at most CHUNK bytes at a time, so that nearly all waiting bytes are here, where they are
    counted.
    """

    __slots__ = (
        "_acknowledged",
        "_clock",
        "_closed",
        "_deadline",
        "_gone",
        "_limit",
        "_overflowed",
        "_paused",
        "_peer_finished",
        "_queue",
        "_size",
        "_taken",
        "_transport",
    )  # the fan-out goes through all outboxes: fewer places in memory

    def __init__(self, transport: Any, clock: IReactorTime, limit: int, overflowed: Callable[[], None]) -> None:
        """`limit` is in bytes, 0 for none; `overflowed` is called once, when the limit is exceeded.

        The limit holds while something waits. A write to an empty queue is accepted whatever its size, so that one
        large answer does not close the connection of a client that reads. So at most the limit or one write waits,
        whichever is larger; the code that makes answers limits their size.
        """
        self._transport = transport
        self._clock = clock
        self._limit = limit
        self._overflowed = overflowed
        self._queue: deque[bytes] | None = None  # made for the first data that wait: an empty deque has 760 bytes
        self._taken = 0  # bytes of the queue's first entry that the transport already has
        self._size = 0  # bytes that wait in the queue
        self._closed = False
        self._paused = False  # whether the transport's buffer is full
        self._deadline: Any = None
        self._peer_finished = False
        self._acknowledged: AcknowledgedBytes | None = None  # made for the first mark: most connections never need it
        self._gone = False  # whether the socket is no longer to be asked

    @property
    def size(self) -> int:
        """The number of bytes that wait here."""
        return self._size

    def write(self, data: bytes) -> None:
        """Send `data`, or keep it until it can be sent."""
        raise NotImplementedError

    def mark(self) -> int | None:
        """Return the position behind what was written; None if nobody acknowledges bytes, as on a unix socket."""
        if self._closed:
            return NEVER
        if self._acknowledged is None:
            self._acknowledged = acknowledged_bytes(self._transport)
        return None if self._acknowledged is None else self._acknowledged.mark(self._unsent())

    def _unsent(self) -> int:
        """Return how many of the bytes that count for a mark wait here."""
        return self._size

    def acknowledged(self) -> int:
        """Return the position up to which the peer has acknowledged all; after the end, as far as it is known."""
        if self._acknowledged is None:
            return 0
        return self._acknowledged.reached if self._gone else self._acknowledged.look(self._size + self._paused)

    def _look_last(self) -> None:
        """Note what is acknowledged, as long as the socket is open."""
        self.acknowledged()
        self._gone = True

    def when_counted(self, then: Callable[[], None]) -> None:
        """Call `then` when `mark` counts exactly what was written; never, if the connection ends before."""
        then()

    def give_up_after(self, seconds: float) -> None:
        """Have the connection end when data stay unacknowledged for so long, if its kernel can do that."""
        if not self._gone:
            limit_unacknowledged(self._transport, seconds)

    def _keep(self, data: bytes) -> None:
        """Queue data, or end the connection if the limit is exceeded."""
        if self._queue and 0 < self._limit < self._size + len(data):
            self._look_last()
            self._closed = True
            self._forget()
            self._transport.abortConnection()
            self._overflowed()
            return
        if self._queue is None:
            self._queue = deque()
        self._queue.append(data)
        self._size += len(data)

    def _forget(self) -> None:
        self._queue = None
        self._taken = self._size = 0

    def _chunk(self) -> bytes:
        """Take the next chunk from the queue: CHUNK bytes, or all if fewer wait."""
        queue = self._queue
        parts: list[bytes] = []
        room = CHUNK
        while queue and room:
            first = queue[0]
            part = first[self._taken : self._taken + room]  # without a copy, if that is the whole entry
            parts.append(part)
            room -= len(part)
            self._taken += len(part)
            if self._taken == len(first):
                queue.popleft()
                self._taken = 0
        if not queue:
            self._queue = None
        self._size -= CHUNK - room
        return b"".join(parts)

    def close(self, *, after: float) -> None:
        """End the connection when everything is sent.

        If the peer does not read it, cut the connection `after` seconds later. If the transport can do it, only our
        side is closed first: a full close with unread input would send a reset, which can overtake our last line.
        """
        if self._closed:
            return
        self._closed = True
        self._deadline = self._clock.callLater(after, self.cut)
        self._transport.resumeProducing()  # only a transport that reads notices the end of a connection
        if not self._queue:
            self._finish()

    def _finish(self) -> None:
        """End the connection: nothing waits."""
        raise NotImplementedError

    def peer_finished(self) -> bool:
        """Note that the peer has closed its side; return whether that is new."""
        news, self._peer_finished = not self._peer_finished, True
        self.acknowledged()  # the socket may be closed at any time now
        if self._closed and not self._paused:
            self._transport.loseConnection()  # both sides are closed
        return news

    def cut(self) -> None:
        """End the connection at once; waiting data are lost."""
        self._look_last()
        self._closed = True
        self._forget()
        self._transport.abortConnection()

    def lost(self) -> None:
        """Forget all data: the connection has ended."""
        self._closed = self._gone = True
        self._forget()
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None

    def pause(self) -> None:
        if not self._closed:
            self._transport.pauseProducing()

    def resume(self) -> None:
        if not self._closed:
            self._transport.resumeProducing()

    def stopProducing(self) -> None:
        """Stop sending: the transport is about to close its socket (IPushProducer, IPullProducer)."""
        self._look_last()
        self._paused = True


class Outbox(BoundedOutbox):
    """An outbox for any transport; data wait while the transport's own buffer is full: it is a push producer."""

    __slots__ = ("_uncounted",)

    def __init__(self, transport: Any, clock: IReactorTime, limit: int, overflowed: Callable[[], None]) -> None:
        super().__init__(transport, clock, limit, overflowed)
        self._uncounted: list[Callable[[], None]] = []  # what to call when all that waits is with the transport
        transport.registerProducer(self, True)

    def write(self, data: bytes) -> None:
        if self._closed or not data:
            return
        if self._paused:
            self._keep(data)
        elif len(data) <= CHUNK:
            self._transport.write(data)
        else:
            self._keep(data)
            self._hand_on()

    def _unsent(self) -> int:
        return 0  # `when_counted` has waited

    def when_counted(self, then: Callable[[], None]) -> None:
        """Nobody knows how long data will be when they are encrypted: wait until they are, a turn after the write."""
        if self._queue:
            self._uncounted.append(then)
        elif ISSLTransport.providedBy(self._transport):
            self._clock.callLater(0, then)
        else:
            then()

    def _forget(self) -> None:
        super()._forget()
        self._uncounted.clear()

    def _hand_on(self) -> None:
        while self._queue and not self._paused:
            self._transport.write(self._chunk())
        if self._uncounted and not self._queue:
            uncounted, self._uncounted = self._uncounted, []
            for then in uncounted:
                self._clock.callLater(0, then)

    def _finish(self) -> None:
        self.acknowledged()  # from now on the transport does not say when it closes its socket
        self._transport.unregisterProducer()
        self._transport.loseConnection()

    def pauseProducing(self) -> None:
        self._paused = True

    def resumeProducing(self) -> None:
        self._paused = False
        self._hand_on()
        if self._closed and not self._queue and self._deadline is not None:
            self._finish()


class SocketOutbox(BoundedOutbox):
    """An outbox that sends by itself while the kernel accepts everything, and gives the transport only the rest.

    While data wait, it is the transport's pull producer: the transport asks for more whenever it has sent everything.
    """

    __slots__ = ("_fileno", "_pages", "_send")

    def __init__(
        self, transport: Any, clock: IReactorTime, limit: int, overflowed: Callable[[], None], pages: SharedPages
    ) -> None:
        super().__init__(transport, clock, limit, overflowed)
        self._pages = pages
        self._send: Callable[[bytes], int] = transport.socket.send
        self._fileno: int = transport.fileno()

    def write(self, data: bytes) -> None:
        if self._paused:
            if not self._closed:
                self._keep(data)
            return
        if self._closed or not data:
            return
        try:
            send = self._send if len(data) < SharedPages.LEAST else self._send_pages
            sent = send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._transport.write(data)  # it fails there too, and the transport ends the connection
            return
        if sent < len(data):
            self._paused = True
            self._keep(data[sent:])
            self._transport.registerProducer(self, False)

    def _send_pages(self, data: bytes) -> int:
        file = self._pages.file(data)
        return self._send(data) if file < 0 else os.sendfile(self._fileno, file, 0, len(data))

    def resumeProducing(self) -> None:
        """Give the transport the next chunk; if none is left, end."""
        if self._queue:
            self._transport.write(self._chunk())
            return
        self._paused = False
        self._transport.unregisterProducer()
        if self._closed and self._deadline is not None:
            self._finish()

    def _finish(self) -> None:
        if self._paused:
            return
        if self._peer_finished:
            self._transport.loseConnection()
        else:
            self._transport.loseWriteConnection()


def outbox(
    transport: Any, clock: IReactorTime, limit: int, overflowed: Callable[[], None], pages: SharedPages
) -> BoundedOutbox:
    """Return the right outbox for a transport; outboxes of sockets on one server share `pages`."""
    if isinstance(transport, SocketTransport):
        return SocketOutbox(transport, clock, limit, overflowed, pages)
    return Outbox(transport, clock, limit, overflowed)
