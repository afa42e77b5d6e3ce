"""A TLS connection whose handshake is not finished, without TLS: what its transport would say is played."""

from __future__ import annotations

from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import ISSLTransport
from zope.interface import directlyProvides

from classcord.faces.lines import HANDSHAKE_WITHIN, ChatLines
from classcord.faces.peer import LINGER
from tests.harness import Client, House, MemoryTransport, running


class SecureTransport(MemoryTransport):
    """One that has TLS, and a socket below."""

    def setTcpNoDelay(self, enabled: bool) -> None: ...
    def setTcpKeepAlive(self, enabled: bool) -> None: ...
    def getHandle(self) -> None: ...


def _connect(house: House) -> Client:
    transport = SecureTransport(house.clock, IPv4Address("TCP", "10.0.0.1", 40_000))
    directlyProvides(transport, ISSLTransport)
    protocol = house.factory.buildProtocol(transport.getPeer())  # type: ignore[no-untyped-call]
    assert isinstance(protocol, ChatLines)
    transport.protocol = protocol
    client = Client(house, transport)
    house.clients.append(client)
    protocol.makeConnection(transport)
    return client


def test_a_handshake_that_is_not_finished_ends_the_connection() -> None:
    """Whoever begins TLS and does not go on is hung up on, and holds no session."""
    with running() as house:
        client = _connect(house)
        house.pass_time(HANDSHAKE_WITHIN - 1)
        assert not client.closed
        assert len(house.chat.connections) == 1
        house.pass_time(1 + LINGER)
        assert client.closed
        assert len(house.chat.connections) == 0


def test_a_finished_handshake_gives_all_the_time_there_is() -> None:
    """After it a client may be silent as long as it likes."""
    with running() as house:
        client = _connect(house)
        client.transport.protocol.handshakeCompleted()
        house.pass_time(10 * HANDSHAKE_WITHIN)
        assert not client.closed


def test_a_plain_connection_has_no_handshake() -> None:
    """Who connects without TLS may be silent from the beginning."""
    with running() as house:
        client = house.client()
        house.pass_time(10 * HANDSHAKE_WITHIN)
        assert not client.closed


def test_nothing_waits_for_a_handshake_after_the_end() -> None:
    """A client that leaves in the middle of the handshake leaves no timer behind."""
    with running() as house:
        before = len(house.clock.getDelayedCalls())
        _connect(house).leave()
        house.turn()
        assert len(house.clock.getDelayedCalls()) == before
