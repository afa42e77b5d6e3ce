"""What was run of a floor by its own tests: `python -m tests.measured chat`, after a run with --cov=classcord/chat.

Ends with 1 where less than 95 % of its lines and branches were run; of the chat's subjects, of each module.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from coverage import Coverage

LEAST = 95.0  # per cent
EACH = re.compile(r"classcord/chat/\w+/|/rules\.py")  # where every module is measured by itself, not the floor alone


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


def main(floor: str) -> int:
    coverage = Coverage()
    coverage.load()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        coverage.json_report(outfile=str(file))
        report = json.loads(file.read_text("utf-8"))
    found = too_little(floor, report)
    print(f"== classcord/{floor} by tests/{floor} alone: {percent(report['totals']):.1f} % of lines and branches")
    for each in found:
        print(f"at least {LEAST:.0f} % are wanted of {each}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
