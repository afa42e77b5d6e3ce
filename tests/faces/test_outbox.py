"""Both outboxes: over a transport in memory, and over real sockets that are read slowly, or not at all."""

from __future__ import annotations

import os
import random
import socket
from typing import Any, cast

import pytest
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from classcord.faces.outbox import CHUNK, Outbox, SharedPages, SocketOutbox, outbox

BOUND = 20.0  # seconds that a test with real sockets may take
PATIENT = 64 * 1024 * 1024  # bytes that may wait


class MemoryOutboxTests(TestCase):
    """The outbox of TLS and WebSockets: it knows a transport's buffer by its pauses."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.transport: Any = StringTransport()
        self.overflows: list[bool] = []
        self.outbox = Outbox(self.transport, self.clock, 100, lambda: self.overflows.append(self.outbox.size == 0))

    def test_it_writes_at_once_while_the_transport_takes_it(self) -> None:
        """Nothing waits here that the transport would take; nothing is nothing."""
        self.outbox.write(b"one")
        self.outbox.write(b"")
        self.outbox.write(b"two")
        assert (self.transport.value(), self.outbox.size) == (b"onetwo", 0)
        assert self.transport.streaming

    def test_what_waits_is_sent_in_order_when_the_transport_goes_on(self) -> None:
        """While the transport's buffer is full everything waits; then all of it goes, in its order."""
        self.outbox.pauseProducing()
        self.outbox.write(b"one")
        self.outbox.write(b"two")
        assert (self.transport.value(), self.outbox.size) == (b"", 6)
        self.outbox.resumeProducing()
        self.outbox.write(b"three")
        assert (self.transport.value(), self.outbox.size) == (b"onetwothree", 0)

    def test_a_full_transport_is_handed_one_chunk(self) -> None:
        """A transport that is full again after one write gets no second one."""
        patient = Outbox(StringTransport(), self.clock, 0, self.fail)
        transport: Any = patient._transport
        patient.pauseProducing()
        for _ in range(4):
            patient.write(b"x" * (CHUNK // 2))
        write = transport.write

        def write_and_pause(data: bytes) -> None:
            write(data)
            patient.pauseProducing()

        transport.write = write_and_pause
        patient.resumeProducing()
        assert (len(transport.value()), patient.size) == (CHUNK, CHUNK)
        patient.resumeProducing()
        assert (len(transport.value()), patient.size) == (2 * CHUNK, 0)

    def test_what_is_more_than_the_bound_ends_the_connection(self) -> None:
        """At the bound it waits; past it the connection is cut, its owner told once, and nothing is kept."""
        self.outbox.pauseProducing()
        self.outbox.write(b"x" * 100)
        assert not self.transport.disconnecting
        self.outbox.write(b"x")
        self.outbox.write(b"x")
        self.outbox.close(after=1)
        assert (self.overflows, self.outbox.size) == ([True], 0)
        assert self.transport.disconnecting
        assert self.clock.getDelayedCalls() == []
        self.outbox.resumeProducing()
        assert self.transport.value() == b""

    def test_no_bound_is_no_bound(self) -> None:
        """A limit of 0 keeps whatever comes."""
        patient = Outbox(StringTransport(), self.clock, 0, self.fail)
        patient.pauseProducing()
        patient.write(b"x" * 1_000_000)
        assert patient.size == 1000000

    def test_a_close_sends_what_waits_first(self) -> None:
        """With something waiting the connection ends when it is sent; what is written later is not."""
        self.outbox.pauseProducing()
        self.outbox.write(b"goodbye")
        self.outbox.close(after=5)
        self.outbox.write(b"more")
        assert not self.transport.disconnecting
        self.outbox.resumeProducing()
        assert (self.transport.value(), self.transport.disconnecting) == (b"goodbye", True)

    def test_a_close_with_nothing_waiting_is_at_once(self) -> None:
        """The transport is told to end, once; reading goes on so that the end is noticed."""
        self.outbox.pause()
        assert self.transport.producerState == "paused"
        self.outbox.close(after=5)
        self.outbox.close(after=5)
        assert (self.transport.disconnecting, self.transport.producerState) == (True, "producing")
        assert len(self.clock.getDelayedCalls()) == 1

    def test_after_a_close_reading_is_no_longer_stopped(self) -> None:
        """Nobody can keep the transport from noticing the end; nothing is asked of one that is gone."""
        self.outbox.pause()
        self.outbox.resume()
        assert self.transport.producerState == "producing"
        self.outbox.close(after=5)
        self.outbox.pause()
        self.outbox.resume()
        assert self.transport.producerState == "producing"

    def test_a_peer_that_does_not_read_is_cut_after_a_while(self) -> None:
        """A close waits no longer than it was told to."""
        self.outbox.pauseProducing()
        self.outbox.write(b"goodbye")
        self.outbox.close(after=5)
        self.clock.advance(4.9)
        assert not self.transport.disconnected
        self.clock.advance(0.1)
        assert self.transport.disconnected
        assert self.outbox.size == 0

    def test_a_lost_connection_leaves_nothing_behind(self) -> None:
        """No timer, no bytes; what is written then goes nowhere."""
        self.outbox.pauseProducing()
        self.outbox.write(b"goodbye")
        self.outbox.close(after=5)
        self.outbox.lost()
        self.outbox.lost()
        self.outbox.stopProducing()
        self.outbox.write(b"more")
        assert (self.outbox.size, self.clock.getDelayedCalls()) == (0, [])
        self.outbox.resumeProducing()
        assert (self.transport.value(), self.transport.disconnecting) == (b"", False)


class SharedPagesTests(TestCase):
    """The batch that many sockets are sent at the moment."""

    def test_the_second_time_a_batch_is_a_file(self) -> None:
        """A batch for one listener is not worth a file; for the second and all later ones it is the same one."""
        pages, batch = SharedPages(), bytes(20_000)
        assert pages.file(batch) == -1
        file = pages.file(batch)
        assert (pages.file(batch), os.pread(file, 30000, 0)) == (file, batch)
        pages.close()
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(file)

    def test_another_batch_is_another_file(self) -> None:
        """Files are never filled anew, for the kernel may still be sending the pages of the first."""
        pages = SharedPages()
        self.addCleanup(pages.close)
        first, second = b"a" * 20_000, b"b" * 20_000
        pages.file(first)
        inode = os.fstat(pages.file(first)).st_ino
        held = os.dup(pages.file(first))
        self.addCleanup(os.close, held)
        pages.file(second)
        assert os.fstat(pages.file(second)).st_ino != inode
        assert os.pread(held, 30000, 0) == first


class _Served(Protocol):
    """The server's end of a connection: it only has an outbox."""

    outbox: SocketOutbox

    def __init__(self) -> None:
        self.lost: Deferred[str] = Deferred()

    def connectionMade(self) -> None:
        assert isinstance(self.factory, _Serving)
        made = outbox(
            self.transport, self.factory.clock, self.factory.limit, self.factory.overflowed, self.factory.pages
        )
        assert isinstance(made, SocketOutbox)
        self.outbox = made
        self.factory.served.append(self)
        self.factory.connected.pop(0).callback(None)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.outbox.lost()
        self.lost.callback(reason.getErrorMessage())


class _Serving(Factory):
    protocol = _Served
    noisy = False

    def __init__(self, clock: Any, limit: int) -> None:
        self.clock = clock
        self.limit = limit
        self.pages = SharedPages()
        self.served: list[_Served] = []
        self.connected: list[Deferred[None]] = []
        self.overflows = 0

    def overflowed(self) -> None:
        self.overflows += 1


class SocketOutboxTests(TestCase):
    """The outbox that sends by itself, over loopback."""

    timeout = BOUND

    def setUp(self) -> None:
        self.clock = cast(Any, reactor)
        self.serving = _Serving(self.clock, PATIENT)
        factory: Any = self.serving
        self.addCleanup(self.serving.pages.close)
        self.port: Any = self.clock.listenTCP(0, factory, interface="127.0.0.1")
        self.addCleanup(self.port.stopListening)
        self.addCleanup(lambda: Deferred.fromCoroutine(self.cut_all()))

    async def cut_all(self) -> None:
        for served in self.serving.served:
            if not served.lost.called:
                served.outbox.cut()
                await served.lost

    async def connect(self, room: int = 65_536) -> tuple[socket.socket, SocketOutbox]:
        """Return a client's socket, which reads nothing by itself, and the outbox that writes to it."""
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        client.setblocking(False)
        self.addCleanup(client.close)
        connected: Deferred[None] = Deferred()
        self.serving.connected.append(connected)
        client.connect_ex(("127.0.0.1", self.port.getHost().port))
        await connected
        return client, self.serving.served[-1].outbox

    async def read(self, client: socket.socket, most: int = PATIENT) -> bytes:
        """Read when there is something to read, up to `most` bytes or the end."""
        received = bytearray()
        while len(received) < most:
            readable: Deferred[None] = Deferred()
            reader = _Reader(client, readable)
            self.clock.addReader(reader)
            try:
                await readable
            finally:
                self.clock.removeReader(reader)
            data = client.recv(most - len(received))
            if not data:
                break
            received += data
        return bytes(received)

    async def test_a_small_write_is_in_the_kernel_at_once(self) -> None:
        """Before the reactor turns, the bytes are sent and nothing is registered with the transport."""
        client, out = await self.connect()
        out.write(b"hello")
        assert out.size == 0
        assert self.serving.served[0].transport.producer is None  # type: ignore[union-attr]
        assert await self.read(client, 5) == b"hello"

    async def test_a_reader_that_stalls_and_resumes_gets_exact_bytes(self) -> None:
        """Partial sends, what waits, and what comes meanwhile arrive whole and in order, twice over."""
        client, out = await self.connect(room=4096)
        generator = random.Random(7)
        for _ in range(2):
            lines = [generator.randbytes(generator.choice((50, 5_000, 40_000, 300_000))) for _ in range(60)]
            for line in lines:
                out.write(line)
            assert out.size > 0
            assert await self.read(client, len(b"".join(lines))) == b"".join(lines)
        out.write(b"the end")
        assert await self.read(client, 7) == b"the end"

    async def test_a_reader_that_never_reads_is_cut_at_the_bound(self) -> None:
        """Its owner is told once, its memory is free at once, and its connection ends."""
        self.serving.limit = 1_000_000
        _, out = await self.connect(room=4096)
        for _ in range(2_000):
            out.write(b"x" * 10_000)
        assert (self.serving.overflows, out.size) == (1, 0)
        assert "aborted" in await self.serving.served[0].lost

    async def test_one_write_beyond_the_bound_is_taken_and_the_next_is_not(self) -> None:
        """A batch larger than the bound waits if nothing else does, nearly all of it here; one byte more is cut."""
        self.serving.limit = 1_000_000
        _, out = await self.connect(room=4096)
        out.write(b"x" * 30_000_000)
        assert self.serving.overflows == 0
        assert out.size > 1_000_000
        transport: Any = self.serving.served[0].transport
        assert len(transport.dataBuffer) + transport._tempDataLen <= CHUNK
        out.write(b"x")
        assert (self.serving.overflows, out.size) == (1, 0)
        await self.serving.served[0].lost

    async def test_one_write_beyond_the_bound_reaches_a_client_that_reads(self) -> None:
        """It is not cut for its size alone, and what is written after it has been read follows."""
        self.serving.limit = 1_000_000
        client, out = await self.connect(room=65_536)
        answer = random.Random(5).randbytes(12_000_000)
        out.write(answer)
        assert out.size > 1_000_000
        assert await self.read(client, len(answer)) == answer
        out.write(b"the end")
        assert await self.read(client, 7) == b"the end"

    async def test_a_close_with_pending_data_sends_it_all(self) -> None:
        """What waited, and what the transport still has, arrives; then the end. What is written later does not."""
        client, out = await self.connect(room=4096)
        batch = random.Random(1).randbytes(6_000_000)
        out.write(batch[:5_000_000])
        out.write(batch[5_000_000:])
        assert out.size > 0
        out.close(after=BOUND)
        out.write(b"more")
        assert await self.read(client) == batch
        client.close()
        await self.serving.served[0].lost

    async def test_a_close_without_pending_data_is_half_a_close(self) -> None:
        """The client reads the last line and the end, though it had sent what nobody read: no reset overtakes it."""
        client, out = await self.connect()
        out.pause()
        client.send(b"x" * 10_000)
        out.write(b"goodbye\n")
        out.close(after=BOUND)
        assert await self.read(client) == b"goodbye\n"
        client.close()
        await self.serving.served[0].lost

    async def test_a_client_that_keeps_its_half_open_is_cut(self) -> None:
        """Past the time of grace the connection ends whether or not the client agrees."""
        clock = Clock()
        self.serving.clock = clock
        client, out = await self.connect()
        out.close(after=2)
        assert await self.read(client) == b""
        assert self.serving.served[0].connected
        clock.advance(2)
        await self.serving.served[0].lost

    async def test_a_write_to_a_client_that_is_gone_ends_the_connection(self) -> None:
        """A reset by the peer is noticed by the transport; the writer sees no exception."""
        client, out = await self.connect()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        client.close()
        for _ in range(3):
            out.write(b"hello")
            out.write(b"x" * SharedPages.LEAST)
        await self.serving.served[0].lost
        out.write(b"hello")
        assert out.size == 0

    async def test_a_batch_for_many_is_sent_from_shared_pages(self) -> None:
        """Slow and quick readers of the same batches get the same bytes, from one file a batch, never refilled."""
        clients = [await self.connect(room=room) for room in (4096, 1 << 20, 4096)]
        generator = random.Random(3)
        batches = [generator.randbytes(size) for size in (20_000, 400_000, 100, 400_000, 16_384, 16_383)]
        files = set()
        for batch in batches:
            for _, out in clients:
                out.write(batch)
            if self.serving.pages._file >= 0:
                files.add(os.fstat(self.serving.pages._file).st_ino)
        whole = b"".join(batches)
        assert len(files) == 4
        for client, _ in clients:
            assert await self.read(client, len(whole)) == whole


class _Reader:
    """Fires when a socket can be read."""

    def __init__(self, client: socket.socket, readable: Deferred[None]) -> None:
        self._client = client
        self._readable = readable

    def fileno(self) -> int:
        return self._client.fileno()

    def logPrefix(self) -> str:
        return "test"

    def doRead(self) -> None:
        if not self._readable.called:
            self._readable.callback(None)

    def connectionLost(self, reason: Failure) -> None:
        self._readable.errback(reason)


class ChoiceTests(TestCase):
    """Which outbox a transport gets."""

    def test_only_a_socket_has_a_socket_outbox(self) -> None:
        """TLS and everything else goes through its transport."""
        transport = StringTransport()
        assert type(outbox(transport, Clock(), 1, self.fail, SharedPages())) is Outbox
