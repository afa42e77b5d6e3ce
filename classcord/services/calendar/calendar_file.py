"""Days without school from a file: a list of dates, or a calendar (.ics) such as the ministry publishes.

The reader of calendars is our own: whole days are all that it needs of RFC 5545, and what it cannot use (a time of day,
a repetition) it refuses by its line instead of passing over it. A library would bring two packages, and accept both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from classcord.chat.search.folding import folded
from classcord.chat.text import N_, Text
from classcord.durable import read
from classcord.services.calendar.spans import Days, days
from classcord.system_errors import in_words

LARGEST = 1_048_576  # bytes; the ministry's calendar of all zones has 30,000
MOST_DAYS = 400  # in a row: more is a mistake in a date
_NO_HOLIDAYS = (
    "rentree",
    "prerentree",
)  # so begin the events of the ministry that are school days


class CalendarError(Exception):
    """A file cannot be used; `text` says why."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render())


def holidays(file: Path) -> tuple[Days, ...]:
    """Return the days of a file; CalendarError if it cannot be read or understood."""
    try:
        content = read(file, LARGEST).decode("utf-8-sig")
    except OSError as error:
        raise CalendarError(N_("{file}: it cannot be read: {why}."), file=str(file), why=in_words(error)) from None
    except UnicodeDecodeError:
        raise CalendarError(N_("{file}: this is not UTF-8; save the file as UTF-8."), file=str(file)) from None
    is_calendar = content.lstrip()[:15].upper() == "BEGIN:VCALENDAR"
    return tuple((_of_calendar if is_calendar else _of_list)(content, str(file)))


def _of_list(content: str, file: str) -> Iterator[Days]:
    """Yield the days of a list: one or a range on each line, then a name if one likes; # begins a comment."""
    for number, line in enumerate(content.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            found = days(words[0])
        except ValueError:
            template = N_("{file}, line {line}: write a day, or two as in 2026-10-17/2026-11-01, and a name after it.")
            raise CalendarError(template, file=file, line=number) from None
        yield _checked(found, file, number)


def _of_calendar(content: str, file: str) -> Iterator[Days]:
    """Yield the days of each event of whole days; the end of an event is the day after it (RFC 5545 §3.6.1)."""
    event: dict[str, tuple[str, str, int]] | None = None
    for number, line in _unfolded(content):
        name, _, value = line.partition(":")
        key, _, parameters = name.upper().partition(";")
        if (key, value.strip().upper()) == ("BEGIN", "VEVENT"):
            event = {}
        elif (key, value.strip().upper()) == ("END", "VEVENT") and event is not None:
            found, event = _event(event, file, number), None
            if found is not None:
                yield found
        elif event is not None:
            event[key] = (parameters, value.strip(), number)
    if event is not None:
        raise CalendarError(N_("{file}: its last event has no end; the file is not whole."), file=file)


def _unfolded(content: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its number; one that begins with a space continues the line before (RFC 5545 §3.1)."""
    whole, begun = "", 0
    for number, line in enumerate(content.replace("\r\n", "\n").split("\n"), 1):
        if line[:1] in {" ", "\t"}:
            whole += line[1:]
            continue
        if whole:
            yield begun, whole
        whole, begun = line, number
    if whole:
        yield begun, whole


def _event(fields: dict[str, tuple[str, str, int]], file: str, number: int) -> Days | None:
    if folded(fields.get("SUMMARY", ("", "", 0))[1]).startswith(_NO_HOLIDAYS):
        return None
    if "DTSTART" not in fields:
        raise CalendarError(N_("{file}, line {line}: this event has no DTSTART."), file=file, line=number)
    for unusable in ("RRULE", "RDATE", "DURATION"):
        if unusable in fields:
            template = N_("{file}, line {line}: {property} is not understood; write each event with its dates.")
            raise CalendarError(template, file=file, line=fields[unusable][2], property=unusable)
    first = _day(*fields["DTSTART"], file=file)
    after = _day(*fields["DTEND"], file=file) if "DTEND" in fields else first + timedelta(days=1)
    return _checked(Days(first, max(first, after - timedelta(days=1))), file, fields["DTSTART"][2])


def _day(parameters: str, value: str, number: int, *, file: str) -> date:
    if "VALUE=DATE" in parameters.split(";") and re.fullmatch(r"\d{8}", value, re.ASCII):
        try:
            found = datetime.strptime(value, "%Y%m%d").date()  # noqa: DTZ007 (a day has no time zone)
        except ValueError:
            found = date.min
        if date.min < found < date.max:  # so that there is a day before it and one after it
            return found
    template = N_("{file}, line {line}: only whole days are understood here, as in DTSTART;VALUE=DATE:20261017.")
    raise CalendarError(template, file=file, line=number)


def _checked(found: Days, file: str, number: int) -> Days:
    if (found.last - found.first).days < MOST_DAYS:
        return found
    template = N_("{file}, line {line}: from {first} to {last} is more than {most} days.")
    values: dict[str, object] = {"first": str(found.first), "last": str(found.last), "most": MOST_DAYS}
    raise CalendarError(template, file=file, line=number, **values)
