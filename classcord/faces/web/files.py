"""Files over HTTP: the bytes of an upload come by PUT /files/TOKEN, and are read by GET /files/TOKEN/NAME.

The token is the right: an upload's is known to whoever was admitted, a file's to whoever reads its message. No cookie
counts, so no page of another origin can do anything in somebody's name. Knows HTTP (RFC 9110 §13, §14; RFC 6266), no
chat.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import quote

import msgspec
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web import http
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET
from zope.interface import implementer

from classcord.chat.errors import Busy, ChatError
from classcord.chat.files.image_sizes import INLINE
from classcord.chat.files.vocabulary import FileTypeRefused, NoRoomForFiles, NoSuchUpload, StoredFile

if TYPE_CHECKING:
    from classcord.chat.text import Translate

_log = Logger()

SLOWEST = 10_000  # bytes a second; whoever is slower is cut off
GRACE = 20.0  # seconds more
PIECE = 65_536  # bytes that are read at a time
_PATH = re.compile(rb"/files/([A-Za-z0-9_-]{1,64})(?:/[A-Za-z0-9._-]*)?(?:\?.*)?")
_RANGE = re.compile(rb"bytes=(\d{0,15})-(\d{0,15})")
_STATUSES: dict[type[ChatError], int] = {
    NoSuchUpload: http.NOT_FOUND,
    FileTypeRefused: http.UNSUPPORTED_MEDIA_TYPE,
    NoRoomForFiles: http.INSUFFICIENT_STORAGE_SPACE,
}

CONFINED = b"default-src 'none'; sandbox"
"""The Content-Security-Policy of what somebody has uploaded: it runs nothing, and loads nothing."""


class Receiving(Protocol):
    """Takes the bytes of an upload."""

    pause: Callable[[], None]
    resume: Callable[[], None]

    def write(self, data: bytes, /) -> None: ...

    def lost(self) -> None: ...

    async def finish(self) -> StoredFile: ...


class Refusal(NamedTuple):
    """Why a body is not taken: the status of HTTP, and a refusal of the chat as JSON, if it is one."""

    status: int
    body: bytes = b""


class FileStorage(Protocol):
    """Where contents are kept."""

    def begin(self, token: str, size: int, /) -> Receiving | None:
        """Return what takes the bytes of an upload; None if there is no such upload. ChatError if there is no room."""

    async def opened(self, token: str, /) -> tuple[StoredFile, IO[bytes]] | None:
        """Return a file and its open content; None if there is none."""


class FilesResource(Resource):
    """Everything below /files/."""

    isLeaf = True  # noqa: N815

    def __init__(self, files: FileStorage, timers: IReactorTime, translate: Callable[[], Translate]) -> None:
        """`translate` returns what translates the refusals."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._files = files
        self._timers = timers
        self._translate = translate

    # -- what comes ---------------------------------------------------------------------------------------------------

    def body(self, method: bytes, path: bytes, length: int | None) -> Receiving | Refusal:
        """Return what takes a request's body, or why it is refused."""
        token = _token(path)
        if method != b"PUT" or token is None:
            return Refusal(http.REQUEST_ENTITY_TOO_LARGE)
        if length is None:
            return Refusal(http.LENGTH_REQUIRED)
        try:
            return self._files.begin(token, length) or self._refused(NoSuchUpload(field="file"))
        except ChatError as error:
            return self._refused(error)

    def _refused(self, error: ChatError) -> Refusal:
        answer = {"type": "error", "code": error.code, "message": error.text.render(self._translate())}
        return Refusal(_STATUSES.get(type(error), http.SERVICE_UNAVAILABLE), msgspec.json.encode(answer))

    def render_PUT(self, request: Any) -> bytes | int:
        if request.receiving is None:  # it has no body
            refusal = self._refused(NoSuchUpload(field="file"))
            request.setResponseCode(refusal.status)
            request.setHeader(b"Content-Type", b"application/json")
            return refusal.body
        Deferred.fromCoroutine(self._received(request)).addErrback(_failed, request)
        return NOT_DONE_YET

    async def _received(self, request: Any) -> None:
        try:
            file = await request.receiving.finish()
            answer = {"file": file.token, "name": file.name, "type": file.type, "size": file.size}
            if file.width is not None:
                answer |= {"width": file.width, "height": file.height}
            body = msgspec.json.encode(answer)
        except ChatError as error:
            status, body = self._refused(error)
            request.setResponseCode(status)
        if request.channel is not None:
            request.setHeader(b"Content-Type", b"application/json")
            request.answer(body)

    # -- what is read -------------------------------------------------------------------------------------------------

    def render_GET(self, request: Any) -> bytes | int:
        token = _token(request.path)
        if token is None:
            return _missing(request)
        Deferred.fromCoroutine(self._read(request, token)).addErrback(_failed, request)
        return NOT_DONE_YET

    async def _read(self, request: Any, token: str) -> None:
        try:
            found = await self._files.opened(token)
        except ChatError:
            found = None
            request.setResponseCode(http.SERVICE_UNAVAILABLE)
        if request.channel is None:  # the client has gone meanwhile
            if found is not None:
                found[1].close()
            return
        if found is None:
            request.answer(_missing(request))
            return
        file, content = found
        _describe(request, file)
        body = _part(request, file)
        if body is None or request.method == b"HEAD":
            content.close()
            request.write(b"")
            request.finish()
            return
        self._send(request, content, *body)

    def _send(self, request: Any, content: IO[bytes], start: int, length: int) -> None:
        """Send a part of a content; whoever reads it too slowly is cut off."""
        deadline = self._timers.callLater(GRACE + length / SLOWEST, request.channel.timeoutConnection)

        def over(_: object) -> None:
            content.close()
            if deadline.active():
                deadline.cancel()

        request.notifyFinish().addBoth(over)
        content.seek(start)
        sending = _Sending(request, content, length)
        request.registerProducer(sending, True)
        sending.resumeProducing()


@implementer(IPushProducer)
class _Sending:
    """Sends a part of a content as fast as its reader takes it."""

    def __init__(self, request: Any, content: IO[bytes], length: int) -> None:
        self._request = request
        self._content = content
        self._left = length
        self._goes_on = False

    def resumeProducing(self) -> None:
        self._goes_on = True
        while self._goes_on and self._left:
            piece = self._content.read(min(PIECE, self._left))
            if not piece:  # it was cut short on the disk
                self._request.channel.timeoutConnection()
                return
            self._left -= len(piece)
            self._request.write(piece)
        if self._goes_on:
            self._goes_on = False
            self._request.unregisterProducer()
            self._request.finish()

    def pauseProducing(self) -> None:
        self._goes_on = False

    def stopProducing(self) -> None:
        """Send nothing more; the end of the request closes the content."""
        self._goes_on = False


def _token(path: bytes) -> str | None:
    found = _PATH.fullmatch(path)
    return found[1].decode() if found else None


def _missing(request: Any) -> bytes:
    if request.code == http.OK:
        request.setResponseCode(http.NOT_FOUND)
    return b"this file does not exist, or not any more\n"


def _failed(failure: Failure, request: Any) -> None:
    _log.failure("a file could not be served", failure)
    if request.channel is not None:
        request.setResponseCode(http.INTERNAL_SERVER_ERROR)
        request.answer(Busy.code.encode())


def _describe(request: Any, file: StoredFile) -> None:
    """Say what a file is, so that no browser takes it for something else or for a part of the page."""
    shown = file.type in INLINE and file.width is not None
    disposition = "inline" if shown else "attachment"
    ascii_name = re.sub(r'[^ -~]|["\\%]', "_", file.name)
    named = f"{disposition}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    request.setHeader(b"Content-Type", file.type.encode())
    request.setHeader(b"Content-Disposition", named.encode())
    request.setHeader(b"Content-Security-Policy", CONFINED)
    request.setHeader(b"Cache-Control", b"private, no-cache")  # kept, but asked for each time: it may be deleted
    request.setHeader(b"ETag", _tag(file))
    request.setHeader(b"Accept-Ranges", b"bytes")


def _tag(file: StoredFile) -> bytes:
    return f'"{file.digest[:32]}"'.encode()


def _part(request: Any, file: StoredFile) -> tuple[int, int] | None:
    """Return where the part begins that is asked for, and its length; None if the answer has no body."""
    tag = _tag(file)
    if tag in (each.strip().removeprefix(b"W/") for each in (request.getHeader(b"If-None-Match") or b"").split(b",")):
        request.setResponseCode(http.NOT_MODIFIED)
        return None
    asked = _RANGE.fullmatch(request.getHeader(b"Range") or b"")
    if asked is None or (request.getHeader(b"If-Range") or tag) != tag or not any(asked.groups()):
        request.setHeader(b"Content-Length", b"%d" % file.size)
        return 0, file.size  # several ranges at once are not served: nobody needs them
    first, last = (int(each) if each else None for each in asked.groups())
    if first is None:
        first, last = max(0, file.size - (last or 0)), file.size - 1
    last = file.size - 1 if last is None else min(last, file.size - 1)
    if first > last:
        request.setResponseCode(http.REQUESTED_RANGE_NOT_SATISFIABLE)
        request.setHeader(b"Content-Range", b"bytes */%d" % file.size)
        request.setHeader(b"Content-Length", b"0")
        return None
    request.setResponseCode(http.PARTIAL_CONTENT)
    request.setHeader(b"Content-Range", b"bytes %d-%d/%d" % (first, last, file.size))
    request.setHeader(b"Content-Length", b"%d" % (last - first + 1))
    return first, last - first + 1
