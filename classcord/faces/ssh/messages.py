"""The fields of each SSH message, so that incomplete messages are recognised. Source: RFC 4253, RFC 4254.

Knows no connection.
"""

from __future__ import annotations

LAYOUTS: dict[int, str] = {
    1: "uss",  # disconnect
    2: "s",  # ignore
    3: "u",  # unimplemented
    4: "bss",  # debug
    5: "s",  # service request
    6: "s",  # service accept
    7: "u",  # extension info (RFC 8308); its number says what follows
    20: "cssssssssssbu",  # key exchange init
    30: "s",  # the client's half of a key exchange
    80: "sb",  # global request
    90: "suuu",  # channel open
    93: "uu",  # window adjust
    94: "us",  # data
    95: "uus",  # extended data
    96: "u",  # end of file
    97: "u",  # close
    98: "usb",  # channel request
}
"""By message number: u is a number of 32 bits, s a string, b a boolean, c the cookie of 16 bytes. More may follow."""

_SIZES = {"u": 4, "b": 1, "c": 16}


def is_whole(number: int, payload: bytes) -> bool:
    """Whether a message has all its fields; yes if its number is not in the table."""
    place = 0
    for field in LAYOUTS.get(number, ""):
        size = _SIZES.get(field)
        if size is None:
            size = 4 + int.from_bytes(payload[place : place + 4], "big")
        place += size
        if place > len(payload):
            return False
    return True
