"""What is refused leaves nothing behind: memory after hundreds of bad lines and packets, of each kind, at each face.

Memory is counted in blocks of Python's allocator after a full collection, so that what the collector cannot see counts
as well.
"""

from __future__ import annotations

import gc
import os
import struct
import sys
from collections import deque
from collections.abc import Callable
from functools import _lru_cache_wrapper
from pathlib import Path
from typing import Any

import pytest
from OpenSSL import SSL
from twisted.conch.ssh import filetransfer as fx
from twisted.conch.ssh.common import NS
from twisted.internet.address import IPv4Address
from twisted.internet.defer import succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.internet.testing import StringTransport
from twisted.logger import globalLogPublisher
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure
from zope.interface import implementer

from classcord.console.class_lists import ClassLists
from classcord.console.programs import Programs
from classcord.faces.control import frames
from classcord.faces.control.socket import Control, ControlFactory
from classcord.faces.proxy import ProxiedFactory
from classcord.faces.status import StatusFactory
from classcord.store.sqlite.in_memory import _migrated
from tests.faces.sftp_line import NO_ATTRIBUTES
from tests.faces.sftp_line import Line as SftpLine
from tests.faces.ssh_line import Client as SSHClient
from tests.faces.ssh_line import Gate, make_key
from tests.harness import Client, House, login
from tests.office import Office

LINES = 200  # in each round, of which there are up to four
CONNECTIONS = 100  # the same
A_CONNECTION = 20  # bad lines on one connection, which bears some more
NOTHING = 0.5  # blocks; whatever is kept of a refusal is one at least
NOTHING_OF_SSH = 10  # blocks of a whole connection, which has thousands; caches of Python and OpenSSL fill slowly
PEER = IPv4Address("TCP", "10.0.0.1", 40_000)


@pytest.fixture(autouse=True)
def _nobody_keeps_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twisted keeps what is logged before a log file is open."""
    monkeypatch.setattr(globalLogPublisher, "_observers", [])


@pytest.fixture(autouse=True, scope="module")
def _the_collector_leaves_out_what_was_there() -> None:
    """After thousands of tests, a full collection takes longer than what is measured, and there are hundreds here."""
    gc.unfreeze()  # else the collector does not say what there is
    gc.collect()
    # but the empty database: one entry, which is costly to make
    CACHES[:] = [each for each in gc.get_objects() if isinstance(each, _lru_cache_wrapper) and each is not _migrated]
    gc.freeze()


_forget_names: Callable[[], None] = (
    getattr(sys, "_clear_internal_caches", None) or sys._clear_type_cache
)  # 3.13, before
CACHES: list[Any] = []  # each has a bound, and may be far from it when a round ends


def blocks() -> int:
    """Return how many blocks are in use, without what caches keep: ours, and Python's own of thousands of attributes.

    The latter keeps also names that exist for one look alone, as those by which `strftime` looks a module up.
    """
    for cache in CACHES:
        cache.cache_clear()
    _forget_names()
    gc.collect()
    return sys.getallocatedblocks()


def left_behind(refuse: Callable[[int], None], count: int = LINES) -> float:
    """Return how many blocks of memory are in use for each refusal of the past, after hundreds of them.

    A round that leaves something is repeated: lists that grow up to a bound do so in the first ones.
    """
    refuse(count // 5)
    found = 0.0
    for _ in range(3):
        before = blocks()
        refuse(count)
        found = (blocks() - before) / count
        if found < NOTHING:
            break
    return found


class Forgetful(House):
    """A house whose store keeps nothing: who came and went is written to a disk otherwise."""

    def forget(self) -> Forgetful:
        self.store.write = lambda group: succeed({})  # type: ignore[method-assign]
        self.journal.groups = deque(maxlen=0)
        return self


# -- the chat ---------------------------------------------------------------------------------------------------------

BAD_LINES = {
    "not json": b"{nonsense\n",
    "not an object": b"[1, 2, 3]\n",
    "no type": b'{"content":"bonjour"}\n',
    "unknown type": b'{"type":"nonsense","id":3}\n',
    "field of another type": b'{"type":"login","username":7,"password":"azerty","id":"a"}\n',
    "field missing": b'{"type":"login","username":"bob"}\n',
    "not utf-8": b'{"type":"mess\xe9","content":"\x81\xff"}\n',
    "nested": b"[" * 5_000 + b"\n",
    "nested in a request": b'{"type":"message","content":' + b"[" * 3_000 + b"]" * 3_000 + b"}\n",
    "lone surrogate": b'{"type":"message","content":"\\ud800"}\n',
    "byte order mark": b"\xef\xbb\xbf{\n",
    "blank": b"\r\n",
    "nobody's": b'{"type":"join","channel":"#dev"}\n',
    "empty name": b'{"type":"register","username":"","password":"azerty"}\n',
}


def connection(house: House, dialect: str) -> Client:
    client = house.client()
    if dialect == "modern":
        client.ask({"type": "hello", "protocol": 2, "lang": "en"})
    return client


def gone(house: House, client: Client) -> None:
    """End a connection, and forget what the test itself has kept of it."""
    client.leave()
    house.pass_time(10, step=5)
    house.clients.clear()
    house.audit.clear()


@pytest.mark.parametrize("dialect", ["classic", "modern"])
@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_bad_lines_of_strangers(line: bytes, dialect: str) -> None:
    """Connection after connection, each with as many bad lines as it bears."""
    house = Forgetful()

    def refuse(count: int) -> None:
        for _ in range(count // A_CONNECTION):
            client = connection(house, dialect)
            client.ask(*[line] * A_CONNECTION)
            gone(house, client)

    assert left_behind(refuse) < NOTHING
    assert house.chat.connections == {}


@pytest.mark.parametrize("dialect", ["classic", "modern"])
@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_bad_lines_of_somebody(line: bytes, dialect: str) -> None:
    """One connection of somebody who is logged in; a bad line may wait behind what is being stored, too."""
    house = Forgetful(messages_per_second=0, bad_lines=0)
    house.account("alice")
    client = connection(house.forget(), dialect)
    client.ask(login("alice"))
    where = {"type": "status", "state": "away"}, {"type": "status", "state": "online"}

    def refuse(count: int) -> None:
        for _ in range(count // A_CONNECTION):
            client.send(*where, *[line] * (A_CONNECTION - 1))
            house.turn()
            client.raw()
            house.audit.clear()

    assert left_behind(refuse) < NOTHING
    assert not client.closed


@pytest.mark.parametrize("dialect", ["classic", "modern"])
@pytest.mark.parametrize(
    "flood", [b"{\n" * 100, b"x" * 70_000 + b"\n", b"x" * 70_000], ids=["flood", "long", "endless"]
)
def test_what_closes_a_connection(flood: bytes, dialect: str) -> None:
    """A flood of bad lines, a line too long, one that never ends."""
    house = Forgetful()

    def refuse(count: int) -> None:
        for _ in range(count):
            client = connection(house, dialect)
            client.ask(flood)
            assert house.chat.connections == {}
            gone(house, client)

    assert left_behind(refuse, CONNECTIONS) < NOTHING


def test_connections_that_are_refused() -> None:
    """There is no room for more; each hears why."""
    house = Forgetful(connections_per_address=1)
    house.client()
    first = list(house.clients)

    def refuse(count: int) -> None:
        for _ in range(count):
            client = house.client()
            assert b"too_many_connections" in client.raw()
            client.leave()
            house.pass_time(5, step=5)
            house.clients[:] = first
            house.audit.clear()

    assert left_behind(refuse) < NOTHING


def test_passwords_that_are_wrong() -> None:
    """A password is compared in vain, again and again, from one address."""
    house = Forgetful(bad_lines=0, messages_per_second=0)
    house.account("bob")

    def refuse(count: int) -> None:
        for _ in range(count // A_CONNECTION):
            client = house.client()
            client.send(*[login("bob", "wrong")] * A_CONNECTION)
            house.pass_time(120, step=10)
            gone(house, client)

    assert left_behind(refuse, CONNECTIONS) < NOTHING


# -- before the chat --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", [b"GET / HTTP/1.1\r\n", b"PROXY nonsense\r\n", b"PROXY TCP4 a b c d\r\n", b"PROXY " + b"x" * 200]
)
def test_bad_proxy_headers(header: bytes) -> None:
    """What begins with no header is hung up on."""
    house = Forgetful()
    factory = ProxiedFactory(house.factory, lambda _: True, house.clock)

    def refuse(count: int) -> None:
        for _ in range(count):
            protocol, transport = factory.buildProtocol(PEER), Wire()
            protocol.makeConnection(transport)
            protocol.dataReceived(header)
            assert transport.disconnected
            protocol.connectionLost(Failure(ConnectionDone()))
        house.pass_time(10, step=5)

    assert left_behind(refuse) < NOTHING


class Wire(StringTransport):
    """The server's end of a connection that is made of nothing; the kernel says that the peer is the server's user."""

    def __init__(self) -> None:
        super().__init__(peerAddress=PEER)  # type: ignore[no-untyped-call]
        self.socket = self

    def getsockopt(self, level: int, option: int, size: int) -> bytes:
        return struct.pack("3i", 1, os.geteuid(), 1)[:size]

    def setTcpNoDelay(self, enabled: bool) -> None: ...
    def setTcpKeepAlive(self, enabled: bool) -> None: ...
    def getHandle(self) -> None: ...


@implementer(IOpenSSLServerConnectionCreator)
class _Creator:
    def __init__(self) -> None:
        self.context = SSL.Context(SSL.TLS_SERVER_METHOD)

    def serverConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        return SSL.Connection(self.context, None)


@pytest.mark.parametrize(
    "beginning", [b'{"type":"users"}\n', b"\x16\x03\x01\x00\x04abcd", b"\x16\x03\x01\xff\xff" + b"x" * 200]
)
def test_bad_tls_handshakes(beginning: bytes) -> None:
    """What is no TLS ends the connection, and its session."""
    house = Forgetful()
    factory = TLSMemoryBIOFactory(_Creator(), False, house.factory, house.clock)

    def refuse(count: int) -> None:
        for _ in range(count):
            protocol, transport = factory.buildProtocol(PEER), Wire()
            protocol.makeConnection(transport)
            protocol.dataReceived(beginning)
            protocol.connectionLost(Failure(ConnectionDone()))
            house.pass_time(15, step=5)
        assert house.chat.connections == {}

    assert left_behind(refuse, CONNECTIONS) < NOTHING


BAD_REQUESTS = {
    "no http": b"nonsense\r\n\r\n",
    "post": b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
    "no page": b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
    "long line": b"GET /" + b"x" * 40_000,
    "bad header": b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
}


@pytest.mark.parametrize("request_", BAD_REQUESTS.values(), ids=BAD_REQUESTS.keys())
def test_bad_requests_of_figures(request_: bytes) -> None:
    """Requests of the metrics listener that are none, or that are not for it."""
    house = Forgetful()
    factory: Any = StatusFactory(lambda: b"", list, house.clock, lambda _: True)

    def refuse(count: int) -> None:
        for _ in range(count):
            protocol, transport = factory.buildProtocol(PEER), Wire()
            protocol.makeConnection(transport)
            protocol.dataReceived(request_)
            protocol.connectionLost(Failure(ConnectionDone()))
        house.pass_time(60, step=20)

    assert left_behind(refuse) < NOTHING


# -- administration ---------------------------------------------------------------------------------------------------

BEGIN = frames.frame(frames.BEGIN, b'{"language":"en","colour":false,"command":null,"terminal":false}')
BAD_FRAMES = {
    "no frame": b"nonsense",
    "too long": b"\xff" * 9,
    "no begin": frames.frame(frames.INPUT, b"who\n"),
    "no json": frames.frame(frames.BEGIN, b"{"),
    "begun twice": BEGIN + BEGIN,
    "size of nothing": BEGIN + frames.frame(frames.RESIZED, b"{}"),
}


@pytest.mark.parametrize("sent", BAD_FRAMES.values(), ids=BAD_FRAMES.keys())
def test_bad_frames_at_the_control_socket(sent: bytes, tmp_path: Path) -> None:
    """A client of the control socket that does not keep to its frames is hung up on, and its program ends."""
    house = Forgetful()
    tools = Office(house.forget(), tmp_path).tools
    factory = ControlFactory(Programs(tools, "control"), ClassLists(tools, "control"))

    def refuse(count: int) -> None:
        for _ in range(count):
            protocol, transport = Control(), Wire()
            protocol.factory = factory
            protocol.makeConnection(transport)  # type: ignore[no-untyped-call]
            protocol.dataReceived(sent)
            protocol.connectionLost(Failure(ConnectionDone()))
            house.turn()
            house.audit.clear()
        assert house.chat.connections == {}

    assert left_behind(refuse, CONNECTIONS) < NOTHING


SFTP_REQUESTS = {
    "no such file": (fx.FXP_STAT, NS(b"/exports/nothing")),
    "outside": (fx.FXP_OPEN, NS(b"/../../etc/passwd") + struct.pack("!L", fx.FXF_READ) + NO_ATTRIBUTES),
    "no handle": (fx.FXP_CLOSE, NS(b"nothing")),
    "not to be linked": (fx.FXP_SYMLINK, NS(b"/a") + NS(b"/b")),
    "not to be made": (fx.FXP_MKDIR, NS(b"/etc") + NO_ATTRIBUTES),
    "unknown": (fx.FXP_EXTENDED, NS(b"nonsense")),
}


@pytest.mark.parametrize(("kind", "payload"), SFTP_REQUESTS.values(), ids=SFTP_REQUESTS.keys())
def test_refused_requests_of_sftp(kind: int, payload: bytes, tmp_path: Path) -> None:
    """One connection asks in vain, again and again."""
    line = SftpLine(tmp_path).hello()

    def refuse(count: int) -> None:
        for _ in range(count):
            line.request(kind, payload)
            line.clock.advance(1)
            line.written = b""
        for each in vars(line.tree).values():
            if isinstance(each, list):
                each.clear()

    assert left_behind(refuse) < NOTHING
    assert line.status is None


def _hang_up(gate: Gate) -> None:
    for line in gate.lines:
        if line.lost is None:
            line.hang_up()
    gate.lines.clear()
    gate.pass_time(10)
    gate.house.audit.clear()


@pytest.mark.parametrize(
    "sent",
    [b"GET / HTTP/1.1\r\n\r\n", b"SSH-1.5-old\r\n", b"SSH-2.0-x\r\n" + b"\xff" * 100, b"SSH-2.0-x\r\n" + b"\0" * 64],
)
def test_bad_packets_of_ssh_before_the_keys(sent: bytes, tmp_path: Path) -> None:
    """What is no SSH, before anybody has come in."""
    gate = Gate(Forgetful().forget(), tmp_path)

    def refuse(count: int) -> None:
        for _ in range(count):
            gate.line().send(sent)
            _hang_up(gate)

    assert left_behind(refuse, CONNECTIONS) < NOTHING


def _wrong_password(client: SSHClient) -> None:
    client.begin()
    client.try_password("bob", "wrong")


def _wrong_key(client: SSHClient) -> None:
    client.begin()
    client.try_key("prof", WRONG)


WRONG = make_key()
BEFORE: dict[str, Callable[[SSHClient], None]] = {
    "no service": lambda client: client.ask(5, NS(b"nonsense")),
    "unknown message": lambda client: client.ask(200, b"x"),
    "cut short": lambda client: client.ask(50, b"\0\0"),
    "wrong password": _wrong_password,
    "wrong key": _wrong_key,
}


@pytest.mark.parametrize("bad", BEFORE.values(), ids=BEFORE.keys())
def test_bad_packets_of_strangers_over_ssh(bad: Callable[[SSHClient], None], tmp_path: Path) -> None:
    """The keys are agreed, and then it is nonsense, or nobody's key, or a wrong password."""
    house = Forgetful()
    house.account("bob")
    gate = Gate(house.forget(), tmp_path)
    gate.admit("prof")

    def refuse(count: int) -> None:
        for _ in range(count):
            bad(gate.connect())
            _hang_up(gate)

    assert left_behind(refuse, 50) < NOTHING_OF_SSH


@pytest.mark.parametrize(
    ("number", "payload"),
    [(90, b""), (94, b"\0\0\0\7"), (91, bytes(16)), (98, b"\0\0\0\0"), (80, b"\0"), (200, b"x")],
    ids=["open", "data", "confirmation", "request", "global", "unknown"],
)
def test_bad_packets_of_an_operator(number: int, payload: bytes, tmp_path: Path) -> None:
    """Somebody who has come in sends nonsense: the connection ends, and all that it held."""
    gate = Gate(Forgetful().forget(), tmp_path)
    key = gate.admit("prof")

    def refuse(count: int) -> None:
        for _ in range(count):
            client = gate.come_in("prof", key)
            client.run("who")
            client.ask(number, payload)
            _hang_up(gate)
        assert gate.house.chat.connections == {}

    assert left_behind(refuse, 50) < NOTHING_OF_SSH
