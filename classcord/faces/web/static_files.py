"""The files of the web page, read once at start and held in memory, each with its compressed form.

A path that is not exactly the path of one of them does not exist: nothing is decoded, joined or listed. Knows HTTP's
caching and compression (RFC 9110 §8.8.3, §12.5.3), no chat.
"""

from __future__ import annotations

import gzip
from hashlib import sha256
from pathlib import Path
from typing import Any

from twisted.web.http import NOT_MODIFIED
from twisted.web.resource import Resource

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""What is served, by the end of its name; files of other kinds are not."""

_PACKED = frozenset({".ico", ".mp3", ".png", ".woff2"})  # kinds that are compressed already
_INDEX = "index.html"


class StaticFile(Resource):
    """One file of the page."""

    def __init__(self, content: bytes, content_type: str, *, compress: bool) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._type = content_type
        self._plain = content
        self._compressed = gzip.compress(content, 9, mtime=0) if compress else content
        self._varies = len(self._compressed) < len(content)
        self._tag = sha256(content).hexdigest()[:32]

    def render_GET(self, request: Any) -> bytes:
        body, tag = self._plain, f'"{self._tag}"'.encode()
        if self._varies:
            request.setHeader(b"Vary", b"Accept-Encoding")
            if _accepts_gzip(request.getHeader(b"Accept-Encoding") or b""):
                request.setHeader(b"Content-Encoding", b"gzip")
                body, tag = self._compressed, f'"{self._tag}-gzip"'.encode()
        request.setHeader(b"ETag", tag)
        request.setHeader(b"Cache-Control", b"no-cache")  # kept, but asked about each time: a new version shows at once
        request.setHeader(b"Content-Type", self._type.encode())
        if tag in _tags(request.getHeader(b"If-None-Match") or b""):
            request.setResponseCode(NOT_MODIFIED)
            request.responseHeaders.removeHeader(b"Content-Encoding")
            return b""
        return body


def static_files(folder: Path) -> dict[bytes, StaticFile]:
    """Return the files below a folder by their paths; `/` is its index.html. OSError if they cannot be read."""
    found: dict[bytes, StaticFile] = {}
    for file in sorted(folder.rglob("*")):
        if file.suffix in TYPES and file.is_file():
            name = file.relative_to(folder).as_posix()
            path = "/" if name == _INDEX else f"/{name}"
            compress = file.suffix not in _PACKED
            found[path.encode()] = StaticFile(file.read_bytes(), TYPES[file.suffix], compress=compress)
    return found


def _accepts_gzip(header: bytes) -> bool:
    for each in header.lower().split(b","):
        coding, _, parameter = each.partition(b";")
        if coding.strip() in (b"gzip", b"*"):
            weight = parameter.strip().removeprefix(b"q=")
            return weight.strip(b"0.") != b"" or weight == b""
    return False


def _tags(header: bytes) -> list[bytes]:
    """Return the tags of If-None-Match; a proxy that compresses makes ours weak."""
    return [each.strip().removeprefix(b"W/") for each in header.split(b",")]
