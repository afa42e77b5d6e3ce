"""The control socket in memory: who may use it, its frames, commands and consoles, and what a client may do to it."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Any

import msgspec
import pytest
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from classcord.console.class_lists import ClassLists
from classcord.console.programs import Programs
from classcord.faces.control import frames
from classcord.faces.control.socket import Control, ControlFactory
from tests.harness import House, say
from tests.office import Office

pytestmark = pytest.mark.house(messages_per_second=0)

NOBODY = 65_534  # a user of the machine who is neither root nor the server's


class Kernel:
    """Stands where the socket of a transport does, which knows who is at the other end."""

    def __init__(self, uid: int) -> None:
        self._uid = uid

    def getsockopt(self, level: int, option: int, size: int) -> bytes:
        return struct.pack("3i", 1, self._uid, 1)[:size]


class Wire(StringTransport):
    """The server's end of the connection."""

    def __init__(self, uid: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.socket = Kernel(uid)


class Caller:
    """A client on the machine, byte by byte."""

    def __init__(self, factory: ControlFactory, house: House, uid: int) -> None:
        self.house = house
        self.transport = Wire(uid)
        self.out, self.err = b"", b""
        self.status: int | None = None
        self._reader = frames.Reader()
        self.protocol = Control()
        self.protocol.factory = factory
        self.protocol.makeConnection(self.transport)  # type: ignore[no-untyped-call]

    @property
    def closed(self) -> bool:
        return bool(self.transport.disconnecting or self.transport.disconnected)

    def send(self, data: bytes) -> None:
        """Write bytes, let the server work, and read what it says."""
        self.protocol.dataReceived(data)
        self.turn()

    def turn(self) -> None:
        self.house.turn()
        said = self.transport.value()  # type: ignore[no-untyped-call]
        self.transport.clear()  # type: ignore[no-untyped-call]
        for kind, payload in self._reader.feed(said):
            assert self.status is None, "it speaks after its end"
            if kind == frames.OUTPUT:
                self.out += payload
            elif kind == frames.ERRORS:
                self.err += payload
            else:
                assert kind == frames.STATUS
                (self.status,) = payload

    def begin(self, command: str | None = None, **where: Any) -> Caller:
        begin = frames.Begin(command=command, **{"language": "en", "colour": False, **where})
        self.send(frames.frame(frames.BEGIN, msgspec.json.encode(begin)))
        return self

    def type(self, text: str) -> None:
        self.send(frames.frames(frames.INPUT, text.encode()))

    def read(self) -> str:
        out, self.out = self.out, b""
        return out.decode()

    def hang_up(self) -> None:
        self.protocol.connectionLost(Failure(ConnectionLost()))
        self.house.turn()


@pytest.fixture
def factory(house: House, tmp_path: Path) -> ControlFactory:
    tools = Office(house, tmp_path).tools
    return ControlFactory(Programs(tools, "control"), ClassLists(tools, "control"))


@pytest.fixture
def caller(factory: ControlFactory, house: House) -> Caller:
    return Caller(factory, house, os.geteuid())


# -- who may ----------------------------------------------------------------------------------------------------------


def test_the_server_s_own_user(caller: Caller) -> None:
    """Whoever runs the server is its owner, under their name on the machine, without an address."""
    me = json.loads(caller.begin("who --json").out)[0]
    assert (me["role"], caller.status, caller.closed) == ("owner", 0, True)


def test_root(factory: ControlFactory, house: House) -> None:
    """So is root."""
    assert json.loads(Caller(factory, house, 0).begin("who --json").out)[0]["name"] == "root"


def test_another_user(factory: ControlFactory, house: House) -> None:
    """Nobody else of the machine: the connection is cut before anything is heard, whatever the file's rights are."""
    stranger = Caller(factory, house, NOBODY)
    assert stranger.closed
    assert house.chat.connections == {}


def test_a_user_without_a_name(factory: ControlFactory, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container the server's user may have a number only."""
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    caller = Caller(factory, house, 4_000_000).begin("who --json")
    assert json.loads(caller.out)[0]["name"] == "uid-4000000"


# -- commands and consoles --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("command", "status"), [("version", 0), ("kick nobody --yes", 1), ("fly", 2)])
def test_a_command(caller: Caller, command: str, status: int) -> None:
    """Its answer is output, its refusal errors; its status comes last, and closes."""
    caller.begin(command)
    assert (caller.status, caller.closed) == (status, True)
    assert (caller.out == b"", caller.err == b"") == (status != 0, status == 0)


def test_a_long_answer(caller: Caller, house: House) -> None:
    """It comes in frames of a bounded length, whole."""
    bob = house.member("bob")
    bob.send(*(say(f"{number} " + "x" * 900) for number in range(200)))
    house.turn()
    caller.begin("export messages --format ndjson")
    assert [json.loads(line)["content"].split()[0] for line in caller.out.splitlines()] == [str(n) for n in range(200)]


def test_a_console(caller: Caller) -> None:
    """With a terminal there is a prompt, and a table as wide as the window is now; Ctrl-D ends it."""
    caller.begin(terminal=True, term="xterm", columns=200)
    caller.read()
    caller.type("users\r")
    assert "users" in caller.read()
    caller.send(frames.frame(frames.RESIZED, msgspec.json.encode(frames.Size(40, 10))))
    caller.read()
    caller.type("users\r")
    assert max(len(line) for line in caller.read().splitlines() if not line.startswith("\x1b")) <= 40
    caller.type("\x04")
    assert caller.status == 0


def test_commands_from_a_pipe(caller: Caller) -> None:
    """Without a terminal each line of the input is a command; the end of the input is the end."""
    caller.begin()
    caller.type("version\nwh")
    caller.type("o\n")
    assert (b"\t" in caller.out, caller.status) == (True, None)
    caller.send(frames.frame(frames.INPUT_ENDED))
    assert caller.status == 0


def test_a_view_in_a_pipe(caller: Caller, house: House) -> None:
    r"""`printf 'tail\nversion\n' | classcord ctl`: the end of the input ends it, and what follows is run."""
    caller.begin()
    caller.type("tail\nversion\n")
    assert (caller.status, house.chat.message_log.watchers) == (None, 1)
    caller.send(frames.frame(frames.INPUT_ENDED))
    assert (caller.status, b"version\t" in caller.out, house.chat.message_log.watchers) == (0, True, 0)


def test_a_view_as_a_command_without_input(caller: Caller, house: House) -> None:
    """`classcord ctl tail </dev/null` follows until its client goes."""
    caller.begin("tail")
    caller.send(frames.frame(frames.INPUT_ENDED))
    assert (caller.status, house.chat.message_log.watchers) == (None, 1)
    caller.hang_up()
    assert house.chat.message_log.watchers == 0


@pytest.mark.parametrize("size", [(0, 0), (-1, 5), (10**9, 10**9)])
def test_impossible_sizes(caller: Caller, size: tuple[int, int]) -> None:
    """A window of no size does no harm, at the beginning nor later."""
    caller.begin(terminal=True, term="xterm", columns=size[0], rows=size[1])
    caller.send(frames.frame(frames.RESIZED, msgspec.json.encode(frames.Size(*size))))
    caller.type("version\r\x04")
    assert caller.status == 0


# -- what a client may do ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff" * 100,
        b"B\xff\xff\xff\xff",
        frames.frame(frames.INPUT, b"version\n"),
        frames.frame(frames.STATUS, b"\0"),
        frames.frame(frames.BEGIN, b"{"),
        frames.frame(frames.BEGIN, b"[]"),
        frames.frame(frames.BEGIN, b'{"command": 7}'),
        frames.frame(frames.BEGIN, b'{"columns": "x"}'),
        frames.frame(frames.BEGIN, b'{"command": "\xff"}'),
    ],
)
def test_garbage(caller: Caller, house: House, garbage: bytes) -> None:
    """What is no frame, or not the first one, cuts the connection; there is no session of it."""
    caller.send(garbage)
    assert caller.closed
    assert house.chat.connections == {}


@pytest.mark.parametrize(
    "garbage",
    [
        frames.frame(frames.BEGIN, b"{}"),
        frames.frame(frames.OUTPUT, b"x"),
        frames.frame(frames.RESIZED, b"{}"),
        b"Z" + bytes(4),
    ],
)
def test_garbage_later(caller: Caller, house: House, garbage: bytes) -> None:
    """So it is within a console, whose session ends with the connection."""
    caller.begin()
    caller.send(garbage)
    assert caller.closed
    caller.hang_up()
    assert house.chat.connections == {}


def test_frames_in_pieces(caller: Caller) -> None:
    """A frame may come byte by byte."""
    for byte in frames.frame(frames.BEGIN, b'{"command": "version"}'):
        caller.send(bytes([byte]))
    assert caller.status == 0


def test_what_comes_after_the_end(caller: Caller) -> None:
    """It is passed over: the status has been said."""
    caller.begin("version")
    caller.type("shutdown --yes\n")
    assert caller.status == 0


def test_a_client_that_goes(caller: Caller, house: House) -> None:
    """Its session ends."""
    caller.begin(terminal=True, term="xterm")
    assert len(house.chat.connections) == 1
    caller.hang_up()
    assert house.chat.connections == {}


def test_a_client_that_does_not_read(caller: Caller, house: House) -> None:
    """An export waits for it, in the middle; when it goes, nothing is left."""
    bob = house.member("bob")
    for start in range(0, 3000, 100):
        bob.send(*(say(f"{start + each} " + "x" * 90) for each in range(100)))
        house.turn()
    caller.protocol.pauseProducing()  # as a transport does whose buffer is full
    caller.begin("export messages --format ndjson")
    few = caller.out.count(b"\n")
    assert few < 300
    caller.protocol.resumeProducing()
    caller.turn()
    assert caller.out.count(b"\n") == 3000
    assert caller.status == 0


def test_a_client_that_goes_in_the_middle(caller: Caller, house: House) -> None:
    """Who does not read and goes leaves no session, and what waited is told so once."""
    bob = house.member("bob")
    bob.send(*(say("x") for _ in range(500)))
    house.turn()
    caller.protocol.pauseProducing()
    caller.begin("export messages --format ndjson")
    assert caller.status is None
    assert len(house.chat.connections) == 2
    caller.hang_up()
    assert len(house.chat.connections) == 1
    gone = caller.protocol.ready()
    gone.addErrback(lambda failure: failure.trap(ConnectionDone))
    assert gone.called
    caller.protocol.write(b"nobody")
    caller.protocol.end(1)
    assert caller.transport.value() == b""  # type: ignore[no-untyped-call]


def test_input_that_is_not_wanted(caller: Caller) -> None:
    """While a program takes no more, the socket is not read; the peer waits."""
    caller.begin()
    caller.protocol.pause()
    assert caller.transport.producerState == "paused"
    caller.protocol.resume()
    assert caller.transport.producerState == "producing"
