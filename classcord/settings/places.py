"""Where an endpoint string listens, and whether two endpoints can listen at the same time. Does not listen."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import msgspec
from twisted.internet.endpoints import serverFromString
from twisted.internet.protocol import Factory

from classcord.services.process.network_cards import takes_ipv4

SYSTEMD = "systemd:"
_NAMES = {"": "0.0.0.0", "localhost": "127.0.0.1"}  # noqa: S104 (compared, not bound)
_LONGEST_PATH = 4096  # Linux: PATH_MAX


class Place(msgspec.Struct, frozen=True):
    """The address where something listens: a port of an interface ("" is all of IPv4), or a unix socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def reached(self) -> str:
        """The address at which this machine reaches it."""
        return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104

    def meets(self, other: Place) -> bool:
        """Whether Linux refuses to listen on both at once."""
        if self.path or other.path:
            return bool(self.path and other.path) and _same_file(self.path, other.path)
        return bool(self.port) and self.port == other.port and (_covers(self, other) or _covers(other, self))


class _Recorder:
    """A replacement for the reactor that notes the address of an endpoint and opens nothing."""

    place: Place | None = None

    def listenTCP(self, port: int, factory: object, backlog: int = 50, interface: str = "") -> None:  # noqa: ARG002, N802
        self.place = Place(host=interface, port=port)

    def listenSSL(  # noqa: N802
        self, port: int, factory: object, context: object, backlog: int = 50, interface: str = ""  # noqa: ARG002
    ) -> None:  # fmt: skip
        self.place = Place(host=interface, port=port)

    def listenUNIX(self, address: str, *_args: object, **_keywords: object) -> None:  # noqa: N802
        self.place = Place(path=address)


def place_of(endpoint: str) -> Place | None:
    """Return where an endpoint listens; None for a kind that does not say, such as systemd's."""
    recorder = _Recorder()
    try:
        listener: Any = serverFromString(recorder, endpoint)
        listener.listen(Factory())
    except Exception:  # each kind of endpoint, also those of plugins, has its own errors
        return None
    return recorder.place if recorder.place and (recorder.place.port or recorder.place.path) else None


def handed_over(endpoint: str) -> str | None:
    """Return the systemd socket that an endpoint takes; None for another kind of endpoint."""
    found = re.search(r":(?:name|index)=([^:]*)", endpoint) if endpoint.startswith(SYSTEMD) else None
    return found[0].removeprefix(":") if found else None


def _same_file(one: str, other: str) -> bool:
    if "\0" in one + other or max(len(one), len(other)) > _LONGEST_PATH:
        return one == other
    return os.path.realpath(one) == os.path.realpath(other)


def _address(host: str) -> IPv4Address | IPv6Address | str:
    """Parse an IP address in any notation; return a host name unchanged."""
    host = _NAMES.get(host.casefold(), host)
    with suppress(ValueError):
        address = ipaddress.ip_address(host)
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return mapped or address
    with suppress(OSError):
        return ipaddress.ip_address(socket.inet_aton(host))  # 127.1
    return host.casefold()


def _covers(wide: Place, narrow: Place) -> bool:
    """Whether `wide` receives every connection that `narrow` receives."""
    one, other = _address(wide.host), _address(narrow.host)
    if one == other or isinstance(one, str) or not one.is_unspecified:
        return one == other
    return isinstance(one, IPv4Address) == isinstance(other, (IPv4Address, str)) or (
        isinstance(one, IPv6Address) and takes_ipv4()
    )
