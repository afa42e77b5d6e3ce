"""The state of the server over HTTP, for monitoring programs: /metrics, /healthz and /readyz.

/metrics   the figures, in Prometheus's text format
/healthz   200 while the reactor turns
/readyz    200 while users can connect and their messages are stored; 503 otherwise, with the reasons

Every client that may connect can read these, and nothing else: no login, no names, no changes. Knows HTTP; the caller
passes the functions that give the figures.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from twisted.internet.interfaces import IAddress, IDelayedCall, IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.python.failure import Failure
from twisted.web import http
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from classcord.faces.liveness import notice_silence
from classcord.faces.peer_addresses import normal_address

# seconds for a whole request, and for the next one; differs from the 15 after which Prometheus asks again
WITHIN = 10.0
CONNECTIONS = 128  # at a time: open files are needed for the chat
METHODS = (b"GET", b"HEAD")

_TEXT = "text/plain; charset=utf-8"
_JSON = "application/json"


def _closing(code: bytes, *headers: bytes) -> bytes:
    """Return an answer without a body, after which the connection is closed."""
    return b"\r\n".join((b"HTTP/1.1 " + code, *headers, b"Content-Length: 0", b"Connection: close", b"", b""))


_NO_METHOD = _closing(b"405 Method Not Allowed", b"Allow: " + b", ".join(METHODS))
_NO_BODY = _closing(b"413 Content Too Large")


class _Answer(NamedTuple):
    code: int
    content_type: str
    body: bytes


class _Request(Request):
    """One request, answered at once; none of Twisted's own pages is ever shown."""

    def gotLength(self, length: int | None) -> None:
        """Accept no body, which would use memory or disk for nothing: answer at once, and close."""
        super().gotLength(0)  # type: ignore[no-untyped-call]
        if length != 0:
            channel: Any = self.channel
            channel.write(_NO_BODY if channel._command in METHODS else _NO_METHOD)
            channel.loseConnection()

    def process(self) -> None:
        channel: Any = self.channel
        answer = channel.site.answer(self.method, self.path)
        headers = {
            b"Content-Type": answer.content_type.encode(),
            b"Content-Length": b"%d" % len(answer.body),
            b"Cache-Control": b"no-store",
            b"X-Content-Type-Options": b"nosniff",
        }
        if answer.code == http.NOT_ALLOWED:
            headers[b"Allow"] = b", ".join(METHODS)
        for name, value in headers.items():
            self.responseHeaders.setRawHeaders(name, [value])
        self.setResponseCode(answer.code)
        self.write(answer.body)  # type: ignore[no-untyped-call]
        self.finish()  # type: ignore[no-untyped-call]
        channel.site.answered(channel)


class _StatusSite(Site):
    noisy = False

    def __init__(
        self, figures: Callable[[], bytes], unready: Callable[[], Sequence[str]], reactor: IReactorTime
    ) -> None:
        super().__init__(Resource(), _Request, timeout=WITHIN, reactor=reactor)  # type: ignore[no-untyped-call]
        self._pages: dict[bytes, Callable[[], _Answer]] = {
            b"/metrics": lambda: _Answer(http.OK, CONTENT_TYPE_PLAIN_0_0_4, figures()),
            b"/healthz": lambda: _Answer(http.OK, _TEXT, b"ok\n"),
            b"/readyz": lambda: _readiness(unready()),
        }

    def answer(self, method: bytes, path: bytes) -> _Answer:
        page = self._pages.get(path)
        if page is None:
            return _Answer(http.NOT_FOUND, _TEXT, b"not found\n")
        if method not in METHODS:
            return _Answer(http.NOT_ALLOWED, _TEXT, b"method not allowed\n")
        return page()

    def answered(self, channel: Any) -> None:
        """Start the time limit for a connection's next request."""
        connection = channel.transport
        while not isinstance(connection, _Counted):  # Twisted may put wrappers of its own in between
            connection = connection.transport
        connection.begin()

    def log(self, request: Any) -> None:
        """Log no requests: a monitoring program asks every few seconds, for years."""


class _Counted(ProtocolWrapper):
    """One connection, with a time limit for a whole request, however slowly its bytes come."""

    factory: StatusFactory
    transport: Any
    _late: IDelayedCall | None = None

    def makeConnection(self, transport: Any) -> None:
        notice_silence(transport)
        self.begin()
        super().makeConnection(transport)  # type: ignore[no-untyped-call]

    def begin(self) -> None:
        """Start to wait for a request."""
        self.end()
        self.factory.begun[self] = None
        self._late = self.factory.clock.callLater(WITHIN, self.cut)

    def cut(self) -> None:
        """Close the connection, whatever its state."""
        self.end()
        self.transport.abortConnection()

    def end(self) -> None:
        """Stop waiting."""
        self.factory.begun.pop(self, None)
        if self._late is not None and self._late.active():
            self._late.cancel()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.end()
        super().connectionLost(reason)  # type: ignore[no-untyped-call]


class StatusFactory(WrappingFactory):
    """Serves the three pages to a limited number of connections; if there are too many, the oldest one is closed."""

    protocol = _Counted
    noisy = False

    def __init__(
        self,
        figures: Callable[[], bytes],
        unready: Callable[[], Sequence[str]],
        reactor: IReactorTime,
        admits: Callable[[str], bool],
    ) -> None:
        """`figures` gives the text of /metrics; `unready` gives stable words for why users cannot connect, or none.

        `admits` says whether an address may connect.
        """
        super().__init__(_StatusSite(figures, unready, reactor))  # type: ignore[no-untyped-call]
        self.clock = reactor
        self._admits = admits
        # ordered: the connection that has waited longest for a request comes first
        self.begun: dict[_Counted, None] = {}

    def buildProtocol(self, addr: IAddress | None) -> ProtocolWrapper | None:  # type: ignore[override]
        """Return the protocol of a connection, after closing the one that has waited longest if there are too many.

        None for an address that may not connect, which closes the connection.
        """
        if not self._admits(normal_address(addr)):
            return None
        if len(self.begun) >= CONNECTIONS:
            next(iter(self.begun)).cut()
        return super().buildProtocol(addr)

    def end_from(self, meant: Callable[[str], bool], why: str) -> None:
        """Close the connections from the addresses concerned; their clients cannot read the reason."""
        del why
        for each in list(self.begun):
            if meant(normal_address(each.transport.getPeer())):
                each.cut()


def _readiness(reasons: Sequence[str]) -> _Answer:
    body = json.dumps({"ready": not reasons, "reasons": list(reasons)}).encode() + b"\n"
    return _Answer(http.SERVICE_UNAVAILABLE if reasons else http.OK, _JSON, body)
