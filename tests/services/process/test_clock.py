"""The two clocks: timers that no change of the time of day moves, and the time of day itself; who goes by which."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from twisted.internet.base import DelayedCall
from twisted.internet.task import Clock

from classcord.services.monitoring.figures import Figures
from classcord.services.process.clock import TimeOfDay, steady
from tests.faces.ssh_line import Gate
from tests.harness import running


def test_timers_do_not_see_the_time_of_day_jump(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reactor that is made steady does not go by the time of day, whatever that is."""
    reactor = SimpleNamespace(seconds=time.time)
    steady(reactor)
    monkeypatch.setattr(time, "time", lambda: 0.0)
    before = time.monotonic()
    assert before <= reactor.seconds() <= time.monotonic()


def test_what_is_written_down_has_the_time_of_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a jump back the time of day is the new one at once, and a timer that waits is due when it was."""
    timers = Clock()
    due: list[str] = []
    clock = TimeOfDay(timers)
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
    call = clock.callLater(5.0, due.append, "due")
    assert clock.seconds() == 1_000_000.0
    monkeypatch.setattr(time, "time", lambda: 913_600.0)
    assert clock.seconds() == 913_600.0
    assert clock.getDelayedCalls() == [call]
    timers.advance(5.0)
    assert due == ["due"]
    assert isinstance(call, DelayedCall)


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_administrators_come_in_whatever_the_clock_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    """After a jump of a day nobody at the SSH port waits for that day to pass."""
    with running() as house:
        day = house.clock.seconds()
        monkeypatch.setattr(time, "time", lambda: day)
        gate = Gate(house, tmp_path, TimeOfDay(house.clock))
        key = gate.admit("prof")
        gate.come_in("prof", key)
        day += jump
        assert gate.come_in("prof", key).run("version").status == 0


def test_what_is_measured_goes_by_the_timers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is set back makes no server younger and no rate wrong; since when it runs is the time of day."""
    with running() as house:
        day = 1_700_000_000.0
        monkeypatch.setattr(time, "time", lambda: day)
        figures = Figures(
            house.chat.connections,
            house.hub.state,
            house.journal,
            lambda: 0,
            files=lambda: (0, 0),
            ending=house.chat.ending,
            clock=TimeOfDay(house.clock),
            monotonic=house.clock.seconds,
        )
        figures.sample()
        house.clock.advance(10.0)
        house.chat.hub.state.applied += 20
        day -= 86_400.0
        now = figures.now()
        assert (now.since, now.uptime) == ("2023-11-14T22:13:20.000Z", 10.0)
        assert now.messages_per_second == 2.0
