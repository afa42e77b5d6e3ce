"""Messages of somebody who has come in that no client sends: the connection ends, and so does all that ran in it."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from twisted.conch.ssh import connection as ssh
from twisted.conch.ssh.common import NS
from twisted.logger import LogLevel, formatEvent

from classcord.faces.ssh.messages import LAYOUTS
from tests.faces.ssh_line import Client, Gate, Session
from tests.harness import House

pytestmark = pytest.mark.house(faulty=True, messages_per_second=0)

NOWHERE = 7  # a channel that there is not
CHANNEL_MESSAGES: dict[str, tuple[int, bytes]] = {  # what follows the channel's number
    "window adjust": (ssh.MSG_CHANNEL_WINDOW_ADJUST, struct.pack(">L", 1)),
    "data": (ssh.MSG_CHANNEL_DATA, NS(b"x")),
    "extended data": (ssh.MSG_CHANNEL_EXTENDED_DATA, struct.pack(">L", 1) + NS(b"x")),
    "eof": (ssh.MSG_CHANNEL_EOF, b""),
    "close": (ssh.MSG_CHANNEL_CLOSE, b""),
    "request": (ssh.MSG_CHANNEL_REQUEST, NS(b"shell") + b"\1"),
}
UNASKED: dict[str, tuple[int, bytes]] = {
    "open confirmation": (ssh.MSG_CHANNEL_OPEN_CONFIRMATION, struct.pack(">3L", 7, 65_536, 32_768)),
    "open failure": (ssh.MSG_CHANNEL_OPEN_FAILURE, struct.pack(">L", 1) + NS(b"no") + NS(b"")),
    "success": (ssh.MSG_CHANNEL_SUCCESS, b""),
    "failure": (ssh.MSG_CHANNEL_FAILURE, b""),
}
GLOBAL: dict[str, tuple[int, bytes]] = {
    "global success": (ssh.MSG_REQUEST_SUCCESS, b""),
    "global failure": (ssh.MSG_REQUEST_FAILURE, b""),
    "cut short": (ssh.MSG_CHANNEL_EOF, b"\0"),
    "open cut short": (ssh.MSG_CHANNEL_OPEN, NS(b"session")),
    "global request cut short": (ssh.MSG_GLOBAL_REQUEST, b"\0"),
    "unknown": (99, b"x"),
}


@pytest.fixture
def client(gate: Gate) -> Client:
    return gate.come_in("prof", gate.admit("prof"))


def _console(session: Session) -> None:
    session.terminal()
    session.request(b"shell")


def _question(session: Session) -> None:
    _console(session)
    session.type("passwd alice\r")


def _python(session: Session) -> None:
    _console(session)
    session.type("python\r")


PROGRAMS: dict[str, Callable[[Session], object]] = {
    "nothing": lambda _: None,
    "a terminal": lambda session: session.terminal(),
    "a console": _console,
    "a question": _question,
    "a python prompt": _python,
    "a script": lambda session: session.request(b"shell"),
    "a command that goes on": lambda session: session.request(b"exec", NS(b"tail")),
    "sftp": lambda session: session.request(b"subsystem", NS(b"sftp")),
}


def left(gate: Gate) -> tuple[object, ...]:
    """Return whatever is left of connections: in the chat, at the login, and at the door."""
    state = gate.house.hub.state
    return gate.house.chat.connections, state.operators, gate.factory._transports


def least(number: int) -> int:
    """Return how many bytes a message has at the least: with strings that are empty."""
    return sum({"u": 4, "s": 4, "b": 1, "c": 16}[field] for field in LAYOUTS[number])


def test_every_message_of_the_protocol_is_here() -> None:
    """Those of RFC 4254, and no other has come into Conch; a request to open one is tested with the others."""
    named = {number for number, _ in (*CHANNEL_MESSAGES.values(), *UNASKED.values(), *GLOBAL.values())}
    assert named >= set(ssh.SSHConnection.protocolMessages)


@pytest.mark.parametrize(("number", "rest"), [*CHANNEL_MESSAGES.values(), *UNASKED.values()])
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_channel_that_there_is_not(
    gate: Gate, client: Client, program: Callable[[Session], object], number: int, rest: bytes
) -> None:
    """Whatever is said about it is an error of protocol; what runs in other channels ends with the connection."""
    program(client.open())
    client.ask(number, struct.pack(">L", NOWHERE) + rest)
    assert client.farewell == (2, "this message makes no sense")
    gate.pass_time(2)
    assert left(gate) == ({}, {}, {})


@pytest.mark.parametrize(("number", "rest"), UNASKED.values(), ids=UNASKED.keys())
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_answers_to_what_was_not_asked(
    gate: Gate, client: Client, program: Callable[[Session], object], number: int, rest: bytes
) -> None:
    """A server opens no channel and asks its client nothing: nothing is answered, not in its channels either."""
    session = client.open()
    program(session)
    client.ask(number, struct.pack(">L", session.id) + rest)
    assert client.farewell == (2, "this message makes no sense")
    gate.pass_time(2)
    assert left(gate) == ({}, {}, {})


@pytest.mark.parametrize(("number", "payload"), GLOBAL.values(), ids=GLOBAL.keys())
def test_other_messages(gate: Gate, client: Client, number: int, payload: bytes) -> None:
    """Of no channel, cut short, or of no known kind: the last one is answered that it is not known."""
    _console(client.open())
    client.ask(number, payload)
    if number == 99:
        client.line.hang_up()
    gate.pass_time(2)
    assert client.closed
    assert left(gate) == ({}, {}, {})


@pytest.mark.parametrize(
    ("number", "size"),
    [(number, size) for number in LAYOUTS for size in range(least(number))],
)
def test_a_message_that_is_cut_short(gate: Gate, house: House, client: Client, number: int, size: int) -> None:
    """Of whatever number, and wherever it is cut: the connection ends, and one line of the log says why."""
    _console(client.open())
    whole = bytes(80)
    client.ask(number, whole[:size])
    gate.pass_time(2)
    assert left(gate) == ({}, {}, {})
    (line,) = [each for each in house.events if "could not be taken" in str(formatEvent(each))]
    assert f"a message {number} could not be taken: ProtocolViolation('it is cut short')" in str(formatEvent(line))
    assert (line["log_level"], "log_failure" in line) == (LogLevel.info, False)
    assert [each for each in house.events if each["log_level"] >= LogLevel.error] == []


def test_every_message_of_the_connection_has_a_layout() -> None:
    """But those that a server never takes, whatever they hold."""
    assert set(ssh.SSHConnection.protocolMessages) == {n for n in LAYOUTS if n >= 80} | {
        number for number, _ in UNASKED.values()
    } | {ssh.MSG_REQUEST_SUCCESS, ssh.MSG_REQUEST_FAILURE}


@pytest.mark.parametrize("second", [b"exec", b"shell", b"subsystem"])
@pytest.mark.parametrize("data", [NS(b"who"), NS(b"\xff"), NS(b"say \x1b"), NS(b"sftp")])
def test_a_second_program_takes_the_place_of_none(gate: Gate, client: Client, second: bytes, data: bytes) -> None:
    """It is refused, and the first goes on and ends with its channel."""
    session = client.open()
    assert session.request(b"shell")
    assert not session.request(second, data)
    assert len(gate.house.chat.connections) == 1
    client.line.hang_up()
    gate.pass_time(2)
    assert left(gate) == ({}, {}, {})


def test_a_program_that_fails_at_its_end(gate: Gate, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others of its connection are told all the same."""
    for _ in range(3):
        _console(client.open())
    first, *_ = client.line.server.service.channels.values()

    def fails() -> None:
        raise RuntimeError

    monkeypatch.setattr(first._program, "lost", fails)
    client.line.hang_up()
    gate.pass_time(2)
    assert len(gate.house.chat.connections) == 1


def test_nonsense_is_logged_sparingly(gate: Gate, house: House) -> None:
    """Who has come in and sends what makes no sense, again and again, does not fill the log."""
    key = gate.admit("prof")
    for _ in range(40):
        client = gate.come_in("prof", key)
        client.ask(ssh.MSG_CHANNEL_EOF, struct.pack(">L", NOWHERE))
        client = gate.come_in("prof", key)
        client.ask(ssh.MSG_GLOBAL_REQUEST, b"\0")
        gate.pass_time(2)
    lines = [each for each in house.logged if "could not be taken" in each]
    assert 1 <= len(lines) <= 12
    assert "prof" in lines[0]
    conch = [e for e in house.events if e["log_namespace"].startswith("twisted.conch")]
    assert [e for e in conch if e["log_level"] >= LogLevel.error] == []
