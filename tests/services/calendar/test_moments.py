"""From a week and holidays to moments: nights, weekends, holidays that meet, and the nights in which clocks change."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from classcord.services.calendar.moments import joined, moments
from classcord.services.calendar.spans import Days, PartOfDay, days, spans

PARIS = ZoneInfo("Europe/Paris")
NIGHTS = [spans("20:00-07:00")] * 7
NONE: list[tuple[PartOfDay, ...]] = [()] * 7


def shown(periods: list[tuple[int, int]], zone: ZoneInfo = PARIS) -> list[str]:
    """Return periods as they are read on a wall in Paris."""

    def wall(at: int) -> str:
        return datetime.fromtimestamp(at / 1000, zone).strftime("%a %d/%m %H:%M")

    return [f"{wall(begin)} - {wall(end)}" for begin, end in periods]


def test_how_times_are_written() -> None:
    """A span whose end is not after its beginning ends on the next day; midnight is 24:00 at an end."""
    assert spans("20:00-07:00") == (PartOfDay(1200, 1860),)
    assert spans(" 12:00 - 13:30, 20:00-24:00 ") == (PartOfDay(720, 810), PartOfDay(1200, 1440))
    assert spans("") == spans("  ") == ()
    assert spans("00:00-00:00") == (PartOfDay(0, 1440),)


@pytest.mark.parametrize(
    "text", ["20h-7h", "20:00", "24:00-07:00", "20:60-07:00", "20:00-25:00", "20:00-24:01", ",", "-"]
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="no times"):
        spans(text)


def test_how_days_are_written() -> None:
    assert days("2026-11-11") == Days(date(2026, 11, 11), date(2026, 11, 11))
    assert days("2026-10-17/2026-11-01") == Days(date(2026, 10, 17), date(2026, 11, 1))


@pytest.mark.parametrize("text", ["11/11/2026", "2026-02-30", "2026-11-02/2026-11-01", "20261111", "2026-11-11/", ""])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(ValueError, match=r"day|date|month"):
        days(text)


def test_nights_of_a_week() -> None:
    """A weekend and the nights beside it are one."""
    found = moments(NIGHTS, (), PARIS, weekends=True, since=date(2026, 11, 23), days=7)  # a Monday
    assert shown(found) == [
        "Mon 23/11 20:00 - Tue 24/11 07:00",
        "Tue 24/11 20:00 - Wed 25/11 07:00",
        "Wed 25/11 20:00 - Thu 26/11 07:00",
        "Thu 26/11 20:00 - Fri 27/11 07:00",
        "Fri 27/11 20:00 - Mon 30/11 07:00",
    ]


def test_each_day_has_its_own_times() -> None:
    """Also none, and several."""
    week = [spans("21:00-07:00"), (), spans("12:00-13:30,22:00-23:00"), (), (), (), ()]
    found = moments(week, (), PARIS, weekends=False, since=date(2026, 11, 23), days=7)
    assert shown(found) == [
        "Mon 23/11 21:00 - Tue 24/11 07:00",
        "Wed 25/11 12:00 - Wed 25/11 13:30",
        "Wed 25/11 22:00 - Wed 25/11 23:00",
    ]


def test_holidays_meet_the_nights() -> None:
    """From the evening before to the morning after: a fortnight is one period."""
    found = moments(NIGHTS, [days("2026-10-17/2026-11-01")], PARIS, weekends=True, since=date(2026, 10, 15), days=20)
    assert shown(found)[1:3] == ["Fri 16/10 20:00 - Mon 02/11 07:00", "Mon 02/11 20:00 - Tue 03/11 07:00"]


def test_a_day_that_a_file_has_many_times() -> None:
    """Is counted once, before a time zone is asked: a file of a megabyte keeps nobody waiting."""
    asked = []

    class Zone(tzinfo):
        def utcoffset(self, moment: datetime | None) -> timedelta:
            asked.append(moment)
            return timedelta(hours=1)

        def dst(self, moment: datetime | None) -> timedelta:
            return timedelta()

        def tzname(self, moment: datetime | None) -> str:
            return "one hour ahead"

    found = [days("2026-11-11"), days("2026-11-11/2026-11-13"), days("2026-11-14"), days("1999-01-01")] * 20_000
    periods = moments(NONE, found, Zone(), weekends=False, since=date(2026, 11, 1), days=30)
    assert shown(periods) == ["Wed 11/11 00:00 - Sun 15/11 00:00"]
    assert len(asked) < 20


def test_holidays_alone_are_whole_days() -> None:
    """Cut to the days that are asked about; others are left out."""
    free = [days("2026-11-11"), days("2026-11-20/2026-12-24"), days("2025-11-11")]
    found = moments(NONE, free, PARIS, weekends=False, since=date(2026, 11, 1), days=30)
    assert shown(found) == ["Wed 11/11 00:00 - Thu 12/11 00:00", "Fri 20/11 00:00 - Tue 01/12 00:00"]


def test_a_night_that_is_an_hour_longer() -> None:
    """On 25 October 2026 the clocks go back at three: 11 hours on the wall are 12."""
    ((begin, end),) = moments(NIGHTS, (), PARIS, weekends=False, since=date(2026, 10, 24), days=1)
    assert shown([(begin, end)]) == ["Sat 24/10 20:00 - Sun 25/10 07:00"]
    assert end - begin == 12 * 3_600_000


def test_a_night_that_is_an_hour_shorter() -> None:
    """On 29 March 2026 they go forward at two: 11 hours on the wall are 10."""
    ((begin, end),) = moments(NIGHTS, (), PARIS, weekends=False, since=date(2026, 3, 28), days=1)
    assert shown([(begin, end)]) == ["Sat 28/03 20:00 - Sun 29/03 07:00"]
    assert end - begin == 10 * 3_600_000


def test_a_time_that_is_twice_in_a_night() -> None:
    """Half past two comes twice: a beginning is the first, an end the second, and no night is too short."""
    week = [spans("02:30-04:00,01:00-02:30")] * 7
    (whole,) = moments(week, (), PARIS, weekends=False, since=date(2026, 10, 25), days=1)
    assert whole == (utc(2026, 10, 24, 23, 0), utc(2026, 10, 25, 3, 0))
    ((begin, end),) = moments([spans("02:30-04:00")] * 7, (), PARIS, weekends=False, since=date(2026, 10, 25), days=1)
    assert (begin, end) == (utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 3, 0))
    ((begin, end),) = moments([spans("01:00-02:30")] * 7, (), PARIS, weekends=False, since=date(2026, 10, 25), days=1)
    assert (begin, end) == (utc(2026, 10, 24, 23, 0), utc(2026, 10, 25, 1, 30))


def test_a_time_that_is_not_in_a_night() -> None:
    """Half past two does not come: a beginning is before the gap, an end after it."""
    ((begin, end),) = moments([spans("02:30-04:00")] * 7, (), PARIS, weekends=False, since=date(2026, 3, 29), days=1)
    assert shown([(begin, end)]) == ["Sun 29/03 01:30 - Sun 29/03 04:00"]
    ((begin, end),) = moments([spans("01:00-02:30")] * 7, (), PARIS, weekends=False, since=date(2026, 3, 29), days=1)
    assert shown([(begin, end)]) == ["Sun 29/03 01:00 - Sun 29/03 03:30"]


def test_other_zones() -> None:
    """A school on Réunion sleeps by its own sun, and one whose midnight is skipped loses no day."""
    reunion, beirut = ZoneInfo("Indian/Reunion"), ZoneInfo("Asia/Beirut")
    ((begin, _),) = moments(NIGHTS, (), reunion, weekends=False, since=date(2026, 11, 23), days=1)
    assert begin == utc(2026, 11, 23, 16, 0)
    free = [days("2026-03-29")]
    ((begin, end),) = moments(NONE, free, beirut, weekends=False, since=date(2026, 3, 29), days=1)
    assert end - begin >= 23 * 3_600_000


def test_periods_in_order() -> None:
    assert joined([(5, 9), (1, 3), (3, 4), (8, 8), (20, 30)]) == [(1, 4), (5, 9), (20, 30)]
    found = moments(NIGHTS, (), PARIS, weekends=True, since=date(2026, 1, 1), days=400)
    assert all(end < begin for (_, end), (begin, _) in pairwise(found))
    assert timedelta(milliseconds=max(end - begin for begin, end in found)) < timedelta(days=3)


def utc(year: int, month: int, day: int, hour: int, minute: int) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=timezone.utc).timestamp() * 1000)
