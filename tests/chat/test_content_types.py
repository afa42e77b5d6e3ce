"""What files are, whatever they are called: types, kinds, and the sizes of images."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classcord.chat.files.content_types import content_type
from classcord.chat.files.image_sizes import INLINE, MOST_PIXELS, image_size


def png(width: int, height: int) -> bytes:
    header = struct.pack(">II5B", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def jpeg(width: int, height: int, orientation: int = 0, order: str = "<") -> bytes:
    exif = b""
    if orientation:
        mark = b"II*\0" if order == "<" else b"MM\0*"
        other = struct.pack(f"{order}HHII", 0x010F, 2, 1, 0)
        entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
        tiff = mark + struct.pack(f"{order}IH", 8, 2) + other + entry
        exif = b"\xff\xe1" + struct.pack(">H", 8 + len(tiff)) + b"Exif\0\0" + tiff
    table = b"\xff\xff\xdb" + struct.pack(">H", 4) + b"ab"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 8, 8, height, width, 3)
    return b"\xff\xd8" + exif + table + frame


def webp(kind: bytes, content: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(content) + 12) + b"WEBP" + kind + struct.pack("<I", len(content)) + content


LOSSY = webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 640, 480))
LOSSLESS = webp(b"VP8L", b"\x2f" + struct.pack("<I", 639 | 479 << 14))
EXTENDED = webp(b"VP8X", b"\0\0\0\0" + (639).to_bytes(3, "little") + (479).to_bytes(3, "little"))
GIF = b"GIF89a" + struct.pack("<HH", 640, 480)


@pytest.mark.parametrize(
    ("head", "type_", "kind"),
    [
        (png(1, 1), "image/png", "image"),
        (jpeg(1, 1), "image/jpeg", "image"),
        (GIF, "image/gif", "image"),
        (LOSSY, "image/webp", "image"),
        (b"BM" + b"\0" * 20, "image/bmp", "image"),
        (b"%PDF-1.7", "application/pdf", "document"),
        (
            b"PK\x03\x04...mimetypeapplication/vnd.oasis.opendocument.text",
            "application/vnd.oasis.opendocument.text",
            "document",
        ),
        (
            b"PK\x03\x04[Content_Types].xml word/document.xml",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "document",
        ),
        (b"PK\x03\x04META-INF/", "application/zip", "archive"),
        (b"MZ\x90\0", "application/vnd.microsoft.portable-executable", "program"),
        (b"\x7fELF\x02", "application/x-executable", "program"),
        (b"\xca\xfe\xba\xbe\0\0\0\x34", "application/java-vm", "program"),
        (b"MZ est un texte", "text/plain; charset=utf-8", "text"),
        (b"<html><script>alert(1)</script>", "text/plain; charset=utf-8", "text"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>", "text/plain; charset=utf-8", "text"),
        ("é".encode(), "text/plain; charset=utf-8", "text"),
        ("é".encode()[:1], "text/plain; charset=utf-8", "text"),
        ("é à".encode("latin-1"), "text/plain", "text"),
        ("é".encode("utf-16"), "text/plain; charset=utf-16", "text"),
        (b"\0\1\2", "application/octet-stream", "other"),
        (b"", "text/plain; charset=utf-8", "text"),
    ],
)
def test_content_type(head: bytes, type_: str, kind: str) -> None:
    """The bytes decide; what a browser could run is text."""
    assert content_type(head) == (type_, kind)


@pytest.mark.parametrize(
    ("type_", "head", "size"),
    [
        ("image/png", png(640, 480), (640, 480)),
        ("image/gif", GIF, (640, 480)),
        ("image/webp", LOSSY, (640, 480)),
        ("image/webp", LOSSLESS, (640, 480)),
        ("image/webp", EXTENDED, (640, 480)),
        ("image/jpeg", jpeg(640, 480), (640, 480)),
        ("image/jpeg", jpeg(640, 480, 3), (640, 480)),
        ("image/jpeg", jpeg(640, 480, 6), (480, 640)),
        ("image/jpeg", jpeg(640, 480, 8, ">"), (480, 640)),
        ("image/png", png(0, 480), None),
        ("image/png", png(MOST_PIXELS, 2), None),
        ("image/png", b"\x89PNG\r\n\x1a\n" + b"x" * 40, None),
        ("image/png", png(640, 480)[:20], None),
        ("image/webp", webp(b"VP9 ", b"x" * 40), None),
        ("image/jpeg", b"\xff\xd8\xff\xe0\0\1", None),
        ("image/jpeg", b"\xff\xd8\xff\xe0\0\2\0\0", None),
        ("image/jpeg", b"\xff\xd8", None),
        ("image/jpeg", b"\xff\xd8\xff\xe1\0\x10Exif\0\0II*\0\xff\xff\xff\xff", None),
        ("text/plain", png(640, 480), None),
    ],
)
def test_image_size(type_: str, head: bytes, size: tuple[int, int] | None) -> None:
    """As it is shown, with the camera's turn; no size that makes no sense."""
    assert image_size(type_, head) == size


@given(st.sampled_from(INLINE), st.binary(max_size=400))
@example("image/jpeg", b"\xff\xd8" + b"\xff" * 300)
@example("image/jpeg", b"\xff\xd8\xff\xe1\0\x10Exif\0\0II*\0\x08\0\0\0\xff\xff")
def test_hostile_images(type_: str, head: bytes) -> None:
    """Whatever the bytes are, there is a sensible size or none."""
    for start in (b"", png(1, 1), jpeg(1, 1, 6), GIF[:6], LOSSY[:20], LOSSLESS[:20], EXTENDED[:20]):
        content_type(start + head)
        size = image_size(type_, start + head)
        assert size is None or 0 < size[0] * size[1] <= MOST_PIXELS
