"""Runs the tests of a floor, and counts what of it they run: `python -m tests.measured chat`, with options of pytest.

Ends with 1 where less than 95 % of its lines and branches were run; of the chat's subjects, of each module. Counting
makes Python several times slower. So only tests are counted, nothing of pytest itself.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage

LEAST = 95.0  # per cent
EACH = re.compile(r"classcord/chat/\w+/|/rules\.py")  # where every module is measured by itself, not the floor alone


class Counting:
    """A plugin of pytest: counts what runs of a floor from its import on, while one of its tests runs."""

    def __init__(self, floor: str) -> None:
        self.coverage = Coverage(data_file=None, source=[f"classcord/{floor}"])
        with self.coverage.collect():
            package = importlib.import_module(f"classcord.{floor}")
            for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                importlib.import_module(module.name)

        collector = self.coverage._collector  # whose start costs less than the whole coverage's
        assert collector is not None
        self._collector = collector

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        if item.get_closest_marker("no_cover"):
            return (yield)
        self._collector.start()
        try:
            return (yield)
        finally:
            self._collector.stop()

    def report(self) -> dict[str, Any]:
        """Return what coverage's report says of the floor and of each module."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "report.json"
            self.coverage.json_report(outfile=str(file))
            found: dict[str, Any] = json.loads(file.read_text("utf-8"))
        return found


def percent(summary: dict[str, Any]) -> float:
    return float(summary["percent_covered"])


def too_little(floor: str, report: dict[str, Any]) -> list[str]:
    """Return the floor, or each module of rules, of which less was run, with what was not."""
    found = []
    if percent(report["totals"]) < LEAST:
        found.append(f"classcord/{floor}: {percent(report['totals']):.1f} %")
    for name, module in report["files"].items():
        if EACH.search(name) and percent(module["summary"]) < LEAST:
            found.append(f"{name}: {percent(module['summary']):.1f} %, without the lines {module['missing_lines']}")
    return found


def main(floor: str, *options: str) -> int:
    counting = Counting(floor)
    failed = pytest.main([*options, f"tests/{floor}"], plugins=[counting])
    if failed:
        return failed
    report = counting.report()
    found = too_little(floor, report)
    print(f"== classcord/{floor} by tests/{floor} alone: {percent(report['totals']):.1f} % of lines and branches")
    for each in found:
        print(f"at least {LEAST:.0f} % are wanted of {each}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
