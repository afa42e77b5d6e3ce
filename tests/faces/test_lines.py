"""The line face: where lines end, what is too long, too much or too many, and from which address."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet import reactor
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import ClientCreator, Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from classcord.faces.lines import ChatLines
from classcord.faces.peer import DISCARDED
from classcord.faces.peer_addresses import normal_address
from tests.harness import House, contents, encoded, objects, running, say

PING = {"type": "ping"}
ANSWER = {"type": "ping", "status": "ok"}
BOM = b"\xef\xbb\xbf"


# -- lines -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_line_ends_with_a_newline(house: House, ending: bytes) -> None:
    """With or without a carriage return; without the newline nothing is a line yet."""
    client = house.client()
    assert client.ask(b'{"type":"ping"}') == []
    assert client.ask(ending) == [ANSWER]


def test_only_the_last_carriage_return_is_dropped(house: House) -> None:
    """One of two belongs to the line, where JSON takes it for space."""
    assert house.client().one(b'{"type":\r"ping"}\r\r\n') == ANSWER


def test_a_byte_order_mark_before_the_first_line_is_dropped(house: House) -> None:
    """A pipe on Windows begins with one, however it is cut, alone on its line or not; later it is no JSON."""
    client, bytewise, alone = house.client(), house.client(), house.client()
    assert client.one(BOM + encoded(PING)) == ANSWER
    assert client.one(BOM + encoded(PING))["code"] == "bad_json"
    for byte in BOM + encoded(PING):
        bytewise.send(bytes([byte]))
    house.turn()
    assert bytewise.lines() == [ANSWER]
    assert alone.ask(BOM + b"\r\n", PING) == [ANSWER]


@pytest.mark.parametrize("first", [BOM + BOM + encoded(PING), b"\n" + BOM + encoded(PING), b" " + BOM + b"{}\n"])
def test_only_one_mark_at_the_very_beginning_is_dropped(house: House, first: bytes) -> None:
    """A second one, one after a blank line, and one after a space are what the client wrote."""
    assert house.client().one(first)["code"] == "bad_json"


def test_blank_lines_are_passed_over(house: House) -> None:
    r"""They are neither answered nor an error, with a `\r` or without."""
    client = house.client()
    assert client.ask(b"\n\r\n\n", PING, b"\r\n") == [ANSWER]


def test_a_flood_of_blank_lines_closes() -> None:
    """Twenty of them weigh about as much as one bad line."""
    with running(bad_lines=2) as house:
        client = house.client()
        client.ask(b"\n" * 39)
        assert not client.closed
        client.ask(b"\r\n\n")
        assert client.closed
        assert house.audit[-1].split()[1] == "flood"


def test_a_flood_of_limited_requests_closes() -> None:
    """Who goes on past the rate limit is closed in the end; each refusal weighs a twentieth of a bad line."""
    with running(messages_per_second=1, burst=1, bad_lines=2) as house:
        client = house.client()
        answers = client.ask(*[PING] * 42)
        assert [answer.get("code") for answer in answers[:40]] == [None] + ["rate_limited"] * 39
        assert len(answers) <= 41
        assert client.closed


def test_nothing_is_answered_after_the_close() -> None:
    """Lines that came in one piece with the one that was too much are not read."""
    with running(bad_lines=1) as house:
        client = house.client()
        client.ask(PING)
        answers = client.ask(b"?\n?\n", PING, b"\n", b"?\n")
        assert [line["code"] for line in answers] == ["bad_json", "rate_limited"]  # the second says why it is closed
        assert client.closed


def test_what_comes_after_the_close_is_read_away_up_to_a_bound() -> None:
    """A socket of which only our half is closed: what the client still sends is no line any more, and is bounded."""
    with running(bad_lines=1) as house:
        client = house.client()
        client.ask({"type": "users"}, b"?\n")
        client.push(b"?\n")
        assert [line["code"] for line in client.lines()] == ["rate_limited"]
        client.transport.disconnecting = False  # as a socket has it then
        client.push(b"\n" * DISCARDED)
        assert not client.transport.aborted
        client.push(encoded(PING))
        assert client.transport.aborted
        assert client.raw() == b""


# -- long lines --------------------------------------------------------------------------------------------------------


def padded(length: int) -> bytes:
    """Return a ping of exactly so many bytes, without its newline."""
    return b'{"type":"ping"' + b" " * (length - 15) + b"}"


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize("pieces", [1, 3, 65_537])
def test_a_line_of_the_limit_passes_and_one_byte_more_does_not(pieces: int, ending: bytes) -> None:
    """The limit counts the bytes before the newline, and its carriage return if there is one, however they arrive."""
    with running(line_bytes=1000) as house:
        exact, longer = house.client(), house.client()
        for client, line in ((exact, padded(1000) + ending), (longer, padded(1001) + ending)):
            size = max(1, len(line) // pieces)
            for start in range(0, len(line), size):
                client.send(line[start : start + size])
            house.turn()
        assert exact.lines() == [ANSWER]
        assert [line["code"] for line in longer.lines()] == ["line_too_long"]
        assert (exact.closed, longer.closed) == (False, True)


def test_a_line_without_an_end_is_refused_when_it_is_too_long() -> None:
    """No newline has to come for that: what is kept of a line is bounded."""
    with running(line_bytes=1000) as house:
        client = house.client()
        assert client.ask(b"x" * 1001) == []  # the last one might have been a carriage return
        assert client.ask(b"x") == objects(
            b'{"type":"error","code":"line_too_long","message":"This line is too long: the limit is 1000 bytes.",'
            b'"error":"This line is too long: the limit is 1000 bytes."}\n'
        )


def test_after_a_line_too_long_nothing_is_a_line() -> None:
    """What came in one piece with it is read away, whether it is one byte too long or many."""
    with running(line_bytes=1000) as house:
        for length in (1001, 1002, 3000):
            client = house.client()
            assert [line["code"] for line in client.ask(padded(length) + b"\n", PING)] == ["line_too_long"]
            assert client.closed


def test_without_a_limit_a_line_may_be_long() -> None:
    """0 switches the limit off."""
    with running(line_bytes=0) as house:
        assert house.client().one(padded(300_000) + b"\n") == ANSWER


def test_the_rest_of_a_long_line_is_discarded_up_to_a_bound() -> None:
    """A client that goes on sending before it has read its refusal is heard out, then cut."""
    with running(line_bytes=1000) as house:
        client = house.client()
        client.push(b"x" * 2000)
        assert [line["code"] for line in client.lines()] == ["line_too_long"]
        client.push(b"\n" + encoded(PING) + b"x" * DISCARDED)
        assert (client.raw(), client.transport.aborted) == (b"", True)


# -- property ----------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(data=st.lists(st.binary(max_size=60) | st.sampled_from([encoded(PING), b"\n", b"{", b"x" * 200]), max_size=12))
def test_any_bytes_in_any_pieces_are_answered_or_closed(data: list[bytes]) -> None:
    """Whatever comes, in whatever pieces: only whole lines of ASCII JSON go out, and the log has no failure."""
    with running(line_bytes=150, bad_lines=5, messages_per_second=0) as house:
        bob, client = house.member("bob"), house.member("alice")
        for piece in data:
            client.send(piece)
        house.turn()
        answers = client.lines()
        lines = [line.strip(b" \t\r") for line in b"".join(data).split(b"\n")[:-1]]  # JSON allows spaces around it
        asked = lines.count(encoded(PING).strip())
        assert client.closed or [answer["type"] for answer in answers].count("ping") == asked
        assert contents(bob.ask(say("still here"))) == []
        assert not bob.closed


@settings(max_examples=40)
@given(data=st.binary(max_size=400), cuts=st.lists(st.integers(1, 399), max_size=10, unique=True).map(sorted))
def test_the_answers_do_not_depend_on_the_pieces(data: bytes, cuts: list[int]) -> None:
    """Arbitrary bytes, cut arbitrarily, have the answers that they have in one piece."""
    data = data.replace(b"\x00", b"\n") + b"\n" + encoded(PING)

    def answered(pieces: list[bytes]) -> bytes:
        with running(line_bytes=120, bad_lines=5) as house:
            client = house.member("alice")
            for piece in pieces:
                client.send(piece)
            house.turn()
            return client.raw()

    pieces = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    assert answered(pieces) == answered([data])


# -- addresses and room ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "normal"),
    [
        (IPv4Address("TCP", "10.0.0.1", 1), "10.0.0.1"),
        (IPv6Address("TCP", "::ffff:10.0.0.1", 1), "10.0.0.1"),
        (IPv6Address("TCP", "::FFFF:0a00:0001", 1), "10.0.0.1"),
        (IPv6Address("TCP", "2001:DB8::0:1", 1), "2001:db8::1"),
        (IPv6Address("TCP", "fe80::1%eth0", 1), "fe80::1"),
        (UNIXAddress("/run/classcord"), ""),
        (IPv4Address("TCP", "example", 1), "example"),
        (None, ""),
    ],
)
def test_an_address_is_normalised_at_accept(address: IAddress | None, normal: str) -> None:
    """One peer has one address, whichever socket it came by."""
    assert normal_address(address) == normal


def test_a_mapped_address_counts_as_the_one_it_maps() -> None:
    """The limit for an address is not doubled by a second socket family, and the log shows one address."""
    with running(connections_per_address=2) as house:
        house.client("10.0.0.1")
        house.client(peer=IPv6Address("TCP", "::ffff:10.0.0.1", 1))
        assert house.client("10.0.0.1").lines()[0]["code"] == "too_many_connections"
        assert "session 2 connected from 10.0.0.1 by tcp" in house.logged


def test_too_many_connections_of_one_address_are_refused() -> None:
    """With one line that tells why, and an end; another address, and one that many share, gets in."""
    with running(connections_per_address=1, shares_address=lambda address: address.startswith("192.168.")) as house:
        house.client("10.0.0.1")
        refused = house.client("10.0.0.1")
        house.turn()
        assert [line["code"] for line in refused.lines()] == ["too_many_connections"]
        assert refused.closed
        assert refused.transport.disconnecting
        assert house.client("10.0.0.2").one(PING) == ANSWER
        for _ in range(3):
            assert house.client("192.168.1.1").one(PING) == ANSWER
        for _ in range(3):
            assert house.client(peer=UNIXAddress("/run/classcord")).one(PING) == ANSWER


def test_a_place_is_free_again_when_somebody_leaves() -> None:
    """The count goes down with each connection that ends."""
    with running(connections_per_address=1) as house:
        for _ in range(3):
            client = house.client()
            assert client.one(PING) == ANSWER
            client.leave()


def test_what_a_refused_connection_sends_is_not_read() -> None:
    """It is read away, up to the bound."""
    with running(connections_per_address=1) as house:
        house.client()
        refused = house.client()
        refused.raw()
        refused.push(encoded(PING))
        assert (refused.raw(), refused.transport.aborted) == (b"", False)
        refused.push(b"x" * DISCARDED)
        assert refused.transport.aborted


def test_a_full_server_of_people_refuses() -> None:
    """Where everybody has logged in, nobody makes room; who logs out does again."""
    with running(connections=2) as house:
        alice, _ = house.member("alice"), house.member("bob")
        assert [line["code"] for line in house.client().lines()] == ["too_many_connections"]
        alice.ask({"type": "logout"})
        assert house.client().one(PING) == ANSWER
        assert alice.closed


def test_a_connection_that_made_room_is_not_counted_twice() -> None:
    """Its end, which comes later, changes nothing."""
    with running(connections=1, connections_per_address=2) as house:
        clients = [house.client() for _ in range(5)]
        house.turn()
        assert [client.closed for client in clients] == [True] * 4 + [False]
        assert clients[-1].one(PING) == ANSWER


def test_a_client_that_does_not_read_is_closed_with_a_logged_reason() -> None:
    """The others notice nothing but a departure."""
    with running(outbox_bytes=1000, messages_per_second=0) as house:
        alice, bob = house.member("alice"), house.member("bob")
        carol = house.member("carol")
        protocol: ChatLines = carol.transport.protocol
        assert protocol.peer is not None
        protocol.peer.outbox.pauseProducing()  # type: ignore[attr-defined]
        for number in range(20):
            bob.ask(say(f"{number:0100}"))
        assert carol.closed
        assert len(contents(alice.lines())) == 20
        assert any("does not read" in line for line in house.logged)
        assert alice.one({"type": "users"})["users"] == ["alice", "bob"]


# -- a real socket -----------------------------------------------------------------------------------------------------


class _Receiving(Protocol):
    def __init__(self) -> None:
        self.received = b""
        self.ended: Deferred[bytes] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.ended.callback(self.received)


class SocketTests(TestCase):
    """What only a socket shows."""

    timeout = 20.0

    def setUp(self) -> None:
        self.house = House(line_bytes=1000)
        self.house.account("alice")
        self.loop: Any = reactor
        self.house.face.clock = self.loop
        factory: Any = self.house.factory
        self.port: Any = self.loop.listenTCP(0, factory, interface="127.0.0.1")
        self.addCleanup(self.port.stopListening)

    def connect(self) -> Deferred[_Receiving]:
        creator = ClientCreator(self.loop, _Receiving)
        connected: Deferred[_Receiving] = creator.connectTCP("127.0.0.1", self.port.getHost().port)
        return connected

    async def test_who_sends_and_closes_its_half_is_answered(self) -> None:
        """`printf … | nc -N` is read to its end and hears what is known by then."""
        client = await self.connect()
        transport: Any = client.transport
        transport.write(encoded({"type": "users"}) + encoded(PING))
        transport.loseWriteConnection()
        assert [line["type"] for line in objects(await client.ended)] == ["users", "ping"]

    async def test_a_refused_line_is_read_by_a_client_that_still_sends(self) -> None:
        """The last line reaches a client whose own bytes are not all read: no reset overtakes it."""
        client = await self.connect()
        transport: Any = client.transport
        transport.write(b"x" * 200_000)
        assert [line["code"] for line in objects(await client.ended)] == ["line_too_long"]

    async def test_the_connection_is_kept_alive(self) -> None:
        """A peer that vanished without a word is noticed by the kernel, within two minutes."""
        client = await self.connect()
        (session,) = await self._sessions()
        handle = session.listener.outbox._transport.socket
        assert handle.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        tcp = socket.IPPROTO_TCP
        idle, interval, tries = (
            handle.getsockopt(tcp, option) for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        )
        assert idle + interval * tries <= 120
        transport: Any = client.transport
        transport.loseConnection()
        await client.ended

    async def _sessions(self) -> list[Any]:
        answered = Deferred[None]()
        self.loop.callLater(0, self.loop.callLater, 0, answered.callback, None)
        await answered
        return [connection.session for connection in self.house.chat.connections.values()]


def test_the_factory_closes_its_pages() -> None:
    """What the kernel was handed ends with the listener."""
    with running() as house:
        batch = bytes(20_000)
        house.face.pages.file(batch), house.face.pages.file(batch)
        factory: Any = house.factory
        factory.doStart()
        factory.doStop()
        assert house.face.pages._file == -1
