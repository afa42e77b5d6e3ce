"""The addresses of this machine's network cards, as Linux reports them. Asks no name server."""

from __future__ import annotations

import array
import fcntl
import re
import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import NamedTuple

_ALL_ADDRESSES, _FLAGS = 0x8912, 0x8913  # Linux: SIOCGIFCONF, SIOCGIFFLAGS
_UP = 0x1  # IFF_UP
_REQUEST = 40 if struct.calcsize("P") == 8 else 32  # bytes of a struct ifreq
_MOST = 1000  # addresses to ask for
_PASSING = 0x01 | 0x08 | 0x20 | 0x40  # IFA_F_TEMPORARY, _DADFAILED, _DEPRECATED, _TENTATIVE: they disappear soon
_OF_CONTAINERS = re.compile(r"docker\d+|docker_gwbridge|br-[0-9a-f]{12}|podman\d+|cni-?\w+|virbr\d+|lxcbr\d+|lxdbr\d+")
_IF_INET6 = Path("/proc/self/net/if_inet6")


class CardAddress(NamedTuple):
    """An address of this machine and the card that has it; a passing address changes by tomorrow (RFC 8981)."""

    address: IPv4Address | IPv6Address
    card: str
    passing: bool = False

    @property
    def is_reached(self) -> bool:
        """Whether other machines can reach this one at it, also tomorrow.

        Bridges that only containers, or virtual machines behind a NAT, use do not count: these also reach the other
        addresses, and each new container network adds a bridge.
        """
        local = self.address.is_loopback or self.address.is_link_local
        return not (local or self.passing or _OF_CONTAINERS.fullmatch(self.card))


def own_addresses() -> Iterator[CardAddress]:
    """Yield the addresses of the cards that are switched on, every address of each card."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for card, address in _ipv4(probe):
            with suppress(OSError):
                answer = fcntl.ioctl(probe, _FLAGS, struct.pack(f"{_REQUEST}s", card))
                if struct.unpack_from("H", answer, 16)[0] & _UP:
                    yield CardAddress(address, card.decode("utf-8", "replace").partition(":")[0])
    with suppress(OSError):  # this machine has no IPv6
        for line in _IF_INET6.read_text("ascii", "replace").splitlines():
            number, _index, _prefix, _scope, flags, card6 = line.split()
            yield CardAddress(IPv6Address(bytes.fromhex(number)), card6, bool(int(flags, 16) & _PASSING))


def _ipv4(probe: socket.socket) -> Iterator[tuple[bytes, IPv4Address]]:
    """Yield each IPv4 address with its label: the card's name, with `:1` or the like appended; netdevice(7)."""
    room = array.array("B", bytes(_REQUEST * _MOST))
    place, length = room.buffer_info()
    filled: int = struct.unpack_from("i", fcntl.ioctl(probe, _ALL_ADDRESSES, struct.pack("iP", length, place)))[0]
    answer = room.tobytes()[:filled]
    for start in range(0, filled, _REQUEST):
        yield answer[start : start + 16].partition(b"\0")[0], IPv4Address(answer[start + 20 : start + 24])


def takes_ipv4() -> bool:
    """Whether a listener on all of IPv6 also accepts IPv4 connections; that is the default of Linux."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            return not probe.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    except OSError:
        return False


def reached(host: str, own: Iterable[CardAddress]) -> list[CardAddress]:
    """Return the addresses at which other machines reach a listener on `host`, IPv4 first; "" is all of IPv4."""
    listened = ip_address(host or "0.0.0.0")  # noqa: S104 (read, not bound)
    if not listened.is_unspecified:
        card = next((each.card for each in own if each.address == listened), "")
        return [] if listened.is_loopback else [CardAddress(listened, card)]
    families = {listened.version} | ({4} if listened.version == 6 and takes_ipv4() else set())
    found = {each.address: each for each in own if each.address.version in families and each.is_reached}
    return sorted(found.values(), key=lambda each: each.address.version)


def addresses(hosts: Iterable[str]) -> list[str]:
    """Return the addresses at which other machines reach listeners on `hosts`; none for a host name."""
    own, found = list(own_addresses()), []
    for host in hosts:
        with suppress(ValueError):
            found += [str(each.address) for each in reached(host, own)]
    return list(dict.fromkeys(found))
