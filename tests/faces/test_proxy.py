"""The PROXY protocol: what is a header, who is believed, and what becomes of everything else."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import IAddress

from classcord.faces import proxy
from classcord.faces.proxy import SIGNATURE, BadHeader, Header, ProxiedFactory, parse
from classcord.services.security.networks import Networks
from tests.harness import Client, House, MemoryTransport, encoded, login, running, say

PROXY, CLIENT, STRANGER = "10.0.0.9", "203.0.113.7", "198.51.100.1"
V1 = f"PROXY TCP4 {CLIENT} {PROXY} 40123 12345\r\n".encode()


def version_2(source: str = CLIENT, destination: str = PROXY, *, command: int = 0x21, besides: bytes = b"") -> bytes:
    """Return a header of version 2, as §2.2 of the specification draws it."""
    packed = [ipaddress.ip_address(each).packed for each in (source, destination)]
    block = b"".join(packed) + struct.pack("!HH", 40_123, 12_345) + besides
    kind = 0x11 if len(packed[0]) == 4 else 0x21
    return SIGNATURE + bytes((command, kind)) + struct.pack("!H", len(block)) + block


V2 = version_2()
HEADERS = pytest.mark.parametrize("header", [V1, V2], ids=["version 1", "version 2"])


# -- what is a header -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "source", "destination"),
    [
        (V1, (CLIENT, 40_123), (PROXY, 12_345)),
        (b"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", ("255.255.255.255", 65_535), None),
        (b"PROXY TCP6 2001:db8::1 ::1 1 0\r\n", ("2001:db8::1", 1), ("::1", 0)),
        (b"PROXY UNKNOWN\r\n", None, None),
        (b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", None, None),
        (V2, (CLIENT, 40_123), (PROXY, 12_345)),
        (version_2("2001:db8::1", "2001:db8::2"), ("2001:db8::1", 40_123), ("2001:db8::2", 12_345)),
        (version_2(besides=b"\x02\x00\x03abc\x04\x00\x00"), (CLIENT, 40_123), (PROXY, 12_345)),
        (version_2(command=0x20), None, None),
        (SIGNATURE + b"\x20\x00\x00\x00", None, None),
        (SIGNATURE + b"\x21\x00\x00\x00", None, None),
        (SIGNATURE + b"\x21\x31\x00\xd8" + b"/" * 216, None, None),
    ],
)
def test_headers(data: bytes, source: tuple[str, int] | None, destination: tuple[str, int] | None) -> None:
    """Version 1 and 2, both families, what is told besides, and those that name nobody: LOCAL, UNKNOWN, a unix socket.

    Not one byte more is taken, and none is needed that is not there: all but the last byte is not yet a header.
    """
    header = parse(data + b'{"type":"ping"}\n')
    assert header is not None
    assert (header.source, header.size) == (source, len(data))
    assert destination in (None, header.destination)
    assert [parse(data[:cut]) for cut in range(len(data))] == [None] * len(data)


@pytest.mark.parametrize(
    "data",
    [
        b'{"type":"login"}\n',
        b"\n",
        b"GET / HTTP/1.1\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
        b"proxy TCP4 1.2.3.4 1.2.3.4 1 1\r\n",
        b"PROXY\r\n",
        b"PROXY \r\n",
        b"PROXY TCP4\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 1 1 \r\n",
        b"PROXY TCP4  1.2.3.4 1.2.3.4 1 1\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 -1 1\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 01 1\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 \N{ARABIC-INDIC DIGIT ONE} 1\r\n".encode(),
        b"PROXY TCP4 1.2.3.4\n 1.2.3.4 1 1\r\n",
        b"PROXY TCP4 1.2.3 1.2.3.4 1 1\r\n",
        b"PROXY TCP4 01.2.3.4 1.2.3.4 1 1\r\n",
        b"PROXY TCP4 localhost 1.2.3.4 1 1\r\n",
        b"PROXY TCP4 ::1 ::1 1 1\r\n",
        b"PROXY TCP4 1.2.3.4 ::1 1 1\r\n",
        b"PROXY TCP6 1.2.3.4 1.2.3.4 1 1\r\n",
        b"PROXY TCP6 fe80::1%eth0 ::1 1 1\r\n",
        b"PROXY UDP4 1.2.3.4 1.2.3.4 1 1\r\n",
        b"PROXY UNKNOWN" + b" " * 107,
        b"PROXY TCP4 " + b"1" * 107,
        SIGNATURE + b"\x11\x11\x00\x0c" + b"\0" * 12,  # version 1 in binary is none
        SIGNATURE + b"\x31\x11\x00\x0c" + b"\0" * 12,
        SIGNATURE + b"\x22\x11\x00\x0c" + b"\0" * 12,  # neither LOCAL nor PROXY
        SIGNATURE + b"\x21\x12\x00\x0c" + b"\0" * 12,  # UDP
        SIGNATURE + b"\x21\x11\x00\x0b" + b"\0" * 11,
        SIGNATURE + b"\x21\x21\x00\x23" + b"\0" * 35,
        SIGNATURE + b"\x21\x11\xff\xff",
    ],
)
def test_what_is_no_header(data: bytes) -> None:
    """Something else, something cut off, something that two readers would read in two ways."""
    with pytest.raises(BadHeader):
        parse(data)


def test_a_long_beginning_is_refused_before_it_is_whole() -> None:
    """Version 1 has 107 bytes at most, version 2 as many as are allowed here; nothing is kept beyond that."""
    longest = b"PROXY UNKNOWN" + b" " * (proxy.LONGEST_V1 - 15)
    assert parse(longest) is None
    assert parse(longest + b"\r\n") == Header(None, None, 107)
    with pytest.raises(BadHeader, match="too long"):
        parse(longest + b"  ")
    assert parse(SIGNATURE + b"\x21\x11" + struct.pack("!H", proxy.LONGEST_V2 - 16)) is None
    with pytest.raises(BadHeader, match="too long"):
        parse(SIGNATURE + b"\x21\x11" + struct.pack("!H", proxy.LONGEST_V2 - 15))


@given(st.sampled_from([b"", V1, V1[:30], SIGNATURE, V2, V2[:14]]), st.binary(max_size=300))
def test_whatever_comes_is_a_header_or_is_none(beginning: bytes, rest: bytes) -> None:
    """No bytes make the reader stumble, and a header is never longer than what has come."""
    try:
        header = parse(beginning + rest)
    except BadHeader:
        return
    assert header is None or header.size <= len(beginning + rest)


# -- before the chat --------------------------------------------------------------------------------------------------


class Behind:
    """The chat of a house, with proxies before it that are trusted."""

    def __init__(self, house: House, trusted: tuple[str, ...]) -> None:
        self.house = house
        networks = Networks(trusted)
        self.factory = ProxiedFactory(house.factory, networks.__contains__, house.clock)

    def connect(self, peer: str | IAddress = PROXY) -> Client:
        if isinstance(peer, str):
            peer = (IPv6Address if ":" in peer else IPv4Address)("TCP", peer, 50_000)
        transport = MemoryTransport(self.house.clock, peer)
        transport.protocol = protocol = self.factory.buildProtocol(peer)
        protocol.makeConnection(transport)
        client = Client(self.house, transport)
        self.house.clients.append(client)
        return client

    @property
    def addresses(self) -> list[str]:
        """Those that the server knows its sessions by."""
        return [connection.session.address for connection in self.house.chat.connections.values()]


@contextmanager
def behind(*trusted: str, **policy: Any) -> Iterator[Behind]:
    with running(**policy) as house:
        yield Behind(house, trusted or (PROXY,))


@HEADERS
def test_a_trusted_proxy_is_believed(header: bytes) -> None:
    """The session has the client's address, in its log and in the audit log; what came with the header is answered."""
    with behind() as yard:
        client = yard.connect()
        assert client.one(header + encoded(login("nobody")))["code"] == "login_failed"
        assert yard.addresses == [CLIENT]
        assert f"login-failed session=1 address={CLIENT} " in yard.house.audit[-1]
        assert any(f"connected from {CLIENT} by tcp" in line for line in yard.house.logged)
        assert client.transport.getHost() == IPv4Address("TCP", PROXY, 12_345)  # type: ignore[no-untyped-call]


@HEADERS
def test_a_header_may_come_in_pieces(header: bytes) -> None:
    """Byte by byte, as the network likes it."""
    with behind() as yard:
        client = yard.connect()
        for byte in header + encoded(login("nobody")):
            client.send(bytes((byte,)))
        yard.house.turn()
        assert [line["code"] for line in client.lines()] == ["login_failed"]
        assert yard.addresses == [CLIENT]


@HEADERS
def test_who_is_not_trusted_forges_nothing(header: bytes) -> None:
    """From others a header is a line that makes no sense, and the address stays theirs."""
    with behind() as yard:
        client = yard.connect(STRANGER)
        answers = client.ask(header + b"\n" + encoded(login("nobody")))
        assert {line["code"] for line in answers} == {"bad_json", "login_failed"}
        assert yard.addresses == [STRANGER]


@HEADERS
def test_a_second_header_is_not_looked_at(header: bytes) -> None:
    """A client behind the proxy cannot say itself who it is."""
    with behind() as yard:
        client = yard.connect()
        forged = f"PROXY TCP4 {STRANGER} {PROXY} 1 1\r\n".encode()
        assert client.one(header + forged)["code"] == "bad_json"
        assert yard.addresses == [CLIENT]


def test_nothing_of_the_header_stays_between() -> None:
    """After the header the transport belongs to the chat's own protocol."""
    with behind() as yard:
        client = yard.connect()
        before = client.transport.protocol
        client.send(V1)
        assert client.transport.protocol is not before
        assert type(client.transport.protocol) is yard.house.factory.protocol
        yard.house.pass_time(60)
        assert not client.closed


@pytest.mark.parametrize(
    "header", [b"PROXY UNKNOWN\r\n", version_2(command=0x20), SIGNATURE + b"\x20\x00\x00\x00"], ids=["1", "2", "empty"]
)
def test_a_proxy_that_looks_whether_the_server_is_there(header: bytes) -> None:
    """It is answered under its own address."""
    with behind() as yard:
        yard.connect().send(header)
        assert yard.addresses == [PROXY]


@pytest.mark.parametrize(
    ("source", "peer", "known_as"),
    [
        ("2001:db8::7", PROXY, "2001:db8::7"),
        ("::ffff:192.0.2.7", PROXY, "192.0.2.7"),
        ("127.0.0.1", PROXY, PROXY),
        ("::1", PROXY, PROXY),
        ("::ffff:127.0.0.1", PROXY, PROXY),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        (CLIENT, "::ffff:10.0.0.9", CLIENT),
    ],
)
def test_addresses_of_all_kinds(source: str, peer: str, known_as: str) -> None:
    """They are written as everywhere else; nobody gains the rights of the machine itself by way of another machine."""
    with behind(PROXY, "127.0.0.0/8") as yard:
        destination = "::1" if ":" in source else PROXY
        yard.connect(peer).send(version_2(source, destination))
        assert yard.addresses == [known_as]


def test_a_proxy_that_says_nothing_is_hung_up_on() -> None:
    """After five seconds, however slowly it drips, with a line in the log."""
    with behind() as yard:
        silent, dripping = yard.connect(), yard.connect()
        for byte in V1[:4]:
            dripping.send(bytes((byte,)))
            yard.house.pass_time(1)
        assert (silent.closed, dripping.closed) == (False, False)
        yard.house.pass_time(1)
        assert (silent.closed, dripping.closed) == (True, True)
        told = [line for line in yard.house.logged if f"the proxy {PROXY}" in line]
        assert (
            told
            == [f"the proxy {PROXY} was to begin with a PROXY header: it says nothing; the connection was closed"] * 2
        )
        assert yard.addresses == []


@pytest.mark.parametrize("sent", [encoded(login("nobody")), b"\x16\x03\x01", V1[:20] + b"\r\n", V2[:12] + b"\0" * 4])
def test_a_trusted_proxy_without_a_header_is_hung_up_on(sent: bytes) -> None:
    """Nothing of it is answered: the address would be the proxy's, for everyone; the log says what is wrong."""
    with behind() as yard:
        client = yard.connect()
        assert client.ask(sent) == []
        assert client.closed
        assert client.transport.aborted
        client.push(V1)
        assert yard.addresses == []
        assert any("was to begin with a PROXY header" in line for line in yard.house.logged)


def test_a_proxy_that_goes_before_its_header() -> None:
    """Nothing remains of it, and nothing is said."""
    with behind() as yard:
        client = yard.connect()
        client.send(V1[:10])
        client.leave()
        yard.house.pass_time(10)
        assert not any("PROXY header" in line for line in yard.house.logged)
        assert yard.house.clock.getDelayedCalls() == []


def test_a_proxy_that_errs_without_end_does_not_fill_the_log() -> None:
    """Some lines are written, then none."""
    with behind() as yard:
        for _ in range(200):
            yard.connect().send(b"x")
        assert len([line for line in yard.house.logged if "PROXY header" in line]) == 20


def test_limits_and_lists_are_those_of_the_client() -> None:
    """A denied client is refused and the next one behind the same proxy is not; the room for an address is its own."""
    with behind(connections_per_address=1) as yard:
        yard.house.chat.gate.set_lists(allow=(), deny=(CLIENT,))
        denied = yard.connect()
        denied.send(V1)
        assert [line["code"] for line in denied.lines()] == ["not_allowed"]
        for last in (1, 2):
            yard.connect().send(version_2(f"192.0.2.{last}"))
        crowd = yard.connect()
        crowd.send(version_2("192.0.2.1"))
        assert [line["code"] for line in crowd.lines()] == ["too_many_connections"]
        assert yard.addresses == ["192.0.2.1", "192.0.2.2"]


def test_guessing_through_a_proxy_blocks_the_guesser_alone() -> None:
    """Whoever else comes by the same proxy logs in."""
    with behind() as yard:
        yard.house.chat.gate.blocks.set_rule(after=5, within=600, seconds=900, exempt=lambda _: False)
        yard.house.account("alice")
        for _ in range(5):
            yard.connect().ask(V1 + encoded(login("alice", "guess")))
        blocked = yard.connect()
        blocked.send(V1)
        assert [line["code"] for line in blocked.lines()] == ["blocked"]
        client = yard.connect()
        client.ask(version_2("192.0.2.1") + encoded(login("alice")))
        client.send(say("bonjour"))
        yard.house.turn()
        assert not client.closed


def test_a_unix_socket_has_no_address_to_trust() -> None:
    """Nobody comes as a proxy there; a header is a line like any other."""
    with behind("0.0.0.0/0", "::/0") as yard:
        client = yard.connect(UNIXAddress("/run/chat"))
        assert client.one(V1)["code"] == "bad_json"
        assert yard.addresses == [""]


@HEADERS
def test_a_header_may_be_optional(house: House, header: bytes) -> None:
    """A proxy may also tell by HTTP for whom it speaks: what begins with something else is handed on, whole."""
    behind = Behind(house, (PROXY,))
    behind.factory.optional = True
    told, untold, broken = (behind.connect() for _ in range(3))
    told.push(header + encoded(say("one")))
    untold.push(b"{")
    untold.push(encoded({"type": "users"})[1:])
    broken.push(header[:13] + b"\xff" * 120)
    house.turn()
    assert behind.addresses == [CLIENT, PROXY]
    assert untold.lines()[0]["type"] == "users"
    assert broken.closed
