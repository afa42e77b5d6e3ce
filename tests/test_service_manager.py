"""A server under a service manager: what it tells of its life, where its log goes, how it ends."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.manager import LISTEN, Managed, server_command
from tests.server import BOUND, ROOT, running

pytestmark = pytest.mark.system

LINE = re.compile(r"<[2-7]>\S")
TIME = re.compile(r"\d{4}-\d\d-\d\dT")


def managed(folder: Path, *options: str, **environment: str) -> Managed:
    return Managed(server_command(folder / "data", *LISTEN, *options), folder, environment)


def test_life_is_told(tmp_path: Path) -> None:
    """READY comes when people can connect, again after each reload, and STOPPING before the end; signs of life, too."""
    with managed(tmp_path, "--set", "server.language=en", WATCHDOG_USEC="100000") as server:
        server.hears("READY=1")
        with server.client() as client:
            client.register("alice")
            server.hears("STATUS=connections: 1, people: 1")
        program = "import sys; from classcord.cli import main; raise SystemExit(main(sys.argv[1:]))"
        command = [sys.executable, "-c", program, "ctl", "--data", str(tmp_path / "data"), "maintenance", "on"]
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=BOUND, check=True)
        assert server.hears("STATUS=connections: 0, people: 0; maintenance")
        server.signal(signal.SIGHUP)
        server.hears("RELOADING=1")
        assert int(server.hears("MONOTONIC_USEC=").partition("=")[2]) > 0
        server.hears("READY=1")
        for _ in range(3):
            server.hears("WATCHDOG=1")
        server.signal(signal.SIGTERM)
        server.hears("STOPPING=1")
        assert server.ended() == 0


def test_journal(tmp_path: Path) -> None:
    """Each line of the journal has its priority and no time; the log file has the same lines, with it."""
    with managed(tmp_path) as server:
        server.hears("READY=1")
        with server.client() as client:
            client.register("alice")
        assert server.stop() == 0
    assert [line for line in server.lines if not LINE.match(line) or TIME.search(line)] == []
    written = (tmp_path / "data" / "log" / "classcord.log").read_text("utf-8").splitlines()
    assert [line[25:].split(None, 1)[1] for line in written] == [line[3:].rstrip("\n") for line in server.lines]
    assert "<6>session 1 is alice, member\n" in server.lines
    assert not any("first-password" in line for line in server.lines)  # no banner: that is for a terminal


def test_journal_alone(tmp_path: Path) -> None:
    """[log] file = false leaves the log to the journal; the audit log stays where fail2ban reads it."""
    with managed(tmp_path, "--set", "log.file=false", "--set", "log.format=json") as server:
        server.hears("READY=1")
        with server.client() as client:
            client.register("alice")
        assert server.stop() == 0
    log = tmp_path / "data" / "log"
    assert (log / "classcord.log").read_text("utf-8") == ""
    assert "login session=1" in (log / "audit.log").read_text("utf-8")
    assert any(re.match(r'<6>\{"time": .*"session": 1\}$', line) for line in server.lines)


def test_a_refused_start(tmp_path: Path) -> None:
    """Settings that are refused end in status 2 with one line, and the manager never hears READY."""
    with managed(tmp_path, "--set", "log.level=loud") as server:
        assert server.ended() == 2
        with pytest.raises(BlockingIOError):
            server.socket.recv(100)
    assert len(server.lines) == 1
    assert '"loud"' in server.lines[0]


def test_restart_is_left_to_the_manager(tmp_path: Path) -> None:
    """`restart` ends with the status for which the unit asks systemd to start the server again."""
    with managed(tmp_path) as server:
        server.hears("READY=1")
        ctl = "from classcord.cli import main; raise SystemExit(main())"
        done = subprocess.run(
            [sys.executable, "-c", ctl, "ctl", "--data", "data", "restart", "--yes"],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT)},
            capture_output=True,
            encoding="utf-8",
            timeout=BOUND,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        server.hears("STOPPING=1")
        assert server.ended() == 75
    unit = (ROOT / "etc" / "systemd" / "classcord.service").read_text("utf-8")
    assert {"RestartForceExitStatus=75", "SuccessExitStatus=75"} <= set(unit.splitlines())


def test_a_hang_is_explained(tmp_path: Path) -> None:
    """What the unit asks systemd to do to a server without signs of life leaves in the journal where it was."""
    unit = (ROOT / "etc" / "systemd" / "classcord.service").read_text("utf-8")
    name, value = re.findall(r"^Environment=(\w+)=(.*)$", unit, re.MULTILINE)[0]
    number = re.findall(r"^WatchdogSignal=(\w+)$", unit, re.MULTILINE)[0]
    with managed(tmp_path, **{name: value}) as server:
        server.hears("READY=1")
        server.signal(signal.Signals[number])
        # Python reads frames of threads that go on meanwhile: rarely it crashes over one, and ends by that instead.
        assert server.ended() in {-signal.Signals[number], -signal.SIGSEGV}
    assert "Fatal Python error: Aborted" in "".join(server.lines)  # by the signal that the unit names
    assert "most recent call first" in "".join(server.lines)


def test_somebody_elses_journal(tmp_path: Path) -> None:
    """A program that systemd runs may start a server on a pipe: what is said there is for a reader, not the journal."""
    with running(tmp_path, "--verbose", environment={"JOURNAL_STREAM": "8:12345"}) as server:
        with server.client() as client:
            client.register("alice")
        assert re.match(TIME, server.wait_for("session 1 is alice"))
