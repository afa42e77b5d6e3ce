"""Days without school from a file: a list, or a calendar as the ministry publishes it; what is refused, and where."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from classcord.services.calendar.calendar_file import MOST_DAYS, CalendarError, holidays
from classcord.services.calendar.spans import Days

ZONE_B = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//data.education.gouv.fr//NONSGML//FR\r
X-WR-CALNAME:Calendrier scolaire - Zone B\r
BEGIN:VTIMEZONE\r
TZID:Europe/Paris\r
BEGIN:STANDARD\r
DTSTART:19701025T030000\r
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
DTSTAMP:20260114T124531Z\r
DTSTART;VALUE=DATE:20261017\r
DTEND;VALUE=DATE:20261102\r
SUMMARY:Vacances de la Tous\r
 saint - Zone B\r
LOCATION:Aix-Marseille\\, Amiens\\, Lille\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20260901\r
DTEND;VALUE=DATE:20260902\r
SUMMARY:Rentrée scolaire des élèves - Zones A B C\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20260831\r
SUMMARY:Prérentrée des enseignants\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20270507\r
SUMMARY:Pont de l’Ascension\r
END:VEVENT\r
END:VCALENDAR\r
"""


def written(folder: Path, content: str | bytes) -> Path:
    file = folder / "vacances"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def refusal(folder: Path, content: str | bytes) -> str:
    with pytest.raises(CalendarError) as caught:
        holidays(written(folder, content))
    return caught.value.text.render().replace(str(folder), "…")


def test_a_calendar(tmp_path: Path) -> None:
    """The end of an event is the day after it; the first days of school are none of holidays."""
    assert holidays(written(tmp_path, ZONE_B)) == (
        Days(date(2026, 10, 17), date(2026, 11, 1)),
        Days(date(2027, 5, 7), date(2027, 5, 7)),
    )


def test_a_list(tmp_path: Path) -> None:
    """A day or a range on each line, whatever follows it; with the mark that some editors begin a file with."""
    content = "\ufeff# Zone B\n\n2026-10-17/2026-11-01 Toussaint\n2026-11-11   # Armistice\n"
    assert holidays(written(tmp_path, content)) == (
        Days(date(2026, 10, 17), date(2026, 11, 1)),
        Days(date(2026, 11, 11), date(2026, 11, 11)),
    )
    assert holidays(written(tmp_path, "")) == ()


def test_a_list_with_a_fault(tmp_path: Path) -> None:
    assert refusal(tmp_path, "2026-11-11\n17/10/2026\n").startswith("…/vacances, line 2: write a day, or two as in")
    assert "line 1" in refusal(tmp_path, "2026-11-02/2026-11-01")


@pytest.mark.parametrize(
    ("line", "replaced", "said"),
    [
        ("DTSTART;VALUE=DATE:20261017", "DTSTART:20261017T080000Z", "line 14: only whole days"),
        ("DTSTART;VALUE=DATE:20261017", "DTSTART;VALUE=DATE:20261332", "line 14: only whole days"),
        ("DTSTART;VALUE=DATE:20261017\r\n", "", "no DTSTART"),
        ("DTEND;VALUE=DATE:20261102", "DURATION:P16D", "DURATION is not understood"),
        ("DTEND;VALUE=DATE:20261102", "RRULE:FREQ=YEARLY", "line 15: RRULE is not understood"),
        ("DTEND;VALUE=DATE:20261102", "DTEND;VALUE=DATE:20361102", f"more than {MOST_DAYS} days"),
        ("DTEND;VALUE=DATE:20261102", "DTEND;VALUE=DATE:00010101", "line 15: only whole days"),
        ("DTEND;VALUE=DATE:20261102", "DTEND;VALUE=DATE:00000000", "line 15: only whole days"),
        ("DTSTART;VALUE=DATE:20261017\r\nDTEND;VALUE=DATE:20261102", "DTSTART;VALUE=DATE:99991231", "only whole days"),
    ],
)
def test_a_calendar_that_means_something_else(tmp_path: Path, line: str, replaced: str, said: str) -> None:
    """It is refused by its line, and not read as something that it does not say."""
    assert line in ZONE_B
    assert said in refusal(tmp_path, ZONE_B.replace(line, replaced))


def test_half_a_calendar(tmp_path: Path) -> None:
    assert "not whole" in refusal(tmp_path, ZONE_B[: ZONE_B.index("LOCATION")])


def test_an_end_before_the_beginning(tmp_path: Path) -> None:
    """An event of no length is that of its first day."""
    content = ZONE_B.replace("DTEND;VALUE=DATE:20261102", "DTEND;VALUE=DATE:20261017")
    assert holidays(written(tmp_path, content))[0] == Days(date(2026, 10, 17), date(2026, 10, 17))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(CalendarError, match="cannot be read"):
        holidays(tmp_path / "nothing")
    with pytest.raises(CalendarError, match="cannot be read"):
        holidays(tmp_path)
    assert "UTF-8" in refusal(tmp_path, b"2026-11-11 No\xebl")
    assert "cannot be read" in refusal(tmp_path, b"#" * 2_000_000)
