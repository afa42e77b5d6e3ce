"""What is done again and again, over a clock that is told the time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent

from classcord.services.process.periodic import Periodic


class Work:
    """Counts how often it was done; `wrong` is called each time."""

    def __init__(self) -> None:
        self.done = 0
        self.wrong: Callable[[], None] = lambda: None

    def do(self) -> None:
        self.done += 1
        self.wrong()


def _fail() -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(("now", "counts"), [(True, [1, 2, 3]), (False, [0, 1, 2])])
def test_again_and_again(now: bool, counts: list[int]) -> None:
    """It is done at once or after the first interval, then at each next one, until the stop; a stop may come twice."""
    clock, work = Clock(), Work()
    periodic = Periodic(work.do, clock)
    periodic.start(60.0, now=now)
    seen = [work.done]
    for _ in range(2):
        clock.advance(60.0)
        seen.append(work.done)
    assert seen == counts
    periodic.stop()
    periodic.stop()
    assert clock.getDelayedCalls() == []


def test_what_fails_is_done_again() -> None:
    """A failure ends nothing; it is told once, and once more when it comes back."""
    clock, work = Clock(), Work()
    periodic = Periodic(work.do, clock)
    work.wrong = _fail
    with capturedLogs() as logged:
        periodic.start(1.0)
        clock.pump([1.0] * 3)
        work.wrong = lambda: None
        clock.advance(1.0)
        work.wrong = _fail
        clock.advance(1.0)
    assert work.done == 6
    assert [formatEvent(event) for event in logged] == ["Work.do has failed; it is tried again each time"] * 2
