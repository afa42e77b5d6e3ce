"""The daily run beside a chat: it begins when it is due, goes on after a restart, ends, and leaves an entry."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from classcord.chat.effects import Commit
from classcord.chat.names import name_key
from classcord.chat.retention.durations import months_after
from classcord.chat.retention.vocabulary import NOTHING_OLD, AccountLeft, PurgeBegun
from classcord.services.retention.job import AT_ONCE, LOOK, RetentionJob
from tests.harness import BEGINNING, House, running, say

DAY = 86_400.0


class Daily:
    """A house with its job, whose days pass quickly."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.begun: list[PurgeBegun] = []
        self.job = RetentionJob(
            house.hub,
            house.journal,
            house.store,
            begun=lambda run, now: self.begun.append(run),
            timers=house.clock,
            clock=house.clock,
        )
        self.job.start()
        self.pass_minutes(2)

    def pass_minutes(self, minutes: int) -> None:
        """Let the job look, and the store take its steps."""
        for _ in range(minutes):
            self.house.clock.advance(LOOK)
            self.house.turn()
            self.house.store.tidy(self.house.clock.seconds())
            self.house.turn()

    def later(self, seconds: float) -> None:
        """Let much time pass of which nobody hears."""
        self.job.stop()
        self.house.clock.rightNow += seconds
        self.job.start()
        self.pass_minutes(3)

    def entries(self) -> list[dict[str, Any]]:
        """Return what the audit trail says of the runs."""
        asked = self.house.store.asked("SELECT after FROM audit WHERE action = 'retention-applied' ORDER BY id")
        return [json.loads(after) if after else {} for after in asked]


@pytest.fixture
def daily(house: House) -> Daily:
    return Daily(house)


def messages(house: House) -> list[str]:
    return house.store.asked("SELECT content FROM messages ORDER BY id")


def test_a_year_later(daily: Daily) -> None:
    """The first run removes nothing; what is older than a year goes by a later one, and the trail says how much."""
    house = daily.house
    alice = house.modern("alice")
    alice.ask(say("de l’an passé"))
    alice.leave()
    assert daily.entries() == [{}]
    for _ in range(11):
        daily.later(30 * DAY)
    alice = house.modern("alice")
    alice.ask(say("récent"))
    assert messages(house) == ["de l’an passé", "récent"]
    daily.later(40 * DAY)
    assert messages(house) == ["récent"]
    assert {"everyone": 1, "connections": 1}.items() <= daily.entries()[-1].items()
    assert [run.number for run in daily.begun] == list(range(1, len(daily.begun) + 1))
    assert house.faults == []


def test_once_a_day(daily: Daily) -> None:
    """After the first week a run begins each day, and no more often."""
    daily.later(8 * DAY)
    assert len(daily.begun) == 2
    daily.pass_minutes(60)
    assert len(daily.begun) == 2
    daily.later(DAY)
    assert len(daily.begun) == 3
    assert len(daily.entries()) == 3


def test_it_goes_on_after_a_restart(house: House) -> None:
    """A server that stops in the middle ends the run when it is there again; nothing is removed twice."""
    daily = Daily(house)
    house.modern("alice").ask(say("ancien"))
    for _ in range(13):
        daily.later(30 * DAY)
    before = len(daily.entries())
    daily.job.stop()
    house.modern("alice").ask(say("encore"))
    house.clock.rightNow += 400 * DAY
    run = PurgeBegun(
        number=house.hub.state.purges.number + 1,
        at=int(house.clock.seconds() * 1000),
        before=msgspec.structs.replace(NOTHING_OLD, everyone=int(house.clock.seconds() * 1000) - 1),
    )
    house.journal.append(Commit(None, (run,)))
    house.turn()
    with running(store=house.store) as again:
        again.clock.rightNow = house.clock.seconds()
        assert again.hub.state.purges.under_way
        other = Daily(again)
        other.pass_minutes(3)
        assert not again.hub.state.purges.under_way
        assert messages(again) == []
        assert len(other.entries()) == before + 1
        assert other.entries()[-1]["everyone"] == 1


def test_who_has_left_is_erased(daily: Daily) -> None:
    """Three months after the leaving the account is gone, in portions; the message stays without the name."""
    house = daily.house
    for number in range(AT_ONCE + 5):
        house.account(f"partant{number}")
    house.modern("partant0").ask(say("au revoir"))
    accounts = [house.hub.state.accounts[name_key(f"partant{number}")] for number in range(AT_ONCE + 5)]
    for client in house.clients:
        client.leave()
    at = int(house.clock.seconds() * 1000)
    house.journal.append(Commit(None, tuple(AccountLeft(user_id=each.id, at=at) for each in accounts)))
    house.turn()
    daily.later((months_after(at, 3) / 1000 - BEGINNING) - 2 * DAY)
    assert len(house.hub.state.erased) == 0
    daily.later(3 * DAY)
    daily.pass_minutes(5)
    assert len(house.hub.state.erased) == AT_ONCE + 5
    assert daily.entries()[-1]["accounts"] == AT_ONCE + 5
    assert messages(house) == ["au revoir"]
    [author] = house.store.asked("SELECT author FROM messages")
    assert "former member" in author


def test_a_clock_that_is_years_ahead(daily: Daily) -> None:
    """A jump of years removes nothing for a day, in which somebody can correct the clock; and the log says so."""
    house = daily.house
    house.modern("alice").ask(say("cher souvenir"))
    daily.later(8 * DAY)
    daily.later(900 * DAY)
    assert messages(house) == ["cher souvenir"]
    assert any("if the clock is wrong" in line for line in house.logged)
    house.clock.rightNow += DAY
    daily.pass_minutes(3)
    assert messages(house) == []


def test_the_first_run_erases_nobody(house: House) -> None:
    """Also who was not here for years: the next run is seven days later, and `retention` says whom it will erase."""
    house.account("ancien")
    house.clock.rightNow += 900 * DAY
    daily = Daily(house)
    assert (daily.entries(), len(house.hub.state.erased)) == ([{}], 0)
    daily.later(8 * DAY)
    daily.pass_minutes(3)
    assert len(house.hub.state.erased) == 1


@pytest.mark.parametrize("runs_before", [0, 8])
def test_an_interrupted_run_and_a_clock_that_is_years_ahead(house: House, runs_before: int) -> None:
    """What was due at its beginning goes, and no more: a machine without a clock of its own begins in 1970."""
    daily = Daily(house)
    house.account("alice")
    if runs_before:
        daily.later(runs_before * DAY)
    daily.job.stop()
    run = PurgeBegun(number=house.hub.state.purges.number + 1, at=int(house.clock.seconds() * 1000), before=NOTHING_OLD)
    if runs_before:
        run = msgspec.structs.replace(run, before=msgspec.structs.replace(NOTHING_OLD, everyone=1))
    house.journal.append(Commit(None, (run,)))
    house.turn()
    with running(store=house.store) as again:
        again.clock.rightNow = house.clock.seconds() + 56 * 365 * DAY
        other = Daily(again)
        other.pass_minutes(3)
        assert not again.hub.state.purges.under_way
        assert len(again.hub.state.erased) == 0
        assert any("if the clock is wrong" in line for line in again.logged)


def test_a_clock_that_jumps_under_a_server_that_runs_for_days(daily: Daily) -> None:
    """The day to correct it begins with the jump, not with the start."""
    house = daily.house
    house.modern("alice").ask(say("cher souvenir"))
    for _ in range(10):
        daily.later(DAY)
    house.clock.rightNow += 900 * DAY
    daily.pass_minutes(3)
    assert messages(house) == ["cher souvenir"]
