"""The site: which resource is at which path, within bounds, and for whom (RFC 9110, RFC 9112).

A request has its time, however slowly it comes; nothing has a body unless its resource takes one; no answer names the
program behind it. Knows HTTP, no file and no chat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from twisted.internet.interfaces import (
    IAddress,
    IHalfCloseableProtocol,
    IProtocolFactory,
    IReactorTime,
)
from twisted.internet.protocol import connectionDone
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from twisted.web import http
from twisted.web.error import UnsupportedMethod
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET, Request, Site
from zope.interface import implementer, implementer_only

from classcord.faces.liveness import notice_silence
from classcord.faces.peer_addresses import normal_address
from classcord.faces.web.entrance import Entrance
from classcord.faces.web.files import SLOWEST, FilesResource, Receiving, Refusal
from classcord.faces.web.headers import SECURITY

WITHIN = 20.0  # seconds for a TLS handshake and a whole request, and for the next one on the same connection
HEADERS = 64  # lines; browsers send about 20
HEADER_BYTES = 8_192

_TEXT = b"text/plain; charset=utf-8"


class UpgradedProtocol(Protocol):
    """What a connection speaks after HTTP; it implements IProtocol and IHalfCloseableProtocol."""

    def makeConnection(self, transport: Any) -> None:
        """Begin."""

    def dataReceived(self, data: bytes) -> None:
        """Read what has come."""

    def readConnectionLost(self) -> None:
        """The client has closed its side."""

    def connectionLost(self, reason: Failure) -> None:
        """The connection is gone."""


class WebRequest(Request):
    """One request; none of Twisted's own pages is ever shown."""

    channel: WebChannel
    defaultContentType = _TEXT  # noqa: N815
    receiving: Receiving | None = None
    """What takes its body."""
    _is_whole = False

    @property
    def address(self) -> str:
        """The address of its client, as a trusted proxy says it."""
        entrance = self.channel.site.entrance
        peer = normal_address(self.getClientAddress())  # type: ignore[no-untyped-call]
        return entrance.client(peer, self.requestHeaders.getRawHeaders(b"X-Forwarded-For", []))

    @property
    def authority(self) -> bytes:
        """The host and port that its client has asked, as a trusted proxy says it."""
        own = self.getHeader(b"Host") or b""
        entrance = self.channel.site.entrance
        if entrance.trusts(normal_address(self.getClientAddress())):  # type: ignore[no-untyped-call]
            return self.getHeader(b"X-Forwarded-Host") or own
        return own

    def gotLength(self, length: int | None) -> None:
        """Accept no body unless the resource takes this one: answer at once, and close."""
        super().gotLength(0)  # type: ignore[no-untyped-call]
        if length == 0:
            return
        taken = self._body(length)
        if isinstance(taken, Refusal):
            self.requestHeaders.removeHeader(b"Expect")  # or Twisted would ask for the body
            self.channel.refuse_body(taken)
            return
        self.receiving = taken
        transport = self.channel.transport
        taken.pause, taken.resume = transport.pauseProducing, transport.resumeProducing  # type: ignore[union-attr]
        self.channel.setTimeout(WITHIN + (length or 0) / SLOWEST)  # type: ignore[no-untyped-call]

    def _body(self, length: int | None) -> Receiving | Refusal:
        """Return what takes the body, or why it is refused."""
        site, (method, path) = self.channel.site, self.channel.asked
        resource = site.resource_at(path.partition(b"?")[0])
        if not isinstance(resource, FilesResource):
            return Refusal(http.REQUEST_ENTITY_TOO_LARGE)
        if not site.entrance.admits(self.address):
            return Refusal(http.FORBIDDEN)
        return resource.body(method, path, length)

    def handleContentChunk(self, data: bytes) -> None:
        if self.receiving is not None:
            self.receiving.write(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self.receiving is not None and not self._is_whole:
            self.receiving.lost()
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def process(self) -> None:
        self._is_whole = True
        site = self.channel.site
        for name, value in SECURITY.items():
            self.setHeader(name, value)  # type: ignore[no-untyped-call]
        resource = site.resource_at(self.path)
        try:
            if not site.entrance.admits(self.address):
                self.setResponseCode(http.FORBIDDEN)
                body: bytes | int = b"this address may not come in\n"
            elif resource is None:
                self.setResponseCode(http.NOT_FOUND)
                body = b"not found\n"
            else:
                body = resource.render(self)
        except UnsupportedMethod as error:
            self.setResponseCode(http.NOT_ALLOWED)
            self.setHeader(b"Allow", b", ".join(sorted(error.allowedMethods)))  # type: ignore[no-untyped-call]
            body = b"method not allowed\n"
        except Exception:
            self._log.failure("a request failed")
            self.setResponseCode(http.INTERNAL_SERVER_ERROR)
            body = b"this has failed; the log of the server says why\n"
        if isinstance(body, bytes):
            self.answer(body)
        else:
            assert body is NOT_DONE_YET

    def answer(self, body: bytes) -> None:
        """Send a whole answer."""
        if self.code not in http.NO_BODY_CODES:
            self.setHeader(b"Content-Length", b"%d" % len(body))  # type: ignore[no-untyped-call]
        if not self.responseHeaders.hasHeader(b"Cache-Control"):
            self.setHeader(b"Cache-Control", b"no-store")  # type: ignore[no-untyped-call]
        channel = self.channel
        self.write(body)  # type: ignore[no-untyped-call]
        self.finish()  # type: ignore[no-untyped-call]
        if self.receiving is not None:
            channel.setTimeout(WITHIN)  # type: ignore[no-untyped-call]  # its body had more time


@implementer(IHalfCloseableProtocol)
class WebChannel(http.HTTPChannel):
    """One connection, whose requests are HTTP until one of them turns it to another protocol."""

    totalHeadersSize = HEADER_BYTES  # noqa: N815
    maxHeaders = HEADERS  # noqa: N815
    site: WebSite
    _upgraded: UpgradedProtocol | None = None
    _refused = False

    def connectionMade(self) -> None:
        notice_silence(self.transport)
        super().connectionMade()  # type: ignore[no-untyped-call]

    def dataReceived(self, data: bytes) -> None:
        if self._upgraded is None:
            LineReceiver.dataReceived(self, data)  # the time goes on
        else:
            self._upgraded.dataReceived(data)

    def rawDataReceived(self, data: bytes) -> None:
        if self._refused:
            return
        if self._upgraded is None:
            super().rawDataReceived(data)
        else:
            self._upgraded.dataReceived(data)  # what came in one packet with the handshake

    def pauseProducing(self) -> None:
        """Answer no more of what has come at once, until the client has read what it has been sent."""
        super().pauseProducing()  # type: ignore[no-untyped-call]
        self.paused = True
        self.transport.pauseProducing()  # type: ignore[union-attr]

    def resumeProducing(self) -> None:
        super().resumeProducing()  # type: ignore[no-untyped-call]
        self.paused = False
        self.transport.resumeProducing()  # type: ignore[union-attr]
        self.dataReceived(b"")

    def upgrade(self, protocol: UpgradedProtocol) -> None:
        """Give the connection to another protocol."""
        self.setTimeout(None)  # type: ignore[no-untyped-call]
        self.transport.unregisterProducer()  # type: ignore[union-attr]
        self.site.left(self)
        self.requests.clear()  # it would be kept as long as the session
        self._upgraded = protocol
        protocol.makeConnection(self.transport)

    @property
    def asked(self) -> tuple[bytes, bytes]:
        """The method and the path of the request whose headers have come; Twisted tells them only with its body."""
        return self._command, self._path

    def refuse_body(self, refusal: Refusal) -> None:
        """Answer a request that has a body where none is taken, and close."""
        self._refused = True
        status, body = refusal
        words = b"Content Too Large" if status == http.REQUEST_ENTITY_TOO_LARGE else http.RESPONSES[status]
        lines = [b"HTTP/1.1 %d %b" % (status, words), b"Content-Length: %d" % len(body), b"Connection: close"]
        lines += [b"Content-Type: application/json"] if body else []
        self.write(b"\r\n".join((*lines, b"", body)))  # type: ignore[no-untyped-call]
        self.loseConnection()  # type: ignore[no-untyped-call]

    def readConnectionLost(self) -> None:
        """The client has closed its side: it is still answered."""
        if self._upgraded is None:
            self.loseConnection()  # type: ignore[no-untyped-call]
        else:
            self._upgraded.readConnectionLost()

    def writeConnectionLost(self) -> None:
        """Our side is closed; wait some time for the client to close."""

    def timeoutConnection(self) -> None:
        self.transport.abortConnection()  # type: ignore[union-attr]

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.site.left(self)
        super().connectionLost(reason)  # type: ignore[no-untyped-call]
        if self._upgraded is not None:
            self._upgraded.connectionLost(reason)


@implementer_only(IProtocolFactory)  # so TLS negotiates no protocol: no HTTP/2
class WebSite(Site):
    """Makes a WebChannel for each connection that may come in."""

    protocol = WebChannel  # type: ignore[assignment]
    noisy = False

    def __init__(self, resources: Mapping[bytes, IResource], entrance: Entrance, reactor: IReactorTime) -> None:
        """`resources` are found by their whole path, or for a path of several parts by its first, `/files/`."""
        super().__init__(Resource(), WebRequest, timeout=WITHIN, reactor=reactor)  # type: ignore[no-untyped-call]
        self._resources = resources
        self.entrance = entrance
        self.visits: dict[WebChannel, Callable[[], None]] = {}
        """The connections without a session, each with what is to be called at its end."""

    def buildProtocol(self, addr: IAddress | None) -> Any:
        channel = super().buildProtocol(addr)  # type: ignore[no-untyped-call]
        leave = self.entrance.enter(normal_address(addr), channel.timeoutConnection)
        if leave is None:
            return None
        self.visits[channel] = leave
        return channel

    def left(self, channel: WebChannel) -> None:
        """Note that a connection has ended, or has become a session."""
        leave = self.visits.pop(channel, None)
        if leave is not None:
            leave()

    def resource_at(self, path: bytes) -> IResource | None:
        """Return the resource of a path, as it is written in the request: nothing is decoded."""
        first, slash, _ = path[1:].partition(b"/")
        return self._resources.get(path) or (self._resources.get(b"/%b/" % first) if slash else None)

    def end_from(self, meant: Callable[[str], bool], why: str) -> None:
        """Close the connections from the addresses concerned that have no session."""
        del why
        for each in list(self.visits):
            if meant(normal_address(each.transport.getPeer())):  # type: ignore[union-attr]
                each.timeoutConnection()

    def log(self, request: Any) -> None:
        """Log no requests: the chat logs who comes."""
