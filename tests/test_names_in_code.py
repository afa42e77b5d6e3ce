"""One word for one thing: no two classes of the program have one name."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent / "classcord"


def test_no_two_classes_have_one_name() -> None:
    """Neither public nor private ones, and no port is called like the class that implements it."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert len(found) > 500
    assert {name: sorted(where) for name, where in found.items() if len(where) > 1} == {}


def test_the_formatter_decides_how_code_is_laid_out() -> None:
    """Nobody argues with it line by line; the one table that a program writes is left as it was written."""
    root = ROOT.parent
    found = {
        str(file.relative_to(root))
        for folder in ("classcord", "tests", "bench", "docs")
        for file in (root / folder).rglob("*.py")
        if file != Path(__file__) and "# fmt: " in file.read_text(encoding="utf-8")
    }
    assert found == {"classcord/chat/confusables.py"}
