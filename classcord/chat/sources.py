"""Sources, by which limits count: the addresses of one source, and the addresses of the machine itself.

Knows no socket and no limit.
"""

from __future__ import annotations

import functools
from ipaddress import IPv6Address, ip_address, ip_network


def is_own(address: str) -> bool:
    """Whether this is the machine itself: a unix socket, whose address is empty, or loopback."""
    try:
        return not address or ip_address(address).is_loopback
    except ValueError:
        return False


@functools.lru_cache(maxsize=16_384)  # called for each open connection
def source(address: str) -> str:
    """Return the source of an address: itself, or the /64 of an IPv6 address (a subscriber has at least a /64)."""
    try:
        parsed = ip_address(address.partition("/")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
