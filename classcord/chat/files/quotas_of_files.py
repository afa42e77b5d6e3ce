"""How many bytes of files one account, the guests of one source, and one channel may have sent in a day.

Kept in memory like quotas.py, but what is stored already is counted from the beginning: a restart gives nobody a whole
share again. Knows no store.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable

from classcord.chat.limits import Quota

REMEMBERED = 20_000  # quotas at most; the longest unused is forgotten first, and counted anew from the store


class FileQuotas:
    """All quotas of files, by their owners."""

    def __init__(self) -> None:
        self._quotas: OrderedDict[tuple[Hashable, int], Quota] = OrderedDict()

    def of(self, owner: Hashable, share: int, used: int, now: float) -> Quota | None:
        """Return an owner's quota of `share` bytes, of which `used` are stored already; None if there is no limit."""
        if not share:
            return None
        key = (owner, share)  # after a change of the settings it is a new quota
        quota = self._quotas.get(key)
        if quota is None:
            quota = self._quotas[key] = Quota(share, now)
            quota.left -= used
            if len(self._quotas) > REMEMBERED:
                self._quotas.popitem(last=False)
        self._quotas.move_to_end(key)
        return quota


def take(quota: Quota, cost: int, now: float) -> float:
    """Subtract the cost, or return the seconds to wait; nothing is subtracted then."""
    quota.left -= cost
    wait = quota.missing(now) if quota.left < 0 else 0.0
    if wait:
        quota.left += cost
    return wait


def give_back(quotas: Iterable[Quota], cost: int) -> None:
    """Add to each quota what a file has cost that has not come."""
    for quota in quotas:
        quota.left += cost
