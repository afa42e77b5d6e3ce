"""A run of the tests does not depend on whoever starts it, nor on another run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import MANAGER, PROGRAM, TAKEN, TERMINAL

ROOT = Path(__file__).parent.parent
LANGUAGE = {"LC_ALL", "LC_MESSAGES", "LANG", "TERM", "PATH"}  # each test that asks for one says it
PROBE = """
import os

def test_finds_nothing_of_the_machine(tmp_path):
    assert not {names} & set(os.environ)
    (tmp_path / "file").write_text("x")
    print("HERE", tmp_path)
    assert not os.environ["FAILS"]
"""


def probe(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a test that stands beside ours, with a copy of our conftest."""
    (folder / "probe").mkdir(exist_ok=True)
    shutil.copy(ROOT / "tests/conftest.py", folder / "probe")
    (folder / "probe/test_probe.py").write_text(PROBE.replace("{names}", repr(set(TAKEN))), "utf-8")
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-s",
            "-p",
            "no:cacheprovider",
            "--import-mode=importlib",
            "-c",
            os.devnull,
            "--rootdir",
            str(folder),
            *arguments,
            "probe/test_probe.py",
        ],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder)} | variables,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_takes_what_would_lead_to_somebodys_data(tmp_path: Path) -> None:
    """Whatever is set, a test finds none of it."""
    ended = probe(tmp_path, **dict.fromkeys(TAKEN, "7"), FAILS="")
    assert ended.returncode == 0, ended.stdout


def test_all_that_the_program_reads_is_known() -> None:
    """A variable that the program begins to read stands in the list, or this fails."""
    read = set()
    for file in [*(ROOT / "classcord").rglob("*.py"), ROOT / "start_server.sh", ROOT / "packaging/debian/classcord.sh"]:
        text = file.read_text("utf-8")
        read |= set(re.findall(r"environ(?:ment)?(?:\.get)?[(\[][\"']([A-Z_]+)[\"']", text))
        read |= set(re.findall(r"\$\{([A-Z_]+):-", text))
        read |= set(re.findall(r"\"((?:LISTEN|NOTIFY|WATCHDOG)_[A-Z_]+)\"", text))
    assert set(PROGRAM) < read
    assert read - {*TAKEN, *LANGUAGE} == set()
    assert set(MANAGER).isdisjoint(TERMINAL)


@pytest.mark.parametrize("fails", ["", "yes"])
def test_a_run_has_a_folder_of_its_own(tmp_path: Path, fails: str) -> None:
    """It goes when all is well, and stays where something has failed; no run looks into that of another."""
    ended = probe(tmp_path, FAILS=fails)
    assert ended.returncode == (1 if fails else 0), ended.stdout
    found = re.search("HERE (.*)", ended.stdout)
    assert found is not None
    assert Path(found[1]).is_relative_to(tmp_path)
    assert Path(found[1]).exists() is bool(fails)


@pytest.mark.parametrize("name", ["LC_ALL", "TZ"])
def test_language_and_zone_stay(name: str, tmp_path: Path) -> None:
    """`make test-other-day` runs the suite in others."""
    assert name not in TAKEN
