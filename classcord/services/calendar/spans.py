"""How times of a day and days of a year are written: `20:00-07:00`, `2026-10-17/2026-11-01`. Knows no time zone."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

DAY = 24 * 60  # minutes


class PartOfDay(NamedTuple):
    """A part of a day in minutes from its midnight; one that ends after `DAY` ends on the next day."""

    begin: int
    end: int


class Days(NamedTuple):
    """Days of the year, the first and the last included."""

    first: date
    last: date


_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})", re.ASCII)


def spans(text: str) -> tuple[PartOfDay, ...]:
    """Return the spans between commas, none for ""; ValueError if the text is none."""
    return tuple(_span(each.strip()) for each in text.split(",")) if text.strip() else ()


def _span(text: str) -> PartOfDay:
    """Return a span; one whose end is not after its beginning ends on the next day."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"no times of a day: {text}")
    hour, minute, last_hour, last_minute = map(int, found.groups())
    begin, end = hour * 60 + minute, last_hour * 60 + last_minute
    if minute > 59 or last_minute > 59 or begin >= DAY or end > DAY:
        raise ValueError(f"no times of a day: {text}")
    return PartOfDay(begin, end if end > begin else end + DAY)


def days(text: str) -> Days:
    """Return the days `2026-11-11` or `2026-10-17/2026-11-01`; ValueError if the text is none."""
    first, slash, last = (part.strip() for part in text.partition("/"))
    found = Days(_date(first), _date(last if slash else first))
    if found.first > found.last:
        raise ValueError(f"the last day is before the first: {text}")
    return found


def _date(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError(f"no date: {text}")
    return date.fromisoformat(text)
