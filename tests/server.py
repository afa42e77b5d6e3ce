"""A real server for the end-to-end tests and the crash bench: `twistd classcord` in a folder of its own, and clients.

Nothing here polls: a server in the foreground is ready when its banner has come, a daemon when its parent has ended; a
client waits for bytes, an end for the end of a process. Each wait has a bound.
"""

from __future__ import annotations

import json
import os
import queue
import re
import select
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

from classcord.settings import ListenSettings

BOUND = 60.0  # seconds, for whatever must happen at all, on a busy machine too
ROOT = Path(__file__).parent.parent
TWISTD = (sys.executable, "-c", "from twisted.scripts.twistd import run; run()")
CLASSCORD = (sys.executable, "-c", "import sys; from classcord.cli import main; sys.exit(main(sys.argv[1:]))")
LOCAL = "tcp:0:interface=127.0.0.1"  # a free port, of this machine alone
FACES = tuple(ListenSettings().for_users())  # the keys of [listen] for people

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
ENVIRONMENT |= {"LC_CTYPE": "C.UTF-8", "LC_MESSAGES": "en", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


class Started(Protocol):
    """A process that was started, as subprocess.Popen has it."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...


Start = Callable[[Sequence[str], Path, Mapping[str, str], int, int], Started]
"""Starts a command in a folder, with an environment; it prints to two open files."""


def execute(command: Sequence[str], folder: Path, environment: Mapping[str, str], out: int, err: int) -> Started:
    """Start a program as people do, with an interpreter of its own."""
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        start_new_session=True,
    )


start: Start = execute
"""How twistd and classcord are started with the usual environment; tests do it faster (tests/forkserver.py)."""


def run_twistd(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run twistd to its end."""
    return _run(cwd, *TWISTD, *arguments)


def run_classcord(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a subcommand of classcord to its end."""
    return _run(cwd, *CLASSCORD, *arguments)


def _run(cwd: Path, *command: str) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as err:
        begun = start(command, cwd, ENVIRONMENT, out.fileno(), err.fileno())
        try:
            status = begun.wait(BOUND)
        except subprocess.TimeoutExpired:
            os.killpg(begun.pid, signal.SIGKILL)
            raise
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, status, out.read(), err.read())


class Server:
    """One start of the server, whose data folder is `folder`/data; the end of a `with` kills what still runs."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        daemon: bool = False,
        twistd: tuple[str, ...] = (),
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`options` are those of classcord and come after the defaults of the tests; `twistd` are its own."""
        self.folder = folder
        self.data = folder / "data"
        self.log = self.data / "log" / "classcord.log"
        self.audit = self.data / "log" / "audit.log"
        self.output: list[str] = []
        self._lines: queue.Queue[str] = queue.Queue()
        logged_before = len(self.logged())
        mode = ("--pidfile", "twistd.pid") if daemon else ("-n", "--pidfile=")
        listen = [part for face in FACES for part in ("--set", f"listen.{face}={LOCAL}")]
        listen += ["--set", "listen.metrics="]
        arguments = [*mode, *twistd, "classcord", "--data", str(self.data), *listen, *options]
        reading, writing = os.pipe()
        begin = execute if environment else start
        self.process = begin([*TWISTD, *arguments], folder, {**ENVIRONMENT, **environment}, writing, writing)
        os.close(writing)
        self._reader = threading.Thread(target=self._read_output, args=(reading,), daemon=True)
        self._reader.start()
        try:
            self.pid = self._daemon() if daemon else self._foreground()
        except BaseException:
            self._kill_group(self.process.pid)
            raise
        self._ended = os.pidfd_open(self.pid)
        self._find_places(logged_before)

    def _find_places(self, logged_before: int) -> None:
        self._places = re.findall("is running on (.*), data in", self.logged()[logged_before:])[-1].split(", ")

    def begun_again(self) -> None:
        """Wait until it has begun anew by itself, in the same process; it may listen elsewhere."""
        self.wait_for("^ClassCord ")
        self._find_places(0)

    def _read_output(self, reading: int) -> None:
        with os.fdopen(reading, encoding="utf-8") as printed:
            for line in printed:
                self.output.append(line)
                self._lines.put(line)
        self._lines.put("")

    def _foreground(self) -> int:
        self.wait_for("^ClassCord ")
        return self.process.pid

    def _daemon(self) -> int:
        assert self.process.wait(BOUND) == 0, self.output
        return int((self.folder / "twistd.pid").read_text("utf-8"))

    # -- where it is ----------------------------------------------------------------------------------------------

    def places(self, face: str) -> list[str]:
        """Return where it listens, as its log says: `127.0.0.1:45231`, `[::1]:45231`, `unix:/tmp/chat`."""
        return [place for each in self._places for word, _, place in [each.partition(" ")] if word == face]

    def address(self, face: str = "tcp", number: int = 0) -> tuple[str, int] | str:
        place = self.places(face)[number]
        if place.startswith("unix:"):
            return place.removeprefix("unix:")
        host, _, port = place.rpartition(":")
        return host.strip("[]"), int(port)

    def client(self, face: str = "tcp", number: int = 0) -> Client:
        """Return a new connection to the listener of this face and number; a certificate is not looked at."""
        return Client(self.address(face, number), unverified() if face == "tls" else None)

    def ctl(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Ask it by its control socket, from a folder far from it."""
        return run_classcord(Path("/"), "ctl", "--data", str(self.data), *command)

    # -- what it says ---------------------------------------------------------------------------------------------

    def logged(self) -> str:
        with suppress(FileNotFoundError):
            return self.log.read_text("utf-8")
        return ""

    def wait_for(self, pattern: str) -> str:
        """Return the next line of its output that has this pattern in it."""
        seen = []
        while True:
            try:
                line = self._lines.get(timeout=BOUND)
            except queue.Empty:
                line = ""
            seen.append(line)
            if not line:
                raise AssertionError(f"no {pattern!r} in {''.join(seen[-20:])}")
            if re.search(pattern, line):
                return line

    # -- its end --------------------------------------------------------------------------------------------------

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; return its exit status (a daemon's is not ours to know: 0)."""
        self.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Wait for its end; return its exit status."""
        assert select.select([self._ended], [], [], BOUND)[0], f"still running after {BOUND} s: {self.output[-20:]}"
        return self.process.wait(BOUND)

    def crash(self) -> None:
        """End it as a power failure would."""
        self.stop(signal.SIGKILL)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill what still runs of it."""
        self._kill_group(self.pid)
        os.close(self._ended)
        self._reader.join(BOUND)

    def _kill_group(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(os.getpgid(pid), signal.SIGKILL)
        self.process.wait(BOUND)


def unverified() -> ssl.SSLContext:
    """Return a context that does not look at the certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _looks_at_nothing(line: bytes, *, modern: bool) -> None:
    """Look at no line: outside the tests nobody does."""


class Client:
    """A blocking socket that speaks lines of JSON; it is modern from the answer to its `hello` on."""

    look: ClassVar[Callable[..., None]] = staticmethod(_looks_at_nothing)
    """Is shown each line that a client of this kind receives, and in which dialect; a run of the tests sets it."""

    def __init__(
        self, address: tuple[str, int] | str, tls: ssl.SSLContext | None = None, buffer: int = 0, *, source: str = ""
    ) -> None:
        """With a context, TLS to `localhost`; `buffer` bounds what the kernel takes for us; `source` is our address."""
        self.socket = socket.socket(
            socket.AF_UNIX if isinstance(address, str) else socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        )
        self.socket.settimeout(BOUND)
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect(address)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self._lines = self.socket.makefile("rb")
        self._modern = False

    def send(self, *requests: dict[str, Any], **request: Any) -> None:
        """Send requests: one from keywords, or several at once."""
        self.write(b"".join(json.dumps(each).encode() + b"\n" for each in requests or (request,)))

    def write(self, data: bytes) -> None:
        """Send some lines as they are."""
        self.socket.sendall(data)

    def read(self) -> Any:
        """Return the next line; None when the server has closed. A line without an end is none."""
        try:
            line = self._lines.readline()
        except ConnectionError:
            return None
        if not line.endswith(b"\n"):
            return None
        found = json.loads(line)
        self._modern |= isinstance(found, dict) and found.get("type") == "hello"
        self.look(line, modern=self._modern)
        return found

    def ask(self, **request: Any) -> Any:
        """Return the line that follows a request: the answer, where nothing else can come but heartbeats."""
        self.send(**request)
        return next((line for line in self if line["type"] != "heartbeat"), None)

    def until(self, **wanted: Any) -> Any:
        """Return the next line that has these fields; AssertionError if the connection ends before."""
        for line in self:
            if wanted.items() <= line.items():
                return line
        raise AssertionError(f"closed without {wanted}")

    def __iter__(self) -> Iterator[Any]:
        return iter(self.read, None)

    def register(self, name: str, password: str = "azerty") -> Client:
        assert self.ask(type="register", username=name, password=password)["status"] == "ok"
        return self.login(name, password)

    def login(self, name: str, password: str = "azerty") -> Client:
        answer = self.ask(type="login", username=name, password=password)
        assert answer.get("status") == "ok", answer
        return self

    def hello(self) -> Client:
        """Begin the modern dialect."""
        assert self.ask(type="hello", protocol=2, lang="en")["type"] == "hello"
        return self

    def say(self, content: str, **fields: Any) -> None:
        self.send(type="message", content=content, **fields)

    def close(self) -> None:
        self._lines.close()
        self.socket.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def history(client: Client, **where: Any) -> list[dict[str, Any]]:
    """Return all the messages of a channel or conversation, read page by page from the beginning by a modern client."""
    found: list[dict[str, Any]] = []
    more = True
    while more:
        after = found[-1]["message_id"] if found else 0
        client.send(type="history", id="history", after=after, limit=200, **where)
        page = client.until(id="history")
        assert page["type"] == "history", page
        found += page["messages"]
        more = page["more"]
    return found


@contextmanager
def running(folder: Path, *options: str, **keywords: Any) -> Iterator[Server]:
    """A server that must still be there at the end, and then stop cleanly, without having reported a fault."""
    with Server(folder, *options, **keywords) as server:
        yield server
        assert server.stop() == 0, server.output
        assert "Traceback" not in server.logged()
