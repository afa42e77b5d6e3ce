"""Figures and signs of life over HTTP, for programs that look after the server: /metrics, /healthz and /readyz.

    /metrics   the figures, in Prometheus's text format
    /healthz   200 while the reactor turns
    /readyz    200 while people can come in and what they write is stored; 503 otherwise, with the reasons

Whoever reaches it and may connect may read it, and nothing else: no login, no names, nothing that changes anything.
Knows HTTP; where the figures come from is told by whoever makes it.
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

from classcord.faces.addresses import normal_address
from classcord.faces.liveness import notice_silence

WITHIN = 10.0  # seconds for a whole request, and for the next one: not just as Prometheus asks again, every 15
CONNECTIONS = 128  # at a time: open files are for those who chat
METHODS = (b"GET", b"HEAD")

_TEXT = "text/plain; charset=utf-8"
_JSON = "application/json"


def _closing(code: bytes, *headers: bytes) -> bytes:
    """Return an answer after which the connection is closed, without a body."""
    return b"\r\n".join((b"HTTP/1.1 " + code, *headers, b"Content-Length: 0", b"Connection: close", b"", b""))


_NO_METHOD = _closing(b"405 Method Not Allowed", b"Allow: " + b", ".join(METHODS))
_NO_BODY = _closing(b"413 Content Too Large")


class _Answer(NamedTuple):
    code: int
    content_type: str
    body: bytes


class _Request(Request):
    """One request, answered at once; nothing of Twisted's own pages is ever seen."""

    def gotLength(self, length: int | None) -> None:
        """Take no body, which would be kept in memory or in a file for nothing: answer at once, and close."""
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
        """Give a connection its time for another request."""
        connection = channel.transport
        while not isinstance(connection, _Counted):  # Twisted may put layers of its own between
            connection = connection.transport
        connection.begin()

    def log(self, request: Any) -> None:
        """Write no line for each request: somebody asks every few seconds, for years."""


class _Counted(ProtocolWrapper):
    """One connection: it has so much time for a whole request, however slowly it sends its bytes."""

    factory: StatusFactory
    transport: Any
    _late: IDelayedCall | None = None

    def makeConnection(self, transport: Any) -> None:
        notice_silence(transport)
        self.begin()
        super().makeConnection(transport)  # type: ignore[no-untyped-call]

    def begin(self) -> None:
        """Wait for a request, from now on."""
        self.end()
        self.factory.begun[self] = None
        self._late = self.factory.clock.callLater(WITHIN, self.cut)

    def cut(self) -> None:
        """Close the connection, whatever it is at."""
        self.end()
        self.transport.abortConnection()

    def end(self) -> None:
        """Wait no more."""
        self.factory.begun.pop(self, None)
        if self._late is not None and self._late.active():
            self._late.cancel()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.end()
        super().connectionLost(reason)  # type: ignore[no-untyped-call]


class StatusFactory(WrappingFactory):
    """Serves the three pages to some connections at a time; when there are too many, the oldest gives way."""

    protocol = _Counted
    noisy = False

    def __init__(
        self,
        figures: Callable[[], bytes],
        unready: Callable[[], Sequence[str]],
        reactor: IReactorTime,
        admits: Callable[[str], bool],
    ) -> None:
        """`figures` gives the text of /metrics, `unready` stable words for why people cannot come in, or none.

        `admits` says whether an address may connect.
        """
        super().__init__(_StatusSite(figures, unready, reactor))  # type: ignore[no-untyped-call]
        self.clock = reactor
        self._admits = admits
        self.begun: dict[_Counted, None] = {}  # the connection first that has waited longest for a request

    def buildProtocol(self, addr: IAddress | None) -> ProtocolWrapper | None:  # type: ignore[override]
        """Return what speaks with a connection, after the one that has waited longest has made room for it.

        None for an address that may not connect: it is hung up on.
        """
        if not self._admits(normal_address(addr)):
            return None
        if len(self.begun) >= CONNECTIONS:
            next(iter(self.begun)).cut()
        return super().buildProtocol(addr)

    def end_from(self, meant: Callable[[str], bool], why: str) -> None:
        """Close the connections from addresses that are meant; nobody there reads why."""
        del why
        for each in list(self.begun):
            if meant(normal_address(each.transport.getPeer())):
                each.cut()


def _readiness(reasons: Sequence[str]) -> _Answer:
    body = json.dumps({"ready": not reasons, "reasons": list(reasons)}).encode() + b"\n"
    return _Answer(http.SERVICE_UNAVAILABLE if reasons else http.OK, _JSON, body)
