"""The client of the control socket: the terminal's keys go to the server, what the server shows comes back."""

from __future__ import annotations

import fcntl
import os
import selectors
import shutil
import signal
import socket
import struct
import sys
import termios
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import msgspec

from classcord.chat.text import N_
from classcord.console.commands.commandline import words
from classcord.faces.control import frames
from classcord.language import LANGUAGES, terminal_language, translator
from classcord.socket_path import reachable

FAILED = 1
LARGE = 65_536  # bytes read at once
END = b"\x04"  # Ctrl-D


def run(path: Path, command: Sequence[str]) -> int:
    """Talk to the server at the socket `path`; return the exit status of the command."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        with reachable(path) as name:
            connection.connect(name)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        template = N_("{path}: no server answers there. Does it run, and with this --data?")
        print(translator(terminal_language())(template).format(path=path), file=sys.stderr)
        return FAILED
    except OSError as error:
        template = N_("{path}: the server cannot be reached: {why}. Does it run, with this --data, for this user?")
        print(translator(terminal_language())(template).format(path=path, why=error.strerror), file=sys.stderr)
        return FAILED
    with connection:
        terminal = sys.stdin.isatty() and sys.stdout.isatty()
        talk = _Conversation(connection, terminal=terminal)
        talk.begin(_begin(command, terminal=terminal))
        with _raw() if terminal else nullcontext():
            status = talk.hold()
    if status is None:
        _ = translator(terminal_language())
        print(_("The server closed the connection before it had answered."), file=sys.stderr)
        return FAILED
    return status


def _begin(command: Sequence[str], *, terminal: bool) -> frames.Begin:
    columns, rows = _size()
    return frames.Begin(
        command=words(command) if command else None,
        terminal=terminal,
        term=os.environ.get("TERM", ""),
        columns=columns,
        rows=rows,
        language=_language(),
        colour=not os.environ.get("NO_COLOR"),
    )


def _size() -> tuple[int, int]:
    """Return the columns and rows of the terminal; COLUMNS, if it is exported, says how wide it once was."""
    with suppress(OSError):
        columns, rows = os.get_terminal_size(sys.stdout.fileno())
        if columns and rows:
            return columns, rows
    columns, rows = shutil.get_terminal_size()
    return columns, rows


def _language() -> str:
    """Return the language of the environment, "" if it names none of ours."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        code = os.environ.get(variable, "")[:2].lower()
        if code in LANGUAGES:
            return code
    return ""


@contextmanager
def _raw() -> Iterator[None]:
    """Hand on every key as it is typed, until the end, whichever way it comes."""
    before = termios.tcgetattr(sys.stdin)

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    try:
        tty.setraw(sys.stdin, termios.TCSADRAIN)  # what was typed before is not thrown away, as TCSAFLUSH does
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _unread(descriptor: int) -> int:
    """Return how many bytes a terminal holds that nobody has read."""
    (count,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0" * 4))
    return int(count)


class _Conversation:
    """One, from the first key to the exit status."""

    def __init__(self, connection: socket.socket, *, terminal: bool) -> None:
        self._connection = connection
        self._reader = frames.Reader()
        self._status: int | None = None
        self._closed = False
        self._waiting = selectors.DefaultSelector()
        self._waiting.register(connection, selectors.EVENT_READ, self._hear)
        with suppress(PermissionError):  # a file is always ready, and no selector takes it
            self._waiting.register(sys.stdin, selectors.EVENT_READ, self._say)
        self._cooked = terminal  # nothing was read yet
        self._has_input = sys.stdin in {key.fileobj for key in self._waiting.get_map().values()}
        if terminal:
            signal.signal(signal.SIGWINCH, lambda *_: self._resized())

    def begin(self, begin: frames.Begin) -> None:
        """Say what is wanted."""
        self._send(frames.frame(frames.BEGIN, msgspec.json.encode(begin)))

    def hold(self) -> int | None:
        """Talk until the server says how it ended; None if it does not, and is gone."""
        if not self._has_input:
            self._say_all()
        while self._status is None and not self._closed:
            for key, _ in self._waiting.select():
                key.data()
        return self._status

    def _say_all(self) -> None:
        while data := sys.stdin.buffer.read(LARGE):
            self._send(frames.frames(frames.INPUT, data))
        self._send(frames.frame(frames.INPUT_ENDED))

    def _say(self) -> None:
        waiting = _unread(sys.stdin.fileno()) if self._cooked else 0
        try:
            data = os.read(sys.stdin.fileno(), LARGE)
        except OSError:  # EIO: the other side of the terminal is gone
            data = b""
        if self._cooked:  # an end of input that the terminal took before it was raw is read as a NUL
            data, self._cooked = data[:waiting].replace(b"\0", END) + data[waiting:], False
        if data:
            self._send(frames.frames(frames.INPUT, data))
        else:
            self._waiting.unregister(sys.stdin)
            self._send(frames.frame(frames.INPUT_ENDED))

    def _send(self, data: bytes) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # what the server still said is read
            self._connection.sendall(data)

    def _hear(self) -> None:
        try:
            data = self._connection.recv(LARGE)
        except ConnectionResetError:
            data = b""
        self._closed = not data
        for kind, payload in self._reader.feed(data):
            if kind == frames.OUTPUT:
                sys.stdout.buffer.write(payload)
                sys.stdout.buffer.flush()
            elif kind == frames.ERRORS:
                sys.stderr.buffer.write(payload)
                sys.stderr.buffer.flush()
            elif kind == frames.STATUS:
                self._status = payload[0]

    def _resized(self) -> None:
        columns, rows = _size()
        self._send(frames.frame(frames.RESIZED, msgspec.json.encode(frames.Size(columns, rows))))
