"""An sftp session without SSH: a carrier whose pace a test decides, and a client that takes its answers apart."""

from __future__ import annotations

import struct
from pathlib import Path

from twisted.conch.ssh import filetransfer as fx
from twisted.conch.ssh.common import NS
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from classcord.faces.ssh.sftp import SFTPSession
from classcord.language import translator
from tests.faces.sftp_tree import Tree

NO_ATTRIBUTES = bytes(4)


class Line:
    """A carrier of which a test decides when it is ready; and what came over it, taken apart."""

    def __init__(self, folder: Path, language: str = "en") -> None:
        self.tree = Tree(folder)
        self.clock = Clock()
        self.errors = b""
        self.status: int | None = None
        self.paused = False
        self.ready_when: Deferred[None] | None = None
        self.written = b""
        self.transfer = SFTPSession(self.tree.files(), self, self.clock, translator(language))
        self._id = 0

    # what a carrier does

    def write(self, data: bytes) -> None:
        assert self.status is None
        self.written += data

    def write_error(self, data: bytes) -> None:
        assert self.status is None
        self.errors += data

    def ready(self) -> Deferred[None]:
        return self.ready_when or succeed(None)

    def end(self, status: int) -> None:
        assert self.status is None
        self.status = status
        self.transfer.lost()

    def ended(self) -> int | None:
        return self.status

    def pause(self) -> None:
        assert not self.paused
        self.paused = True

    def resume(self) -> None:
        assert self.paused
        self.paused = False

    # what a client does

    def send(self, kind: int, payload: bytes) -> None:
        self.transfer.received(packet(kind, payload))

    def hello(self) -> Line:
        self.send(fx.FXP_INIT, struct.pack("!L", 3))
        assert self.answers() == [(fx.FXP_VERSION, b"\0\0\0\3")]
        return self

    def request(self, kind: int, payload: bytes) -> int:
        self._id += 1
        self.send(kind, struct.pack("!L", self._id) + payload)
        return self._id

    def answers(self) -> list[tuple[int, bytes]]:
        found = []
        while self.written:
            (length,) = struct.unpack_from("!L", self.written)
            found.append((self.written[4], self.written[5 : 4 + length]))
            self.written = self.written[4 + length :]
        return found

    def ask(self, kind: int, payload: bytes) -> tuple[int, bytes]:
        """Return the answer, without its id."""
        asked = self.request(kind, payload)
        ((kind, answer),) = self.answers()
        assert struct.unpack_from("!L", answer) == (asked,)
        return kind, answer[4:]

    def status_of(self, kind: int, payload: bytes) -> tuple[int, str]:
        kind, answer = self.ask(kind, payload)
        assert kind == fx.FXP_STATUS
        code, length = struct.unpack_from("!2L", answer)
        return code, answer[8 : 8 + length].decode()

    def open(self, path: str, flags: int = fx.FXF_READ) -> bytes:
        """Return the handle, as requests have it."""
        kind, handle = self.ask(fx.FXP_OPEN, opening(path, flags))
        assert kind == fx.FXP_HANDLE
        return handle


def packet(kind: int, payload: bytes) -> bytes:
    return struct.pack("!LB", 1 + len(payload), kind) + payload


def opening(path: str, flags: int = fx.FXF_READ) -> bytes:
    return NS(path.encode()) + struct.pack("!L", flags) + NO_ATTRIBUTES


def reading(handle: bytes, offset: int = 0, length: int = 32768) -> bytes:
    return handle + struct.pack("!QL", offset, length)


def writing(handle: bytes, offset: int, data: bytes) -> bytes:
    return handle + struct.pack("!Q", offset) + NS(data)
