"""Who comes in over HTTP: the gate, the limits of connections, and what proxies say of their clients.

Knows addresses and the service, no request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING

from classcord.chat.errors import TooManyConnections

if TYPE_CHECKING:
    from classcord.services.chat.service import ChatService


class Entrance:
    """The entrance of one open port."""

    def __init__(self, service: ChatService, face: str, trusts: Callable[[str], bool]) -> None:
        """`trusts` tells whether an address is a trusted proxy."""
        self._gate = service.gate
        self._limits = service.connection_limits
        self._face = face
        self.trusts = trusts

    def enter(self, address: str, cut: Callable[[], None]) -> Callable[[], None] | None:
        """Begin a connection, which `cut` ends if others need its place; return the function to call at its end.

        None if it may not begin. Of a trusted proxy, each request is asked for its own client.
        """
        if not self.trusts(address) and self._gate.refusal(address, self._face) is not None:
            return None
        try:
            return self._limits.visit("" if self.trusts(address) else address, cut)
        except TooManyConnections:
            self._gate.log_refusal(address, self._face, "too many")
            return None

    def admits(self, address: str) -> bool:
        """Whether the client of a request may be answered."""
        return self._gate.refusal(address, self._face) is None

    def client(self, peer: str, forwarded: Iterable[bytes]) -> str:
        """Return the address of a request's client: `peer`, or the one for whom a trusted proxy speaks.

        `forwarded` are the values of X-Forwarded-For. Each proxy adds the address from which a request has come to it,
        so they are read from the end, as long as they name trusted proxies: what is before was said by a stranger.
        """
        client = peer
        words = b",".join(forwarded).decode("latin-1").split(",")
        while words and self.trusts(client):
            try:
                told = ip_address(words.pop().strip())
            except ValueError:
                break
            client = str(getattr(told, "ipv4_mapped", None) or told)
        return client
