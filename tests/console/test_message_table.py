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
        "number\ttime\tchannel\tperson\tto\ttext\tstate\n"
        f"1\t{TIME}\t#général\tbob\t–\tBonjour\t\n"
        f"3\t{TIME}\t#général\tbob\t–\t\\x1b[31m=1+1\t\n"
    )
    assert f"2\t{TIME}\t#dev\tbob\t–\tdeux\\nlignes\t\n" in office.run("messages #dev").out
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
        "state": "",
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


def test_a_message_is_deleted_at_the_console(office: Office) -> None:
    """Its number is asked back, for it cannot be undone; the table and the history say that it is deleted."""
    assert office.run("delete 1").status != 0
    assert office.run("delete 1 --yes").status == 0
    assert f"1\t{TIME}\t#général\tbob\t–\t\tdeleted\n" in office.run("messages").out
    assert "<bob> (deleted)" in office.run("history").out
    assert office.run("versions 1").out == f"time\tperson\ttext\tsealed\n{TIME}\tbob\t\tyes\n"
    assert "conflict" in office.run("delete 1 --yes --json").err
    assert office.run("delete 400 --yes").status != 0


def test_an_edited_message_says_so(house: House, office: Office) -> None:
    """With what it says now; `versions` has both."""
    bob = house.clients[0]
    bob.ask({"type": "edit", "message_id": 1, "content": "Bonsoir"})
    assert f"1\t{TIME}\t#général\tbob\t–\tBonsoir\tedited\n" in office.run("messages").out
    assert "<bob> Bonsoir (edited)" in office.run("history").out
    shown = office.run("versions 1").out.splitlines()
    assert [row.split("\t")[2] for row in shown[1:]] == ["Bonjour", "Bonsoir"]


def test_an_export_has_messages_as_they_are_now(house: House, office: Office) -> None:
    """The new words of an edited message, none of a deleted one, and when that was."""
    bob = house.clients[0]
    bob.ask({"type": "edit", "message_id": 1, "content": "Bonsoir"}, {"type": "delete", "message_id": 3})
    rows = {row["id"]: row for row in map(json.loads, office.run("export messages --format ndjson").out.splitlines())}
    assert (rows[1]["content"], rows[1]["edited_at"][:4], rows[1]["deleted_at"]) == ("Bonsoir", "2026", None)
    assert (rows[3]["content"], rows[3]["edited_at"], rows[3]["deleted_at"][:4]) == ("", None, "2026")
    assert (rows[2]["edited_at"], rows[2]["deleted_at"]) == (None, None)


def test_private_versions_are_for_a_reason(house: House, office: Office) -> None:
    """As private messages are: without one there is no such message; with one it is in the audit trail."""
    house.clients[0].ask({"type": "edit", "message_id": 4, "content": "between you and me"})
    refused = office.run("versions 4")
    assert refused.status != 0
    assert "between" not in refused.out
    assert "between us" in office.run('versions 4 --reason "plainte du 12 mars"').out
    assert "plainte du 12 mars" in office.run("audit").out
