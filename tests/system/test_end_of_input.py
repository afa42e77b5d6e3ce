"""A file of commands by OpenSSH, PuTTY's plink and script(1): what is sent before the end of the input is run."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import BOUND, running
from tests.system.test_openssh import Administrator

pytestmark = pytest.mark.system

FILES = {
    "lines": ("", "\n", "\n"),
    "CRLF": ("", "\r\n", "\r\n"),
    "no last end": ("", "\n", ""),
    "a mark": ("\ufeff", "\n", "\n"),
}
"""What stands before the first line, between two, and behind the last."""
MAIN = "import sys; from classcord.cli import main; sys.exit(main(sys.argv[1:]))"
PROGRAMS = ["ssh -tt", "ssh", "plink", "script", "ctl"]


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Administrator]:
    folder = tmp_path_factory.mktemp("input")
    (folder / "keys").mkdir(mode=0o700)
    with running(folder, "--set", f"ssh.keys={folder / 'keys'}", "--set", "server.language=en") as server:
        administrator = Administrator(server, folder)
        administrator.make_key("prof")
        yield administrator


def key(admin: Administrator) -> Path:
    return admin.folder / "id_prof_ed25519"


def ctl(admin: Administrator, *words: str) -> list[str]:
    return [sys.executable, "-c", MAIN, "ctl", "--data", str(admin.server.data), *words]


def plink(admin: Administrator) -> list[str]:
    """Return PuTTY's command line client, with a key of its own kind, that knows the server's."""
    if shutil.which("plink") is None or shutil.which("puttygen") is None:
        pytest.skip("needs plink and puttygen (putty-tools)")
    ppk = admin.folder / "prof.ppk"
    subprocess.run(["puttygen", str(key(admin)), "-o", str(ppk), "-O", "private"], check=True, timeout=BOUND)
    host = subprocess.run(
        ["ssh-keyscan", "-p", str(admin.server.address("ssh")[1]), "-t", "ed25519", "127.0.0.1"],
        capture_output=True,
        text=True,
        check=True,
        timeout=BOUND,
    ).stdout.split()[-2:]
    public = admin.folder / "host.pub"
    public.write_text(" ".join(host) + "\n")
    shown = subprocess.run(
        ["ssh-keygen", "-lf", public], capture_output=True, text=True, check=True, timeout=BOUND
    ).stdout
    return [
        "plink",
        "-ssh",
        "-batch",
        "-P",
        str(admin.server.address("ssh")[1]),
        "-i",
        str(ppk),
        "-hostkey",
        shown.split()[1],
        "prof@127.0.0.1",
    ]


def command(admin: Administrator, program: str) -> list[str]:
    if program == "plink":
        return plink(admin)
    if program == "script":
        if shutil.which("script") is None:
            pytest.skip("needs script(1)")
        return ["script", "-q", "-e", "-c", shlex.join(ctl(admin)), "/dev/null"]
    if program == "ctl":
        return ctl(admin)
    options = {"ssh -tt": ["-tt"], "ssh": ["-T"]}[program]
    return [*admin.command("ssh", key(admin), *options), "prof@127.0.0.1"]


def fed(admin: Administrator, program: str, text: str) -> subprocess.CompletedProcess[bytes]:
    file = admin.folder / "commands.txt"
    file.write_bytes(text.encode())
    with file.open("rb") as commands:
        return subprocess.run(command(admin, program), stdin=commands, capture_output=True, timeout=BOUND, check=False)


def channels(admin: Administrator) -> str:
    done = subprocess.run(ctl(admin, "channels", "--json"), capture_output=True, text=True, timeout=BOUND, check=True)
    return done.stdout


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("file", FILES)
def test_every_command_of_a_file_is_run(admin: Administrator, program: str, file: str) -> None:
    """All twelve of them, whoever carries them, and the status says that they were."""
    if program == "script" and file == "no last end":
        pytest.skip("script(1) says the end by one Ctrl-D, which ends no line that is begun, in bash neither")
    before, between, behind = FILES[file]
    names = [f"#{program}-{file}-{number}".replace(" ", "_") for number in range(12)]
    done = fed(admin, program, before + between.join(f"create {name}" for name in names) + behind)
    there = channels(admin)
    assert [name for name in names if f'"{name}"' not in there] == [], done
    assert done.returncode == 0, done


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    ("text", "status"), [("version\nfly\nversion\n", 2), ("", 0), ("deluser admin\n", 2), ("kick nobody\nexit\n", 1)]
)
def test_the_status_says_whether_they_were_done(admin: Administrator, program: str, text: str, status: int) -> None:
    """A mistake, nothing at all, a question that the end of the input does not answer, a refusal."""
    if program == "script" and text.startswith("deluser"):
        pytest.skip("script(1) says the end by one Ctrl-D, which answers the question and is gone then")
    done = fed(admin, program, text)
    assert done.returncode == status, done


def test_a_connection_that_ends_while_it_is_greeted(admin: Administrator) -> None:
    """Nothing of it is a fault in the log."""
    for _ in range(5):
        fed(admin, "ssh -tt", "")
    log = admin.server.log.read_text("utf-8")
    assert "Traceback" not in log
    assert "NotIdentified" not in log
