"""The control socket in DATA: the console on the server's machine, without SSH and without a key.

The kernel names the client's user; only root and the server's own user are accepted. Knows the console, no command.
"""

from __future__ import annotations

import os
import pwd
import socket
import struct
from typing import TYPE_CHECKING, Any

import msgspec
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.chat.roles import Operator, Role
from classcord.console.carrier import Environment, cells
from classcord.faces.control import frames

if TYPE_CHECKING:
    from classcord.console.carrier import Program, Start

_CREDENTIALS = struct.Struct("3i")  # unix(7), SO_PEERCRED: pid, uid, gid


class Control(Protocol):
    """One client; the Carrier of the program that it starts."""

    log = Logger()
    factory: ControlFactory
    transport: Any

    def connectionMade(self) -> None:
        self._reader = frames.Reader()
        self._program: Program | None = None
        self._full = False
        self._over = False
        self._when_ready: list[Deferred[None]] = []
        self._uid = _peer(self.transport)
        if self._uid not in {0, os.geteuid()}:
            self.log.warn("user {uid} of this machine may not use the control socket", uid=self._uid)
            self.transport.abortConnection()
            return
        self.transport.registerProducer(self, True)

    def dataReceived(self, data: bytes) -> None:
        try:
            for kind, payload in self._reader.feed(data):
                if not self._over:
                    self._take(kind, payload)
        except (frames.BadFrame, msgspec.DecodeError, UnicodeError):
            self.transport.abortConnection()

    def _take(self, kind: bytes, payload: bytes) -> None:
        program = self._program
        if program is None:
            if kind != frames.BEGIN:
                raise frames.BadFrame
            self._begin(msgspec.json.decode(payload, type=frames.Begin))
        elif kind == frames.INPUT:
            program.received(payload)
        elif kind == frames.INPUT_ENDED:
            program.input_ended()
        elif kind == frames.RESIZED:
            size = msgspec.json.decode(payload, type=frames.Size)
            program.resized(cells(size.columns, 80), cells(size.rows, 24))
        else:
            raise frames.BadFrame

    def _begin(self, begin: frames.Begin) -> None:
        surroundings = Environment(
            terminal=begin.terminal,
            term=begin.term[:64],
            columns=cells(begin.columns, 80),
            rows=cells(begin.rows, 24),
            language=begin.language,
            colour=begin.colour,
        )
        operator = Operator(name=_login_name(self._uid), role=Role.OWNER, by="machine")
        start = self.factory.class_lists if begin.class_list else self.factory.start
        self._program = start(operator, "", self, surroundings, begin.command)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002
        self._lost()

    def _lost(self) -> None:
        """Tell the program, once, that it is over: it has ended, or the client has gone."""
        if not self._over:
            self._over = True
            if self._program is not None:
                self._program.lost()
        waiting, self._when_ready = self._when_ready, []
        for each in waiting:
            each.errback(ConnectionDone())

    # -- Carrier ------------------------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        if not self._over:
            self.transport.write(frames.frames(frames.OUTPUT, data))

    def write_error(self, data: bytes) -> None:
        if not self._over:
            self.transport.write(frames.frames(frames.ERRORS, data))

    def ready(self) -> Deferred[None]:
        if self._over:
            gone: Deferred[None] = Deferred()
            gone.errback(ConnectionDone())
            return gone
        if not self._full:
            return succeed(None)
        waits: Deferred[None] = Deferred(self._when_ready.remove)
        self._when_ready.append(waits)
        return waits

    def end(self, status: int) -> None:
        if not self._over:
            self._lost()
            self.transport.write(frames.frame(frames.STATUS, bytes((status,))))
            self.transport.loseConnection()

    def pause(self) -> None:
        self.transport.pauseProducing()

    def resume(self) -> None:
        self.transport.resumeProducing()

    # -- IPushProducer: called by the transport when its buffer is full or free
    # -----------------------------------------

    def pauseProducing(self) -> None:
        self._full = True

    def resumeProducing(self) -> None:
        self._full = False
        waiting, self._when_ready = self._when_ready, []
        for each in waiting:
            each.callback(None)

    def stopProducing(self) -> None:
        self._full = True


class ControlFactory(Factory):
    """Makes a Control for each connection."""

    protocol = Control  # type: ignore[assignment]
    noisy = False

    def __init__(self, start: Start, class_lists: Start) -> None:
        """`start` begins a console, `class_lists` what takes a class list."""
        self.start = start
        self.class_lists = class_lists


def _peer(transport: Any) -> int:
    """Return the client's user, from the kernel."""
    data = transport.socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(data)
    return int(uid)


def _login_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid-{uid}"
