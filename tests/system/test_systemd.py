"""The units of systemd, read by systemd's own tools, and the server run as they ask, as far as goes without systemd."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.manager import LISTEN, Managed, server_command
from tests.server import BOUND, FACES, ROOT, Client
from tests.system.confined import confined, read

UNITS = ROOT / "etc" / "systemd"
SERVICE = UNITS / "classcord.service"
NAMES = sorted(unit.name for unit in UNITS.iterdir())
WORST = 1.5  # exposure of a service, as `systemd-analyze security` counts it: 0 is none, 10 all

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd's tools are not installed"),
]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to take rights away")


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND,
        check=False,
        env=os.environ | {"LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0"},
    )


# -- the files --------------------------------------------------------------------------------------------------------


def test_there_are_the_units_that_are_written_about() -> None:
    """A server, its sockets, and timers for what it does by itself."""
    assert (
        sorted(
            [
                "classcord.service",
                *(f"classcord-{face}.socket" for face in FACES),
                *(f"classcord-{work}.{kind}" for work in ("backup", "export") for kind in ("service", "timer")),
            ]
        )
        == NAMES
    )


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".service")])
def test_exposure(name: str) -> None:
    """Each service is closed up as far as Python goes; what TLS needs (memory that is written and run) is left open."""
    done = analyze("security", "--offline=true", f"--threshold={int(WORST * 10)}", "--no-pager", UNITS / name)
    found = re.search(rf"Overall exposure level for {name}: ([0-9.]+) ", done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert found
    assert float(found[1]) <= WORST
    assert "MemoryDenyWriteExecute=" not in read(UNITS / name)


@pytest.mark.parametrize("name", NAMES)
def test_units_are_understood(name: str, tmp_path: Path) -> None:
    """Systemd finds no setting that it does not know, no value that is none, and every unit that is named."""
    for unit in UNITS.iterdir():
        text = unit.read_text("utf-8").replace("/usr/lib/classcord/bin/", f"{tmp_path}/")
        (tmp_path / unit.name).write_text(text, "utf-8")
    for program in ("twistd", "classcord"):
        (tmp_path / program).symlink_to("/bin/true")
    done = analyze("verify", "--man=no", tmp_path / name)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_wrong_unit_is_seen(tmp_path: Path) -> None:
    """The proof before is one: a misspelt setting is complained of."""
    unit = tmp_path / "wrong.service"
    unit.write_text("[Service]\nExecStart=/bin/true\nWatchdogSecs=60\n", "utf-8")
    assert "WatchdogSecs" in analyze("verify", "--man=no", unit).stderr


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".timer")])
def test_timers_have_a_time_and_a_service(name: str) -> None:
    """Each timer elapses, catches up after the machine was off, and has a service of its name."""
    timer = read(UNITS / name)
    when = analyze("calendar", timer["OnCalendar"][0]).stdout
    assert "Next elapse" in when
    assert timer["Persistent"] == ["yes"]
    assert (UNITS / name).with_suffix(".service").exists()


def test_the_watchdog_leaves_time() -> None:
    """A hang is found by the server itself only if systemd's patience is not shorter than a turn of the watch."""
    seconds = float(read(SERVICE)["WatchdogSec"][0])
    assert 30 <= seconds <= 300  # below, a slow disk kills a server; above, a class waits


# -- the server, confined ---------------------------------------------------------------------------------------------


PROBE = """
import ctypes, errno, os, socket

def outcome(what):
    try:
        what()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"

def unshare():
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000):
        raise OSError(ctypes.get_errno(), "")

print("state", outcome(lambda: open("written", "w")))
print("system", outcome(lambda: open("/etc/written-by-a-test", "w")))
print("internet", outcome(socket.socket))
print("packets", outcome(lambda: socket.socket(17, socket.SOCK_RAW)))
print("namespace", outcome(unshare))
print("chroot", outcome(lambda: os.chroot("/")))
print("owner", outcome(lambda: os.chown("written", 1, 1)))
"""


@as_root
def test_confinement_holds(tmp_path: Path) -> None:
    """What the next test runs a server in is no empty word: what the unit forbids is refused there."""
    done = subprocess.run(
        confined(SERVICE, tmp_path, sys.executable, "-c", PROBE),
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND,
        check=False,
    )
    assert dict(line.split() for line in done.stdout.splitlines()) == {
        "state": "done",
        "system": "EROFS",
        "internet": "done",
        "packets": "EPERM",
        "namespace": "EPERM",
        "chroot": "EPERM",
        "owner": "EPERM",
    }, done.stderr


def run_here(folder: Path, *command: str, given: str = "") -> str:
    """Run a command that must succeed, as an administrator beside the server; return its output."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def classcord(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from classcord.cli import main; raise SystemExit(main())", *arguments]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder of administrators' keys with that of `prof`, whose private half is beside it."""
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    run_here(tmp_path, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "id")
    (folder / "prof.pub").write_text((tmp_path / "id.pub").read_text("utf-8"), "utf-8")
    (folder / "prof.pub").chmod(0o600)
    return folder


@as_root
@pytest.mark.skipif(not shutil.which("sftp"), reason="OpenSSH is not installed")
def test_a_confined_server_serves(tmp_path: Path, keys: Path) -> None:
    """With the unit's system calls, rights and folders all works: passwords, storage, TLS, console, SFTP, backup."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    data = state / "data"
    command = server_command(data, *LISTEN, "--set", f"ssh.keys={keys}")
    with Managed(confined(SERVICE, state, *command), tmp_path) as server:
        server.hears("READY=1")
        with server.client() as alice, server.client() as bob:
            alice.register("alice")
            bob.register("bob")
            bob.say("Bonjour")
            assert alice.until(content="Bonjour")["from"] == "bob"
        with server.client("tls") as carol:
            carol.register("carol")
        assert run_here(tmp_path, *classcord("ctl", "--data", str(data), "version")).startswith("version\t")
        port = server.place("ssh")[1]
        options = ("-q", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-i", "id", "-b", "-")
        given = "put -p id.pub import/list\nchmod 640 import/list\nls -l import\n"
        run_here(tmp_path, "sftp", *options, "-P", str(port), "prof@127.0.0.1", given=given)
        assert (data / "import" / "list").read_text("utf-8") == (tmp_path / "id.pub").read_text("utf-8")
        server.signal(signal.SIGHUP)
        server.hears("RELOADING=1")
        server.hears("READY=1")
        assert server.stop() == 0
    assert [line for line in server.lines if re.match("<[0-4]>", line)] == []
    assert "Operation not permitted" not in "".join(server.lines)
    for work, made in (("backup", "backups"), ("export", "exports")):
        unit = UNITS / f"classcord-{work}.service"
        words = read(unit)["ExecStart"][0].partition(" --config ")[0].split()[1:]
        run_here(tmp_path, *confined(unit, state, *classcord(*words, "--data", str(data))))
        assert list((data / made).iterdir())


# -- sockets ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def ports() -> list[int]:
    """Ports that were free a moment ago."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("::", 0), family=socket.AF_INET6)) for _ in FACES]
        return [each.getsockname()[1] for each in sockets]


@pytest.mark.skipif(not shutil.which("systemd-socket-activate"), reason="systemd-socket-activate is not installed")
def test_sockets_that_systemd_opens(tmp_path: Path, ports: list[int]) -> None:
    """The server takes each socket by its name, as the socket units say to set it; who came before it is served."""
    listen = []
    for face in FACES:
        text = (UNITS / f"classcord-{face}.socket").read_text("utf-8")
        setting = re.search(rf"^# {face} = \[\"(.*)\"\]$", text, re.MULTILINE)
        assert setting
        assert setting[1].endswith(f":name={read(UNITS / f'classcord-{face}.socket')['FileDescriptorName'][0]}")
        listen += ["--set", f"listen.{face}={setting[1]}"]
    names = ("NOTIFY_SOCKET", "JOURNAL_STREAM", "PYTHONPATH", "LC_ALL")
    activate = ["systemd-socket-activate", *(f"--listen={port}" for port in ports), f"--fdname={':'.join(FACES)}"]
    activate += [f"--setenv={name}" for name in names]
    with Managed([*activate, *server_command(tmp_path / "data", *listen)], tmp_path) as server:
        server.printed("Listening on .* as 7")
        with Client(("127.0.0.1", ports[0])) as client:  # the program that listens starts the server for it
            server.hears("READY=1")
            client.register("alice")
        with Client(("::1", ports[0])) as client:
            client.register("bob")
        with socket.create_connection(("127.0.0.1", ports[2]), BOUND) as ssh:
            assert ssh.recv(8) == b"SSH-2.0-"
        assert server.stop() == 0
    assert "from 127.0.0.1 by tcp" in "".join(server.lines)


@pytest.mark.skipif(not shutil.which("systemd-socket-activate"), reason="systemd-socket-activate is not installed")
def test_a_socket_that_is_missing(tmp_path: Path) -> None:
    """Settings that count on a socket which systemd does not open are refused in one line, status 2."""
    with Managed(
        server_command(tmp_path / "data", "--set", "listen.chat=systemd:domain=INET6:name=chat"), tmp_path
    ) as server:
        assert server.ended() == 2
    assert len(server.lines) == 1
    assert "name=chat" in server.lines[0]
