"""OpenSSH's sftp and scp on the sftp subsystem: what their users do, and what they see when it is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.server import BOUND, ROOT

SERVER = Path(__file__).with_name("sftp_server.py")
LIMIT = 300_000  # bytes of an upload: several packets

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("sftp") is None, reason="no sftp; on Debian: apt-get install openssh-client"),
]


class Served:
    """A running server with a data folder, and clients of it."""

    def __init__(self, folder: Path, role: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        (self.data / "exports").mkdir(parents=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"], check=True, timeout=BOUND)
        self.process = subprocess.Popen(
            [sys.executable, SERVER, self.data, role, str(LIMIT), folder / "key.pub"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": str(ROOT)},
            encoding="utf-8",
        )
        assert self.process.stdout is not None
        self.port, _, key = self.process.stdout.readline().partition(" ")
        (folder / "known").write_text(f"[127.0.0.1]:{self.port} {key}", "utf-8")

    def _client(self, program: str, *arguments: str, script: str = "") -> subprocess.CompletedProcess[str]:
        options = (f"UserKnownHostsFile={self.folder}/known", "IdentitiesOnly=yes", "BatchMode=yes", "LogLevel=ERROR")
        return subprocess.run(
            [
                program,
                "-F",
                "/dev/null",
                "-i",
                self.folder / "key",
                *(part for o in options for part in ("-o", o)),
                "-P",
                self.port,
                *arguments,
            ],
            cwd=self.folder,
            input=script,
            capture_output=True,
            encoding="utf-8",
            timeout=BOUND,
            check=False,
        )

    def sftp(self, *commands: str) -> subprocess.CompletedProcess[str]:
        """Run commands until one fails."""
        return self._client("sftp", "-b", "-", "prof@127.0.0.1", script="\n".join(commands) + "\n")

    def scp(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Copy; `@` stands for the server."""
        return self._client("scp", *(each.replace("@", "prof@127.0.0.1:") for each in arguments))

    def imported(self) -> dict[str, bytes]:
        return {each.name: each.read_bytes() for each in (self.data / "import").iterdir()}

    def stop(self) -> list[list[str]]:
        """End the server; return what was noted."""
        output, _ = self.process.communicate(timeout=BOUND)
        return [json.loads(line) for line in output.splitlines()]


@contextmanager
def serving(folder: Path, role: str = "owner") -> Iterator[Served]:
    server = Served(folder, role)
    with server.process:  # closes its pipes
        try:
            yield server
        finally:
            server.process.kill()
            server.process.wait(BOUND)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as server:
        yield server


def test_sftp(server: Served) -> None:
    """Looking around, a download, uploads in several packets, over another, continued, renamed, removed; and noted."""
    export = bytes(range(256)) * 8_000  # 2 MB: more than a window
    (server.data / "exports" / "élèves.csv").write_bytes(export)
    upload = b"alice\n" * 30_000
    (server.folder / "list").write_bytes(upload)
    done = server.sftp(
        "pwd",
        "cd import",
        "cd ..",
        "ls -la",
        "ls -l exports",
        "get exports/élèves.csv got",
        "put list import/list",
        "put list import/list",
        "rename import/list import/liste",
        "ls -1 import",
        "chmod 644 import/liste",
        "put -p list import/b",
        "rm import/b",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (server.folder / "got").read_bytes() == export
    assert server.imported() == {"liste": upload}
    lines = done.stdout.splitlines()
    assert "Remote working directory: /" in lines
    assert any(line.startswith("dr-x------") and line.endswith(" backups") for line in lines)
    assert any(line.startswith("-r--------") and line.endswith(" élèves.csv") for line in lines)
    assert "import/liste" in lines
    (server.folder / "list").write_bytes(upload + b"bob\n")
    done = server.sftp("reput list import/liste")
    assert (done.returncode, done.stderr, server.imported()) == (0, "", {"liste": upload + b"bob\n"})
    assert server.stop() == [
        ["read", "/exports/élèves.csv", ""],
        ["write", "/import/list", ""],
        ["write", "/import/list", ""],
        ["rename", "/import/list", "/import/liste"],
        ["write", "/import/liste", ""],
        ["write", "/import/b", ""],
        ["remove", "/import/b", ""],
        ["write", "/import/liste", ""],
    ]


def test_scp(server: Served) -> None:
    """Both ways, with times kept where that is asked for."""
    (server.data / "exports" / "users.csv").write_text("alice\n", "utf-8")
    (server.folder / "list").write_bytes(b"x" * LIMIT)
    done = server.scp("-p", "list", "@import/")
    assert (done.returncode, done.stderr) == (0, "")
    done = server.scp("-p", "@/exports/users.csv", "@exports/users.csv", ".")
    assert (done.returncode, done.stderr) == (0, "")
    done = server.scp("-r", "@exports", "copy")
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        (server.folder / "users.csv").read_text("utf-8")
        == (server.folder / "copy" / "users.csv").read_text("utf-8")
        == "alice\n"
    )
    here, there = (server.folder / "list").stat(), (server.data / "import" / "list").stat()
    assert (there.st_size, there.st_mode & 0o777, int(there.st_mtime)) == (LIMIT, 0o600, int(here.st_mtime))


def test_an_upload_that_is_too_long(server: Served) -> None:
    """Both clients fail and say the bound, once for each upload; nothing is left of it."""
    (server.folder / "list").write_bytes(b"x" * (LIMIT + 1))
    for done in (server.sftp("put list import/list"), server.scp("list", "@import/list")):
        assert done.returncode == 1
        assert done.stderr.count(f"A file in import/ has at most {LIMIT} bytes.") == 1
    assert server.imported() == {}


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("get /etc/passwd", "not found"),
        ("get ../../../../../etc/passwd", "not found"),
        ("get exports/link", "not found"),
        ("get import/.ssh", "not found"),
        ("put key.pub exports/key.pub", "Only import/ is for writing."),
        ("put key.pub import/.ssh", "Names here do not begin with a dot."),
        ("put key.pub key.pub", "Only import/ is for writing."),
        ("rm exports/users.csv", "Only import/ is for writing."),
        ("mkdir import/a", "Folders can be neither made nor removed here."),
        ("rmdir import", "Folders can be neither made nor removed here."),
        ("rename exports/users.csv import/a", "Only import/ is for writing."),
        ("ln -s /etc/passwd import/a", "Operation unsupported"),
        ("chmod 600 exports/users.csv", "Only import/ is for writing."),
    ],
)
def test_what_is_refused(server: Served, command: str, words: str) -> None:
    """The client fails and its user reads why."""
    (server.data / "exports" / "users.csv").write_text("alice\n", "utf-8")
    (server.data / "exports" / "link").symlink_to("/etc/passwd")
    done = server.sftp(command)
    assert (done.returncode, words in done.stderr) == (1, True), done.stderr
    assert [each.name for each in (server.data / "exports").iterdir() if not each.is_symlink()] == ["users.csv"]
    assert not (server.data / "import").exists() or server.imported() == {}


@pytest.mark.parametrize(("role", "seen"), [("admin", ["import"]), ("moderator", [])])
def test_others_see_less(tmp_path: Path, role: str, seen: list[str]) -> None:
    """An administrator the folder to import from, a moderator an empty root."""
    with serving(tmp_path, role) as server:
        done = server.sftp("ls -1")
        assert [line for line in done.stdout.splitlines() if not line.startswith("sftp>")] == seen
        assert server.scp("@exports/users.csv", ".").returncode == 1
