"""Limits: token buckets for requests, growing pauses after failed logins, logs that stay small, bytes in a day.

`now` is an argument, in seconds. Knows no person and no request.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Hashable

from classcord.chat.sources import source

DAY = 86_400.0  # seconds


class TokenBucket:
    """`rate` tokens a second, of which at most `burst` are saved up; a rate of 0 means no limit."""

    __slots__ = ("_burst", "_rate", "_seen", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._seen = now

    def take(self, now: float, cost: float = 1.0) -> bool:
        """Take `cost` tokens if there are enough. A clock that is set back adds no token and removes none."""
        elapsed = now - self._seen
        self._seen = now
        if not self._rate:
            return True
        if elapsed > 0:
            self._tokens = min(self._burst, self._tokens + elapsed * self._rate)
        if self._tokens < cost:
            return False
        self._tokens -= cost
        return True

    @property
    def asked_at(self) -> float:
        """When tokens were last taken or asked for."""
        return self._seen

    def give_back(self) -> None:
        """Put a token back: its request will be decided again."""
        self._tokens += 1

    def wait(self) -> float:
        """Return the seconds until there is a token."""
        return max(0.0, (1 - self._tokens) / self._rate) if self._rate else 0.0


class Allowances:
    """How often one person or one source may do something: a bucket for each, made at its first use.

    The buckets are in memory: after a restart everybody has a full one again.
    """

    KEYS = 10_000  # remembered at most; the longest unused goes first

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[Hashable, int], TokenBucket] = OrderedDict()

    def _bucket(self, key: Hashable, now: float, most: int, seconds: float) -> TokenBucket:
        whole = (key, most)  # after a change of the settings it is a new bucket
        bucket = self._buckets.get(whole)
        if bucket is None:
            bucket = self._buckets[whole] = TokenBucket(most / seconds, most, now)
            if len(self._buckets) > self.KEYS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(whole)
        return bucket

    def wait(self, key: Hashable, now: float, *, most: int, seconds: float) -> float:
        """Return the seconds until it may be done again; `most` times in `seconds`, 0 times is no limit."""
        bucket = self._bucket(key, now, most, seconds)
        bucket.take(now, 0)  # adds the tokens that have come back since
        return bucket.wait()

    def take(self, key: Hashable, now: float, *, most: int, seconds: float) -> float:
        """Count it and return 0 if it may be done now; else return the seconds to wait."""
        bucket = self._bucket(key, now, most, seconds)
        return 0.0 if bucket.take(now) else bucket.wait()


class LoginThrottle:
    """The pause before the next login of one pair of account and address (IPv6: a /64, see source).

    The first `FREE` failures cost nothing; each further one doubles the pause before the next password is checked, up
    to `LONGEST` seconds. This slows a guesser down, but it is no lock by which a stranger could shut a pupil out.
    Failures are forgotten after `MEMORY` seconds or at a success.
    """

    FREE = 5
    LONGEST = 8.0
    MEMORY = 900.0
    PAIRS = 10_000  # remembered at most; the longest unused goes first

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()

    def tried(self, account: str, address: str, now: float) -> float:
        """Count an attempt; return the seconds that it must wait before its password is checked.

        Every attempt is a failure until it succeeds, so many attempts at once gain nothing.
        """
        count, last = self._failures.pop((account, source(address)), (0, now))
        if now - last > self.MEMORY:
            count = 0
        self._failures[account, source(address)] = (count + 1, now)
        if len(self._failures) > self.PAIRS:
            self._failures.popitem(last=False)
        if count < self.FREE:
            return 0.0
        return float(min(self.LONGEST, 0.5 * 2 ** min(count - self.FREE, 8)))

    def succeeded(self, account: str, address: str) -> None:
        """Forget the failures of this pair."""
        self._failures.pop((account, source(address)), None)


class Sparing:
    """The entries of a log to write: of each kind `at_once` entries, then `a_second`; the other entries are counted.

    All kinds together have `all_at_once` entries, then `all_a_second`: so a person who causes entries of many kinds
    does not fill the disk either. 0 a second is no limit.
    """

    KINDS = 10_000  # remembered at most; the longest unused is dropped first, its count goes to `FORGOTTEN`
    FORGOTTEN = "other kinds"

    def __init__(self, a_second: float, at_once: float, *, all_a_second: float = 0, all_at_once: float = 0) -> None:
        self._a_second, self._at_once = a_second, at_once
        self._all = TokenBucket(all_a_second, all_at_once, 0.0)
        self._room: OrderedDict[Hashable, TokenBucket] = OrderedDict()
        self._left_out: Counter[Hashable] = Counter()

    def admits(self, kind: Hashable, now: float) -> int | None:
        """Return how many entries of this kind were left out since the last one; None to leave this one out too."""
        room = self._room.get(kind)
        if room is None:
            room = self._room[kind] = TokenBucket(self._a_second, self._at_once, now)
            if len(self._room) > self.KINDS:
                oldest, _ = self._room.popitem(last=False)
                if oldest in self._left_out:
                    self._left_out[self.FORGOTTEN] += self._left_out.pop(oldest)
        else:
            self._room.move_to_end(kind)
        if room.take(now):
            if self._all.take(now):
                return self._left_out.pop(kind, 0)
            room.give_back()
        self._left_out[kind] += 1
        return None

    def left_out(self, most: int) -> list[tuple[Hashable, int]]:
        """Return each kind with the number of its entries left out and not yet told, and forget these numbers.

        Only the `most` frequent kinds are named; the others are counted together as `FORGOTTEN`.
        """
        found, self._left_out = self._left_out.most_common(), Counter()
        rest = sum(count for _, count in found[most:])
        return [*found[:most], *([(self.FORGOTTEN, rest)] if rest else [])]


class Quota:
    """The rest of one share, in bytes. Callers subtract the bytes that they store, and call `missing` below 0."""

    __slots__ = ("_seen", "_share", "left")

    def __init__(self, share: float, now: float) -> None:
        self._share = self.left = share
        self._seen = now

    def missing(self, now: float) -> float:
        """Add the bytes that have come back with time; return the seconds until nothing is missing."""
        self.left = min(self._share, self.left + max(0.0, now - self._seen) * self._share / DAY)
        self._seen = now
        return max(0.0, -self.left) * DAY / self._share

    def set_share(self, share: float) -> None:
        """Begin a whole share of a new size."""
        self._share = self.left = share
