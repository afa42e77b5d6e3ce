"""The reports that are open, and the closed ones whose senders do not know it yet. Knows no clock and no line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from classcord.chat.reports.vocabulary import ReportClosed, ReportFiled


class FiledReports:
    """Reports by their numbers."""

    def __init__(self) -> None:
        self._open: dict[int, ReportFiled] = {}
        self._untold: dict[int, tuple[ReportFiled, ReportClosed]] = {}

    def add(self, report: ReportFiled) -> None:
        self._open[report.report_id] = report

    def get(self, report_id: int) -> ReportFiled | None:
        """Return an open report."""
        return self._open.get(report_id)

    def close(self, closed: ReportClosed) -> ReportFiled | None:
        """Note the end of a report; return the report, or None if it is not open."""
        report = self._open.pop(closed.report_id, None)
        if report is not None and not closed.told and report.reporter_id is not None:
            self._untold[closed.report_id] = report, closed
        return report

    def told(self, report_id: int) -> tuple[ReportFiled, ReportClosed] | None:
        """Note that the sender of a closed report knows its outcome; return both, if that was not known."""
        return self._untold.pop(report_id, None)

    def untold(self, user_id: int) -> list[int]:
        """Return the closed reports of an account that does not know it."""
        return [number for number, (report, _) in self._untold.items() if report.reporter_id == user_id]

    def forget_user(self, user_id: int) -> None:
        """Tell the account nothing more: it is deleted. Its open reports stay."""
        self._untold = {number: each for number, each in self._untold.items() if each[0].reporter_id != user_id}

    def __iter__(self) -> Iterator[ReportFiled]:
        """Yield the open reports, the oldest first."""
        return iter(list(self._open.values()))

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._open)

    def of(self, reporter_key: str) -> list[ReportFiled]:
        """Return the open reports of one person."""
        return [each for each in self._open.values() if each.reporter_key == reporter_key]

    def of_guests(self) -> int:
        """Return how many open reports are of people without an account."""
        return sum(1 for each in self._open.values() if each.reporter_id is None)
