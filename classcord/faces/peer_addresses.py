"""Clients' addresses in the form that is compared and logged. Knows no socket."""

from __future__ import annotations

import ipaddress

from twisted.internet.interfaces import IAddress


def normal_address(address: IAddress | None) -> str:
    """Return an address in the form that is compared and logged: `::ffff:10.0.0.1` is `10.0.0.1`.

    "" for a unix socket.
    """
    host = getattr(address, "host", None)
    if host is None:
        return ""
    try:
        parsed = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return str(host)
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed)
