"""The gate: may this address connect? Every face asks before it reads a byte: networks, blocks, bans.

Knows addresses, no socket and no session.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger, LogLevel

from classcord.chat.errors import Blocked, ChatError, NetworkRefused
from classcord.chat.sources import is_own
from classcord.services.security.blocking import BlockedAddresses
from classcord.services.security.networks import Networks, RateLimitedLog

Meant = Callable[[str], bool]
"""Whether an address is among the addresses concerned."""
Banned = Callable[[str, float], "ChatError | None"]
"""Returns the error for an address that is banned at a time, in milliseconds; None if it is not banned."""
Close = Callable[[Meant, str], None]
"""Closes all connections from the addresses concerned; the text is the reason for the log."""


class Gate:
    """The one place that decides whether an address may connect, and whether a name may log in from it.

    `deny` wins over `allow`; an empty `allow` allows every address. Neither these lists nor a block apply to the
    machine itself, so that nobody is locked out of their own server; a ban of its address does, except on the control
    socket.
    """

    log = Logger()

    def __init__(self, blocks: BlockedAddresses, clock: IReactorTime, *, banned: Banned) -> None:
        self.blocks = blocks
        self.closers: list[Close] = []
        """One function of each face, called by `shut_out`."""
        self._clock = clock
        self._banned = banned
        self._allow = self._deny = Networks()
        self._said = RateLimitedLog(self.log, clock)

    def set_lists(self, *, allow: Sequence[str], deny: Sequence[str]) -> None:
        """Set who may connect from now on; existing connections stay."""
        self._allow, self._deny = Networks(allow), Networks(deny)

    def refusal(self, address: str, face: str) -> ChatError | None:
        """Return why an address may not connect, and log it; None if it may connect."""
        refused = self.why_not(address)
        if refused is not None:
            error, why = refused
            self.log_refusal(address, face, why)
            return error
        return None

    def why_not(self, address: str) -> tuple[ChatError, str] | None:
        """Return why an address may not connect: the error for the client, and the words for the log."""
        if not is_own(address):
            if address in self._deny or (self._allow and address not in self._allow):
                return NetworkRefused(address=address), "it is not among the networks that may connect"
            left = self.blocks.seconds_left(address)
            if left:
                return Blocked(retry_after=left), "it is blocked for a time"
        banned = self._banned(address, self._clock.seconds() * 1000)
        return (banned, "banned") if banned is not None else None

    def check_login(self, address: str, name: str) -> None:
        """Raise Blocked if passwords of `name` from this address are not checked for now."""
        left = self.blocks.seconds_left(address, name)
        if left:
            raise Blocked(retry_after=left)

    def shut_out(self, meant: Meant, why: str) -> None:
        """Close all connections from the addresses concerned, on every face."""
        for close in self.closers:
            close(meant, why)

    def log_refusal(self, address: str, face: str, why: str) -> None:
        """Log that a connection was refused; in a flood only some lines are written."""
        self._said.say(
            LogLevel.info,
            "a connection from {address} by {face} was refused: {why}",
            address=address,
            face=face,
            why=why,
        )
