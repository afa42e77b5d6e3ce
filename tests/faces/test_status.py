"""/metrics, /healthz and /readyz: what they answer, and how little they can be made to do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.protocol import connectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from classcord.faces.status import CONNECTIONS, WITHIN, StatusFactory

PEER = IPv4Address("TCP", "127.0.0.1", 40_000)


class Web:
    """The three pages in memory."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.reasons: list[str] = []
        self.asked = 0
        self.banned: set[str] = set()
        self.factory: Any = StatusFactory(
            self._figures, lambda: self.reasons, self.clock, lambda address: address not in self.banned
        )

    def _figures(self) -> bytes:
        self.asked += 1
        return b"classcord_people 3.0\n"

    def connect(self) -> tuple[Any, Any]:
        """Return a new connection: its protocol and its transport."""
        protocol = self.factory.buildProtocol(PEER)
        transport: Any = StringTransport(peerAddress=PEER)
        transport.abortConnection = transport.loseConnection
        protocol.makeConnection(transport)
        return protocol, transport

    def answer(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of the one answer to the bytes of a request."""
        protocol, transport = self.connect()
        protocol.dataReceived(request)
        head, _, body = transport.value().partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        return int(first.split()[1]), headers, body

    def get(self, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        return self.answer(f"{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


@pytest.fixture
def web() -> Web:
    return Web()


def test_metrics_are_the_figures_in_prometheus_format(web: Web) -> None:
    """The text as it is made, under the type by which Prometheus reads it."""
    code, headers, body = web.get("/metrics")
    assert (code, body) == (200, b"classcord_people 3.0\n")
    assert headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert web.get("/metrics?name[]=x")[0] == 200


def test_an_address_that_may_not_connect(web: Web) -> None:
    """It is hung up on, in whatever form it is told; a ban closes what is open from there, and nothing else."""
    _, transport = web.connect()
    web.factory.end_from(lambda address: address == "10.0.0.1", "it is banned")
    assert not transport.disconnecting
    web.factory.end_from(lambda address: address == PEER.host, "it is banned")
    assert transport.disconnecting
    web.banned = {PEER.host}
    assert web.factory.buildProtocol(PEER) is None
    assert web.factory.buildProtocol(IPv6Address("TCP", f"::ffff:{PEER.host}", 40_000)) is None
    web.banned = set()
    assert web.factory.buildProtocol(PEER) is not None


def test_health_is_a_sign_of_life(web: Web) -> None:
    """Whoever gets an answer knows that the reactor turns; it costs no figure, and trouble changes nothing."""
    web.reasons = ["storage"]
    assert web.get("/healthz")[::2] == (200, b"ok\n")
    assert web.asked == 0


def test_readiness_says_why_not(web: Web) -> None:
    """200 while all is well; 503 with the reasons as stable words, and 200 again."""
    assert web.get("/readyz")[::2] == (200, b'{"ready": true, "reasons": []}\n')
    web.reasons = ["listeners", "storage"]
    code, headers, body = web.get("/readyz")
    assert (code, headers["content-type"]) == (503, "application/json")
    assert json.loads(body) == {"ready": False, "reasons": ["listeners", "storage"]}
    web.reasons = []
    assert web.get("/readyz")[0] == 200


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz"])
def test_head_has_the_headers_and_no_body(web: Web, path: str) -> None:
    """HEAD says how long GET's answer is, and sends none of it (RFC 9110 §9.3.2)."""
    _, wanted, body = web.get(path)
    code, headers, nothing = web.get(path, "HEAD")
    assert (code, nothing) == (200, b"")
    assert headers["content-length"] == wanted["content-length"] == str(len(body))


@pytest.mark.parametrize(
    "path", ["/", "/metrics/", "/Metrics", "/metrics/..", "//metrics", "/favicon.ico", "*", "/%6d"]
)
def test_there_is_nothing_else(web: Web, path: str) -> None:
    """Every other path is the same short 404."""
    assert web.get(path)[::2] == (404, b"not found\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"])
def test_nothing_can_be_changed(web: Web, method: str) -> None:
    """Only GET and HEAD are understood; others hear which are, and are told no figure."""
    code, headers, body = web.get("/metrics", method)
    assert (code, headers["allow"], body) == (405, "get, head", b"method not allowed\n")
    assert web.asked == 0


@pytest.mark.parametrize("path", ["/metrics", "/nothing"])
def test_no_answer_names_the_program_behind_it(web: Web, path: str) -> None:
    """No Server header and no name of a library: an attacker has to guess."""
    _, headers, body = web.get(path)
    assert "server" not in headers
    assert b"twisted" not in body.lower()


@pytest.mark.parametrize(
    "announced", [b"Content-Length: 10000000000", b"Content-Length: 3", b"Transfer-Encoding: chunked"]
)
@pytest.mark.parametrize(
    ("method", "code"),
    [("GET", 413), ("HEAD", 413), ("POST", 405), ("PUT", 405), ("PATCH", 405), ("DELETE", 405), ("nonsense", 405)],
)
def test_a_body_is_not_taken(web: Web, method: str, code: int, announced: bytes) -> None:
    """Who announces one hears at once that it is not wanted, and is disconnected before it could fill a disk."""
    protocol, transport = web.connect()
    protocol.dataReceived(method.encode() + b" /metrics HTTP/1.1\r\nHost: x\r\n" + announced + b"\r\n\r\n")
    assert transport.disconnecting
    assert transport.value().startswith(b"HTTP/1.1 %d " % code)
    assert (b"Allow: GET, HEAD" in transport.value()) == (code == 405)
    assert web.asked == 0


@pytest.mark.parametrize(
    "rubbish",
    [
        b"nonsense\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /metrics\r\n\r\n",
        b"GET /metrics HTTP/1.1 x\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nTransfer-Encoding: nonsense\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\n" + b"a: b\r\n" * 10_000 + b"\r\n",
        b"GET /metrics HTTP/1.1\r\na: " + b"x" * 15_000 + b"\r\nb: " + b"x" * 15_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x00\x04abcd\r\n\r\n",
    ],
    ids=range(11),
)
def test_rubbish_is_refused(web: Web, rubbish: bytes) -> None:
    """It is answered by 400, and the connection is closed; no figure is told."""
    protocol, transport = web.connect()
    protocol.dataReceived(rubbish)
    assert transport.disconnecting
    assert transport.value().startswith(b"HTTP/1.1 400 ")
    assert web.asked == 0


def test_a_line_without_end_is_cut_off(web: Web) -> None:
    """A request line of megabytes is not kept in memory."""
    protocol, transport = web.connect()
    protocol.dataReceived(b"GET /" + b"x" * 100_000)
    assert transport.disconnecting


def test_a_connection_is_used_again_and_closed_when_idle(web: Web) -> None:
    """Prometheus asks again on the same connection; one that says nothing is closed."""
    protocol, transport = web.connect()
    for _ in range(2):
        protocol.dataReceived(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert transport.value().count(b"HTTP/1.1 200 OK") == 2
    web.clock.advance(WITHIN - 1)
    assert not transport.disconnecting
    web.clock.advance(1)
    assert transport.disconnecting


def test_a_request_has_its_time_however_slowly_it_comes(web: Web) -> None:
    """A byte now and then buys no more of it."""
    protocol, transport = web.connect()
    for second in range(int(WITHIN)):
        assert not transport.disconnecting
        protocol.dataReceived(b"GET /healthz"[second : second + 1])
        web.clock.advance(1)
    assert transport.disconnecting


def test_many_connections_take_no_files_from_the_chat(web: Web) -> None:
    """When there are too many, the one gives way that has waited longest for a request; whoever asks is answered."""
    (first, asks), (_, second), *others = [web.connect() for _ in range(CONNECTIONS)]
    first.dataReceived(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    protocol, transport = web.connect()
    assert second.disconnecting
    assert not asks.disconnecting
    assert not any(each.disconnecting for _, each in others)
    protocol.dataReceived(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert transport.value().startswith(b"HTTP/1.1 200 OK")
    assert len(web.factory.begun) == CONNECTIONS


def test_connections_that_end_are_forgotten(web: Web) -> None:
    """Nothing is left of them."""
    for _ in range(5):
        protocol, _ = web.connect()
        protocol.connectionLost(connectionDone)
    assert web.factory.begun == {}
