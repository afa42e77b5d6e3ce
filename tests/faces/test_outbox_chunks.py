"""What an outbox hands its transport at a time, and what a write that is larger than its bound comes to."""

from __future__ import annotations

import random
from typing import Any

from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.ssl import CertificateOptions
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.trial.unittest import TestCase

from classcord.faces.outbox import CHUNK, Outbox


class Full:
    """A transport that is full after each write, and takes more when it is told to have sent."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.aborted = False
        self.ended = False
        self.producer: Any = None

    def registerProducer(self, producer: IPushProducer, streaming: bool) -> None:
        assert streaming
        self.producer = producer

    def unregisterProducer(self) -> None:
        self.producer = None

    def resumeProducing(self) -> None:
        """Go on reading: there is nothing to read."""

    def write(self, data: bytes) -> None:
        self.writes.append(data)
        self.producer.pauseProducing()

    def sent(self) -> None:
        self.producer.resumeProducing()

    def abortConnection(self) -> None:
        self.aborted = True

    def loseConnection(self) -> None:
        self.ended = True


class ChunkTests(TestCase):
    """The outbox over a transport that is soon full."""

    def setUp(self) -> None:
        self.transport: Any = Full()
        self.overflows = 0
        self.outbox = Outbox(self.transport, Clock(), 1000, self.overflowed)

    def overflowed(self) -> None:
        self.overflows += 1

    def test_a_large_write_is_handed_on_in_chunks(self) -> None:
        """A transport that is full after one chunk has one chunk; the rest waits here, counted, and goes in order."""
        answer = random.Random(2).randbytes(5 * CHUNK + 7)
        self.outbox.write(answer)
        sizes = [self.outbox.size]
        while self.outbox.size:
            self.transport.sent()
            sizes.append(self.outbox.size)
        assert sizes == [4 * CHUNK + 7, 3 * CHUNK + 7, 2 * CHUNK + 7, CHUNK + 7, 7, 0]
        assert [len(data) for data in self.transport.writes] == [CHUNK] * 5 + [7]
        assert b"".join(self.transport.writes) == answer
        assert (self.overflows, self.transport.aborted) == (0, False)

    def test_a_transport_that_is_never_full_has_it_all_at_once(self) -> None:
        """Where no pause is asked for, nothing waits; what follows is not held up either."""
        transport: Any = StringTransport()
        out = Outbox(transport, Clock(), 1000, self.overflowed)
        out.write(b"x" * (3 * CHUNK))
        out.write(b"y")
        assert (transport.value(), out.size) == (b"x" * (3 * CHUNK) + b"y", 0)

    def test_chunks_go_across_writes(self) -> None:
        """Small and large ones that wait are cut where a chunk is full, and each byte arrives once."""
        self.outbox = Outbox(self.transport, Clock(), 0, self.overflowed)
        generator = random.Random(4)
        writes = [generator.randbytes(size) for size in (CHUNK, 10, 2 * CHUNK, CHUNK - 10, 1, 3 * CHUNK - 1, 5)]
        for data in writes:
            self.outbox.write(data)
        while self.outbox.size:
            self.transport.sent()
        assert [len(data) for data in self.transport.writes] == [CHUNK] * 7 + [5]
        assert b"".join(self.transport.writes) == b"".join(writes)

    def test_a_write_into_an_empty_queue_is_taken_whatever_its_size(self) -> None:
        """Also while the transport is full; the byte that comes on top of it ends the connection."""
        self.outbox.pauseProducing()
        self.outbox.write(b"x" * 1_000_000)
        assert (self.outbox.size, self.overflows, self.transport.aborted) == (1_000_000, 0, False)
        self.outbox.write(b"x")
        assert (self.outbox.size, self.overflows, self.transport.aborted) == (0, 1, True)
        self.transport.sent()
        assert self.transport.writes == []

    def test_what_is_handed_on_no_longer_counts(self) -> None:
        """A client that reads a large answer down to the bound has room again for what comes."""
        self.outbox.write(b"x" * (2 * CHUNK + 900))
        self.transport.sent()
        self.outbox.write(b"y" * 100)
        assert (self.outbox.size, self.overflows) == (1000, 0)
        self.outbox.write(b"z")
        assert (self.outbox.size, self.overflows) == (0, 1)

    def test_a_large_write_is_sent_before_a_close(self) -> None:
        """The connection ends after the last chunk, not after the first."""
        self.outbox.write(b"x" * (2 * CHUNK))
        self.outbox.close(after=5)
        assert not self.transport.ended
        self.transport.sent()
        assert self.transport.ended
        assert sum(map(len, self.transport.writes)) == 2 * CHUNK

    def test_a_cut_in_the_middle_of_a_large_write_forgets_it(self) -> None:
        """Nothing of it counts or is sent any more."""
        self.outbox.write(b"x" * (3 * CHUNK))
        self.outbox.cut()
        self.transport.sent()
        assert (self.outbox.size, len(self.transport.writes)) == (0, 1)

    def test_a_large_answer_is_not_copied_again_for_each_chunk(self) -> None:
        """What waits stays the one object that many outboxes may share."""
        answer = bytes(20 * CHUNK)
        self.outbox.write(answer)
        self.transport.sent()
        queue = self.outbox._queue
        assert queue is not None
        assert len(queue) == 1
        assert queue[0] is answer


class TLSTests(TestCase):
    """The outbox over Twisted's own TLS, whose peer does not answer."""

    def test_a_large_answer_does_not_pile_up_in_the_transport(self) -> None:
        """Of 25 MB for a client that reads nothing, the transport has a chunk; the rest waits in the outbox."""
        factory = TLSMemoryBIOFactory(CertificateOptions(), True, Factory.forProtocol(Protocol), Clock())
        protocol: Any = factory.buildProtocol(None)
        beneath: Any = StringTransport()
        protocol.makeConnection(beneath)
        out = Outbox(protocol, Clock(), 4_000_000, self.fail)
        out.write(bytes(25_000_000))
        waiting = sum(map(len, protocol._appSendBuffer))
        assert waiting == CHUNK
        assert out.size == 25_000_000 - CHUNK
        out.lost()
        beneath.producer.stopProducing()
