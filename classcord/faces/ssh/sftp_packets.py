"""The format of sftp 3 requests (draft-ietf-secsh-filexfer-02): checked to the last byte before any code uses them.

Conch accepts strings that are incomplete, and sends no answer if a handle is unknown. Knows no file.
"""

from __future__ import annotations

import struct

from twisted.conch.ssh import filetransfer as fx

LONGEST_PACKET = 262_144  # bytes, as in OpenSSH
MOST_EXTENDED = 16  # attributes of a kind that no client sends

LAYOUTS = {
    fx.FXP_OPEN: "sLa",
    fx.FXP_CLOSE: "h",
    fx.FXP_READ: "fQL",
    fx.FXP_WRITE: "fQs",
    fx.FXP_LSTAT: "s",
    fx.FXP_FSTAT: "f",
    fx.FXP_SETSTAT: "sa",
    fx.FXP_FSETSTAT: "fa",
    fx.FXP_OPENDIR: "s",
    fx.FXP_READDIR: "d",
    fx.FXP_REMOVE: "s",
    fx.FXP_MKDIR: "sa",
    fx.FXP_RMDIR: "s",
    fx.FXP_REALPATH: "s",
    fx.FXP_STAT: "s",
    fx.FXP_RENAME: "ss",
    fx.FXP_READLINK: "s",
    fx.FXP_SYMLINK: "ss",
    fx.FXP_EXTENDED: "s*",
}
"""The fields after a request's id: s a string, h f d a handle (any, of a file, of a folder), L Q numbers of 4 and 8
bytes, a attributes, * anything.
"""

ANSWERS = frozenset({fx.FXP_VERSION, *range(fx.FXP_STATUS, fx.FXP_ATTRS + 1), fx.FXP_EXTENDED_REPLY})
"""Types that a client never sends."""

_SIZES = {"L": 4, "Q": 8}
_ATTRIBUTES = (
    (fx.FILEXFER_ATTR_SIZE, 8),
    (fx.FILEXFER_ATTR_OWNERGROUP, 8),
    (fx.FILEXFER_ATTR_PERMISSIONS, 4),
    (fx.FILEXFER_ATTR_ACMODTIME, 8),
)


class MalformedPacket(Exception):
    """The bytes are no sftp request."""


def check(kind: int, packet: bytes) -> None:
    """Raise MalformedPacket unless `packet`, with its id, has exactly the fields of this request type."""
    at = 4
    for field in LAYOUTS[kind]:
        if field == "*":
            return
        if field == "a":
            at = _after_attributes(packet, at)
        else:
            at = at + _SIZES[field] if field in _SIZES else _after_string(packet, at)
    if at != len(packet):
        raise MalformedPacket


def number(packet: bytes | bytearray, at: int) -> int:
    """Return the number of 4 bytes at this index."""
    if at + 4 > len(packet):
        raise MalformedPacket
    return int(struct.unpack_from("!L", packet, at)[0])


def string(packet: bytes, at: int) -> bytes:
    """Return the string at this index, which was checked before."""
    return packet[at + 4 : at + 4 + number(packet, at)]


def _after_string(packet: bytes, at: int) -> int:
    after = at + 4 + number(packet, at)
    if after > len(packet):
        raise MalformedPacket
    return after


def _after_attributes(packet: bytes, at: int) -> int:
    flags = number(packet, at)
    at += 4 + sum(size for flag, size in _ATTRIBUTES if flags & flag)
    if flags & fx.FILEXFER_ATTR_EXTENDED:
        pairs = number(packet, at)
        if pairs > MOST_EXTENDED:
            raise MalformedPacket
        at += 4
        for _ in range(2 * pairs):
            at = _after_string(packet, at)
    return at
