"""The sanctions in force: mutes, kicks and bans, of names and of networks.

Knows names and networks, not who is here.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

import msgspec

from classcord.chat.durations import in_words
from classcord.chat.errors import ChatError
from classcord.chat.events import Notice
from classcord.chat.reasons import because
from classcord.chat.sanctions.vocabulary import Banned, Kicked, Muted
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.sanctions.vocabulary import SanctionAdded


DAY = 86_400_000  # milliseconds
MUTE, KICK, BAN, WARN = "mute", "kick", "ban", "warn"
_REFUSALS: dict[str, type[ChatError]] = {MUTE: Muted, KICK: Kicked, BAN: Banned}
_ROUNDED = ((2 * 86_400, 3_600), (120, 60))  # from so many seconds on, to multiples of so many seconds


class Sanctions:
    """The sanctions that were not lifted; a sanction whose time is up is ignored. `now` is in milliseconds.

    Of one kind a name has one at a time, but any number of warnings.
    """

    def __init__(self) -> None:
        self._by_id: dict[int, SanctionAdded] = {}
        self._names: dict[tuple[str, str], SanctionAdded] = {}
        self._networks: dict[IPv4Network | IPv6Network, SanctionAdded] = {}

    def __bool__(self) -> bool:
        return bool(self._by_id)

    def add(self, sanction: SanctionAdded) -> None:
        self._by_id[sanction.sanction_id] = sanction
        if sanction.of == "network":
            self._networks[ip_network(sanction.target)] = sanction
        elif sanction.kind != WARN:
            self._names[sanction.kind, sanction.target] = sanction

    def lift(self, sanction_id: int) -> SanctionAdded | None:
        """Forget a sanction, and return it if there was one."""
        sanction = self._by_id.pop(sanction_id, None)
        if sanction is None:
            return None
        if sanction.of == "network":
            self._networks.pop(ip_network(sanction.target), None)
        elif self._names.get((sanction.kind, sanction.target)) is sanction:
            del self._names[sanction.kind, sanction.target]
        return sanction

    def against(self, kind: str, key: str, now: float) -> SanctionAdded | None:
        """Return the sanction of this kind in force against the name with this key."""
        return self._in_force(self._names.get((kind, key)), now)

    def warnings(self, key: str, now: float) -> list[SanctionAdded]:
        """Return the warnings in force against the name with this key, the oldest first."""
        return [each for each in self.in_force(now) if each.kind == WARN and each.target == key]

    def tell(self, sanction_id: int) -> SanctionAdded | None:
        """Note that a person has heard of a warning; return the warning, if that is new."""
        sanction = self._by_id.get(sanction_id)
        if sanction is None or sanction.told:
            return None
        self._by_id[sanction_id] = msgspec.structs.replace(sanction, told=True)
        return sanction

    def against_address(self, address: str, now: float) -> SanctionAdded | None:
        """Return the ban in force against a network of this address."""
        if not self._networks or not address:
            return None
        try:
            parsed = ip_address(address)
        except ValueError:
            return None
        for network, sanction in list(self._networks.items()):
            if parsed in network and self._in_force(sanction, now):
                return sanction
        return None

    def in_force(self, now: float) -> Iterator[SanctionAdded]:
        """Yield all sanctions in force, the oldest first."""
        for sanction in list(self._by_id.values()):
            if self._in_force(sanction, now):
                yield sanction

    def _in_force(self, sanction: SanctionAdded | None, now: float) -> SanctionAdded | None:
        if sanction is None or sanction.until is None:
            return sanction
        # a wrong clock that is set back must not turn ten minutes into years
        early = sanction.added_at - now > max(DAY, sanction.until - sanction.added_at)
        if sanction.until > now and not early:
            return sanction
        self.lift(sanction.sanction_id)
        return None


def refusal(sanction: SanctionAdded, now: float) -> ChatError:
    """Return the refusal for a person under a sanction."""
    healed = None if sanction.until is None else round((sanction.until - now) / 1000, 3)
    return _REFUSALS[sanction.kind](
        retry_after=healed,
        until=None if sanction.until is None else rfc3339(sanction.until),
        lasting=lasting(sanction.until, now),
        reason=because(sanction.reason),
    )


def warning(sanction: SanctionAdded, at: int) -> Notice:
    """Return what the person who is warned reads."""
    content = Text(N_("A moderator has warned you. {reason}"), {"reason": because(sanction.reason)})
    return Notice(content=content, timestamp=rfc3339(at), kind="warning")


def lasting(until: float | None, now: float) -> Text:
    """Return a duration in words, in the form that all texts use: `for 1 h 30 min`."""
    if until is None:
        return Text(N_("for good"))
    return Text(N_("for {duration}"), {"duration": left(until, now)})


def left(until: float, now: float) -> Text:
    """Return the duration until a time in words; both are in milliseconds."""
    seconds = max(1, round((until - now) / 1000))
    step = next((step for least, step in _ROUNDED if seconds >= least), 1)
    return in_words(round(seconds / step) * step)
