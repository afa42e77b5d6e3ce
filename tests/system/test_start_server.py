"""start_server.sh, as a pupil uses it: started, asked, started twice, restarted, stopped."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.server import BOUND, FACES, LOCAL, ROOT, Client

SCRIPT = "start_server.sh"
LISTEN = [part for face in FACES for part in ("--set", f"listen.{face}={LOCAL}")]
OPTIONS = [*LISTEN, "--set", "listen.metrics="]
STOPPED = 3

pytestmark = [
    pytest.mark.system,
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("ps"), reason="ps is not installed; on Debian: apt-get install procps"),
]


class Clone:
    """A folder with the script, as a clone of the sources has it at its root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "var"
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
            "CLASSCORD_BIN": str(Path(sys.executable).parent),
        }
        shutil.copy(ROOT / SCRIPT, folder)

    def run(self, *arguments: str, cwd: str = "/", **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the script from another folder, with both outputs in one."""
        return subprocess.run(
            [self.folder / SCRIPT, *arguments],
            cwd=cwd,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=BOUND,
            check=False,
        )

    def does(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout
        return done.stdout

    @property
    def pid(self) -> int:
        return int((self.data / "server.pid").read_text("utf-8"))


def client(said: str) -> Client:
    """Return a connection to where the script says that people chat."""
    found = re.search(r"^  Chat +127\.0\.0\.1:(\d+)$", said, re.MULTILINE)
    assert found, said
    return Client(("127.0.0.1", int(found[1])))


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    clone = Clone(tmp_path)
    yield clone
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(clone.pid, signal.SIGKILL)


def test_a_day_of_a_server(clone: Clone) -> None:
    """`start` comes back when people can connect and says where, `status` says it again, `stop` when it has ended."""
    said = clone.does("start", *OPTIONS)
    with client(said) as alice:
        alice.register("alice")
    assert re.search(r"^  Administration  ssh -p \d+ admin@127\.0\.0\.1$", said, re.MULTILINE)
    for words in ("Chat chiffré", str(Path("var") / "first-password"), "./start_server.sh stop"):
        assert words in said
    assert clone.does("status") == said
    running = os.pidfd_open(clone.pid)
    assert clone.does("stop") == "ClassCord est arrêté.\n"
    with pytest.raises(ProcessLookupError):
        signal.pidfd_send_signal(running, 0)
    os.close(running)
    assert "ClassCord has stopped" in (clone.data / "log" / "classcord.log").read_text("utf-8")
    assert clone.run("status").returncode == STOPPED
    assert clone.does("stop") == "ClassCord est arrêté.\n"


def test_without_a_command_it_starts(clone: Clone) -> None:
    """`./start_server.sh` alone, or with options, is `start`; what it makes is its owner's alone."""
    assert "ClassCord tourne" in clone.does(*OPTIONS)
    assert clone.data.stat().st_mode & 0o777 == 0o700


def test_starting_twice(clone: Clone) -> None:
    """Whoever starts it again hears that it runs, and the server is the same."""
    first, pid = clone.does("start", *OPTIONS), clone.pid
    assert clone.does("start", *OPTIONS) == first
    assert clone.pid == pid


def test_restart_keeps_the_options(clone: Clone) -> None:
    """A restart without options takes those of before, whatever is in them; with options, these."""
    motd = """l'heure "exacte" $(date) `x` \\ ; * é"""
    clone.does("start", *OPTIONS, "--set", f"server.motd={motd}")
    for options, expected in (([], motd), ([*OPTIONS, "--set", "server.motd=autre"], "autre")):
        before = clone.pid
        with client(clone.does("restart", *options)) as alice:
            assert alice.ask(type="hello", protocol=2)["motd"] == expected
        assert clone.pid != before


def test_a_refused_start(clone: Clone) -> None:
    """Options that are refused end in status 2 with the reason, and nothing runs."""
    done = clone.run("start", *OPTIONS, "--set", "log.level=loud")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (2, "ClassCord n’a pas démarré.")
    assert "loud" in done.stdout
    assert clone.run("status").returncode == STOPPED


def test_a_number_that_is_anothers(clone: Clone) -> None:
    """After a power failure the number in the file may be any program's: that one is left alone, the server starts."""
    clone.data.mkdir()
    (clone.data / "server.pid").write_text(str(os.getpid()), "utf-8")
    assert clone.run("status").returncode == STOPPED
    clone.does("stop")
    (clone.data / "server.pid").write_text(str(os.getpid()), "utf-8")
    clone.does("start", *OPTIONS)
    assert clone.pid != os.getpid()


def test_another_instance_is_not_taken_for_its_own(clone: Clone) -> None:
    """Its number may be in the file: who holds the lock of the data folder is who runs, and nobody else is stopped."""
    other = clone.folder / "other"
    clone.environment["DATA"] = str(other)
    clone.does("start", *OPTIONS)
    running = int((other / "server.pid").read_text())
    del clone.environment["DATA"]
    clone.data.mkdir()
    for file in ("server.pid", "lock"):
        (clone.data / file).write_text(f"{running}\n")
    assert clone.run("status").returncode == STOPPED
    assert clone.does("stop") == "ClassCord est arrêté.\n"
    (clone.data / "server.pid").write_text(f"{running}\n")
    clone.does("start", *OPTIONS)
    assert clone.pid != running
    clone.does("stop")
    clone.environment["DATA"] = str(other)
    assert f"processus {running}" in clone.does("status")
    clone.does("stop")


def test_a_server_that_was_started_otherwise(clone: Clone) -> None:
    """Where the file of the number is gone or wrong, the lock says who runs: that one is told and stopped."""
    clone.does("start", *OPTIONS)
    running = clone.pid
    (clone.data / "server.pid").write_text(str(os.getpid()))
    assert f"processus {running}" in clone.does("start", *OPTIONS)
    (clone.data / "server.pid").unlink()
    assert f"processus {running}" in clone.does("status")
    assert clone.does("stop") == "ClassCord est arrêté.\n"
    assert clone.run("status").returncode == STOPPED


def test_a_server_of_make_run(clone: Clone) -> None:
    """One in the foreground, on the same data, is told with its addresses, its certificate and its key."""
    clone.does("start", *OPTIONS)  # whose addresses are another's now
    clone.does("stop")
    twistd = str(Path(sys.executable).parent / "twistd")
    command = [twistd, "--nodaemon", "--pidfile=", "classcord", "--data", str(clone.data)]
    with subprocess.Popen(
        [*command, *OPTIONS], cwd=clone.folder, env=clone.environment, stdout=subprocess.PIPE, encoding="utf-8"
    ) as server:
        assert server.stdout is not None
        shown = ""
        while "Ctrl-C" not in shown or "first-password" not in shown:
            line = server.stdout.readline()
            assert line, shown
            shown += line
        said = clone.does("status")
        server.terminate()
    assert f"processus {server.pid}" in said
    for kind in (r"  Chat +(127\.0\.0\.1:\d+)", r"(sha256:[0-9A-F:]{95})", r"(SHA256:[A-Za-z0-9+/]{43})"):
        ours, theirs = re.findall(kind, said), re.findall(kind, shown)
        assert len(ours) == 1
        assert ours[0] in theirs


def test_a_folder_with_a_space(clone: Clone) -> None:
    """DATA may have spaces and quotes in it."""
    clone.environment["DATA"] = "mes données d'été"
    assert "mes données d'été/first-password" in clone.does("start", *OPTIONS)
    assert "mes données d'été" in clone.does("status")
    clone.does("stop")


def test_a_command_that_works_in_the_folder(clone: Clone) -> None:
    """`classcord import-users` holds the folder, too: it is no server, and is not stopped as one."""
    clone.data.mkdir()
    with (clone.data / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        for command in ("status", "start", "stop"):
            done = clone.run(command)
            assert done.returncode == 1
            assert f"Le processus {os.getpid()}, qui n’est pas un serveur" in done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_a_folder_of_another_user() -> None:
    """What cannot be looked into is not said to be stopped."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        clone = Clone(Path(folder))
        clone.data.mkdir(mode=0o700)
        done = subprocess.run(
            [clone.folder / SCRIPT, "status"],
            env=clone.environment,
            user=65534,
            group=65534,
            extra_groups=[],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=BOUND,
            check=False,
        )
    assert done.returncode == 1
    assert "d’un autre utilisateur" in done.stdout


def test_a_first_start_installs(clone: Clone) -> None:
    """In a fresh clone, make installs what is needed in .venv first, as `make run` does."""
    assert "\n$(VENV)/.installed:" in (ROOT / "Makefile").read_text("utf-8")
    rule = f".venv/.installed:\n\t@mkdir -p .venv\n\t@ln -s {Path(sys.executable).parent} .venv/bin\n\t@touch $@\n"
    (clone.folder / "Makefile").write_text(rule, "utf-8")
    del clone.environment["CLASSCORD_BIN"]
    assert "ClassCord tourne" in clone.does("start", *OPTIONS)
    assert (clone.folder / ".venv" / "bin" / "twistd").exists()


@pytest.mark.parametrize(("word", "status"), [("--help", 0), ("begin", 2)])
def test_help(clone: Clone, word: str, status: int) -> None:
    """`--help` explains it; so does a word that is none of its commands, as a refusal."""
    done = clone.run(word)
    assert done.returncode == status
    assert "./start_server.sh stop" in done.stdout
    assert "set -eu" not in done.stdout
