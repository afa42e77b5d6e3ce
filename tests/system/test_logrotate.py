"""etc/logrotate/classcord with the real logrotate, under load: the server goes on in new files, and no line is lost."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.server import BOUND, ROOT, Server, running

CONF = ROOT / "etc" / "logrotate" / "classcord"
ROUNDS = 3
TICK = (
    0.1  # seconds by which the clock that logrotate reads, time(2), may be behind ours: it goes by ticks of the kernel
)

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not shutil.which("logrotate"), reason="no logrotate; on Debian: apt-get install logrotate"),
]


class Rotation:
    """Our file, for a server's data folder and for whoever runs the tests."""

    def __init__(self, folder: Path, data: Path) -> None:
        ctl = folder / "ctl"
        ctl.write_text(
            f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
            "from classcord.cli import main\n"
            f"raise SystemExit(main([*sys.argv[1:2], '--data', {str(data)!r}, *sys.argv[2:]]))\n",
            "utf-8",
        )
        ctl.chmod(0o700)
        text = CONF.read_text("utf-8").replace("/var/lib/classcord", str(data)).replace("/usr/bin/classcord", str(ctl))
        self._conf = folder / "logrotate.conf"
        self._conf.write_text(text.replace("    su classcord classcord\n", ""), "utf-8")
        self._conf.chmod(0o600)
        self._state = folder / "state"

    def now(self, *options: str) -> str:
        """Rotate; return what logrotate says."""
        command = ["logrotate", "--verbose", "--state", str(self._state), *options, str(self._conf)]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=BOUND, check=False
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


def logged(data: Path, name: str) -> list[str]:
    """Return the lines of a log and of all that was rotated out of it."""
    lines: list[str] = []
    for file in sorted((data / "log").glob(f"{name}*")):
        content = file.read_bytes()
        lines += (gzip.decompress(content) if file.suffix == ".gz" else content).decode().splitlines()
    return lines


class Visitors(threading.Thread):
    """People who connect, register and leave, one after the other, until they are told to stop."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._enough = threading.Event()
        self.arrived = threading.Semaphore(0)
        self.count = 0

    def run(self) -> None:
        while not self._enough.is_set():
            self.count += 1
            with self._server.client() as visitor:
                visitor.register(f"visitor{self.count}")
            self.arrived.release()

    def end(self) -> None:
        self._enough.set()
        self.join(BOUND)
        assert not self.is_alive()


def test_no_line_is_lost(tmp_path: Path) -> None:
    """Each connection stands in one of the files once, though they are rotated meanwhile; all are private."""
    with running(tmp_path) as server:
        rotation = Rotation(tmp_path, server.data)
        visitors = Visitors(server)
        visitors.start()
        for _ in range(ROUNDS):
            rotation.now("--force")
            next_second = int(time.time()) + 1
            while time.time() < next_second + TICK:  # the files' names have the second in them
                assert visitors.arrived.acquire(timeout=BOUND)
        visitors.end()
    for name, pattern in (
        ("classcord.log", r"session (\d+) connected from 127"),
        ("audit.log", r"login session=(\d+) address=127"),
    ):
        lines = logged(server.data, name)
        sessions = [int(found[1]) for line in lines if (found := re.search(pattern, line))]
        assert (len(sessions), len(set(sessions))) == (visitors.count, visitors.count), name
    files = list((server.data / "log").iterdir())
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert [file.name for file in files if file.suffix == ".gz"]


def test_a_server_that_is_stopped(tmp_path: Path) -> None:
    """The logs of a stopped server are rotated all the same, and logrotate makes no empty files in their place."""
    with running(tmp_path) as server, server.client() as client:
        client.register("alice")
    log = server.data / "log"
    Rotation(tmp_path, server.data).now("--force")
    assert not (log / "classcord.log").exists()
    with running(tmp_path) as server, server.client() as client:
        client.login("alice")


def test_the_file_itself(tmp_path: Path) -> None:
    """As it is shipped, logrotate understands every word of it, and rotates as the user who owns the files."""
    done = subprocess.run(
        ["logrotate", "--debug", "--state", tmp_path / "state", CONF],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=BOUND,
        check=False,
    )
    said = [line for line in done.stdout.splitlines() if line.startswith("error:")]
    assert [line for line in said if "unknown user 'classcord'" not in line and "found error in" not in line] == []
