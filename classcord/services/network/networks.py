"""Who may connect at all, by address: the lists of networks, and what is blocked for a time. Asked by every face.

Knows addresses, no socket and no session.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger, LogLevel

from classcord.chat.errors import Blocked, ChatError, NetworkRefused
from classcord.chat.limits import TokenBucket
from classcord.services.network.blocking import Blocks, is_own

LINES_AT_ONCE = 20  # refusals that are logged one by one, before a flood of them is told in figures
LINES_A_SECOND = 0.2


class Networks:
    """A list of addresses and networks, as the settings give it."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks: list[IPv4Network | IPv6Network] = [ip_network(each) for each in networks]

    def __bool__(self) -> bool:
        return bool(self._networks)

    def __contains__(self, address: object) -> bool:
        """Whether an address, as faces write it, is in one of them; "" (a unix socket) is in none."""
        parsed = _parsed(address) if isinstance(address, str) else None
        return parsed is not None and any(parsed in network for network in self._networks)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address)
    except ValueError:
        return None


class SparingLog:
    """Logs what strangers cause, so that a flood of it does not fill the disk: some lines, then how many more."""

    def __init__(
        self,
        log: Logger,
        clock: IReactorTime,
        *,
        a_second: float = LINES_A_SECOND,
        at_once: int = LINES_AT_ONCE,
    ) -> None:
        self._log = log
        self._clock = clock
        self._room = TokenBucket(a_second, at_once, clock.seconds())
        self._left_out = 0

    def say(self, level: LogLevel, template: str, **values: object) -> bool:
        """Log one line, or count it as left out; the next line that is logged tells how many were."""
        if not self._room.take(self._clock.seconds()):
            self._left_out += 1
            return False
        left_out, self._left_out = self._left_out, 0
        if left_out:
            template += " ({left_out} more such lines were left out before this one)"
        self._log.emit(level, template, left_out=left_out, **values)
        return True


class Gate:
    """The one place that decides whether an address may connect, and whether a name may be tried from it.

    `deny` counts more than `allow`, an empty `allow` is everyone; the machine itself always may, so that nobody is
    locked out of their own server.
    """

    log = Logger()

    def __init__(self, blocks: Blocks, clock: IReactorTime) -> None:
        self.blocks = blocks
        self._allow = self._deny = Networks()
        self._said = SparingLog(self.log, clock)

    def set_lists(self, *, allow: Sequence[str], deny: Sequence[str]) -> None:
        """Say who may connect from now on; who is connected stays."""
        self._allow, self._deny = Networks(allow), Networks(deny)

    def refusal(self, address: str, face: str) -> ChatError | None:
        """Return why an address may not connect, after a line in the log; None if it may."""
        if is_own(address):
            return None
        if address in self._deny or (self._allow and address not in self._allow):
            self.log_refusal(address, face, "it is not among the networks that may connect")
            return NetworkRefused(address=address)
        left = self.blocks.seconds_left(address)
        if left:
            self.log_refusal(address, face, "it is blocked for a time")
            return Blocked(retry_after=left)
        return None

    def check_login(self, address: str, name: str) -> None:
        """Raise Blocked if no password of `name` is looked at from this address for the moment."""
        left = self.blocks.seconds_left(address, name)
        if left:
            raise Blocked(retry_after=left)

    def log_refusal(self, address: str, face: str, why: str) -> None:
        """Log that a connection was refused; of a flood of them only some."""
        self._said.say(
            LogLevel.info,
            "a connection from {address} by {face} was refused: {why}",
            address=address, face=face, why=why,
        )  # fmt: skip
