"""A private message to an administrator is handed over where somebody reads it, and kept where nobody does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from classcord.chat.roles import Role
from tests.faces.ssh_line import SUCCESS, Gate, Session
from tests.faces.test_ssh_protocol import PROGRAMS
from tests.harness import PASSWORD, House

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
