"""Where an endpoint string listens, and whether two endpoints can listen at the same time. Does not listen.

An endpoint tells its address only to a reactor; `rehearsed` gives it a replacement that opens nothing.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import msgspec
from twisted.internet.defer import maybeDeferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from classcord.services.process.network_cards import takes_ipv4

SYSTEMD = "systemd:"
_NAMES = {"": "0.0.0.0", "localhost": "127.0.0.1"}  # noqa: S104 (compared, not bound)
_LONGEST_PATH = 4096  # Linux: PATH_MAX


class ListenAddress(msgspec.Struct, frozen=True):
    """The address where something listens: a port of an interface ("" is all of IPv4), or a unix socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def reached(self) -> str:
        """The address at which this machine reaches it."""
        return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104

    def meets(self, other: ListenAddress) -> bool:
        """Whether Linux refuses to listen on both at once."""
        if self.path or other.path:
            return bool(self.path and other.path) and _same_file(self.path, other.path)
        return bool(self.port) and self.port == other.port and (_covers(self, other) or _covers(other, self))


class Rehearsal:
    """A replacement for the reactor that notes the address of an endpoint and opens nothing."""

    def __init__(self) -> None:
        self.place: ListenAddress | None = None
        self.locked = False  # whether a unix socket has a lock file beside it
        self.failure: Failure | None = None  # why the endpoint did not even call the reactor

    def listenTCP(self, port: int, factory: object, backlog: int = 50, interface: str = "") -> None:  # noqa: ARG002, N802
        self.place = ListenAddress(host=interface, port=port)

    def listenSSL(  # noqa: N802
        self,
        port: int,
        factory: object,  # noqa: ARG002
        context: object,  # noqa: ARG002
        backlog: int = 50,  # noqa: ARG002
        interface: str = "",
    ) -> None:
        self.place = ListenAddress(host=interface, port=port)

    def listenUNIX(  # noqa: N802
        self,
        address: str,
        factory: object,  # noqa: ARG002
        backlog: int = 50,  # noqa: ARG002
        mode: int = 0o666,  # noqa: ARG002
        wantPID: bool = False,  # noqa: N803
    ) -> None:
        self.place, self.locked = ListenAddress(path=address), wantPID

    def failed(self, failure: Failure) -> None:
        self.failure = failure

    def __getattr__(self, name: str) -> Any:
        return lambda *_args, **_kwargs: None  # other kinds of endpoints fail only when they are opened


def rehearsed(endpoint: str) -> Rehearsal:
    """Return what an endpoint would open; the errors of its kind for a wrong string are raised.

    LookupError if systemd has not passed the socket that the endpoint names.
    """
    rehearsal = Rehearsal()
    listener = serverFromString(rehearsal, endpoint)
    if not endpoint.startswith(SYSTEMD):  # a systemd socket is open already, and can be opened only once
        maybeDeferred(listener.listen, Factory()).addErrback(rehearsal.failed)
    return rehearsal


def listen_address(endpoint: str) -> ListenAddress | None:
    """Return where an endpoint listens; None for a kind that does not say, such as systemd's."""
    try:
        place = rehearsed(endpoint).place
    except Exception:  # each kind of endpoint, also those of plugins, has its own errors
        return None
    return place if place and (place.port or place.path) else None


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


def _covers(wide: ListenAddress, narrow: ListenAddress) -> bool:
    """Whether `wide` receives every connection that `narrow` receives."""
    one, other = _address(wide.host), _address(narrow.host)
    if one == other or isinstance(one, str) or not one.is_unspecified:
        return one == other
    return isinstance(one, IPv4Address) == isinstance(other, (IPv4Address, str)) or (
        isinstance(one, IPv6Address) and takes_ipv4()
    )
