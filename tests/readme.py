"""What the READMEs tell to type, and the user and terminals at which their test types it."""

from __future__ import annotations

import os
import pty
import pwd
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent
LONG = 1800.0  # seconds, for what installs or tests everything

_BLOCK = re.compile(r"(?:^    .*\n)+", re.MULTILINE)
_TYPED = re.compile(r"`((?:make|docker|apt|twistd|\./\w+\.sh|\.venv/bin/\w+|classcord) [^`]+|\./\w+\.sh)`")


def commands(name: str) -> list[str]:
    """Return the commands of a README: those of its blocks, without their comments, then those within its sentences."""
    page = (ROOT / name).read_text("utf-8")
    found = []
    for block in _BLOCK.findall(page):
        lines = [line.strip() for line in block.splitlines()]
        typed = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")] or lines
        found += [re.sub(r"\s{2,}# .*", "", line) for line in typed]
    return found + sorted(set(_TYPED.findall(page)) - set(found))


class User:
    """Somebody without rights, with an empty home; whoever runs the tests, unless that is root."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.name = pwd.getpwuid(os.geteuid()).pw_name
        self._prefix: list[str] = []
        self._is_made = os.geteuid() == 0
        if self._is_made:
            self.name = f"ccreader{os.getpid()}"
            subprocess.run(
                ["useradd", "--system", "--home-dir", home, "--no-create-home", "--shell", "/bin/sh", self.name],
                check=True,
            )
            self._prefix = ["setpriv", "--reuid", self.name, "--regid", self.name, "--init-groups", "--"]
            entry = pwd.getpwnam(self.name)
            os.chown(home, entry.pw_uid, entry.pw_gid)
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
        self.environment = {
            **kept,
            "HOME": str(home),
            "USER": self.name,
            "LOGNAME": self.name,
            "LANG": "en_GB.UTF-8",
            "TERM": "xterm",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "TMPDIR": str(home),
        }
        if not self._is_made:
            self.environment["PATH"] = os.environ["PATH"]

    def run(self, command: str, cwd: Path, *, bound: float = LONG) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; its output and errors are together."""
        return subprocess.run(
            [*self._prefix, "sh", "-c", command],
            cwd=cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=bound,
            check=False,
        )

    def open(self, command: str, cwd: Path) -> Terminal:
        """Begin a command at a terminal of its own."""
        return Terminal([*self._prefix, "setsid", "--ctty", "--wait", "sh", "-c", command], cwd, self.environment)

    def close(self) -> None:
        """End what still runs of a user that was made, and remove it."""
        if self._is_made:
            subprocess.run(["pkill", "-KILL", "-u", self.name], check=False)
            subprocess.run(["userdel", self.name], check=False, capture_output=True)


class Terminal:
    """A terminal at which a command runs; what it shows is looked for in its order."""

    def __init__(self, command: list[str], cwd: Path, environment: dict[str, str]) -> None:
        self._primary, secondary = pty.openpty()
        self.process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=secondary, stdout=secondary, stderr=secondary
        )
        os.close(secondary)
        self._unread = b""
        self.seen = ""

    def wait_for(self, pattern: str, bound: float = 60.0) -> re.Match[str]:
        """Return the next place of this pattern; nothing before it is looked at again."""
        until = time.monotonic() + bound
        while True:
            shown = self._unread.decode(errors="replace").replace("\r\n", "\n")
            if found := re.search(pattern, shown):
                self.seen += shown[: found.end()]
                self._unread = shown[found.end() :].encode()
                return found
            left = until - time.monotonic()
            assert left > 0, f"no {pattern!r} in {bound} s: {self.seen[-2000:]}{shown}"
            if select.select([self._primary], [], [], left)[0]:
                try:
                    more = os.read(self._primary, 65_536)
                except OSError:  # nobody is at its other side any more
                    more = b""
                assert more, f"ended without {pattern!r}: {self.seen[-2000:]}{shown}"
                self._unread += more

    def type(self, text: str) -> None:
        os.write(self._primary, text.encode())

    def ended(self, bound: float = 60.0) -> int:
        """Wait for its end; return its exit status."""
        until = time.monotonic() + bound
        with suppress(OSError):
            while select.select([self._primary], [], [], max(0.0, until - time.monotonic()))[0]:
                self._unread += os.read(self._primary, 65_536)
        self.seen += self._unread.decode(errors="replace").replace("\r\n", "\n")
        return self.process.wait(max(1.0, until - time.monotonic()))

    def close(self) -> None:
        """Hang up; kill what does not end."""
        os.close(self._primary)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


@contextmanager
def reader() -> Iterator[tuple[User, Path]]:
    """Somebody without rights and the clone that they have just made."""
    home = Path(tempfile.mkdtemp(prefix="cc-", dir="/tmp"))  # pytest's folders are closed; paths of sockets are short
    user = User(home)
    try:
        clone = home / "classcord"
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, clone], check=True)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", f"{user.name}:{user.name}", clone], check=True)
        yield user, clone
    finally:
        user.close()
        shutil.rmtree(home, ignore_errors=True)
