"""`messages`: what was said, as a table for a person and rows for a program."""

from __future__ import annotations

import json

import pytest

from classcord.chat.roles import Role
from tests.harness import House, say, tell
from tests.office import Office, operator

TIME = "2026-11-20 20:36:27"


@pytest.fixture
def house(house: House) -> House:
    house.account("alice")
    bob = house.member("bob")
    bob.ask(say("Bonjour"), say("deux\nlignes", channel="dev"), say("\x1b[31m=1+1"), tell("alice", "between us"))
    return house


def test_a_script_gets_a_line_for_each(office: Office) -> None:
    """With its number; what commands a terminal is written out, a line within a message too."""
    assert office.run("messages").out == (
        "number\ttime\tchannel\tperson\tto\ttext\n"
        f"1\t{TIME}\t#général\tbob\t–\tBonjour\n"
        f"3\t{TIME}\t#général\tbob\t–\t\\x1b[31m=1+1\n"
    )
    assert f"2\t{TIME}\t#dev\tbob\t–\tdeux\\nlignes\n" in office.run("messages #dev").out
    assert office.run("messages #général 1").out.count("\n") == 2


def test_a_person_gets_a_table(office: Office) -> None:
    """As wide as the terminal: columns with their names, a message a row."""
    program, paper = office.sit_down()
    paper.read()
    program.received(b"messages\r")
    office.house.turn()
    shown = paper.read()
    (heading,) = [line for line in shown.splitlines() if "number" in line and "text" in line]
    (row,) = [line for line in shown.splitlines() if "Bonjour" in line]
    assert heading.index("person") == row.index("bob")
    assert heading.index("text") == row.index("Bonjour")


def test_a_program_gets_the_rows(office: Office) -> None:
    """An array, whose numbers lead to the pages before and after."""
    first, second = json.loads(office.run("messages --json").out)
    assert first == {
        "id": 1,
        "at": "2026-11-20T20:36:27.625Z",
        "channel": "#général",
        "user": "bob",
        "to": None,
        "content": "Bonjour",
    }
    assert json.loads(office.run("messages --after 1 --json").out) == [second]
    assert json.loads(office.run("messages --before 3 --json").out) == [first]


def test_what_is_private_is_shown_as_in_the_history(office: Office) -> None:
    """To an owner who gives a reason, which is kept; to nobody else."""
    question = "messages --user bob --other alice"
    assert office.run(question).status == 1
    assert office.run(f'{question} --reason "plainte"', operator("sub", Role.ADMIN)).status == 1
    told = json.loads(office.run(f'{question} --reason "plainte" --json').out)
    assert [(row["user"], row["to"], row["channel"], row["content"]) for row in told] == [
        ("bob", "alice", None, "between us")
    ]
    assert "read-private" in office.run("audit").out


def test_a_chat_client_cannot_ask(house: House) -> None:
    """It is a command of the console; the chat's protocol has `history`."""
    (answer,) = house.member("bob").ask({"type": "messages"})
    assert answer["type"] == "error"
