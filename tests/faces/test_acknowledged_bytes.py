"""What a peer has acknowledged, over real sockets, plain and with TLS: it reads, stalls, resets, or leaves."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.ssl import CertificateOptions
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from classcord.faces import acknowledged_bytes as module
from classcord.faces.acknowledged_bytes import NEVER
from classcord.faces.outbox import BoundedOutbox, SharedPages, outbox
from classcord.services.tls.certificates import ReloadingContext, make_self_signed

PATIENT = 64 * 1024 * 1024  # bytes that may wait
MUCH = 6_000_000  # bytes: more than both kernels hold
LINE = b"psst\n"


class _End(Protocol):
    """One end of a connection; each byte of the other end that it was waiting for is an event."""

    def __init__(self) -> None:
        self.made: Deferred[None] = Deferred()
        self.ended: Deferred[None] = Deferred()
        self.wanted = 0
        self.enough: Deferred[None] | None = None

    def connectionMade(self) -> None:
        self.made.callback(None)

    def dataReceived(self, data: bytes) -> None:
        self.wanted -= len(data)
        if self.enough is not None and self.wanted <= 0:
            enough, self.enough = self.enough, None
            enough.callback(None)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.ended.callback(None)

    async def read(self, size: int) -> None:
        """Wait for so many bytes."""
        self.wanted += size
        if self.wanted > 0:
            self.enough = Deferred()
            await self.enough


class _ServersEnd(_End):
    """The server's end: it has an outbox."""

    outbox: BoundedOutbox

    def connectionMade(self) -> None:
        clock: Any = reactor
        self.outbox = outbox(self.transport, clock, PATIENT, lambda: None, SharedPages())
        super().connectionMade()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.outbox.lost()
        super().connectionLost(reason)

    def written(self, data: bytes) -> _Mark:
        """Write, and return the mark behind it."""
        self.outbox.write(data)
        mark = _Mark(self.outbox)
        self.outbox.when_counted(mark.make)
        return mark


class _Mark:
    """The position behind something that was written, as soon as it is known."""

    def __init__(self, out: BoundedOutbox) -> None:
        self._outbox = out
        self.position: int | None = None

    def make(self) -> None:
        self.position = self._outbox.mark()

    @property
    def reached(self) -> bool:
        return self.position is not None and self.position <= self._outbox.acknowledged()


class _Both(TestCase):
    """A pair of ends over loopback."""

    timeout = 30
    tls = False

    def setUp(self) -> None:
        self.loop: Any = reactor
        temporary = TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        if self.tls:
            make_self_signed(self.folder, datetime.now(timezone.utc))

    def _secure(self, factory: Any, *, client: bool) -> Any:
        if not self.tls:
            return factory
        context: Any = CertificateOptions() if client else ReloadingContext(self.folder)
        return TLSMemoryBIOFactory(context, client, factory, self.loop)

    async def pair(self, *, reads: bool = True) -> tuple[_ServersEnd, _End]:
        """Return both ends; a client that does not read has room for little."""
        server, client = _ServersEnd(), _End()
        serving, asking = Factory.forProtocol(lambda: server), Factory.forProtocol(lambda: client)
        serving.noisy = asking.noisy = False
        port = self.loop.listenTCP(0, self._secure(serving, client=False), interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        handle = socket.socket()
        if not reads:
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        handle.connect(("127.0.0.1", port.getHost().port))
        handle.setblocking(False)
        self.loop.adoptStreamConnection(handle.fileno(), socket.AF_INET, self._secure(asking, client=True))
        handle.close()
        await server.made
        await client.made
        self.addCleanup(lambda: Deferred.fromCoroutine(self._end(server, client)))
        await self._say(client, server)  # TLS has begun
        if not reads:
            transport: Any = client.transport
            transport.pauseProducing()
        return server, client

    def reads(self, client: _End) -> None:
        """Have a client read that did not."""
        transport: Any = client.transport
        transport.resumeProducing()

    async def _end(self, *ends: _End) -> None:
        for end in ends:
            if not end.ended.called:
                transport: Any = end.transport
                transport.abortConnection()
                await end.ended

    async def _say(self, client: _End, server: _End) -> None:
        """Have the client send a byte: with it comes the acknowledgement of what it has read."""
        assert client.transport is not None
        client.transport.write(b"!")
        await server.read(1)


class Plain(_Both):
    async def test_what_is_read_is_acknowledged(self) -> None:
        """Each mark in its turn, and no mark is another."""
        server, client = await self.pair()
        marks = []
        for _ in range(3):
            marks.append(server.written(LINE))
            await client.read(len(LINE))
            await self._say(client, server)
            assert marks[-1].reached
        positions = [mark.position or 0 for mark in marks]
        assert positions == sorted(set(positions))

    async def test_what_has_no_room_is_not_acknowledged(self) -> None:
        """A client does not read: our kernel takes megabytes, our outbox the rest; its machine, some kilobytes."""
        server, client = await self.pair(reads=False)
        small = server.written(LINE)
        await self._say(client, server)
        much = server.written(bytes(MUCH))
        await self._say(client, server)
        assert (small.reached, much.reached) == (True, False)
        assert server.outbox.size > 0
        self.reads(client)
        await client.read(len(LINE) + MUCH)
        await self._say(client, server)
        assert much.reached

    async def test_what_comes_later_does_not_hold_a_mark_up(self) -> None:
        """A client that reads slowly has acknowledged the first half, though the second still waits."""
        server, client = await self.pair(reads=False)
        first = server.written(bytes(MUCH))
        self.reads(client)
        await client.read(MUCH)
        transport: Any = client.transport
        transport.pauseProducing()
        later = server.written(bytes(MUCH))
        await self._say(client, server)
        assert (first.reached, later.reached) == (True, False)

    async def test_a_reset_leaves_what_was_not_acknowledged(self) -> None:
        """The client is gone with a reset, and has read a little: the rest is known not to have arrived."""
        server, client = await self.pair(reads=False)
        small = server.written(LINE)
        await self._say(client, server)
        much = server.written(bytes(MUCH))
        assert small.reached
        transport: Any = client.transport
        transport.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abortConnection()
        await server.ended
        assert (small.reached, much.reached) == (True, False)
        assert server.outbox.mark() == NEVER

    async def test_whoever_reads_and_leaves_has_acknowledged(self) -> None:
        """The end of the client's data brings its last acknowledgement; nobody has looked before."""
        server, client = await self.pair()
        mark = server.written(bytes(MUCH))
        await client.read(MUCH)
        await self._say(client, server)
        assert client.transport is not None
        client.transport.loseConnection()
        await self.heard_the_end(server)
        assert mark.reached

    async def heard_the_end(self, server: _ServersEnd) -> None:
        """Wait until the server's end knows; a plain one is told by its face before the socket is closed."""
        heard: Deferred[None] = Deferred()
        transport: Any = server.transport
        end = transport.readConnectionLost

        def lost(reason: Failure) -> None:
            server.outbox.peer_finished()
            end(reason)
            heard.callback(None)

        transport.readConnectionLost = lost
        await heard
        await server.ended


class WithTLS(Plain):
    tls = True

    async def heard_the_end(self, server: _ServersEnd) -> None:
        await server.ended

    async def test_a_mark_counts_what_tls_adds(self) -> None:
        """Records are longer than what is in them, also those of data that have waited here."""
        server, client = await self.pair(reads=False)
        mark = server.written(bytes(MUCH))
        self.reads(client)
        await client.read(MUCH)
        await self._say(client, server)
        assert mark.reached
        assert MUCH < (mark.position or 0) < MUCH + MUCH // 64


class OtherSystems(_Both):
    """Where the kernel tells less, nothing counts too early."""

    async def test_without_a_count_all_must_be_acknowledged(self) -> None:
        """The bytes that are not acknowledged are known at least: none of them, and all have arrived."""
        server, client = await self.pair(reads=False)
        self.patch(module, "_TCP_INFO", None)  # type: ignore[no-untyped-call]
        mark = server.written(bytes(MUCH))
        server.written(LINE)
        assert not mark.reached
        self.reads(client)
        await client.read(MUCH + len(LINE))
        await self._say(client, server)
        assert mark.reached

    async def test_without_both_what_the_kernel_has_taken_counts(self) -> None:
        server, _ = await self.pair(reads=False)
        self.patch(module, "_TCP_INFO", None)  # type: ignore[no-untyped-call]
        self.patch(module, "ioctl", _not_supported)  # type: ignore[no-untyped-call]
        assert server.written(LINE).reached
        assert not server.written(bytes(MUCH)).reached


def _not_supported(*_: object) -> None:
    raise OSError


@pytest.mark.parametrize("ends", [lambda out: out.cut(), lambda out: out.close(after=1), lambda out: out.lost()])
def test_nothing_arrives_on_a_connection_that_ends(ends: Callable[[BoundedOutbox], None]) -> None:
    """A mark after its end is never reached, whatever carries it; before, a transport in memory has no marks."""
    out = outbox(StringTransport(), Clock(), 0, lambda: None, SharedPages())
    assert (out.mark(), out.acknowledged()) == (None, 0)
    ends(out)
    assert out.mark() == NEVER
    assert out.acknowledged() < NEVER
