"""From a week, holidays and a time zone to moments, in milliseconds since 1970. Knows no clock and no file.

A night in which the clocks change is never shorter than the settings say: a beginning that is twice in it is the first,
an end that is twice in it is the second, and one that is not in it lies before or after the gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, timezone, tzinfo

from classcord.services.calendar.spans import DAY, Days, PartOfDay

SATURDAY = 5


def moments(
    week: Sequence[Iterable[PartOfDay]],
    holidays: Iterable[Days],
    zone: tzinfo,
    *,
    weekends: bool,
    since: date,
    days: int,
) -> list[tuple[int, int]]:
    """Return the periods of the days from `since` on, in order; periods that meet are one.

    `week` has the spans of each day, Monday first; `weekends`: Saturdays and Sundays are whole.
    """
    whole = PartOfDay(0, DAY)
    found: list[tuple[int, int]] = []
    for number in range(days):
        day = since + timedelta(days=number)
        spans = [*week[day.weekday()], *([whole] if weekends and day.weekday() >= SATURDAY else ())]
        found += ((_moment(day, span.begin, zone)[0], _moment(day, span.end, zone)[1]) for span in spans)
    last = since + timedelta(days=days - 1)
    clipped = ((max(first, since).toordinal(), min(until, last).toordinal() + 1) for first, until in holidays)
    for begin, end in joined(each for each in clipped if each[0] < each[1]):  # a file may have each day many times
        found.append((_moment(date.fromordinal(begin), 0, zone)[0], _moment(date.fromordinal(end - 1), DAY, zone)[1]))
    return joined(found)


def joined(periods: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return periods in order, those that overlap or meet as one."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(periods):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found


def _moment(day: date, minutes: int, zone: tzinfo) -> tuple[int, int]:
    """Return when a time of a day is in a zone: the first moment and the last, which are nearly always the same."""
    more, minutes = divmod(minutes, DAY)
    local = datetime.combine(day + timedelta(days=more), time(minutes // 60, minutes % 60), zone)
    both = [int(local.replace(fold=fold).astimezone(timezone.utc).timestamp()) * 1000 for fold in (0, 1)]
    return min(both), max(both)
