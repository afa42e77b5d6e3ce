"""The client's standard input and output: a thread reads one line each time the client asks for one.

So the client serves the network while somebody types, and reads a long input only as fast as it can send it. Knows no
protocol.
"""

from __future__ import annotations

import getpass
import queue
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import Protocol

LONGEST_LINE = 1 << 20  # bytes; a longer line is split, and the server refuses both parts


class ClientConsole(AbstractContextManager["ClientConsole"], Protocol):
    """Where the client reads and writes lines, until the end of the `with`."""

    def read(self, prompt: str) -> bytes | None:
        """Wait for a line; None at the end of the input."""

    def read_secret(self, prompt: str) -> bytes | None:
        """Wait for a line that is hidden, if that is possible; None at the end of the input."""

    def write(self, lines: Iterable[str]) -> None:
        """Show lines, also while `read` waits."""


class PlainConsole(ClientConsole):
    """Pipes and files, and terminals that edit lines themselves."""

    def __init__(self) -> None:
        # Not sys.stdin.buffer: a thread that still waits in it prevents the interpreter from exiting.
        self._input = open(sys.stdin.fileno(), "rb", closefd=False)  # noqa: SIM115

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        """Change nothing."""

    def read(self, _prompt: str) -> bytes | None:
        return self._input.readline(LONGEST_LINE) or None

    def read_secret(self, prompt: str) -> bytes | None:
        return _unseen(prompt) if sys.stdin.isatty() else self.read(prompt)

    def write(self, lines: Iterable[str]) -> None:
        for line in lines:
            print(line, flush=True)


class ReadlineConsole(ClientConsole):
    """A terminal with readline: new lines appear above the line that is being typed."""

    def __init__(self) -> None:
        import readline  # noqa: PLC0415 (changes how the whole process reads its terminal)
        import termios  # noqa: PLC0415 (not on every system)

        self._readline, self._termios = readline, termios
        self._before = termios.tcgetattr(sys.stdin)
        self._prompt = ""
        self._prompted = False  # whether the prompt and the typed text are on the screen
        # a terminal that is left at once would stay in that mode
        readline.parse_and_bind("set enable-bracketed-paste off")
        readline.parse_and_bind("set disable-completion on")
        readline.set_pre_input_hook(self._begin)

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        """Restore the terminal; a thread may still be reading."""
        if self._prompted:
            sys.stdout.write("\n")
            sys.stdout.flush()
        self._termios.tcsetattr(sys.stdin, self._termios.TCSADRAIN, self._before)

    def read(self, prompt: str) -> bytes | None:
        self._prompt = prompt
        try:
            return input(prompt).encode(errors="surrogateescape")
        except EOFError:
            sys.stdout.write("\n")
            return None
        finally:
            self._prompted = False

    def read_secret(self, prompt: str) -> bytes | None:
        return _unseen(prompt)

    def write(self, lines: Iterable[str]) -> None:
        text = "".join(f"{line}\n" for line in lines)
        if text and self._prompted:
            typed = self._prompt + self._readline.get_line_buffer()
            rows_above = len(typed) // shutil.get_terminal_size().columns
            text = "\r" + "\033[A" * rows_above + "\033[J" + text + typed
        sys.stdout.write(text)
        sys.stdout.flush()

    def _begin(self) -> None:
        self._prompted = True


def _unseen(prompt: str) -> bytes | None:
    try:
        return getpass.getpass(prompt).encode(errors="surrogateescape")
    except EOFError:
        return None


def open_console() -> ClientConsole:
    """Return the best console for the standard input and output."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        with suppress(ImportError):
            return ReadlineConsole()
    return PlainConsole()


class Typist:
    """Reads one line each time it is asked for one.

    `fileno` becomes readable when a line has been read, and when a signal has arrived, so that a selector wakes up for
    both.
    """

    _LINE = 0  # no signal has this number

    def __init__(self, console: ClientConsole) -> None:
        self.busy = False
        self._console = console
        self._prompts: queue.SimpleQueue[tuple[str, bool] | None] = queue.SimpleQueue()
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._bell, self._rope = socket.socketpair()
        self._rope.setblocking(False)
        self._woken_before = signal.set_wakeup_fd(self._rope.fileno())
        threading.Thread(target=self._type, daemon=True).start()

    def fileno(self) -> int:
        """Return the descriptor for a selector."""
        return self._bell.fileno()

    def ask(self, prompt: str, *, hidden: bool = False) -> None:
        """Start to read the next line; a hidden one is not shown."""
        self.busy = True
        self._prompts.put((prompt, hidden))

    def take(self) -> Iterator[bytes | None]:
        """Yield the line if one was read; None is the end of the input."""
        for ring in self._bell.recv(64):
            if ring == self._LINE:
                self.busy = False
                yield self._lines.get()

    def dismiss(self) -> None:
        """Stop reading; a line that is being typed is lost."""
        signal.set_wakeup_fd(self._woken_before)
        self._prompts.put(None)
        self._bell.close()

    def _type(self) -> None:
        with self._rope:
            while (asked := self._prompts.get()) is not None:
                prompt, hidden = asked
                try:
                    line = self._console.read_secret(prompt) if hidden else self._console.read(prompt)
                except OSError:  # the terminal is gone
                    line = None
                self._lines.put(line)
                with suppress(OSError):  # dismissed in the meantime
                    self._rope.send(bytes([self._LINE]))
