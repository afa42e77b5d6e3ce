"""An owner in an ordinary chat, and at the Python prompt: neither is a way to read a private conversation silently.

The same talk and the same requests as in test_nobody_reads_silently.py; there an operator asks, whose console is SSH.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from keyword import iskeyword
from pathlib import Path
from typing import Any

import msgspec
import pytest

from classcord.chat.requests import Request
from classcord.chat.roles import Role
from classcord.chat.subjects import COMMANDS, WIRE
from classcord.chat.text_commands.rules import _COMMANDS as TEXT_COMMANDS
from classcord.console.carrier import Program
from classcord.console.python_lines import function_name
from tests.harness import Client, House, login, running
from tests.office import Office, Paper, operator
from tests.services.chat.test_nobody_reads_silently import ENDS, ROLES, SAID, WORDS, entries, requests, settle

MOST_TYPED = 25  # lines of one command: each character that is typed costs


def come_in(house: House, role: Role, *, modern: bool) -> Client:
    """Return the client of somebody with this role, who hears what a login tells."""
    client = house.modern() if modern else house.client()
    client.send(login("chef"))
    house.turn()
    assert b'"status":"ok"' in (heard := client.raw())
    assert not [word for word in WORDS if word.encode() in heard], heard
    return client


def check(house: House, role: Role, asked: dict[str, Any], heard: bytes, before: int) -> bool:
    """Return whether something private was heard; fail but for a report, or an owner's reason, that the trail has."""
    found = [word for word in WORDS if word.encode() in heard and word != asked.get("query")]
    if not found:
        return False
    new = [each for each in entries(house)[before:] if each[0] == "chef"]
    assert new, (asked, heard)
    if new[-1][1] in {"read-report", "evidence"}:
        return True
    assert (role, new[-1][1]) == (Role.OWNER, "export-person"), (asked, heard)
    assert "parce que" in str(new[-1][2]), new
    return True


def ask_all(house: House, role: Role, asked: Iterator[dict[str, Any]], *, modern: bool) -> int:
    """Ask everything; return how many answers had something private in them."""
    client, found = come_in(house, role, modern=modern), 0
    for number, request in enumerate(asked):
        before = len(entries(house))
        client.send({**request, "id": number} if modern else request)
        house.turn()
        found += check(house, role, request, client.raw(), before)
        if client.closed or house.hub.state.accounts["chef"].role is not role or not in_the_chat(house):
            house.hub.state.accounts["chef"].role = role
            client = come_in(house, role, modern=modern)
    return found


def in_the_chat(house: House) -> bool:
    return "chef" in house.hub.state.people


@pytest.mark.parametrize("modern", [True, False], ids=["modern", "classic"])
@pytest.mark.parametrize("kind", WIRE, ids=lambda kind: str(kind.__struct_config__.tag))
def test_no_chat_reads_silently(kind: type[Request], modern: bool) -> None:
    """Every request of the protocol, of everybody who keeps order: history, search, reports, what waits, all of it."""
    for role in ROLES:
        with running(faulty=True, messages_per_second=0.0, bad_lines=0) as house:
            settle(house)
            house.account("chef", role=role)
            ask_all(house, role, (msgspec.to_builtins(each) for each in requests(kind)), modern=modern)


@pytest.mark.parametrize("role", ROLES)
def test_the_chat_reaches_them(role: Role) -> None:
    """A report is read there; a conversation with a reason at the console alone."""
    asked: list[dict[str, Any]] = [
        {"type": "history", "user": "ann", "other": "bob", "reason": "parce que"},
        {"type": "report_details", "report_id": 1},
    ]
    with running(messages_per_second=0.0) as house:
        settle(house)
        house.account("chef", role=role)
        assert ask_all(house, role, iter(asked), modern=True) == 1


@pytest.mark.parametrize("command", sorted(TEXT_COMMANDS))
def test_no_text_command_reads_them(command: str) -> None:
    """What a classic client types after a slash, with all that could lead there."""
    with running(faulty=True, messages_per_second=0.0) as house:
        settle(house)
        house.account("chef", role=Role.OWNER)
        words = (
            "",
            *map("".join, itertools.product(("ann", "bob", "1", "2", "3", "1:2", "#admin"), ("", " parce que"))),
        )
        asked = ({"type": "message", "content": f"/{command} {rest}"} for rest in words)
        ask_all(house, Role.OWNER, asked, modern=False)


# -- the Python prompt ------------------------------------------------------------------------------------------------


def typed(kind: type[Request]) -> Iterator[str]:
    """Yield calls of a command as they are typed, with what could lead there, at the most of each by two things."""
    for request in itertools.islice(requests(kind), MOST_TYPED):
        given = {name: value for name, value in msgspec.to_builtins(request).items() if value is not None}
        del given["type"]
        options = ", ".join(f"{name}{'_' if iskeyword(name) else ''}={value!r}" for name, value in given.items())
        yield f"{function_name(str(kind.command))}({options})"


def type_in(house: House, program: Program, paper: Paper, line: str) -> str:
    """Type a line; return what is shown after it."""
    program.received(line.encode())
    house.turn()
    paper.read()
    program.received(b"\r")
    house.turn()
    return paper.read()


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - ENDS - {"python"}))
def test_no_function_of_the_prompt_reads_silently(tmp_path: Path, name: str) -> None:
    """Each line is in the trail before it runs; what it shows came by a report, or with a reason as anywhere else."""
    with running(faulty=True, messages_per_second=0.0) as house:
        settle(house)
        program, paper = Office(house, tmp_path).sit_down(operator("chef", Role.OWNER))
        program.received(b"python\r")
        house.turn()
        for line in typed(COMMANDS[name]):
            before = len(entries(house))
            shown = type_in(house, program, paper, line)
            new = [each for each in entries(house)[before:] if each[0] == "chef"]
            assert new, line
            assert new[0][1] == "python", new
            assert json.loads(str(new[0][2]))["line"].partition("(")[0] == line.partition("(")[0]
            assert "NameError" not in shown, shown
            assert "SyntaxError" not in shown, shown
            if any(word in shown for word in WORDS) and new[-1][1] not in {"read-report", "evidence"}:
                assert "parce que" in str(new[-1][2]), (line, shown)
                assert len(new) > 1, (line, shown)


def test_what_the_prompt_has_is_known(tmp_path: Path) -> None:
    """The commands, and three things that the documentation names; a conversation is read there with a reason."""
    with running(messages_per_second=0.0) as house:
        settle(house)
        program, paper = Office(house, tmp_path).sit_down(operator("chef", Role.OWNER))
        program.received(b"python\r")
        house.turn()
        known = {*map(function_name, COMMANDS), "hub", "service", "send_system_message"} - {"python"}
        names = "{name for name in globals() if name[0] != '_'}"
        assert "[]" in type_in(house, program, paper, f"sorted({names} ^ set({sorted(known)!r}))")
        assert SAID in type_in(house, program, paper, "history(user='ann', other='bob', reason='parce que')")
        assert [each[1] for each in entries(house)][-2:] == ["python", "read-private"]
