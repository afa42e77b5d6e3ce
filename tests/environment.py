"""What a run of the tests takes from whoever starts it, and what not. Knows no test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

import pytest

PROGRAM = ("CLASSCORD_CONFIG", "CLASSCORD_DATA")
"""What `classcord` reads: with it a test would write into somebody's server."""
SCRIPTS = ("ARGS", "CLASSCORD_BIN", "DATA", "SEED", "VENV")
"""What start_server.sh and the Makefile read."""
TERMINAL = (
    "COLORTERM",
    "COLUMNS",
    "FORCE_COLOR",
    "LINES",
    "NO_COLOR",
    "TTY_COMPATIBLE",
    "TTY_INTERACTIVE",
)
"""What rich, readline and shutil.get_terminal_size read."""
MANAGER = (
    "JOURNAL_STREAM",
    "LISTEN_FDNAMES",
    "LISTEN_FDS",
    "LISTEN_PID",
    "NOTIFY_SOCKET",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
)
"""What systemd tells a server that it starts."""

TAKEN = (*PROGRAM, *SCRIPTS, *TERMINAL, *MANAGER)


def typed(text: str) -> str:
    """Return a word as Python has it from a shell where people type UTF-8, whatever the locale says."""
    return os.fsdecode(text.encode())


def take(environment: MutableMapping[str, str] = os.environ) -> None:
    """Take away what would make a test see, or touch, the machine and the data of whoever starts it."""
    for name in TAKEN:
        environment.pop(name, None)


def own_folder(config: pytest.Config) -> None:
    """Have a run write to a folder of its own, that stays only if a test fails.

    pytest's numbered folders are cleaned by every other run of the same user, and one stumbles over what a run that was
    killed has left: a small disk that is still mounted.
    """
    if config.option.basetemp is None and not hasattr(config, "workerinput"):
        config.option.basetemp = config.stash[_FOLDER] = tempfile.mkdtemp(prefix="classcord-")


def leave(config: pytest.Config, status: int) -> None:
    """Remove the folder of a run in which nothing has failed."""
    folder = config.stash.get(_FOLDER, None)
    if folder is not None and status in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        shutil.rmtree(Path(folder), ignore_errors=True)


_FOLDER = pytest.StashKey[str]()
