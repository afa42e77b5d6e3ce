"""The frames of the control socket: a kind, a length, a payload. Both sides of `classcord ctl` use them.

Knows bytes, not what they are for.
"""

from __future__ import annotations

import struct

import msgspec

LONGEST = 65_536  # bytes of a payload
BEGIN, INPUT, INPUT_ENDED, RESIZED, OUTPUT, ERRORS, STATUS = b"B", b"I", b"E", b"R", b"O", b"X", b"S"
KINDS = frozenset({BEGIN, INPUT, INPUT_ENDED, RESIZED, OUTPUT, ERRORS, STATUS})


class BadFrame(ValueError):
    """The bytes are no frame."""


class Begin(msgspec.Struct, frozen=True, kw_only=True):
    """The client's first frame: the command, None for a console, and its environment.

    `class_list`: no console at all, but parts of a class list, which `classcord import-class` sends.
    """

    command: str | None = None
    class_list: bool = False
    terminal: bool = False
    term: str = ""
    columns: int = 80
    rows: int = 24
    language: str = ""
    colour: bool = True


class Size(msgspec.Struct, frozen=True):
    """A terminal's size, in cells."""

    columns: int
    rows: int


def frame(kind: bytes, payload: bytes = b"") -> bytes:
    """Return one frame."""
    return kind + struct.pack(">L", len(payload)) + payload


def frames(kind: bytes, data: bytes) -> bytes:
    """Return data of any length as frames."""
    return b"".join(frame(kind, data[start : start + LONGEST]) for start in range(0, len(data), LONGEST))


class Reader:
    """Splits a stream into frames; BadFrame for invalid bytes."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """Return the frames that are now complete."""
        self._buffer += data
        found = []
        while len(self._buffer) >= 5:
            kind, (length,) = bytes(self._buffer[:1]), struct.unpack(">L", self._buffer[1:5])
            if kind not in KINDS or length > LONGEST:
                raise BadFrame
            if len(self._buffer) < 5 + length:
                break
            found.append((kind, bytes(self._buffer[5 : 5 + length])))
            del self._buffer[: 5 + length]
        return found
