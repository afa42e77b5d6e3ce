"""Bounded output of one connection: what a session hears, on its way to a transport.

The only place that touches `socket.send`: when nothing waits, that spares two turns of epoll a delivery. What a client
does not read waits here up to a bound, past which its connection is closed and the others notice nothing. Knows bytes
and transports, no chat.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IReactorTime
from twisted.internet.tcp import Connection as SocketTransport

CHUNK = 131_072  # bytes handed to a transport at a time


class SharedPages:
    """The batch that many sockets are sent at the moment, in pages that the kernel hands to each without a copy.

    A batch that comes a second time is put into an anonymous file; from then on `sendfile` sends it. The file is never
    changed once it is filled, for sockets may still hold its pages.
    """

    LEAST = 16_384  # bytes from which on this is cheaper than a copy (bench/README.md)

    def __init__(self) -> None:
        self._data: bytes | None = None
        self._file = -1

    def file(self, data: bytes) -> int:
        """Return the descriptor of a file that holds `data`, or -1 if it is not worth one."""
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
    """A Sink (see chat/ports.py): what its connection does not take waits, up to a bound. Each kind sends in its way.

    A transport is handed at most CHUNK bytes at a time, so that nearly all that waits does so here, where it counts.
    """

    def __init__(self, transport: Any, clock: IReactorTime, limit: int, overflowed: Callable[[], None]) -> None:
        """`limit` is in bytes, 0 for none; `overflowed` is called once, when more would wait.

        The limit is for what comes while something waits: a write that finds the queue empty is taken whatever its
        size, for a client that reads is not cut because one answer is large. So the larger of the two, the limit and
        one write, is what waits at most; whoever makes an answer bounds it.
        """
        self._transport = transport
        self._clock = clock
        self._limit = limit
        self._overflowed = overflowed
        self._queue: deque[bytes] = deque()
        self._taken = 0  # bytes of the queue's first entry that are handed on already
        self._size = 0  # bytes that wait in the queue
        self._closed = False
        self._paused = False  # the transport's buffer is full
        self._deadline: Any = None
        self._peer_finished = False

    @property
    def size(self) -> int:
        """How many bytes wait here."""
        return self._size

    def write(self, data: bytes) -> None:
        """Send `data`, or keep it until it can be sent."""
        raise NotImplementedError

    def _keep(self, data: bytes) -> None:
        """Queue it, or end the connection if that is too much beside what waits already."""
        if self._queue and 0 < self._limit < self._size + len(data):
            self._closed = True
            self._forget()
            self._transport.abortConnection()
            self._overflowed()
            return
        self._queue.append(data)
        self._size += len(data)

    def _forget(self) -> None:
        self._queue.clear()
        self._taken = self._size = 0

    def _chunk(self) -> bytes:
        """Take from the queue what is handed on at once: CHUNK bytes, or all if that is less."""
        parts: list[bytes] = []
        room = CHUNK
        while self._queue and room:
            first = self._queue[0]
            part = first[self._taken : self._taken + room]  # the entry itself, not a copy, where that is all of it
            parts.append(part)
            room -= len(part)
            self._taken += len(part)
            if self._taken == len(first):
                self._queue.popleft()
                self._taken = 0
        self._size -= CHUNK - room
        return b"".join(parts)

    def close(self, *, after: float) -> None:
        """End the connection when all is sent; cut it `after` seconds later, for a peer who does not take it.

        Where the transport can, only our side is closed first: a full close with unread input would be a reset, which
        can overtake the last line that we have sent.
        """
        if self._closed:
            return
        self._closed = True
        self._deadline = self._clock.callLater(after, self.cut)
        self._transport.resumeProducing()  # the end of a connection is noticed only by who reads
        if not self._queue:
            self._finish()

    def _finish(self) -> None:
        """End the connection: nothing waits."""
        raise NotImplementedError

    def peer_finished(self) -> bool:
        """Take note that the peer sends nothing more; return whether that is news."""
        news, self._peer_finished = not self._peer_finished, True
        if self._closed and not self._paused:
            self._transport.loseConnection()  # both sides are closed
        return news

    def cut(self) -> None:
        """End the connection at once; what waits is not sent."""
        self._closed = True
        self._forget()
        self._transport.abortConnection()

    def lost(self) -> None:
        """Forget everything: the connection is gone."""
        self._closed = True
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
        """Hand nothing on: the transport is gone (IPushProducer, IPullProducer)."""
        self._paused = True


class Outbox(BoundedOutbox):
    """An outbox over any transport; it waits whenever the transport's own buffer is full: its push producer."""

    def __init__(self, transport: Any, clock: IReactorTime, limit: int, overflowed: Callable[[], None]) -> None:
        super().__init__(transport, clock, limit, overflowed)
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

    def _hand_on(self) -> None:
        while self._queue and not self._paused:
            self._transport.write(self._chunk())

    def _finish(self) -> None:
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
    """An outbox that sends by itself while the kernel takes everything, and hands the transport only the rest.

    While something waits, it is the transport's pull producer: asked for more whenever the transport has sent all.
    """

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
            sent = self._send(data) if len(data) < SharedPages.LEAST else self._send_pages(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._transport.write(data)  # fails there too, and ends the connection as the transport does
            return
        if sent < len(data):
            self._paused = True
            self._keep(data[sent:])
            self._transport.registerProducer(self, False)

    def _send_pages(self, data: bytes) -> int:
        file = self._pages.file(data)
        return self._send(data) if file < 0 else os.sendfile(self._fileno, file, 0, len(data))

    def resumeProducing(self) -> None:
        """Hand on the next chunk, or end: all is sent."""
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
    """Return the outbox that suits a transport; those on one socket server share `pages`."""
    if isinstance(transport, SocketTransport):
        return SocketOutbox(transport, clock, limit, overflowed, pages)
    return Outbox(transport, clock, limit, overflowed)
