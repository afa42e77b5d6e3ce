"""What commands show at a terminal: the progress of a long command, why one failed; and who uses the terminal.

Knows no command.
"""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from classcord.chat.text import N_, Text, readable
from classcord.language import terminal_language, translator

if TYPE_CHECKING:
    from classcord.store.ports import Progress as Told

STAGES = {
    "copy": N_("copying"),
    "compress": N_("compressing"),
    "sum": N_("summing up"),
    "expand": N_("expanding"),
    "check": N_("checking"),
    "rows": N_("writing"),
}


def failed(template: str, **values: object) -> int:
    """Write to standard error why the command failed; return its exit status."""
    sentence = Text(template, values).render(translator(terminal_language()))
    print(f"classcord: {readable(sentence)}", file=sys.stderr)
    return 1


def login_name() -> str:
    """Return the name of the user at this machine, for the audit trail."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # as in a container, where the user has no name
        return f"uid-{os.getuid()}"


def confirmed(question: str, refused: str) -> bool:
    """Ask for a yes at the terminal. Without a terminal the answer is no, and `refused` is printed."""
    if not sys.stdin.isatty():
        print(refused, file=sys.stderr)
        return False
    yes = translator(terminal_language())(N_("yes"))
    try:
        answer = input(f"{readable(question)} ({yes}/…) ")
    except EOFError:
        return False
    return answer.strip().casefold() in {yes, yes[0], "yes", "y"}


@contextmanager
def progress() -> Iterator[Told]:
    """Yield the function that receives the progress; at a terminal it draws a bar for each stage."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    _ = translator(terminal_language())
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        begun: dict[str, TaskID] = {}

        def told(what: str, done: int, total: int) -> None:
            if what not in begun:
                for task in begun.values():
                    bars.stop_task(task)
                begun[what] = bars.add_task(_(STAGES.get(what, what)), total=None)
            bars.update(begun[what], completed=done, total=total or None)

        yield told
