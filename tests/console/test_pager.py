"""Help fits the window and is turned page by page; views end with q; the screen can be cleared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classcord.chat.roles import Permission
from classcord.chat.subjects import COMMANDS
from classcord.console.commands import guide
from classcord.console.pager import fitted
from classcord.language import translator
from tests.console.terminal import Terminal
from tests.harness import House
from tests.office import Office


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_help_fits_the_window(columns: int, language: str) -> None:
    """No line is wider, none is cut within a word, and nothing is lost: of the list and of each command."""
    translate = translator(language)
    texts = [guide.overview(frozenset(Permission), translate)]
    texts += [guide.of_command(name, translate) for name in COMMANDS]
    for text in texts:
        shown = fitted(text, columns)
        assert shown.split() == text.split()
        assert max(map(len, shown.splitlines())) <= columns


@given(st.text(st.sampled_from("ab é \n"), max_size=300), st.integers(10, 100))
def test_any_text_fits(text: str, columns: int) -> None:
    """Words longer than a line alone are parted."""
    shown = fitted(text, columns)
    assert "".join(shown.split()) == "".join(text.split())
    assert all(len(line) <= columns for line in shown.split("\n"))


def opened(office: Office, rows: int = 12) -> tuple[object, object, Terminal]:
    program, paper = office.begin(None, terminal=True, term="xterm", colour=False, columns=60, rows=rows)
    terminal = Terminal(60, rows)
    terminal.write(paper.out)
    paper.out = b""
    return program, paper, terminal


def press(office: Office, program: object, paper: object, terminal: Terminal, keys: bytes) -> list[str]:
    """Type, and return what is on the screen."""
    program.received(keys)  # type: ignore[attr-defined]
    office.house.turn()
    terminal.write(paper.read().encode())  # type: ignore[attr-defined]
    return terminal.screen()


def test_help_is_turned_page_by_page(office: Office) -> None:
    """Space shows the next page, Enter a line; the beginning is not lost, and the prompt comes at the end."""
    program, paper, terminal = opened(office)
    first = press(office, program, paper, terminal, b"help\r")
    assert first[-1].startswith("-- space")
    assert len(first) <= 12
    assert any("history" in line for line in first)
    line = press(office, program, paper, terminal, b"\r")
    assert line[:-2] == first[1:-1]
    for _ in range(20):
        page = press(office, program, paper, terminal, b" ")
        if not page[-1].startswith("-- space"):
            break
    assert page[-1] == "prof@ClassCord>"
    assert not any("-- space" in line for line in terminal.lines())


@pytest.mark.parametrize("key", [b"q", b"Q", b"\x03", b"\x04", b"\x1b"])
def test_a_page_can_be_left(office: Office, key: bytes) -> None:
    """The next command is typed at once."""
    program, paper, terminal = opened(office)
    press(office, program, paper, terminal, b"help\r")
    assert press(office, program, paper, terminal, key)[-1] == "prof@ClassCord>"
    assert "python" in "".join(press(office, program, paper, terminal, b"version\r"))


def test_who_has_typed_ahead_is_shown_all(office: Office) -> None:
    """A file of commands waits for no key; and what is sent with its Enter while a page stands is a command."""
    program, paper, terminal = opened(office)
    press(office, program, paper, terminal, b"help\rversion\r")
    assert "sqlite" in "".join(terminal.lines())
    press(office, program, paper, terminal, b"help\r")
    assert "sqlite" in "".join(press(office, program, paper, terminal, b"version\r"))


def test_the_end_of_input_shows_the_rest(office: Office) -> None:
    """And ends the console."""
    program, paper, terminal = opened(office)
    press(office, program, paper, terminal, b"help\r")
    program.input_ended()  # type: ignore[attr-defined]
    office.house.turn()
    assert paper.status == 0  # type: ignore[attr-defined]
    assert "exit ends the console" in " ".join(paper.read().split())  # type: ignore[attr-defined]


@pytest.mark.parametrize("view", ["tail", "top", "trace bob"])
@pytest.mark.parametrize("key", [b"q", b"Q", b"\x03"])
def test_a_view_ends_with_q(office: Office, house: House, view: str, key: bytes) -> None:
    """As well as with Ctrl-C; q is not left at the prompt, and elsewhere it is a letter."""
    house.member("bob")
    program, paper = office.sit_down()
    program.received(f"{view}\r".encode())
    house.turn()
    assert "q or Ctrl-C" in paper.read()
    program.received(key)
    house.turn()
    assert paper.read().endswith("prof@ClassCord> ")
    program.received(b"q")
    house.turn()
    assert paper.read() == "q"
    assert paper.status is None


@pytest.mark.parametrize("command", [b"clear\r", b"cls\r", b"\x0c"])
def test_the_screen_is_cleared(office: Office, command: bytes) -> None:
    """By the command, and by Ctrl-L with the line that is typed."""
    program, paper, terminal = opened(office)
    press(office, program, paper, terminal, b"version\r")
    assert press(office, program, paper, terminal, command) == ["prof@ClassCord>"]


def test_a_program_is_cleared_no_screen(office: Office) -> None:
    """Where there is none it does nothing."""
    assert office.run("clear") == (0, "", "")
