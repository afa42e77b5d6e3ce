"""One SSH session channel: a shell, a command or sftp; the Carrier of the program. Source: RFC 4254 §6.

Knows no operator's rights and no command.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from twisted.conch.ssh.channel import SSHChannel
from twisted.conch.ssh.common import getNS
from twisted.conch.ssh.session import parseRequest_pty_req, parseRequest_window_change
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone

from classcord.chat.text import N_, is_readable
from classcord.console.carrier import Environment, cells

if TYPE_CHECKING:
    from classcord.chat.roles import Operator
    from classcord.console.carrier import Program

LITTLE = 262_144  # bytes: while fewer wait, more may be written
MUCH = 4_194_304  # bytes: if more wait, the client does not read
LONGEST_COMMAND = 65_536  # bytes
STDERR = 1  # the kind of extended data
_LANGUAGE = (b"LC_ALL", b"LC_MESSAGES", b"LANG")


class SessionChannel(SSHChannel):
    """A channel of the type `session`, and the carrier of the one program that runs in it."""

    name = b"session"
    conn: Any

    def __init__(self, operator: Operator, address: str, factory: Any, **channel: Any) -> None:
        super().__init__(**channel)
        self._operator = operator
        self._address = address
        self._factory = factory
        self._environment: dict[bytes, bytes] = {}
        self._terminal: tuple[str, int, int] | None = None
        self._program: Program | None = None
        self._when_ready: list[Deferred[None]] = []
        self._input: list[bytes] | None = None  # input that came while the program had paused reading
        self._input_ended = False
        self._over = False
        self._has_written = False  # since it last had to wait
        self._window_opens = False  # Conch writes again, by `write`, what has waited for the window

    # -- what the client asks -----------------------------------------------------------------------------------------

    def requestReceived(self, requestType: bytes, data: bytes) -> int:  # noqa: N803
        try:
            return int(super().requestReceived(requestType, data))  # type: ignore[no-untyped-call]
        except (struct.error, ValueError, TypeError, IndexError):  # it is incomplete, or its name is invalid
            return 0

    def request_pty_req(self, data: bytes) -> int:
        try:
            term, (rows, columns, _, _), _ = parseRequest_pty_req(data)
        except (struct.error, ValueError, IndexError):
            return 0
        self._terminal = (term.decode("ascii", "replace")[:64], cells(columns, 80), cells(rows, 24))
        return 1

    def request_window_change(self, data: bytes) -> int:
        try:
            rows, columns, _, _ = parseRequest_window_change(data)
        except (struct.error, ValueError):
            return 0
        if self._program is not None and self._terminal is not None:
            self._program.resized(cells(columns, 80), cells(rows, 24))
        return 1

    def request_env(self, data: bytes) -> int:
        name, value, _ = getNS(data, 2)
        if name not in {*_LANGUAGE, b"NO_COLOR"} or len(value) > 256:
            return 0
        self._environment[name] = value
        return 1

    def request_shell(self, data: bytes) -> int:  # noqa: ARG002
        return self._start(None)

    def request_exec(self, data: bytes) -> int:
        command, _ = getNS(data)
        try:
            words = command.decode("utf-8") if len(command) <= LONGEST_COMMAND else None
        except UnicodeDecodeError:
            words = None
        if self._program is not None or self._over:
            return 0
        if words is None or not all(is_readable(line) for line in words.splitlines()):
            self._program = _Refused()
            self._factory.clock.callLater(0, self._refuse)  # after the answer to the request
            return 1
        return self._start(words)

    def request_subsystem(self, data: bytes) -> int:
        subsystem, _ = getNS(data)
        if subsystem != b"sftp" or self._program is not None or self._over:
            return 0
        self._terminal = None
        self._program = self._factory.files(self._operator, self._address, self)
        return 1

    def request_signal(self, data: bytes) -> int:
        signal, _ = getNS(data)
        if self._program is not None and signal == b"INT":
            self._program.received(b"\x03")
        elif self._program is not None and signal in {b"HUP", b"TERM", b"KILL"}:
            self.lost()  # at once, because a client may never confirm the close
            self.loseConnection()  # type: ignore[no-untyped-call]
        return 1

    def _refuse(self) -> None:
        self.write_error(b"classcord: a command is UTF-8, of 64 KiB at the most, without control characters\n")
        self.end(2)

    def _start(self, command: str | None) -> int:
        if self._program is not None or self._over:
            return 0
        term, columns, rows = self._terminal or ("", 80, 24)
        surroundings = Environment(
            terminal=self._terminal is not None,
            term=term,
            columns=columns,
            rows=rows,
            language=self._language(),
            colour=not self._environment.get(b"NO_COLOR"),
        )
        self._program = self._factory.start(self._operator, self._address, self, surroundings, command)
        return 1

    def _language(self) -> str:
        """Return the language in the client's environment, by POSIX's rules; "" if it is none of ours."""
        for name in _LANGUAGE:
            code = self._environment.get(name, b"")[:2].decode("ascii", "replace").lower()
            if code in {"fr", "en"}:
                return code
        return ""

    # -- what the client sends ----------------------------------------------------------------------------------------

    def dataReceived(self, data: bytes) -> None:
        if self._input is not None:
            if data:  # empty data use no window
                self._input.append(data)
        elif self._program is not None and not self._over:
            self._program.received(data)

    def extReceived(self, dataType: int, data: bytes) -> None:  # noqa: N803
        """Ignore extended data, which no client sends to a server."""

    def eofReceived(self) -> None:
        self._input_ended = True
        if self._input is None and self._program is not None and not self._over:
            self._program.input_ended()

    def closed(self) -> None:
        self.lost()

    def closeReceived(self) -> None:
        self.buf, self.extBuf = b"", []
        self.lost()
        super().closeReceived()  # type: ignore[no-untyped-call]

    def lost(self) -> None:
        """Tell the program, once, that it is over: it has ended, or the client has gone."""
        waiting, self._when_ready = self._when_ready, []
        if not self._over:
            self._over = True
            if self._program is not None:
                try:
                    self._program.lost()
                except Exception:  # the other channels must end all the same
                    self._factory.log.failure("a program could not be told that its channel is gone")
        for each in waiting:
            each.errback(ConnectionDone())

    # -- Carrier ------------------------------------------------------------------------------------------------------

    def addWindowBytes(self, data: int) -> None:
        """Send what has waited for the client's window, also after the program has ended."""
        self._window_opens = True
        try:
            super().addWindowBytes(data)  # type: ignore[no-untyped-call]
        finally:
            self._window_opens = False

    def write(self, data: bytes) -> None:
        if self._window_opens or self._is_read(data):
            super().write(data)  # type: ignore[no-untyped-call]

    def write_error(self, data: bytes) -> None:
        if not self._is_read(data):
            return
        if self._terminal is not None:
            super().write(data)  # type: ignore[no-untyped-call]
        else:
            self.writeExtended(STDERR, data)  # type: ignore[no-untyped-call]

    def _is_read(self, data: bytes) -> bool:
        """Whether there is data to write, and the client reads; a client that has not read for long is disconnected."""
        if not data or self.localClosed or self.closing:
            return False
        waiting = self.waiting
        if waiting > MUCH:
            self.conn.transport.end(N_("nothing of what was written has been read"))
            return False
        if waiting < LITTLE:
            self.conn.transport.stirred()
        self._has_written = True
        return True

    @property
    def waiting(self) -> int:
        """The number of bytes written but not sent: the window, new keys or the socket's buffer delay them."""
        transport = self.conn.transport.transport
        buffered = len(getattr(transport, "dataBuffer", b"")) + getattr(transport, "_tempDataLen", 0)
        for_new_keys = sum(len(data) for _, data in self.conn.transport.held_for_new_keys)
        return len(self.buf) + sum(len(data) for _, data in self.extBuf) + int(buffered) + for_new_keys

    def ready(self) -> Deferred[None]:
        if self._over:
            gone: Deferred[None] = Deferred()
            gone.errback(ConnectionDone())
            return gone
        if self.waiting < LITTLE and not (self._has_written and self._factory.time_slices.is_over):
            return succeed(None)
        self._has_written = False
        waits: Deferred[None] = Deferred(self._when_ready.remove)
        self._when_ready.append(waits)
        if len(self._when_ready) == 1:
            self._factory.time_slices.wait(self._look)
        return waits

    def _look(self) -> None:
        """Check for space, now and again soon: windows and sockets report it differently, and one reports it late."""
        if self._over or not self._when_ready:
            return
        if self.waiting < LITTLE:
            waiting, self._when_ready = self._when_ready, []
            for each in waiting:
                each.callback(None)
        else:
            self._factory.clock.callLater(0.02, self._factory.time_slices.wait, self._look)

    def end(self, status: int) -> None:
        self.lost()
        if self.localClosed:
            return
        self.conn.sendRequest(self, b"exit-status", struct.pack(">L", status))
        if not self.buf and not self.extBuf:
            self.conn.sendEOF(self)
        self.loseConnection()  # type: ignore[no-untyped-call]

    def pause(self) -> None:
        if self._input is None:
            self._input = []

    @property
    def paused(self) -> bool:
        """Whether the client must stop sending when its window is used up."""
        return self._input is not None

    def resume(self) -> None:
        kept, self._input = self._input, None
        if kept is not None and self.localWindowLeft < self.localWindowSize // 2:
            self.conn.adjustWindow(self, self.localWindowSize - self.localWindowLeft)
        for place, data in enumerate(kept or ()):
            self.dataReceived(data)
            if self._input is not None and kept:
                self._input = kept[place + 1 :] + self._input
                return
        if kept is not None and self._input_ended and self._program is not None and not self._over:
            self._program.input_ended()


class _Refused:
    """A placeholder for the program, when a command is refused."""

    def received(self, data: bytes) -> None:
        """Ignore it."""

    def input_ended(self) -> None:
        """Ignore it."""

    def resized(self, columns: int, rows: int) -> None:
        """Ignore it."""

    def lost(self) -> None:
        """Do nothing."""
