"""May this address come in? One question, asked by every face before it reads a byte: networks, blocks, bans.

Knows addresses, no socket and no session.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger, LogLevel

from classcord.chat.errors import Blocked, ChatError, NetworkRefused
from classcord.chat.places import is_own
from classcord.services.security.blocking import Blocks
from classcord.services.security.networks import Networks, SparingLog

Meant = Callable[[str], bool]
"""Whether an address is one of those that are meant."""
Banned = Callable[[str, float], "ChatError | None"]
"""Returns what somebody at an address is told who is banned at a time, in milliseconds; None if nobody is."""
Close = Callable[[Meant, str], None]
"""Closes the connections from addresses that are meant, whoever is there, with a reason for the log."""


class Gate:
    """The one place that decides whether an address may connect, and whether a name may be tried from it.

    `deny` counts more than `allow`, an empty `allow` is everyone. Neither they nor a block keep the machine itself out,
    so that nobody is locked out of their own server; a ban of its address does, on all but the control socket.
    """

    log = Logger()

    def __init__(self, blocks: Blocks, clock: IReactorTime, *, banned: Banned) -> None:
        self.blocks = blocks
        self.closers: list[Close] = []
        """One of each face, for `shut_out`."""
        self._clock = clock
        self._banned = banned
        self._allow = self._deny = Networks()
        self._said = SparingLog(self.log, clock)

    def set_lists(self, *, allow: Sequence[str], deny: Sequence[str]) -> None:
        """Say who may connect from now on; who is connected stays."""
        self._allow, self._deny = Networks(allow), Networks(deny)

    def refusal(self, address: str, face: str) -> ChatError | None:
        """Return why an address may not connect, after a line in the log; None if it may."""
        refused = self.why_not(address)
        if refused is not None:
            error, why = refused
            self.log_refusal(address, face, why)
            return error
        return None

    def why_not(self, address: str) -> tuple[ChatError, str] | None:
        """Return why an address may not connect: what it is told, and the words of the log."""
        if not is_own(address):
            if address in self._deny or (self._allow and address not in self._allow):
                return NetworkRefused(address=address), "it is not among the networks that may connect"
            left = self.blocks.seconds_left(address)
            if left:
                return Blocked(retry_after=left), "it is blocked for a time"
        banned = self._banned(address, self._clock.seconds() * 1000)
        return (banned, "banned") if banned is not None else None

    def check_login(self, address: str, name: str) -> None:
        """Raise Blocked if no password of `name` is looked at from this address for the moment."""
        left = self.blocks.seconds_left(address, name)
        if left:
            raise Blocked(retry_after=left)

    def shut_out(self, meant: Meant, why: str) -> None:
        """Close what is open from addresses that are meant, on every face."""
        for close in self.closers:
            close(meant, why)

    def log_refusal(self, address: str, face: str, why: str) -> None:
        """Log that a connection was refused; of a flood of them only some."""
        self._said.say(
            LogLevel.info,
            "a connection from {address} by {face} was refused: {why}",
            address=address, face=face, why=why,
        )  # fmt: skip
