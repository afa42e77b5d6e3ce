"""A disk that is really full: whoever administers is answered at once, and the server stops when it is told to."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.server import BOUND, Server

pytestmark = pytest.mark.system

NOT_YET = "the audit trail gets its entry when that works again"
MANAGING = ("reload", "loglevel", "shutdown", "cancel")
REFUSED = "The server cannot store anything at the moment"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system in the place of the data folder."""
    data = tmp_path / "data"
    data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(data)]
    done = subprocess.run(mount, capture_output=True, encoding="utf-8", timeout=BOUND, check=False)
    if done.returncode:
        pytest.skip(f"no file system may be mounted here: {done.stderr.strip()}")
    yield data
    subprocess.run(["umount", "--lazy", str(data)], timeout=BOUND, check=True)


def fill(file: Path) -> None:
    """Write until nothing goes in any more, not even a little."""
    for size in (65_536, 512, 1):
        with suppress(OSError), file.open("ab", buffering=0) as output:
            while True:
                output.write(b"x" * size)


def test_managing_the_server(disk: Path) -> None:
    """What reads answers, what must be stored is refused, what manages is done, and kept when there is room."""
    with Server(disk.parent, "--verbose") as server:
        assert server.ctl("adduser", "bob").returncode == 0
        fill(disk / "large")
        for command in ("reload", "loglevel debug", "shutdown 1h --yes", "cancel"):
            done = server.ctl(*command.split())
            assert (done.returncode, done.stderr) == (0, ""), command
            assert NOT_YET in done.stdout
        for command in ("backup", "ban bob 1h --yes", "adduser eve", "maintenance on"):
            done = server.ctl(*command.split())
            assert (done.returncode, REFUSED in done.stderr) == (1, True), command
        for command in ("who", "stats", "users", "blocks", "audit"):
            assert server.ctl(command).returncode == 0, command
        (disk / "large").unlink()
        server.wait_for("the storage works again")
        kept = [entry["action"] for entry in json.loads(server.ctl("audit", "--json").stdout)]
        assert [action for action in kept if action in MANAGING] == list(MANAGING)
        fill(disk / "large")
        done = server.ctl("shutdown", "--yes")
        assert (done.returncode, "The server stops now." in done.stdout) == (0, True)
        assert server.ended() == 0
