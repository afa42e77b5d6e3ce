"""Lessons and exams on every face of the chat: what is refused, who is told, and their end by the clock."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.roles import Role
from tests.faces.ssh_line import Gate
from tests.faces.test_rights_on_every_face import CHAT, chat
from tests.harness import House, login

pytestmark = pytest.mark.house(messages_per_second=0)


def told(lines: list[dict[str, Any]], face: str) -> list[str]:
    """Return what the lines say of a lesson or an exam: its state, or the sentence of a classic client."""
    if face == "classic":
        return [line["content"] for line in lines if line.get("subtype") == "system" and "code" not in line]
    return [line["state"] for line in lines if line["type"] == "lesson"]


@pytest.mark.parametrize("face", CHAT)
def test_an_exam_on_each_face(house: House, gate: Gate, face: str) -> None:
    """It is told, keeps from writing, gives each one session, ends at its time, and that is told, too."""
    house.account("bob")
    house.account("mod", role=Role.MODERATOR)
    root = gate.come_in("root", gate.admit("root"))
    first = chat(house, face)
    first.ask(login("bob"))
    first.raw()
    assert root.run("exam on 1h Contrôle").status == 0
    begun = told(first.lines(), face)
    assert len(begun) == 1
    assert begun[0] == "begun" or "Contrôle" in begun[0]
    for asked in (
        {"type": "message", "content": "la 3 ?"},
        {"type": "message", "content": "la 3 ?", "to": "bob2", "subtype": "channel", "channel": "#dev"},
    ):
        (refused,) = first.ask(asked)
        assert (refused["code"], refused["type"]) == ("exam", "message" if face == "classic" else "error")
    (kept,) = [line for line in first.ask({"type": "message", "to": "mod", "content": "aide"}) if "code" in line] or [
        {}
    ]
    assert kept.get("code") is None
    second = chat(house, face)
    lines = second.ask(login("bob"))
    assert len(told(lines, face)) == 1
    house.turn()
    assert first.closed
    house.chat.keep_time()
    house.turn()
    second.raw()
    house.pass_time(3600)
    house.chat.keep_time()
    house.turn()
    house.chat.keep_time()
    house.turn()
    ended = told(second.lines(), face)
    assert len(ended) == 1
    assert not [line for line in second.ask({"type": "message", "content": "ouf"}) if line.get("code")]
