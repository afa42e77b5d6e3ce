"""The opening of a WebSocket: whether a request asks for one, from which page, and the answer (RFC 6455 §4.2, §10.2).

Knows HTTP requests, no chat.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from twisted.web.http import BAD_REQUEST, FORBIDDEN
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET
from wsproto.utilities import generate_accept_token

VERSION = b"13"
UPGRADE_REQUIRED = 426
_KEY = 16  # bytes

Open = Callable[[bytes, str], Any]
"""Makes the protocol of a connection from the answer to its handshake and its client's address."""


class WebSocketResource(Resource):
    """Where pages and programs open a WebSocket."""

    def __init__(self, open_: Open, origins: Callable[[], frozenset[str]]) -> None:
        """`origins` returns the origins of other pages that may connect, such as `https://intranet.example`."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._open = open_
        self._origins = origins

    def render_GET(self, request: Any) -> bytes | int:
        key = _key(request)
        if key is None:
            request.setHeader(b"Sec-WebSocket-Version", VERSION)
            request.setHeader(b"Upgrade", b"websocket")
            wrong_version = request.getHeader(b"Sec-WebSocket-Version") not in (None, VERSION)
            request.setResponseCode(UPGRADE_REQUIRED if wrong_version else BAD_REQUEST)
            return b"this is the address of the chat, for WebSocket only\n"
        if not self._may_come_from(request):
            request.setResponseCode(FORBIDDEN)
            return b"this page is not of this server: see [web] origins\n"
        answer = b"\r\n".join(
            (
                b"HTTP/1.1 101 Switching Protocols",
                b"Upgrade: websocket",
                b"Connection: Upgrade",
                b"Sec-WebSocket-Accept: " + generate_accept_token(key),
                b"",
                b"",
            )
        )
        request.channel.upgrade(self._open(answer, request.address))
        return NOT_DONE_YET

    def _may_come_from(self, request: Any) -> bool:
        """Whether the page that connects is ours, or one of the other origins; a program has no page."""
        origin = request.getHeader(b"Origin")
        if origin is None:
            return True
        text = origin.decode("latin-1").lower()
        scheme, _, place = text.partition("://")
        port = {"http": ":80", "https": ":443"}.get(scheme, "")
        host = request.authority.decode("latin-1").lower()
        own = {host, host.removesuffix(port)} if port else set[str]()
        return place.removesuffix(port) in own or text in self._origins()


def _key(request: Any) -> bytes | None:
    """Return the key of a request that opens a WebSocket; None for every other request."""
    if request.method != b"GET" or request.clientproto != b"HTTP/1.1" or request.getHeader(b"Host") is None:
        return None
    if b"websocket" not in _words(request, b"Upgrade") or b"upgrade" not in _words(request, b"Connection"):
        return None
    keys = request.requestHeaders.getRawHeaders(b"Sec-WebSocket-Key", [])
    if request.getHeader(b"Sec-WebSocket-Version") != VERSION or len(keys) != 1:
        return None
    try:
        decoded = b64decode(keys[0], validate=True)
    except binascii.Error:
        return None
    key: bytes = keys[0]
    return key if len(decoded) == _KEY else None


def _words(request: Any, name: bytes) -> set[bytes]:
    """Return the words of a header, in lower case."""
    values = request.requestHeaders.getRawHeaders(name, [])
    return {word.strip().lower() for value in values for word in value.split(b",")}
