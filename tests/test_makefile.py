"""The Makefile, with programs in the environment that only say how they were called."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.environment import typed
from tests.server import BOUND, ROOT

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone whose environment is made already."""
    for name in ("Makefile", "README.md", "LICENSE", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for folder in ("classcord", "twisted", "requirements", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("run", "build", "dev"):
        (tmp_path / f"requirements/{name}.txt").touch()
    for name in (".made", ".installed"):
        (tmp_path / ".venv" / name).touch()
    return tmp_path


def script(file: Path, *lines: str) -> None:
    file.write_text("\n".join(["#!/bin/sh", *lines, ""]), "utf-8")
    file.chmod(0o755)


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run make as from a shell, although `make test` may have begun the tests: it would be a make in a make."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", "--no-print-directory", *map(typed, words)],
        cwd=folder,
        env=environment | {"LC_ALL": "C"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=BOUND,
    )


@pytest.mark.parametrize("data", ["var", "mes données", "l'été, demain", "a  b"])
def test_data_may_have_any_name(clone: Path, data: str) -> None:
    """`make run DATA="mes données"` is one folder."""
    script(clone / ".venv/bin/twistd", 'printf "<%s>" "$@"')
    made = make(clone, "run", f"DATA={data}", "ARGS=--port 4000")
    assert made.stdout == f"<--nodaemon><--pidfile=><classcord><--data><{data}><--verbose><--port><4000>"


def test_what_could_not_be_fetched_is_one_line(clone: Path) -> None:
    """Without a network pip says much; one line of it is told, and where the rest is."""
    (clone / ".venv/.made").unlink()
    script(
        clone / "python3",
        'case "$*" in *"pip install"*) ;; *) exit 0 ;; esac',
        'for n in 1 2 3; do echo "WARNING: Retrying" >&2; done',
        'echo "ERROR: Could not find a version" >&2',
        'echo "ERROR: No matching distribution found for aiosql" >&2; exit 1',
    )
    shutil.copy(clone / "python3", clone / ".venv/bin/python")
    made = make(clone, ".venv/.made", f"PYTHON={clone}/python3")
    assert made.returncode == 2
    told = [line for line in made.stderr.splitlines() if not line.startswith("make: ")]  # of files of the future
    why = "No matching distribution found for aiosql"
    rest = "Is there a network? All that pip said is in .venv/pip.log"
    assert told == [f"Some libraries could not be fetched ({why}). {rest}"]
    assert (clone / ".venv/pip.log").read_text("utf-8").count("Retrying") == 3
