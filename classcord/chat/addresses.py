"""Addresses and networks as people write them. Knows no sanction."""

from __future__ import annotations

import re
from ipaddress import ip_network

from classcord.chat.text import N_, Text

_ADDRESS_LIKE = re.compile(
    r"[0-9]+(?:\.[0-9*xX]+){2,}(?:[/-].*)?|[0-9]+(?:\.[0-9*]+)*/.*|[0-9a-fA-F]*(?::[0-9a-fA-F.]*){2,}(?:/.*)?"
)


def network(target: str) -> str | None:
    """Return an address or a network in its normal form (10.0.0.7/32); None for any other text."""
    try:
        parsed = ip_network(target, strict=False)
    except ValueError:
        return None
    mapped = getattr(parsed.network_address, "ipv4_mapped", None)
    if mapped is not None and parsed.prefixlen >= 96:
        return str(ip_network((mapped, parsed.prefixlen - 96)))
    return str(parsed)


def near_network(target: str) -> Text | None:
    """Return why a target that resembles an address or a network is not one; None for any other target."""
    if _ADDRESS_LIKE.fullmatch(target) is None:
        return None
    try:
        ip_network(target)
    except ValueError:
        meant = network(target)
    else:
        return None
    if meant is None:
        return Text(
            N_("{target} is no address and no network; write 192.168.1.66, or 10.0.0.0/24 for a network"),
            {"target": target[:60]},
        )
    values: dict[str, object] = {"target": target, "address": target.partition("/")[0], "network": meant}
    return Text(N_("{target} is no network; write {address} for the one address, or {network} for all of them"), values)
