"""In whatever way a program of an administrator ends, its session in the chat ends, and once."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from twisted.conch.ssh.common import NS
from twisted.internet.defer import Deferred

from classcord.chat.identity.vocabulary import SessionEnded, SessionStarted
from classcord.chat.roles import Operator, Role
from classcord.chat.text import Text
from classcord.faces.control import frames
from tests.faces.ssh_line import Client, Gate, Session
from tests.faces.test_control import Caller
from tests.faces.test_ssh_protocol import PROGRAMS, left
from tests.harness import House

pytestmark = pytest.mark.house(messages_per_second=0)

RUN = {name: begin for name, begin in PROGRAMS.items() if name not in {"nothing", "a terminal"}}
OWN_WORDS = {
    "a console": (b"exit\r",),
    "a question": (b"\x03", b"exit\r"),
    "a python prompt": (b"exit()\r", b"exit\r"),
    "a script": (b"exit\n",),
    "sftp": (b"\0\0\0\5\1\0\0\0\3", b"\0\0\0\1\3"),  # a packet that is cut short
}


@pytest.fixture
def client(gate: Gate) -> Client:
    return gate.come_in("prof", gate.admit("prof"))


def started_and_ended(house: House) -> tuple[list[int], list[int]]:
    """Return the sessions' numbers that were stored, sorted: of those that began, and of those that ended."""
    records = [record for group in house.store.groups for commit in group for record in commit.records]
    started = sorted(each.session_id for each in records if isinstance(each, SessionStarted))
    return started, sorted(each.session_id for each in records if isinstance(each, SessionEnded))


def nobody_is_left(gate: Gate) -> None:
    """Whether there was a session, and is none any more: at once, whatever is left of the connection."""
    sessions, operators, _ = left(gate)
    assert (sessions, operators) == ({}, {})
    started, ended = started_and_ended(gate.house)
    assert started
    assert started == ended


def _garbage(session: Session) -> None:
    session.type(b"\xff\xff\xff\xff\0\n")
    session.end_input()


def _close(session: Session) -> None:
    session.loseConnection()  # type: ignore[no-untyped-call]
    session.gate.turn()


def _disconnect(session: Session) -> None:
    session.conn.transport.sendDisconnect(11, b"bye")
    session.gate.pass_time(2)


def _half_a_message(session: Session) -> None:
    session.conn.transport.ask(90)
    session.gate.pass_time(2)


def _end_all(session: Session) -> None:
    session.gate.factory.end_all("it is over")
    session.gate.pass_time(2)


def _revoke(session: Session) -> None:
    (session.gate.keys / "prof.pub").unlink()
    session.gate.administration._look()
    session.gate.pass_time(2)


def _turn_out(session: Session) -> None:
    chat = session.gate.house.chat
    (person,) = chat.hub.state.operators.values()
    chat.turn_out(person, Text("{name} has to go.", {"name": person.name}))
    session.gate.pass_time(20)


WAYS: dict[str, Callable[[Session], object]] = {
    "the end of its input": lambda session: session.end_input(),
    "garbage": _garbage,
    "a closed channel": _close,
    "a signal": lambda session: session.request(b"signal", NS(b"TERM")),
    "a lost connection": lambda session: session.conn.transport.line.hang_up(),
    "a farewell": _disconnect,
    "half a message": _half_a_message,
    "the server's close": _end_all,
    "a key that is gone": _revoke,
    "being turned out": _turn_out,
    "silence": lambda session: session.gate.pass_time(3700),
}


GOES_ON = "a command that goes on"  # it asks for no input: the end of it is nothing to `tail`
ENDS_OF_INPUT = (WAYS["the end of its input"], WAYS["garbage"])


@pytest.mark.parametrize("confirmed", [True, False], ids=["confirmed", "not confirmed"])
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("begin", RUN.values(), ids=RUN.keys())
def test_every_program_and_way(  # noqa: PLR0917
    gate: Gate,
    client: Client,
    begin: Callable[[Session], object],
    way: Callable[[Session], object],
    confirmed: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where the client never confirms that the channel is closed, as it should."""
    session = client.open()
    begin(session)
    assert len(left(gate)[1]) == 1  # type: ignore[arg-type]
    if not confirmed:
        monkeypatch.setattr(client.connection, "ssh_CHANNEL_CLOSE", lambda _packet: None)
    way(session)
    if not (begin is RUN[GOES_ON] and way in ENDS_OF_INPUT):
        nobody_is_left(gate)
    client.line.hang_up()
    nobody_is_left(gate)


@pytest.mark.parametrize("confirmed", [True, False], ids=["confirmed", "not confirmed"])
@pytest.mark.parametrize("name", OWN_WORDS)
def test_by_its_own_words(
    gate: Gate, client: Client, name: str, confirmed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that ends by itself, or by what it is sent, ends its session, and the connection goes on."""
    session = client.open()
    RUN[name](session)
    if not confirmed:
        monkeypatch.setattr(client.connection, "ssh_CHANNEL_CLOSE", lambda _packet: None)
    for words in OWN_WORDS[name]:
        session.type(words)
    assert session.status is not None
    assert not client.closed
    nobody_is_left(gate)


@pytest.mark.parametrize("way", [*WAYS.values()][:8], ids=[*WAYS][:8])
@pytest.mark.parametrize("begin", RUN.values(), ids=RUN.keys())
def test_while_it_begins(
    gate: Gate, house: House, client: Client, begin: Callable[[Session], object], way: Callable[[Session], object]
) -> None:
    """What ends before its session could be stored leaves none when it is."""
    house.store.holding = True
    session = client.open()
    begin(session)
    way(session)
    house.store.holding = False
    while house.store.held:
        house.store.let_go()
        gate.turn()
    gate.pass_time(2)
    client.line.hang_up()
    nobody_is_left(gate)


@pytest.mark.parametrize(
    "way",
    [
        lambda caller: caller.send(frames.frame(frames.INPUT_ENDED)),
        lambda caller: caller.send(b"\xff" * 64),
        lambda caller: caller.hang_up(),
    ],
    ids=["the end of its input", "garbage", "a lost connection"],
)
@pytest.mark.parametrize(
    ("command", "terminal", "typed"),
    [
        (None, False, ""),
        (None, True, ""),
        (None, True, "passwd alice\r"),
        (None, True, "python\r"),
        ("tail", False, ""),
    ],
    ids=["a script", "a console", "a question", "a python prompt", "a command that goes on"],
)
def test_on_the_control_socket(  # noqa: PLR0917
    gate: Gate, house: House, way: Callable[[Caller], object], command: str | None, terminal: bool, typed: str
) -> None:
    """So it is on the machine itself."""
    caller = Caller(gate.administration.control, house, os.geteuid())
    caller.begin(command, terminal=terminal, term="xterm" if terminal else "")
    caller.type(typed)
    assert len(left(gate)[1]) == 1  # type: ignore[arg-type]
    way(caller)
    if caller.status is not None:
        nobody_is_left(gate)
    caller.hang_up()
    nobody_is_left(gate)


def test_a_beginning_that_is_thrown_away(gate: Gate, house: House) -> None:
    """A coroutine that nobody waits for is closed where it stands; it is not gone on with while that happens."""
    house.store.holding = True
    opening = gate.administration.logins.open(
        Operator(name="prof", role=Role.OWNER), address="", face="ssh", heard=None, ended=lambda: None
    )
    waiting = Deferred.fromCoroutine(opening)
    house.turn()
    opening.close()
    assert not waiting.called
    waiting.addErrback(lambda _: None)  # it is closed
    house.store.holding = False
    house.store.let_go()
    for connection in list(house.chat.connections.values()):
        house.chat.close(connection, "the test is over")
    house.pass_time(3)
