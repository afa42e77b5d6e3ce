"""How wide and high an image is, by its first bytes, so that a page can leave room for it. Decodes no image.

Sources: PNG §11.2.1 (IHDR), GIF89a §18, RFC 9649 (WebP), ITU T.81 annex B (JPEG), Exif 2.3 §4.6 (orientation).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

Size = tuple[int, int]

MOST_PIXELS = 50_000_000  # a larger image would fill the memory of whoever looks at it: it is a file like any other
INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""The types of images that a browser shows and that we know the size of."""


def image_size(type_: str, head: bytes) -> Size | None:
    """Return the width and height of an image of a type, as it is shown; None if there are none that make sense."""
    read = _READERS.get(type_)
    if read is None:
        return None
    try:
        size = read(head)
    except (IndexError, ValueError):
        return None
    if size is None or not 0 < size[0] * size[1] <= MOST_PIXELS:
        return None
    return size


def _number(data: bytes, at: int, length: int, order: str = "big") -> int:
    part = data[at : at + length]
    if len(part) < length:
        raise ValueError
    return int.from_bytes(part, order)  # type: ignore[arg-type]


def _png(head: bytes) -> Size | None:
    return (_number(head, 16, 4), _number(head, 20, 4)) if head[12:16] == b"IHDR" else None


def _gif(head: bytes) -> Size | None:
    return _number(head, 6, 2, "little"), _number(head, 8, 2, "little")


def _webp(head: bytes) -> Size | None:
    kind = head[12:16]
    if kind == b"VP8X":
        return _number(head, 24, 3, "little") + 1, _number(head, 27, 3, "little") + 1
    if kind == b"VP8L" and head[20] == 0x2F:
        bits = _number(head, 21, 4, "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        return _number(head, 26, 2, "little") & 0x3FFF, _number(head, 28, 2, "little") & 0x3FFF
    return None


_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the markers of a JPEG's frame
_TURNED = frozenset({5, 6, 7, 8})  # Exif's orientations in which width and height change places


def _jpeg(head: bytes) -> Size | None:
    turned = False
    for marker, at in _segments(head):
        if marker == 0xE1 and head[at : at + 6] == b"Exif\0\0":
            turned = _orientation(head, at + 6) in _TURNED
        elif marker in _FRAMES:
            height, width = _number(head, at + 1, 2), _number(head, at + 3, 2)
            return (height, width) if turned else (width, height)
    return None


def _segments(head: bytes) -> Iterator[tuple[int, int]]:
    """Yield each segment's marker and where its content begins; a segment is at least its own length long."""
    at = 2
    while head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        yield marker, at + 4
        length = _number(head, at + 2, 2)
        if length < 2:
            return
        at += 2 + length


def _orientation(head: bytes, tiff: int) -> int:
    """Return Exif's orientation, 1 if there is none; the directory is at most as long as its count of entries says."""
    order = "little" if head[tiff : tiff + 2] == b"II" else "big"
    directory = tiff + _number(head, tiff + 4, 4, order)
    for entry in range(min(_number(head, directory, 2, order), 64)):
        at = directory + 2 + 12 * entry
        if _number(head, at, 2, order) == 0x0112:
            return _number(head, at + 8, 2, order)
    return 1


_READERS: dict[str, Callable[[bytes], Size | None]] = dict(zip(INLINE, (_png, _jpeg, _gif, _webp), strict=True))
