"""What a file is, by its first bytes: its media type and its kind. Never by its name, which may say anything.

Source of the signatures: WHATWG, "MIME Sniffing" §6; the formats' own specifications for the others.
"""

from __future__ import annotations

import codecs
from typing import NamedTuple

HEAD = 262_144  # bytes that are looked at: the size of a photo stands behind what its camera has written
UNKNOWN = "application/octet-stream"


class ContentType(NamedTuple):
    """A media type, and the word of the setting `[files] kinds` for it."""

    type: str
    kind: str


class _Signature(NamedTuple):
    """Bytes at a place; `binary`: too few to tell it from a text, so that a NUL must follow."""

    at: int
    magic: bytes
    type: str
    kind: str
    binary: bool = False


_SIGNATURES = tuple(
    _Signature(*each)
    for each in (
        (0, b"\x89PNG\r\n\x1a\n", "image/png", "image"),
        (0, b"\xff\xd8\xff", "image/jpeg", "image"),
        (0, b"GIF87a", "image/gif", "image"),
        (0, b"GIF89a", "image/gif", "image"),
        (8, b"WEBPVP8", "image/webp", "image"),
        (0, b"II*\0", "image/tiff", "image"),
        (0, b"MM\0*", "image/tiff", "image"),
        (0, b"BM", "image/bmp", "image", True),
        (4, b"ftypavif", "image/avif", "image"),
        (4, b"ftyphei", "image/heic", "image"),
        (4, b"ftypmif1", "image/heif", "image"),
        (4, b"ftypM4A", "audio/mp4", "audio"),
        (4, b"ftyp", "video/mp4", "video"),
        (0, b"\x1a\x45\xdf\xa3", "video/webm", "video"),
        (8, b"AVI LIST", "video/x-msvideo", "video"),
        (8, b"WAVEfmt ", "audio/wav", "audio"),
        (0, b"OggS\0", "audio/ogg", "audio"),
        (0, b"fLaC\0", "audio/flac", "audio"),
        (0, b"ID3", "audio/mpeg", "audio", True),
        (0, b"\xff\xfb", "audio/mpeg", "audio", True),
        (0, b"MThd\0\0\0\6", "audio/midi", "audio"),
        (0, b"%PDF-", "application/pdf", "document"),
        (0, b"{\\rtf", "application/rtf", "document"),
        (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage", "document"),
        (0, b"\x1f\x8b\x08", "application/gzip", "archive"),
        (0, b"BZh", "application/x-bzip2", "archive", True),
        (0, b"\xfd7zXZ\0", "application/x-xz", "archive"),
        (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", "archive"),
        (0, b"Rar!\x1a\x07", "application/vnd.rar", "archive"),
        (0, b"\x28\xb5\x2f\xfd", "application/zstd", "archive"),
        (257, b"ustar", "application/x-tar", "archive"),
        (0, b"MZ", "application/vnd.microsoft.portable-executable", "program", True),
        (0, b"\x7fELF", "application/x-executable", "program"),
        (0, b"\xca\xfe\xba\xbe", "application/java-vm", "program"),
        (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary", "program"),
        (0, b"\xce\xfa\xed\xfe", "application/x-mach-binary", "program"),
    )
)
_ZIP = b"PK\x03\x04"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_IN_ZIP = (  # what begins a zip file that is more than one, by a name or a text within it
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.spreadsheet"),
    (b"mimetypeapplication/vnd.oasis.opendocument.presentation", "application/vnd.oasis.opendocument.presentation"),
    (b"word/document.xml", f"{_OFFICE}wordprocessingml.document"),
    (b"xl/workbook.xml", f"{_OFFICE}spreadsheetml.sheet"),
    (b"ppt/presentation.xml", f"{_OFFICE}presentationml.presentation"),
    (b"mimetypeapplication/epub+zip", "application/epub+zip"),
)
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x1b\b")
_BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def content_type(head: bytes) -> ContentType:
    """Return what a file with these first bytes is; text with any markup is plain text, HTML and SVG too."""
    for signature in _SIGNATURES:
        if head.startswith(signature.magic, signature.at) and (not signature.binary or b"\0" in head):
            return ContentType(signature.type, signature.kind)
    if head.startswith(_ZIP):
        found = next((type_ for mark, type_ in _IN_ZIP if mark in head), None)
        return ContentType(found, "document") if found else ContentType("application/zip", "archive")
    return _text(head) or ContentType(UNKNOWN, "other")


def _text(head: bytes) -> ContentType | None:
    if head.startswith(_BYTE_ORDER_MARKS):
        return ContentType("text/plain; charset=utf-16", "text")
    if any(byte < 0x20 and byte not in _TEXT_CONTROLS for byte in head):
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return ContentType("text/plain", "text")  # of an older Windows, perhaps
    return ContentType("text/plain; charset=utf-8", "text")
