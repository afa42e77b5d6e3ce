"""What comes of a fault: figures for the table, and what should not have happened. Knows no fault."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Outcome(NamedTuple):
    """The figures of a fault, by what they are; `wrong` says each thing that should not have been.

    `late` says what took too long. The bench fails for it; tests do not, for a busy machine makes anything late.
    """

    figures: dict[str, object]
    wrong: tuple[str, ...]
    late: tuple[str, ...] = ()


class Impossible(Exception):
    """A fault that cannot be had on this machine; its text says why."""


Fault = Callable[[Path], Outcome]


def wrong(**should_not_be: bool) -> tuple[str, ...]:
    """Return the names of what is true and should not be."""
    return tuple(name.replace("_", " ") for name, holds in should_not_be.items() if holds)


def memory(pid: int) -> float:
    """Return how much memory a process has, in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def open_files(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
