"""Rates: how fast a session may ask, and how long the next try to log in waits."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classcord.chat.limits import LoginThrottle, Sparing, TokenBucket


def taken(bucket: TokenBucket, now: float, tries: int) -> int:
    return sum(bucket.take(now) for _ in range(tries))


def test_a_burst_is_taken_at_once_and_then_refused() -> None:
    """A bucket begins full: its burst is there at once, and not one token more."""
    assert taken(TokenBucket(5, 25, 100.0), 100.0, 40) == 25


def test_tokens_come_back_at_the_rate_and_no_more_than_the_burst() -> None:
    """An empty bucket has `rate` tokens a second later, and after a long time its burst."""
    bucket = TokenBucket(5, 25, 100.0)
    taken(bucket, 100.0, 25)
    assert taken(bucket, 101.0, 40) == 5
    assert taken(bucket, 10_000.0, 40) == 25


def test_a_rate_of_zero_is_no_limit() -> None:
    """A limit of 0 is switched off: everything is let through and nothing ever waits."""
    bucket = TokenBucket(0, 0, 100.0)
    assert taken(bucket, 100.0, 1000) == 1000
    assert bucket.wait() == 0.0


def test_wait_is_until_the_next_whole_token() -> None:
    """What a refused client is told to wait is enough for one request, and no longer than needed."""
    bucket = TokenBucket(4, 1, 100.0)
    assert bucket.wait() == 0.0
    assert bucket.take(100.0)
    assert bucket.wait() == 0.25
    assert not bucket.take(100.125)
    assert bucket.wait() == 0.125
    assert bucket.take(100.25)


def test_a_dear_request_takes_more_than_one_token() -> None:
    """A cost above what is saved up is refused and takes nothing."""
    bucket = TokenBucket(1, 2, 100.0)
    assert not bucket.take(100.0, cost=3.0)
    assert bucket.take(100.0, cost=2.0)
    assert not bucket.take(100.0, cost=0.5)


def test_a_clock_that_was_set_back_gives_and_takes_nothing() -> None:
    """After the clock went back an hour the bucket has what it had, and refills from the new time on."""
    bucket = TokenBucket(1, 10, 5_000.0)
    assert taken(bucket, 5_000.0, 8) == 8
    assert taken(bucket, 1_400.0, 5) == 2
    assert taken(bucket, 1_403.0, 5) == 3


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=60), st.floats(0.1, 20), st.integers(1, 30))
@settings(max_examples=60)
def test_no_clock_lets_more_through_than_it_has_counted(times: list[float], rate: float, burst: int) -> None:
    """However the clock jumps, what is let through is at most the burst and the rate times all steps forward."""
    bucket = TokenBucket(rate, burst, times[0])
    passed = sum(bucket.take(now) for now in times)
    forward = sum(max(0.0, later - earlier) for earlier, later in pairwise(times))
    assert passed <= burst + forward * rate + 1e-6


def test_the_first_tries_cost_nothing_then_each_doubles_the_pause() -> None:
    """Five tries are free; from then on the next one waits 0.5, 1, 2, 4, 8 seconds, and never more."""
    throttle = LoginThrottle()
    pauses = [throttle.tried("bob", "a", 100.0) for _ in range(11)]
    assert pauses == [0, 0, 0, 0, 0, 0.5, 1, 2, 4, 8, 8]


def tried(count: int, account: str, address: str, now: float) -> LoginThrottle:
    """Return a throttle that has seen so many tries."""
    throttle = LoginThrottle()
    for _ in range(count):
        throttle.tried(account, address, now)
    return throttle


def test_failures_of_one_address_slow_nobody_else_down() -> None:
    """A stranger who guesses at an account slows down neither its owner elsewhere nor other accounts beside him."""
    throttle = tried(20, "bob", "stranger", 100.0)
    assert throttle.tried("bob", "stranger", 100.0) == 8.0
    assert throttle.tried("bob", "home", 100.0) == 0.0
    assert throttle.tried("alice", "stranger", 100.0) == 0.0


def test_a_success_forgets_the_failures() -> None:
    """Who got in starts with nothing against them, and succeeding without a failure is fine too."""
    throttle = tried(20, "bob", "a", 100.0)
    throttle.succeeded("bob", "a")
    throttle.succeeded("alice", "a")
    assert [throttle.tried("bob", "a", 100.0) for _ in range(6)] == [0, 0, 0, 0, 0, 0.5]


@pytest.mark.parametrize(("later", "pause"), [(900.0, 8.0), (900.5, 0.0), (-3600.0, 8.0)])
def test_failures_are_forgotten_after_a_quarter_of_an_hour(later: float, pause: float) -> None:
    """Old failures count no more; a clock that was set back neither forgets them nor makes the pause longer."""
    throttle = tried(20, "bob", "a", 10_000.0)
    assert throttle.tried("bob", "a", 10_000.0 + later) == pause


def test_an_ipv6_network_of_a_subscriber_is_one_address() -> None:
    """Whoever has a /64 guesses no faster with each of its addresses; another network is another guesser."""
    throttle = LoginThrottle()
    for number in range(LoginThrottle.FREE):
        assert throttle.tried("bob", f"2001:db8:0:1::{number:x}", 0) == 0
    assert throttle.tried("bob", "2001:db8:0:1:ffff::1", 0) == 0.5
    assert throttle.tried("bob", "2001:db8:0:2::1", 0) == 0
    throttle.succeeded("bob", "2001:db8:0:1::77")
    assert throttle.tried("bob", "2001:db8:0:1::1", 0) == 0


def test_only_so_many_pairs_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past its bound the throttle forgets the pair that was tried the longest ago."""
    monkeypatch.setattr(LoginThrottle, "PAIRS", 3)
    throttle = LoginThrottle()
    for account in ("a", "b", "c"):
        for _ in range(6):
            throttle.tried(account, "x", 100.0)
    throttle.tried("a", "x", 101.0)
    throttle.tried("d", "x", 102.0)
    assert throttle.tried("a", "x", 102.0) == 2.0
    assert throttle.tried("c", "x", 102.0) == 1.0
    assert throttle.tried("b", "x", 102.0) == 0.0


# -- what of a log is written -----------------------------------------------------------------------------------------


def test_sparing_writes_some_at_once_then_some_a_second() -> None:
    """Of one kind; the next that is written knows how many were not."""
    sparing = Sparing(0.5, 3)
    assert [sparing.admits("a", 0) for _ in range(6)] == [0, 0, 0, None, None, None]
    assert sparing.admits("a", 1) is None
    assert sparing.admits("a", 2) == 4
    assert sparing.admits("a", 2) is None
    assert sparing.admits("a", 1000) == 1


def test_sparing_keeps_kinds_apart() -> None:
    """A flood of one kind hides no other."""
    sparing = Sparing(0.5, 1)
    assert [sparing.admits(kind, 0) for kind in "aab"] == [0, None, 0]
    assert sparing.left_out(10) == [("a", 1)]
    assert sparing.left_out(10) == []


def test_sparing_bounds_all_kinds_together() -> None:
    """Whoever makes kinds without end is bounded too; what was left out is told, of the most frequent by kind."""
    sparing = Sparing(1, 100, all_a_second=1, all_at_once=10)
    written = sum(sparing.admits(number, 0) is not None for number in range(1_000))
    assert written == 10
    for _ in range(5):
        assert sparing.admits("often", 0) is None
    assert sparing.left_out(2) == [("often", 5), (10, 1), (Sparing.FORGOTTEN, 989)]


def test_sparing_remembers_a_bounded_number_of_kinds() -> None:
    """The longest unused are forgotten, and their count is told all the same."""
    sparing = Sparing(0.001, 1)
    for number in range(Sparing.KINDS + 500):
        sparing.admits(number, 0)
        sparing.admits(number, 0)
    assert len(sparing._room) == Sparing.KINDS
    assert sum(count for _, count in sparing.left_out(10)) == Sparing.KINDS + 500


def test_sparing_survives_a_clock_that_is_set_back() -> None:
    """It writes nothing more for it, and goes on at its rate from then."""
    sparing = Sparing(1, 1)
    assert sparing.admits("a", 1000) == 0
    assert sparing.admits("a", 10) is None
    assert sparing.admits("a", 11) == 1
