"""A private message to an administrator is handed over where somebody reads it, and kept where nobody does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from classcord.chat.roles import Role
from tests.faces.ssh_line import SUCCESS, Gate, Session
from tests.faces.test_ssh_protocol import PROGRAMS
from tests.harness import PASSWORD, House, contents, login

pytestmark = pytest.mark.house(messages_per_second=0)


@pytest.mark.parametrize("name", [each for each in PROGRAMS if each not in {"nothing", "a terminal"}])
def test_every_program(house: House, tmp_path: Path, name: str) -> None:
    """Kept for the account of whoever has only sftp or a script open, and the author is told that they are away."""
    gate = Gate(house, tmp_path, passwords=True)
    house.account("boss", role=Role.ADMIN)
    author = house.modern("alice")
    recipient, alice = house.hub.state.accounts["boss"], house.hub.state.accounts["alice"]
    client = gate.connect()
    client.begin()
    assert client.try_password("boss", PASSWORD) == [SUCCESS]
    begin: Callable[[Session], object] = PROGRAMS[name]
    session = client.open()
    begin(session)
    assert len(house.hub.state.operators) == 1
    author.send({"type": "message", "subtype": "private", "to": "boss", "content": "psst"})
    gate.turn()
    told = b"boss is not here: your message will be delivered at their next login." in author.raw()
    shows = name in {"a console", "a question", "a python prompt"}
    assert told is not shows
    assert house.hub.state.kept.get(recipient.id, {}) == ({} if shows else {alice.id: 1})


@pytest.mark.parametrize("name", [each for each in PROGRAMS if each not in {"nothing", "a terminal"}])
def test_what_waits_is_shown_where_somebody_reads(house: House, tmp_path: Path, name: str) -> None:
    """A console begins with it, and says when it was written; sftp and scripts leave it for the next login."""
    gate = Gate(house, tmp_path, passwords=True)
    house.account("boss", role=Role.ADMIN)
    house.modern("alice").ask({"type": "message", "subtype": "private", "to": "boss", "content": "psst"})
    house.pass_time(90)
    client = gate.connect()
    client.begin()
    assert client.try_password("boss", PASSWORD) == [SUCCESS]
    session = client.open()
    begin: Callable[[Session], object] = PROGRAMS[name]
    begin(session)
    gate.turn()
    shows = name in {"a console", "a question", "a python prompt"}
    if name == "a python prompt":  # it was not drawn over
        session.type("exit()\r")
    gate.turn()
    assert ("21:36:27, alice → boss] psst" in session.read()) is shows
    assert len(
        house.store.asked(f"SELECT id FROM messages WHERE waiting_for = {house.hub.state.accounts['boss'].id}")
    ) == (0 if shows else 1)


def test_a_pipe_leaves_what_waits(house: House) -> None:
    """`classcord chat` in a pipe shows nothing: it says so, and the next client gets what has waited."""
    house.account("boss")
    alice = house.modern("alice")
    alice.ask({"type": "message", "subtype": "private", "to": "boss", "content": "early"})
    pipe = house.client()
    pipe.ask({"type": "hello", "protocol": 2, "listens": False})
    pipe.ask(login("boss"))
    house.pass_time(2)
    alice.ask({"type": "message", "subtype": "private", "to": "boss", "content": "late"})
    house.pass_time(2)
    assert contents(pipe.lines()) == []
    boss = house.modern()
    boss.send(login("boss"))
    house.pass_time(2)
    assert contents(boss.lines()) == ["early", "late"]
