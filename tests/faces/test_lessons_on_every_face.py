"""Lessons and exams on every face of the chat: what is refused, who is told, and their end by the clock."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.roles import Role
from tests.faces.ssh_line import Gate
from tests.faces.test_rights_on_every_face import CHAT, begin, chat
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
    lines = second.ask(login("bob"), {"type": "users"})
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


@pytest.mark.parametrize("face", CHAT)
def test_a_latecomer_on_each_face(house: House, gate: Gate, face: str) -> None:
    """What is held is told once, behind the login; to a classic client behind its first list and the history."""
    house.account("bob")
    eve = house.member("eve")
    eve.ask({"type": "message", "content": "Bonjour"})
    root = gate.come_in("root", gate.admit("root"))
    assert root.run("exam on 1h Contrôle").status == 0
    client = chat(house, face)
    lines = client.ask(login("bob"))
    if face == "classic":
        assert told(lines, face) == []
        lines = client.ask({"type": "users"})
        assert [line.get("subtype", line["type"]) for line in lines] == ["users", "global", "system"]
    else:
        assert [line["type"] for line in lines if line["type"] in {"login", "lesson"}] == ["login", "lesson"]
    assert len(told(lines, face)) == 1
    assert told(client.ask({"type": "users"}), face) == []


def test_a_console_that_is_opened_in_the_middle(house: House, gate: Gate) -> None:
    """Says what is held, above its first line; and a command beside it answers alone."""
    root = gate.come_in("root", gate.admit("root"))
    assert root.run("exam on 1h Contrôle").status == 0
    assert "Contrôle" not in root.run("version").read()
    console = begin(root, "console").read()
    assert "* Exam for everyone until" in console
    assert "(Contrôle)" in console
