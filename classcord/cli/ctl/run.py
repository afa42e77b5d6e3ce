"""The client of the control socket: it sends the terminal's keys to the server, and shows the server's output.

Knows no console command.
"""

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

from classcord.chat.text import N_, Text
from classcord.console.commands.commandline import words
from classcord.faces.control import frames
from classcord.language import LANGUAGES, terminal_language, translator
from classcord.socket_path import reachable
from classcord.system_errors import in_words

FAILED = 1
LARGE = 65_536  # bytes read at once
END = b"\x04"  # Ctrl-D


def run(path: Path, command: Sequence[str]) -> int:
    """Connect to the server's socket at `path`; return the exit status of the command."""
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
        said = Text(template, {"path": path, "why": in_words(error)})
        print(said.render(translator(terminal_language())), file=sys.stderr)
        return FAILED
    with connection:
        terminal = sys.stdin.isatty() and sys.stdout.isatty()
        talk = _ConsoleClient(connection, terminal=terminal)
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
    """Return the columns and rows of the terminal; not from an exported COLUMNS, which keeps an old width."""
    with suppress(OSError):
        columns, rows = os.get_terminal_size(sys.stdout.fileno())
        if columns and rows:
            return columns, rows
    columns, rows = shutil.get_terminal_size()
    return columns, rows


def _language() -> str:
    """Return the language of the environment, "" if it is none of ours."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        code = os.environ.get(variable, "")[:2].lower()
        if code in LANGUAGES:
            return code
    return ""


@contextmanager
def _raw() -> Iterator[None]:
    """Send every key as it is typed, until the end of the `with`."""
    before = termios.tcgetattr(sys.stdin)

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    try:
        tty.setraw(sys.stdin, termios.TCSADRAIN)  # TCSADRAIN keeps what was typed before; TCSAFLUSH would discard it
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _unread(descriptor: int) -> int:
    """Return how many bytes in a terminal's buffer have not been read."""
    (count,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0" * 4))
    return int(count)


class _ConsoleClient:
    """One connection, from the first key to the exit status."""

    def __init__(self, connection: socket.socket, *, terminal: bool) -> None:
        self._connection = connection
        self._reader = frames.Reader()
        self._status: int | None = None
        self._closed = False
        self._waiting = selectors.DefaultSelector()
        self._waiting.register(connection, selectors.EVENT_READ, self._hear)
        with suppress(PermissionError):  # a file is always ready, and no selector accepts it
            self._waiting.register(sys.stdin, selectors.EVENT_READ, self._say)
        self._cooked = terminal  # nothing was read yet
        self._has_input = sys.stdin in {key.fileobj for key in self._waiting.get_map().values()}
        if terminal:
            signal.signal(signal.SIGWINCH, lambda *_: self._resized())

    def begin(self, begin: frames.Begin) -> None:
        """Send the first frame: what the user wants."""
        self._send(frames.frame(frames.BEGIN, msgspec.json.encode(begin)))

    def hold(self) -> int | None:
        """Exchange data until the server sends the exit status; None if the connection ends without one."""
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
        except OSError:  # EIO: the terminal was closed
            data = b""
        if self._cooked:  # if the terminal was at its end of input before it was raw, a NUL is read
            data, self._cooked = data[:waiting].replace(b"\0", END) + data[waiting:], False
        if data:
            self._send(frames.frames(frames.INPUT, data))
        else:
            self._waiting.unregister(sys.stdin)
            self._send(frames.frame(frames.INPUT_ENDED))

    def _send(self, data: bytes) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # what the server has already sent is still read
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
