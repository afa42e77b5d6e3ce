"""The PROXY protocol, versions 1 and 2: a trusted proxy first sends its client's address.

Reads only the header, then gives the transport to the real protocol, so that a connection costs nothing more than one
without a proxy. Knows no chat and no TLS. Source: HAProxy, doc/proxy-protocol.txt.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Address as IPv4
from ipaddress import IPv6Address as IPv6
from ipaddress import ip_address
from typing import Any, NamedTuple

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure

from classcord.faces.liveness import notice_silence
from classcord.faces.peer_addresses import normal_address
from classcord.services.security.networks import RateLimitedLog

HEADER_WITHIN = 5.0  # seconds; a lost packet is sent again within 3
LONGEST_V1 = 107  # bytes, with the end of the line (§2.1)
LONGEST_V2 = 4_096  # bytes: 16, addresses of at most 216 (§2.2), and other data from the proxy (names of certificates)
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
_V1 = b"PROXY "
_PORT = re.compile(r"0|[1-9][0-9]{0,4}")
_LOCAL, _PROXY = 0x20, 0x21  # version 2 and the command
_NO_ADDRESSES = frozenset({0x00, 0x31})  # address families without an address: unknown, a unix socket
_SIZES: dict[int, tuple[type[IPv4 | IPv6], int]] = {0x11: (IPv4, 4), 0x21: (IPv6, 16)}  # TCP over IPv4, IPv6


class BadHeader(Exception):
    """The proxy has sent no valid header; the text says why."""


class NoHeader(BadHeader):
    """The connection begins with something else."""


class Header(NamedTuple):
    """The content of a header; without a source, the proxy connects for itself, to check the server."""

    source: tuple[str, int] | None
    destination: tuple[str, int] | None
    size: int  # bytes


def parse(data: bytes) -> Header | None:
    """Return the header at the beginning of `data`, None if more bytes are needed; BadHeader if it is invalid."""
    if data[: len(SIGNATURE)] == SIGNATURE[: len(data)]:
        return _version_2(data)
    if data[: len(_V1)] == _V1[: len(data)]:
        return _version_1(data)
    raise NoHeader("it begins with something else")


def _version_1(data: bytes) -> Header | None:
    line, end, _ = data[:LONGEST_V1].partition(b"\r\n")
    if not end:
        if len(data) >= LONGEST_V1:
            raise BadHeader("its line is too long")
        return None
    size = len(line) + len(end)
    words = line.decode("latin-1").split(" ")
    if words[1] == "UNKNOWN":
        return Header(None, None, size)
    version = {"TCP4": 4, "TCP6": 6}.get(words[1])
    if version is None or len(words) != 6:
        raise BadHeader("its line does not say who and where")
    (source, destination), ports = map(_address, words[2:4]), words[4:]
    if {source.version, destination.version} != {version}:
        raise BadHeader("its addresses are of another kind than it says")
    if not all(_PORT.fullmatch(port) and int(port) <= 65_535 for port in ports):
        raise BadHeader("its ports are none")
    return Header((str(source), int(ports[0])), (str(destination), int(ports[1])), size)


def _address(text: str) -> IPv4 | IPv6:
    try:
        if "%" in text:
            raise ValueError
        return ip_address(text)
    except ValueError:
        raise BadHeader("its addresses are none") from None


def _version_2(data: bytes) -> Header | None:
    if len(data) < 16:
        return None
    command, family = data[12], data[13]
    length = int.from_bytes(data[14:16], "big")
    if command not in (_LOCAL, _PROXY):
        raise BadHeader("its version or its command is unknown")
    if 16 + length > LONGEST_V2:
        raise BadHeader("it is too long")
    if len(data) < 16 + length:
        return None
    if command == _LOCAL or family in _NO_ADDRESSES:
        return Header(None, None, 16 + length)
    if family not in _SIZES:
        raise BadHeader("it speaks of something else than TCP")
    kind, size = _SIZES[family]
    block = data[16 : 16 + length]
    if len(block) < 2 * size + 4:
        raise BadHeader("its addresses are cut off")
    source, destination = (str(kind(block[place : place + size])) for place in (0, size))
    ports = [int.from_bytes(block[place : place + 2], "big") for place in (2 * size, 2 * size + 2)]
    return Header((source, ports[0]), (destination, ports[1]), 16 + length)


class ProxyHeader(Protocol):
    """Waits for the header, then gives the transport to the client's protocol."""

    transport: Any
    factory: ProxiedFactory

    def connectionMade(self) -> None:
        notice_silence(self.transport)
        self._data = b""
        self._late = self.factory.clock.callLater(HEADER_WITHIN, self._refuse, "it says nothing")

    def dataReceived(self, data: bytes) -> None:
        if self.transport.disconnecting:
            return
        self._data += data
        try:
            header = parse(self._data)
        except BadHeader as error:
            if not self.factory.optional or not isinstance(error, NoHeader):
                self._refuse(str(error))
                return
            header = Header(None, None, 0)
        if header is not None:
            self._late.cancel()
            self._hand_over(header, self._data[header.size :])

    def _hand_over(self, header: Header, rest: bytes) -> None:
        transport = self.transport
        if header.source is not None and header.destination is not None:
            peer, host = _place(header.source), _place(header.destination)
            if _is_loopback(transport.getPeer()) or not _is_loopback(peer):
                transport.getPeer, transport.getHost = lambda: peer, lambda: host
            # else: the client is on the proxy's own machine, which is not ours; the proxy's address stays
        real = self.factory.factory.buildProtocol(transport.getPeer())
        if real is None:
            transport.abortConnection()
            return
        transport.protocol = real
        real.makeConnection(transport)
        if rest:
            real.dataReceived(rest)

    def _refuse(self, why: str) -> None:
        self.factory.refused(normal_address(self.transport.getPeer()), why)
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002
        if self._late.active():
            self._late.cancel()


def _place(place: tuple[str, int]) -> IPv4Address | IPv6Address:
    host, port = place
    return IPv6Address("TCP", host, port) if ":" in host else IPv4Address("TCP", host, port)


def _is_loopback(address: IAddress) -> bool:
    return ip_address(normal_address(address)).is_loopback


class ProxiedFactory(Factory):
    """Wraps a factory: connections from trusted proxies begin with a header.

    Other connections are passed on unchanged.
    """

    noisy = False
    log = Logger()

    def __init__(
        self, factory: Factory, trusts: Callable[[str], bool], clock: IReactorTime, *, optional: bool = False
    ) -> None:
        """`trusts` tells whether an address is a trusted proxy.

        Trusted proxies must send a header, unless it is `optional`, because they may also tell by HTTP.
        """
        self.optional = optional
        self.factory = factory
        self.clock = clock
        self._trusts = trusts
        self._said = RateLimitedLog(self.log, clock)

    def buildProtocol(self, addr: IAddress | None) -> Any:
        if not self._trusts(normal_address(addr)):
            return self.factory.buildProtocol(addr)
        protocol = ProxyHeader()
        protocol.factory = self
        return protocol

    def refused(self, address: str, why: str) -> None:
        """Log that a proxy's connection was closed."""
        self._said.say(
            LogLevel.warn,
            "the proxy {address} was to begin with a PROXY header: {why}; the connection was closed",
            address=address,
            why=why,
        )

    def doStart(self) -> None:
        super().doStart()  # type: ignore[no-untyped-call]
        self.factory.doStart()

    def doStop(self) -> None:
        super().doStop()  # type: ignore[no-untyped-call]
        self.factory.doStop()
