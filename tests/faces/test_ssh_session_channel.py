"""What runs in an SSH channel: commands, consoles, their input and output, and what clients may do to them."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from twisted.conch.ssh.common import NS
from twisted.conch.ssh.connection import (
    MSG_CHANNEL_DATA,
    MSG_CHANNEL_EXTENDED_DATA,
    MSG_CHANNEL_WINDOW_ADJUST,
)
from twisted.conch.ssh.transport import MSG_KEXINIT

from classcord.chat.paces import CHANGES_A_SECOND, CHANGES_AT_ONCE
from classcord.console.terminal import Terminal
from classcord.faces.ssh.session_channel import LITTLE
from tests.faces.ssh_line import Client, Gate, Session
from tests.harness import House, say

pytestmark = pytest.mark.house(messages_per_second=0)


@pytest.fixture
def client(gate: Gate) -> Client:
    return gate.come_in("prof", gate.admit("prof"))


def sizes(client: Client) -> list[int]:
    """Return how many channels each side still knows."""
    return [len(client.connection.channels), len(client.line.server.service.channels)]


# -- commands ---------------------------------------------------------------------------------------------------------


def test_done(client: Client) -> None:
    """A command's answer is on standard output, its status 0, and the channel is closed."""
    done = client.run("who --json")
    assert json.loads(done.out)[0]["name"] == "prof"
    assert (done.err, done.status, done.ended, done.is_closed) == (b"", 0, True, True)
    assert sizes(client) == [0, 0]


@pytest.mark.parametrize(("command", "status"), [("kick nobody --yes", 1), ("fly", 2), ("kick", 2)])
def test_refused(client: Client, command: str, status: int) -> None:
    """A refusal is 1, what is no command 2; both are said on standard error."""
    refused = client.run(command)
    assert (refused.out, refused.status, refused.is_closed) == (b"", status, True)
    assert refused.err.endswith(b"\n")


def test_commands_from_a_pipe(client: Client) -> None:
    """Without a command, each line of the input is one; the end of the input is the end."""
    shell = client.open()
    assert shell.request(b"shell")
    shell.type(b"version\nfl")
    shell.type(b"y\nwho")
    assert (shell.out.count(b"version\t"), shell.status) == (1, None)
    shell.end_input()
    assert (shell.status, b"prof" in shell.out, shell.is_closed) == (2, True, True)


def test_a_view_in_a_pipe(client: Client, house: House) -> None:
    r"""`printf 'tail\nversion\n' | ssh server`: the end of the input ends it, and what follows is run."""
    shell = client.open()
    assert shell.request(b"shell")
    shell.type(b"tail\nversion\n")
    assert (shell.status, house.chat.message_log.watchers) == (None, 1)
    shell.end_input()
    assert (shell.status, b"version\t" in shell.out, house.chat.message_log.watchers) == (0, True, 0)


def test_a_view_as_a_command_without_input(client: Client, house: House) -> None:
    """`ssh -n server tail` follows until the channel is closed."""
    session = client.open()
    assert session.request(b"exec", NS(b"tail"))
    session.end_input()
    assert (session.status, house.chat.message_log.watchers) == (None, 1)
    session.request(b"signal", NS(b"TERM"))
    assert (session.is_closed, house.chat.message_log.watchers) == (True, 0)


def test_a_script_that_changes_much_waits_and_is_done(client: Client, gate: Gate) -> None:
    """Past the pace of an operator each change waits for its turn, the later ones behind it; none is refused."""
    shell = client.open()
    assert shell.request(b"shell")
    for number in range(CHANGES_AT_ONCE + 3):
        shell.type(b"topic #dev number %d\n" % number)
    shell.end_input()
    assert not shell.is_closed
    dev = gate.house.hub.state.channel("#dev")
    assert dev is not None
    assert dev.topic == f"number {CHANGES_AT_ONCE - 1}"
    for _ in range(3):
        gate.pass_time(1 / CHANGES_A_SECOND)
    assert [dev.topic, shell.status, shell.err] == [f"number {CHANGES_AT_ONCE + 2}", 0, b""]


def test_several_channels(client: Client, gate: Gate) -> None:
    """A connection may have several; each has its session, and its end is not the others'."""
    shells = [client.open() for _ in range(3)]
    assert all(shell.request(b"shell") for shell in shells)
    assert len(gate.house.chat.connections) == 3
    shells[1].end_input()
    assert [shell.is_closed for shell in shells] == [False, True, False]
    assert len(gate.house.chat.connections) == 2


def test_one_program(client: Client) -> None:
    """A channel runs one program; a second is refused, and the first goes on."""
    shell = client.open()
    assert shell.request(b"shell")
    assert not shell.request(b"exec", NS(b"version"))
    assert not shell.request(b"shell")
    assert not shell.request(b"subsystem", NS(b"sftp"))
    shell.type(b"version\n")
    assert shell.out.count(b"version\t") == 1


@pytest.mark.parametrize("size", [65_537, 260_000])
def test_a_long_command(client: Client, size: int) -> None:
    """It is refused as a usage error, and nothing of it is shown or kept."""
    long = client.run("say " + "x" * (size - 4))
    assert (long.status, long.out, long.is_closed) == (2, b"", True)
    assert b"64 KiB" in long.err
    assert client.run("version").status == 0


def test_a_command_of_a_megabyte(client: Client) -> None:
    """What is longer than any packet of OpenSSH's is hung up on before all of it has come."""
    client.connection.sendRequest(client.open(), b"exec", NS(b"say " + b"x" * 1_000_000))  # type: ignore[no-untyped-call]
    sent = bytes(client.line.far.written)
    client.line.far.written.clear()
    for start in range(0, len(sent), 65_536):
        assert start < 400_000
        client.line.send(sent[start : start + 65_536])
        if client.closed:
            break
    assert client.farewell == (11, "this packet is too long")


@pytest.mark.parametrize("command", [b"say \x1b[2J", b"say \xff", b"say \x00", b"say \x7f"])
def test_control_characters(client: Client, command: bytes) -> None:
    """A command with control characters, or that is not UTF-8, is refused."""
    session = client.open()
    assert session.request(b"exec", NS(command))
    assert (session.status, session.is_closed) == (2, True)


def test_a_refused_command_is_confirmed_first(client: Client) -> None:
    """The request is answered before the channel is closed (RFC 4254 §5.3: nothing comes after the end)."""
    session = client.open()
    assert session.request(b"exec", NS(b"\xff"))


def test_languages(client: Client, gate: Gate) -> None:
    """The client's environment chooses the language; nothing else of it is taken."""
    session = client.open()
    assert session.request(b"env", NS(b"LANG") + NS(b"fr_FR.UTF-8"))
    for name, value in ((b"PATH", b"/tmp"), (b"LD_PRELOAD", b"x"), (b"LANG", b"x" * 300), (b"TERM", b"xterm")):
        assert not session.request(b"env", NS(name) + NS(value))
    session.request(b"exec", NS(b"fly"))
    assert "commande" in session.err.decode()


# -- terminals --------------------------------------------------------------------------------------------------------


def console(client: Client, **terminal: Any) -> Session:
    """Return a channel with a console at a terminal."""
    session = client.open()
    assert session.terminal(**terminal)
    assert session.request(b"shell")
    return session


def test_a_console(client: Client) -> None:
    """With a terminal there is a prompt, an echo, and an end by Ctrl-D."""
    session = console(client)
    assert "prof@" in session.read()
    session.type("version\r")
    assert "ClassCord" in session.read()
    session.type("\x04")
    assert (session.status, session.is_closed) == (0, True)


def test_a_console_that_fails(client: Client, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours in taking what is typed ends the connection, and the log has all of it."""

    def broken(_terminal: Terminal, _data: bytes) -> None:
        raise ZeroDivisionError

    session = console(client)
    monkeypatch.setattr(Terminal, "received", broken)
    session.type("who\r")
    assert client.closed
    assert [event["log_failure"].type for event in house.events if "log_failure" in event] == [ZeroDivisionError]
    house.events.clear()


def test_a_command_with_a_terminal(client: Client) -> None:
    """`ssh -t server who`: it runs at the terminal, its errors go there too, its status is kept."""
    session = client.open()
    session.terminal()
    session.request(b"exec", NS(b"fly"))
    assert (session.err, session.status) == (b"", 2)
    assert session.out.endswith(b"\r\n")


def test_resize(client: Client) -> None:
    """A table is as wide as the window is now."""
    session = console(client, columns=200)
    session.type("help\r")
    assert max(map(len, session.read().splitlines())) > 60
    assert session.request(b"window-change", struct.pack(">4L", 40, 10, 0, 0))
    session.read()
    session.type("users\r")
    assert max(len(line) for line in session.read().splitlines() if not line.startswith("\x1b")) <= 40


@pytest.mark.parametrize("size", [(0, 0), (2**32 - 1, 2**32 - 1), (1, 1)])
def test_impossible_sizes(client: Client, size: tuple[int, int]) -> None:
    """A window of no size, or of one that no screen has, does no harm."""
    session = console(client, columns=size[0], rows=size[1])
    assert session.request(b"window-change", struct.pack(">4L", *size, 0, 0))
    session.type("version\r")
    session.type("\x04")
    assert session.status == 0


def test_signals(client: Client, gate: Gate) -> None:
    """INT is Ctrl-C; HUP, TERM and KILL end the program, whose session ends with it."""
    session = console(client)
    session.type("unfinished")
    session.read()
    assert session.request(b"signal", NS(b"INT"))
    assert "prof@" in session.read()
    session.request(b"signal", NS(b"TERM"))
    assert (session.is_closed, gate.house.chat.connections) == (True, {})


def test_a_signal_before_anything_runs(client: Client) -> None:
    """It does nothing."""
    session = client.open()
    session.request(b"signal", NS(b"INT"))
    assert session.request(b"exec", NS(b"version"))
    assert session.status == 0


# -- what clients may do ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [b"x11-req", b"auth-agent-req@openssh.com", b"break", b"eow@openssh.com", b"tun@openssh.com", b"\xff\xfe", b""],
)
def test_refused_requests(client: Client, kind: bytes) -> None:
    """Agent, X11 and whatever else a shell of a machine would offer are refused; the channel goes on."""
    session = client.open()
    assert not session.request(kind, NS(b"x") * 4)
    assert session.request(b"exec", NS(b"version"))


@pytest.mark.parametrize(
    "kind", [b"pty-req", b"env", b"exec", b"subsystem", b"window-change", b"signal", b"xon-xoff", b"\xff"]
)
@pytest.mark.parametrize("data", [b"", b"\xff" * 3, b"\xff" * 64])
def test_broken_requests(client: Client, kind: bytes, data: bytes) -> None:
    """A request that is cut short is refused, asked for an answer or not, and is no fault in the log."""
    client.open().request(kind, data)
    client.connection.sendRequest(client.open(), kind, data)  # type: ignore[no-untyped-call]
    client.gate.turn()
    assert not client.closed
    assert client.run("version").status == 0


def test_end_of_input_twice(client: Client, gate: Gate) -> None:
    """Nothing happens at the second."""
    shell = client.open()
    shell.request(b"shell")
    shell.conn.sendEOF(shell)
    shell.end_input()
    assert shell.status == 0


def test_input_without_a_program(client: Client) -> None:
    """What comes before a program is asked for goes nowhere, and so does its end."""
    session = client.open()
    session.type(b"shutdown --yes\n")
    session.end_input()
    assert session.request(b"exec", NS(b"version"))
    assert session.status == 0


@pytest.mark.parametrize("number", [MSG_CHANNEL_DATA, MSG_CHANNEL_EXTENDED_DATA])
def test_more_input_than_the_window(client: Client, number: int, house: House) -> None:
    """The channel is closed; the log of operations has no fault in it."""
    shell = client.open()
    shell.request(b"shell")
    kind = struct.pack(">L", 1) if number == MSG_CHANNEL_EXTENDED_DATA else b""
    for _ in range(50):
        client.ask(number, struct.pack(">L", 0) + kind + struct.pack(">L", 2**32 - 1) + b"x")
    assert client.closed
    assert house.chat.connections == {}


def test_a_pipe_that_is_not_read(client: Client, house: House) -> None:
    """Input waits at the client while a program does not read, however small its pieces are."""
    house.store.holding = True
    shell = client.open()
    shell.request(b"shell")
    for _ in range(40):
        shell.type(b"say x\n" * 1000)
    server = client.line.server.service.channels[0]
    waiting = sum(map(len, server._input or ())) + len(server._program._input)
    assert waiting <= server.localWindowSize + 2 * 65_536
    pieces = len(server._input or ())
    for _ in range(1000):
        client.sendPacket(MSG_CHANNEL_DATA, struct.pack(">L", 0) + NS(b""))
    house.turn()
    client.gate.turn()
    assert len(server._input or ()) == pieces


def fill(house: House, messages: int) -> None:
    """Say much."""
    bob = house.member("bob")
    for number in range(0, messages, 100):
        bob.send(*(say(f"{number + each} " + "x" * 990) for each in range(100)))
        house.turn()
    bob.raw()


def most_waiting(client: Client, rounds: int = 400) -> int:
    """Let the server write; return the most that has waited to be sent."""
    (channel,) = client.line.server.service.channels.values()
    most = 0
    for _ in range(rounds):
        client.gate.house.clock.advance(0.02)
        held = client.line.server._blockedByKeyExchange or ()
        most = max(most, channel.waiting, len(client.line.near.written) + sum(len(data) for _, data in held))
    return most


def test_the_end_waits_for_the_window(client: Client, house: House) -> None:
    """A program that has ended while the client's window was full is read to its last byte, then the channel closes."""
    whole = client.open()
    whole.request(b"exec", NS(b"help"))
    client.gate.pass_time(0.1)
    narrow = Session(localWindow=100)
    client.connection.openChannel(narrow)  # type: ignore[no-untyped-call]
    client.gate.turn()
    client.connection.sendRequest(narrow, b"exec", NS(b"help"))  # type: ignore[no-untyped-call]
    client.gate.pass_time(0.1)
    assert len(whole.out) > 200
    assert (narrow.out, narrow.status, narrow.is_closed) == (whole.out, 0, True)


@pytest.mark.parametrize("window", [1, 4096, 131_072, 2**31, 2**32 - 1])
def test_a_large_export_to_a_slow_reader(client: Client, house: House, window: int) -> None:
    """Whatever window the client gives, only a little waits in the server; then all of it comes, whole."""
    fill(house, 1500)
    session = Session(localWindow=window)
    client.connection.openChannel(session)  # type: ignore[no-untyped-call]
    client.gate.turn()
    client.line.stuck = True
    client.connection.sendRequest(session, b"exec", NS(b"export messages --format ndjson"))  # type: ignore[no-untyped-call]
    client.gate.turn()
    assert most_waiting(client) < 3 * LITTLE
    if window == 1:
        return
    client.line.stuck = False
    while not session.is_closed:
        client.gate.pass_time(0.02)
    assert len([json.loads(line) for line in session.out.splitlines()]) == 1500
    assert session.status == 0


def test_an_export_during_an_agreement_on_keys(client: Client, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who begins to agree on new keys, and does not go on, gets no more, and nothing piles up."""
    fill(house, 1500)
    session = client.open(localWindow=2**32 - 1)
    monkeypatch.setattr(client, "ssh_KEXINIT", lambda packet: None)
    client.sendKexInit()  # type: ignore[no-untyped-call]
    client.gate.turn()
    monkeypatch.setattr(client, "_keyExchangeState", client._KEY_EXCHANGE_NONE)
    client.connection.sendRequest(session, b"exec", NS(b"export messages --format ndjson"))  # type: ignore[no-untyped-call]
    client.gate.turn()
    assert client.line.server.held_for_new_keys
    assert most_waiting(client) < 3 * LITTLE


def test_a_console_that_is_not_read(client: Client, house: House) -> None:
    """What is shown unasked does not pile up without end for somebody who does not look: they are hung up on."""
    session = client.open(localWindow=1000)
    session.terminal(columns=200, rows=200)
    session.request(b"shell")
    client.line.stuck = True
    server = client.line.server.service.channels[0]
    for _ in range(100):
        server.write(b"x" * 100_000)
    client.line.stuck = False
    client.gate.turn()
    assert client.farewell == (11, "nothing of what was written has been read")
    assert house.chat.connections == {}


def test_what_is_not_read_is_idle(client: Client) -> None:
    """Writing to somebody who does not read does not keep the connection."""
    session = console(client)
    client.line.stuck = True
    server = client.line.server.service.channels[0]
    server.write(b"x" * LITTLE)
    for _ in range(37):
        client.gate.pass_time(100)
        server.write(b"x")
    assert (client.closed, session.status) == (True, None)


def test_a_window_beyond_all_numbers(client: Client) -> None:
    """Windows may be widened as often as a client likes."""
    shell = client.open(localWindow=2**32 - 1)
    shell.request(b"shell")
    for _ in range(100):
        client.sendPacket(MSG_CHANNEL_WINDOW_ADJUST, struct.pack(">2L", 0, 2**32 - 1))
    shell.type(b"version\n")
    assert shell.out.count(b"version\t") == 1


@pytest.mark.parametrize("packet", [0, 1, 255])
def test_small_packets(client: Client, packet: int) -> None:
    """A client that takes a byte a packet would cost a thousand packets a line; it is refused a channel."""
    client.open_by_hand(b"session", packet=packet)
    client.gate.turn()
    assert (client.connection.refused, sizes(client)[1]) == (1, 0)


def test_a_client_that_goes_in_the_middle_of_an_export(client: Client, house: House) -> None:
    """Its session ends, its reading of the database too, and nothing is left."""
    fill(house, 1500)
    session = client.open()
    client.line.stuck = True
    session.request(b"exec", NS(b"export messages"))
    assert len(house.chat.connections) == 2
    client.line.hang_up()
    assert len(house.chat.connections) == 1
    house.clock.advance(0.02)
    assert [call for call in house.clock.getDelayedCalls() if call.getTime() < house.clock.seconds() + 1] == []


def test_a_channel_that_is_closed_in_the_middle_of_an_export(client: Client, house: House) -> None:
    """So it is when only the channel is closed; the connection goes on."""
    fill(house, 1500)
    session = client.open(localWindow=4096)
    session.request(b"exec", NS(b"export messages"))
    session.loseConnection()  # type: ignore[no-untyped-call]
    client.gate.turn()
    assert (session.is_closed, len(house.chat.connections)) == (True, 1)
    assert client.run("version").status == 0


def test_a_renewal_of_keys(client: Client) -> None:
    """New keys may be agreed on at any time, and the console goes on."""
    session = console(client)
    client.sendKexInit()  # type: ignore[no-untyped-call]
    client.gate.turn()
    session.read()
    session.type("version\r")
    assert "ClassCord" in session.read()
    assert MSG_KEXINIT == 20
