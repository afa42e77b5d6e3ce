"""Frames from the server to a client: RFC 6455 §5.2. They are not masked, and no message is in several parts.

Knows bytes only; wsproto reads what clients send.
"""

from __future__ import annotations

_FINAL = 0x80
_TEXT, _CLOSE, _PONG = 0x1, 0x8, 0xA
_LENGTHS = ((125, 0, 0), (0xFFFF, 126, 2), (2**63 - 1, 127, 8))  # up to which length, its mark, and bytes for it


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    mark, width = next((mark, width) for most, mark, width in _LENGTHS if size <= most)
    header = bytes((_FINAL | opcode, mark or size))
    return b"".join((header, size.to_bytes(width, "big") if width else b"", payload))


def pong(payload: bytes) -> bytes:
    """Return the answer to a ping."""
    return _frame(_PONG, payload)


def close(code: int) -> bytes:
    """Return the frame that ends the messages of one side; §7.4.1 has the codes."""
    return _frame(_CLOSE, code.to_bytes(2, "big"))


class SharedFrames:
    """Makes text messages; the fan-out writes the same chunk to many connections, and its frame is made once."""

    __slots__ = ("_chunk", "_framed")

    def __init__(self) -> None:
        self._chunk = self._framed = b""

    def text(self, chunk: bytes) -> bytes:
        """Return the message of one chunk, which is UTF-8."""
        if chunk is not self._chunk:
            self._chunk, self._framed = chunk, _frame(_TEXT, chunk)
        return self._framed
