"""Figures and signs of life over HTTP, for programs that look after the server: /metrics, /healthz and /readyz.

    /metrics   the figures, in Prometheus's text format
    /healthz   200 while the reactor turns
    /readyz    200 while people can come in and what they write is stored; 503 otherwise, with the reasons

Anybody who reaches it may read it, and nothing else: no login, no names, nothing that changes anything. Knows HTTP;
where the figures come from is told by whoever makes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.web import http
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from classcord.faces.liveness import notice_silence

IDLE = 10.0  # seconds without a word after which a connection is closed: not just as Prometheus asks again, every 15
CONNECTIONS = 16  # at a time: open files are for those who chat
METHODS = (b"GET", b"HEAD")

_TEXT = "text/plain; charset=utf-8"
_JSON = "application/json"


class _Answer(NamedTuple):
    code: int
    content_type: str
    body: bytes


class _Request(Request):
    """One request, answered at once; nothing of Twisted's own pages is ever seen."""

    def gotLength(self, length: int | None) -> None:
        """Take no body: it would be kept in memory or in a file, for nothing."""
        super().gotLength(0)  # type: ignore[no-untyped-call]
        if length != 0:
            self.channel.loseConnection()

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


class _StatusSite(Site):
    noisy = False

    def __init__(
        self, figures: Callable[[], bytes], unready: Callable[[], Sequence[str]], reactor: IReactorTime
    ) -> None:
        super().__init__(Resource(), _Request, timeout=IDLE, reactor=reactor)  # type: ignore[no-untyped-call]
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

    def log(self, request: Any) -> None:
        """Write no line for each request: somebody asks every few seconds, for years."""


class _Counted(ProtocolWrapper):
    """One connection."""

    def makeConnection(self, transport: Any) -> None:
        notice_silence(transport)
        super().makeConnection(transport)  # type: ignore[no-untyped-call]


class StatusFactory(WrappingFactory):
    """Serves the three pages to a few connections at a time."""

    protocol = _Counted
    noisy = False

    def __init__(
        self, figures: Callable[[], bytes], unready: Callable[[], Sequence[str]], reactor: IReactorTime
    ) -> None:
        """`figures` gives the text of /metrics, `unready` stable words for why people cannot come in, or none."""
        super().__init__(_StatusSite(figures, unready, reactor))  # type: ignore[no-untyped-call]

    def buildProtocol(self, addr: IAddress | None) -> ProtocolWrapper | None:  # type: ignore[override]
        """Return what speaks with a connection; None, which closes it, if there are too many."""
        return None if len(self.protocols) >= CONNECTIONS else super().buildProtocol(addr)


def _readiness(reasons: Sequence[str]) -> _Answer:
    body = json.dumps({"ready": not reasons, "reasons": list(reasons)}).encode() + b"\n"
    return _Answer(http.SERVICE_UNAVAILABLE if reasons else http.OK, _JSON, body)
