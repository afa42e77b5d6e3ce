"""`classcord ctl` at the other end of its socket: what it sends, shows and returns, whatever the server does.

The server is played by the test, in a thread where it has to answer meanwhile.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from classcord.faces.control import frames
from tests.server import BOUND, ROOT

CTL = (sys.executable, "-c", "import sys; from classcord.cli import main; sys.exit(main(sys.argv[1:]))", "ctl")
ENVIRONMENT = {**os.environ, "LC_ALL": "en_GB.UTF-8", "PYTHONPATH": str(ROOT), "TERM": "xterm"}
EXPORTED = {"COLUMNS": "80", "LINES": "24"}  # as a shell may do, and pytest-xdist does


class Listener:
    """A server of one connection."""

    def __init__(self, folder: Path) -> None:
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.settimeout(BOUND)
        self._listening.bind(str(folder / "control"))
        self._listening.listen()
        self._reader = frames.Reader()
        self._frames: list[tuple[bytes, bytes]] = []
        self.connection: socket.socket | None = None

    def read(self) -> tuple[bytes, bytes]:
        """Return the next frame of the client."""
        if self.connection is None:
            self.connection, _ = self._listening.accept()
            self.connection.settimeout(BOUND)
        while not self._frames:
            data = self.connection.recv(65_536)
            assert data, "the client has gone"
            self._frames += self._reader.feed(data)
        return self._frames.pop(0)

    def begin(self) -> frames.Begin:
        """Return what the client says first."""
        kind, payload = self.read()
        assert kind == frames.BEGIN
        return msgspec.json.decode(payload, type=frames.Begin)

    def send(self, kind: bytes, data: bytes = b"") -> None:
        assert self.connection is not None
        self.connection.sendall(frames.frames(kind, data) or frames.frame(kind))

    def close(self) -> None:
        for each in (self.connection, self._listening):
            if each is not None:
                each.close()


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    listener = Listener(tmp_path)
    yield listener
    listener.close()


Play = Callable[[Listener], None]


def ctl(
    folder: Path, *words: str, play: Play | None = None, typed: bytes = b"", listener: Listener | None = None
) -> tuple[int, bytes, bytes]:
    """Run it beside a server that plays its part; return its exit status, its output and its errors."""
    playing = threading.Thread(target=play, args=(listener,)) if play is not None else None
    if playing is not None:
        playing.start()
    done = subprocess.run(
        [*CTL, "--data", str(folder), *words],
        input=typed,
        capture_output=True,
        timeout=BOUND,
        check=False,
        env=ENVIRONMENT,
        cwd=folder,
    )
    if playing is not None:
        playing.join(BOUND)
    return done.returncode, done.stdout, done.stderr


def test_a_command(tmp_path: Path, listener: Listener) -> None:
    """Its words go over as one line, output and errors come back apart, and the status is the program's."""
    heard = []

    def play(server: Listener) -> None:
        heard.append(server.begin())
        server.send(frames.OUTPUT, b"\xc3\xa9\n" * 100_000)
        server.send(frames.ERRORS, b"no\n")
        server.send(frames.STATUS, b"\x02")

    status, out, errors = ctl(tmp_path, "kick", "bob", "10m", "Trop de bruit", "--yes", play=play, listener=listener)
    assert (status, out, errors) == (2, b"\xc3\xa9\n" * 100_000, b"no\n")
    assert heard[0] == frames.Begin(
        command=heard[0].command, terminal=False, term="xterm", columns=80, rows=24, language="en", colour=True
    )
    assert heard[0].command is not None
    assert heard[0].command.split()[:3] == ["kick", "bob", "10m"]


def test_input(tmp_path: Path, listener: Listener) -> None:
    """What comes by a pipe is handed on, whole, with its end."""
    got = []

    def play(server: Listener) -> None:
        assert server.begin().command is None
        kind, data = server.read()
        while kind == frames.INPUT:
            got.append(data)
            kind, data = server.read()
        assert kind == frames.INPUT_ENDED
        server.send(frames.STATUS, b"\0")

    typed = b"announce x\n" * 50_000
    assert ctl(tmp_path, play=play, typed=typed, listener=listener) == (0, b"", b"")
    assert b"".join(got) == typed


def test_no_server(tmp_path: Path) -> None:
    """Where nobody listens it says so, with the path, and what to look at; its status is 1."""
    status, out, errors = ctl(tmp_path, "who")
    assert (status, out) == (1, b"")
    assert errors.decode() == f"{tmp_path}/control: no server answers there. Does it run, and with this --data?\n"


def test_a_socket_that_is_left(tmp_path: Path, listener: Listener) -> None:
    """So it does where a crashed server has left its socket."""
    listener.close()
    status, _, errors = ctl(tmp_path, "who")
    assert (status, b"Traceback" in errors, b"control" in errors) == (1, False, True)


@pytest.mark.parametrize("reset", [False, True])
def test_a_server_that_goes(tmp_path: Path, listener: Listener, reset: bool) -> None:
    """Without a status it is 1, after what was said, and said so; whether or not the server has read everything."""

    def play(server: Listener) -> None:
        server.begin()
        server.send(frames.OUTPUT, b"half")
        if not reset:
            while server.read()[0] != frames.INPUT_ENDED:
                pass
        else:
            assert server.connection is not None
            assert select.select([server.connection], [], [], BOUND)[0]  # the input is there, and stays unread
        server.close()

    status, out, errors = ctl(tmp_path, "who", play=play, typed=b"x" * 300_000, listener=listener)
    assert (status, out) == (1, b"half")
    assert errors == b"The server closed the connection before it had answered.\n"


def test_a_command_that_is_too_long(tmp_path: Path, listener: Listener) -> None:
    """A server that cuts the connection in the middle of it is no fault of the program's."""

    def play(server: Listener) -> None:
        with pytest.raises(frames.BadFrame):
            server.begin()
        server.close()

    status, out, errors = ctl(tmp_path, "say", "x" * 100_000, play=play, listener=listener)
    assert (status, out, b"Traceback" in errors) == (1, b"", False)


class Seat:
    """A terminal at which `classcord ctl` runs."""

    def __init__(self, folder: Path) -> None:
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve(CTL[0], [*CTL, "--data", str(folder)], ENVIRONMENT | EXPORTED)
        self._ended = os.pidfd_open(self.pid)
        self._status: int | None = None

    def read(self, until: bytes) -> bytes:
        seen = b""
        while until not in seen:
            assert select.select([self.terminal], [], [], BOUND)[0], seen
            seen += os.read(self.terminal, 4096)
        return seen

    def ended(self) -> int:
        """Wait for its end; return its exit status."""
        assert select.select([self._ended], [], [], BOUND)[0]
        self._status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._status

    def close(self) -> None:
        if self._status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._ended)
        os.close(self.terminal)


@pytest.fixture
def seat(tmp_path: Path, listener: Listener) -> Iterator[Seat]:
    seat = Seat(tmp_path)
    yield seat
    seat.close()


def test_a_terminal(seat: Seat, listener: Listener) -> None:
    """Every key goes over as it is typed, Ctrl-C too; what comes is shown as it is; a new size is told."""
    begin = listener.begin()
    assert (begin.terminal, begin.command) == (True, None)
    listener.send(frames.OUTPUT, b"prompt> ")
    seat.read(b"prompt> ")
    os.write(seat.terminal, b"w\x03\x04")
    typed = b""
    while len(typed) < 3:
        kind, data = listener.read()
        assert kind == frames.INPUT
        typed += data
    assert typed == b"w\x03\x04"
    pty_size(seat.terminal, columns=40, rows=10)
    kind, data = listener.read()
    assert (kind, msgspec.json.decode(data, type=frames.Size)) == (frames.RESIZED, frames.Size(40, 10))
    listener.send(frames.STATUS, b"\0")
    assert seat.ended() == 0


def test_a_terminal_that_is_killed(seat: Seat, listener: Listener) -> None:
    """It leaves the terminal as it was: keys echo again, and Ctrl-C is a signal again."""
    listener.begin()
    listener.send(frames.OUTPUT, b"prompt> ")
    seat.read(b"prompt> ")
    raw = termios.tcgetattr(seat.terminal)[3]
    assert not raw & (termios.ECHO | termios.ISIG)
    os.kill(seat.pid, signal.SIGTERM)
    assert seat.ended() == 128 + signal.SIGTERM
    usual = termios.tcgetattr(seat.terminal)[3]
    assert usual & termios.ECHO
    assert usual & termios.ISIG


def pty_size(terminal: int, *, columns: int, rows: int) -> None:
    """Give a terminal another size."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
