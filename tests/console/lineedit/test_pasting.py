"""What is pasted: a line is text, several are commands once that is confirmed, and none is joined with another."""

from __future__ import annotations

import pytest

from classcord.console.lineedit.pasting import LINES, LONGEST
from tests.harness import House
from tests.office import Office

FOUR = "create #un\r\ncreate #deux\n\ncreate #trois\rcreate #quatre"


def paste(text: str) -> bytes:
    return f"\x1b[200~{text}\x1b[201~".encode()


def channels(house: House) -> set[str]:
    return {name for name in house.hub.state.channels if name in {"un", "deux", "trois", "quatre"}}


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize("piece", [1, 5, 10_000])
def test_several_lines_are_commands_after_one_question(office: Office, house: House, end: str, piece: int) -> None:
    """They are shown; then each is run for itself, and kept in the history."""
    program, paper = office.sit_down()
    data = paste(FOUR + end)
    for at in range(0, len(data), piece):
        program.received(data[at : at + piece])
    house.turn()
    shown = paper.read()
    assert "4 lines were pasted" in shown
    assert "  create #trois\r\n" in shown
    assert channels(house) == set()
    program.received(b"y\r")
    house.turn()
    assert channels(house) == {"un", "deux", "trois", "quatre"}
    assert paper.read().endswith("prof@ClassCord> ")
    program.received(b"exit\r")
    house.turn()
    assert paper.status == 0
    assert list(office.tools.history("prof"))[-2:] == ["create #quatre", "exit"]


@pytest.mark.parametrize("answer", [b"n\r", b"\r", b"\x03", b"\x04"])
def test_nothing_is_run_unless_it_is_confirmed(office: Office, house: House, answer: bytes) -> None:
    """The prompt is there again, empty."""
    program, paper = office.sit_down()
    program.received(paste(FOUR))
    house.turn()
    program.received(answer)
    house.turn()
    assert channels(house) == set()
    program.received(b"version\r")
    house.turn()
    assert "python" in paper.read()


def test_what_was_typed_before_belongs_to_the_first(office: Office, house: House) -> None:
    """As it stands at the prompt."""
    program, paper = office.sit_down()
    program.received(b"create " + paste("#un\ncreate #deux\n") + b"y\r")
    house.turn()
    assert "  create #un\r\n  create #deux\r\n" in paper.read()
    assert channels(house) == {"un", "deux"}


def test_one_line_is_text(office: Office, house: House) -> None:
    """A line end behind it does not enter it: whoever pasted it looks at it first."""
    program, _ = office.sit_down()
    for end in ("", "\n", "\r\n\r\n"):
        program.received(b"\x15" + paste("create #un" + end))
        house.turn()
        assert channels(house) == set()
    program.received(b"\r")
    house.turn()
    assert channels(house) == {"un"}


def test_a_paste_while_a_command_runs(office: Office, house: House) -> None:
    """It waits for the prompt, whole."""
    program, paper = office.sit_down()
    program.received(b"tail\r")
    house.turn()
    program.received(paste(FOUR))
    house.turn()
    assert "pasted" not in paper.read()
    program.received(b"q")
    house.turn()
    assert "4 lines were pasted" in paper.read()


@pytest.mark.parametrize("question", [b"adduser alice\r", b"ban bob\r"])
def test_several_lines_are_no_answer(office: Office, house: House, question: bytes) -> None:
    """Neither a password nor a yes: the bell rings, nothing is taken of it, and the question stands."""
    house.member("bob")
    program, paper = office.sit_down()
    program.received(question)
    house.turn()
    paper.read()
    program.received(paste("y\nhunter2\n"))
    house.turn()
    assert paper.read().count("\a") == 1
    assert house.hub.state.person("bob")
    assert house.hub.state.account("alice") is None
    program.received(b"\x03")
    house.turn()
    assert house.hub.state.person("bob")


def test_a_pasted_password(office: Office, house: House) -> None:
    """Its one line is taken as typed, without the line end behind it, and is not shown."""
    program, paper = office.sit_down()
    program.received(b"adduser alice\r")
    house.turn()
    for _ in range(2):
        program.received(paste("hunter2\n"))
        house.turn()
        assert house.hub.state.account("alice") is None
        program.received(b"\r")
        house.turn()
    assert "hunter2" not in paper.read()
    answer = house.client().one({"type": "login", "username": "alice", "password": "hunter2"})
    assert answer["status"] == "ok"


def test_a_pasted_yes_is_not_entered(office: Office, house: House) -> None:
    """A line end in the clipboard confirms nothing."""
    house.member("bob")
    program, _ = office.sit_down()
    program.received(b"ban bob\r")
    house.turn()
    program.received(paste("y\r\n"))
    house.turn()
    assert house.hub.state.person("bob")


def test_control_characters_of_a_paste_do_nothing(office: Office, house: House) -> None:
    """No Ctrl-C, no sequence, nothing that turns text; in none of its lines."""
    program, paper = office.sit_down()
    program.received(paste("create #u\x03n\x1b[A\ncreate #d\u202eeux\x04\x9b"))
    house.turn()
    assert "  create #un[A\r\n  create #deux\r\n" in paper.read()


@pytest.mark.parametrize("text", ["version\n" * (LINES + 5), "x" * (LONGEST + 1) + "\nversion", "\n" * 500_000])
def test_a_huge_paste_is_refused_and_not_kept(office: Office, house: House, text: str) -> None:
    """Nothing of it is run; the console goes on."""
    program, paper = office.sit_down()
    program.received(paste(text))
    house.turn()
    assert b"too much to be pasted" in paper.err
    paper.read()
    program.received(b"version\r")
    house.turn()
    assert paper.read().count("sqlite") == 1


def test_exit_in_a_paste_ends_the_console(office: Office, house: House) -> None:
    """What stands behind it is not run."""
    program, paper = office.sit_down()
    program.received(paste("create #un\nexit\ncreate #deux") + b"y\r")
    house.turn()
    assert (channels(house), paper.status) == ({"un"}, 0)


def test_a_terminal_that_marks_no_pastes(office: Office, house: House) -> None:
    """Each line that arrives is a command, as if it were typed."""
    program, _ = office.sit_down(term="dumb")
    program.received(FOUR.encode() + b"\r")
    house.turn()
    assert channels(house) == {"un", "deux", "trois", "quatre"}
