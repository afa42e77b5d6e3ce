"""Peers that vanish: what the kernel is told of each connection that is served, read back from its socket."""

from __future__ import annotations

import socket
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ITCPTransport
from twisted.internet.testing import StringTransport
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.trial.unittest import TestCase
from zope.interface import directlyProvides

from classcord.faces.liveness import limit_unacknowledged, notice_silence
from classcord.faces.proxy import ProxiedFactory
from classcord.faces.status import StatusFactory
from classcord.services.tls.certificates import ReloadingContext, make_self_signed
from tests.faces.ssh_line import Gate
from tests.harness import House

WITHIN = 120  # seconds


def options(handle: socket.socket) -> tuple[bool, int, int]:
    """Return whether keep-alive is on, and the seconds after which a silent and a deaf peer are given up."""
    tcp = socket.IPPROTO_TCP
    idle, interval, tries = (
        handle.getsockopt(tcp, option) for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
    )
    deaf = handle.getsockopt(tcp, socket.TCP_USER_TIMEOUT) // 1000
    return bool(handle.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)), idle + interval * tries, deaf


class EveryFace(TestCase):
    """A real connection to each TCP face, of which nobody has said anything yet."""

    timeout = 20

    def setUp(self) -> None:
        self.loop: Any = reactor
        temporary = TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.house = House()
        self.house.face.clock = self.loop

    async def accepted(self, factory: Any, line: bytes = b"") -> tuple[bool, int, int]:
        """Return the options of a connection as it is served, after this line has come."""
        connected = Deferred[Any]()
        build = factory.buildProtocol

        def built(address: Any) -> Any:
            protocol = build(address)
            begin = protocol.makeConnection

            def connect(transport: Any) -> None:
                begin(transport)
                if line:
                    protocol.dataReceived(line)
                self.loop.callLater(0, connected.callback, transport)

            protocol.makeConnection = connect
            return protocol

        factory.buildProtocol = built
        port: Any = self.loop.listenTCP(0, factory, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        with socket.create_connection(("127.0.0.1", port.getHost().port)):
            transport = await connected
            found = options(transport.socket)
            ended = Deferred[None]()
            closed = transport.connectionLost
            transport.connectionLost = lambda reason: [closed(reason), self.loop.callLater(0, ended.callback, None)]
            transport.abortConnection()
            await ended
        del factory.buildProtocol
        return found

    def faces(self) -> dict[str, Any]:
        tls = self.folder / "tls"
        make_self_signed(tls, datetime.now(timezone.utc))
        lines = self.house.factory
        gate = Gate(self.house, self.folder)
        gate.factory.clock = self.loop
        return {
            "tcp": lines,
            "tls": TLSMemoryBIOFactory(ReloadingContext(tls), False, lines, self.loop),
            "proxied": ProxiedFactory(lines, lambda _: True, self.loop),
            "ssh": gate.factory,
            "metrics": StatusFactory(lambda: b"", list, self.loop, lambda _: True),
        }

    async def test_the_kernel_ends_connections_of_peers_that_are_gone(self) -> None:
        """Within two minutes, whether or not anything was to be acknowledged; on every face."""
        for face, factory in self.faces().items():
            keep_alive, silent, deaf = await self.accepted(factory)
            assert keep_alive, face
            assert silent <= WITHIN, face
            assert 0 < deaf <= WITHIN, face

    async def test_after_hello_the_kernel_is_less_patient(self) -> None:
        """A heartbeat within 30 seconds, and an acknowledgement within 23: so two intervals are enough."""
        *_, deaf = await self.accepted(self.house.factory, b'{"type":"hello","protocol":2}\n')
        assert deaf == 23


class Wire(StringTransport):
    """A transport over a socket, that notes whether keep-alive was asked for."""

    def __init__(self, handle: socket.socket) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.socket = handle
        self.told: list[bool] = []
        directlyProvides(self, ITCPTransport)

    def setTcpKeepAlive(self, enabled: bool) -> None:
        self.told.append(enabled)


def test_what_a_system_does_not_have_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the options of Linux, keep-alive is on with the system's own times."""
    for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT"):
        monkeypatch.delattr(socket, name)
    with socket.socket() as handle:
        wire = Wire(handle)
        notice_silence(wire)
    assert wire.told == [True]


@pytest.mark.parametrize(("seconds", "milliseconds"), [(3.75, 3750), (23, 23_000), (600, WITHIN * 1000)])
def test_unacknowledged_data_may_wait_for_two_minutes_at_most(seconds: float, milliseconds: int) -> None:
    """However rare heartbeats are, nobody waits longer than without them."""
    with socket.socket() as handle:
        limit_unacknowledged(Wire(handle), seconds)
        assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == milliseconds


def test_a_unix_socket_is_left_alone() -> None:
    """Its peer cannot vanish, and it has none of these options."""
    with socket.socket(socket.AF_UNIX) as handle:
        wire = Wire(handle)
        notice_silence(wire)
        limit_unacknowledged(wire, 5)
    assert wire.told == []
