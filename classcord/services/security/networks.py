"""Lists of networks from the settings, and a log that a flood does not fill. Knows addresses, no socket."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger, LogLevel

from classcord.chat.limits import TokenBucket

LINES_AT_ONCE = 20  # refusals that are logged one by one, before the others are only counted
LINES_A_SECOND = 0.2


class Networks:
    """A list of addresses and networks, as the settings give it."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks: list[IPv4Network | IPv6Network] = [ip_network(each) for each in networks]

    def __bool__(self) -> bool:
        return bool(self._networks)

    def __contains__(self, address: object) -> bool:
        """Whether an address, as faces write it, is in one of the networks; "" (a unix socket) is in none."""
        parsed = _parsed(address) if isinstance(address, str) else None
        return parsed is not None and any(parsed in network for network in self._networks)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address)
    except ValueError:
        return None


class RateLimitedLog:
    """Logs what strangers cause, without filling the disk in a flood: some lines, then the number of others."""

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
        """Log one line, or count it as left out; the next line that is logged contains the count."""
        if not self._room.take(self._clock.seconds()):
            self._left_out += 1
            return False
        left_out, self._left_out = self._left_out, 0
        if left_out:
            template += " ({left_out} more such lines were left out before this one)"
        self._log.emit(level, template, left_out=left_out, **values)
        return True
