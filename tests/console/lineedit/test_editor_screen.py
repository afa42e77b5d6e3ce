"""What is on the terminal, after any edits: the prompt and the line, wrapped, with the cursor in its cell."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from classcord.console.lineedit.editor import Editor, Entered
from tests.console.lineedit.test_editor import ENTER, TAB, Seat
from tests.console.terminal import Terminal

JOINERS = "\u200c\u200d\ufe0e\ufe0f\U0001f3fd"
PROMPTS = ["> ", "", "\x1b[1mprof\x1b[0;32m@\x1b[mécole> ", "漢字> "]

WORDS = st.sampled_from(
    [
        "a",
        "bc ",
        "hello world ",
        "x" * 17,
        "y" * 40,
        "é",
        "漢",
        "字漢",
        "e\u0301",
        "\u0301",
        "한",
        "🎉",
        "👩🏽\u200d🏫",
        "❤\ufe0f",
    ]
)
KEYS = st.sampled_from(
    [
        "\x7f",
        "\x7f\x7f\x7f\x7f\x7f",
        "\x1b[3~",
        "\x1b[D",
        "\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D",
        "\x1b[C",
        "\x01",
        "\x05",
        "\x0b",
        "\x15",
        "\x17",
        "\x19",
        "\x1bb",
        "\x1bf",
        "\x1bd",
        "\x1b[A",
        "\x1b[B",
        "\x12",
        "\x07",
    ]
)
EDITS = st.lists(
    st.one_of(
        WORDS.map(lambda word: ("type", word)),
        (KEYS | st.just(TAB)).map(lambda keys: ("type", keys)),
        st.sampled_from(["one", "two\nthree\n", "漢\n"]).map(lambda text: ("above", text)),
        st.sampled_from([11, 16, 17, 40]).map(lambda columns: ("resize", columns)),
        st.just(("enter", "")),
    ),
    max_size=25,
)


def expected(above: str, prompt: str, before: str, behind: str, columns: int) -> tuple[list[str], tuple[int, int]]:
    """Return what a new terminal shows of it all, written at once, and the cell between `before` and `behind`."""

    def shown(text: str) -> bytes:
        return "".join(c for c in text if c not in JOINERS).encode()

    screen = Terminal(columns, 1_000)
    screen.write(above.replace("\n", "\r\n").encode() + shown(prompt + before))
    row, column = screen.row, screen.column
    if screen.waits or column + cell_len(behind[:1]) > columns:
        row, column = row + 1, 0
    screen.write(shown(behind))
    return screen.lines(), (row, column)


def state(seat: Seat) -> tuple[str, str, str]:
    """Return the prompt that is shown, and the line before and behind the cursor; a mark alone has a circle."""
    editor = seat.editor
    line = editor._field.line
    prefix = "\u25cc" if line.text.startswith("\u0301") else ""
    before = "".join(glyph.text for glyph in line.glyphs[: line.cursor])
    behind = "".join(glyph.text for glyph in line.glyphs[line.cursor :])
    prompt = editor._command.search_prompt or ""
    return prompt, prefix + before if before else "", behind if before else prefix + behind


@settings(max_examples=100)
@given(st.sampled_from(PROMPTS), st.sampled_from([11, 16, 40]), EDITS)
def test_the_screen_shows_the_prompt_and_the_line(
    prompt: str, columns: int, edits: list[tuple[str, str | int]]
) -> None:
    """As if all had been written once, at this width: after each edit, text above, resize, completion and line."""
    seat = Seat(columns, 1_000, prompt=prompt, entries=["who", "x" * 30, "kick 漢字漢字漢字"])
    above = ""
    for kind, what in edits:
        if kind == "type":
            seat.type(str(what))
            seat.did(seat.editor.complete(["hello 漢"], seat.editor._field.line.character))
        elif kind == "above":
            seat.write(seat.editor.above(str(what)))
            above += f"{what}\n".replace("\n\n", "\n")
        elif kind == "resize":
            seat.resize(int(what), 1_000)
        else:
            seat.type("\x05.")  # a terminal that is resized forgets the spaces at the end of a line
            before, behind = state(seat)[1:]
            above += f"{prompt}{before}{behind}\n".translate(dict.fromkeys(map(ord, JOINERS)))
            seat.type(ENTER)
            seat.did(seat.editor.ready())
        shown, before, behind = state(seat)
        lines, cell = expected(above, shown or prompt, before, behind, seat.terminal.columns)
        assert seat.seen == lines
        assert seat.terminal.under_cursor() == cell
    assert seat.terminal.marks_pastes


@settings(max_examples=50)
@given(st.lists(st.one_of(WORDS, KEYS.filter(lambda key: key != "\x12"), st.just("z" * 90)), max_size=20))
def test_of_a_line_longer_than_the_screen_the_rows_around_the_cursor_are_shown(keys: list[str]) -> None:
    """A window of whole rows: nothing above it is touched, and the cursor is in its cell."""
    seat = Seat(16, 4, prompt="> ")
    for key in keys:
        seat.type(key)
        _, before, behind = state(seat)
        lines, (row, column) = expected("", "> ", before, behind, 16)
        lines += [""] * (row + 1 - len(lines))
        top = seat.editor._display._top
        assert top <= row < top + 4
        assert len(lines) <= 4 or top + 4 <= len(lines) + 1
        window = lines[top : top + 4]
        while window and not window[-1]:
            window.pop()
        assert seat.terminal.screen() == window
        assert (seat.terminal.row - seat.terminal.top + top, seat.terminal.column) == (row, column)


def test_a_notice_during_a_line_longer_than_the_screen() -> None:
    """The rows that were shown make place for it, and are shown again; Enter shows the line's end."""
    seat = Seat(10, 3)
    seat.write(seat.editor.above("before"))
    seat.type("abcdefghij" * 5, "\x01", "\x1b[C")
    seat.write(seat.editor.above("notice"))
    assert seat.terminal.screen() == ["> abcdefgh", "ijabcdefgh", "ijabcdefgh"]
    assert "notice" in seat.seen
    seat.type(ENTER)
    assert seat.terminal.screen() == ["ijabcdefgh", "ij"]


def test_the_window_follows_the_cursor() -> None:
    """Cell by cell through a line of more rows than the screen has, and back."""
    seat = Seat(10, 3).type("abcdefghij" * 6, "\x01")
    for key, cells in (("\x1b[C", range(3, 63)), ("\x1b[D", range(61, 1, -1))):
        for cell in cells:
            seat.type(key)
            row, column = divmod(cell, 10)
            top = seat.editor._display._top
            assert (seat.terminal.row - seat.terminal.top + top, seat.terminal.column) == (row, column)
            assert len(seat.terminal.screen()) == 3


@pytest.mark.parametrize("length", [7, 8, 9, 18, 30])
@pytest.mark.parametrize("back", [0, 1, 5])
def test_a_resize_of_what_ends_near_a_margin(length: int, back: int) -> None:
    """Wherever the cursor is taken by the terminal, the line is shown once, with the cursor in its cell."""
    for columns in (10, 12, 20, 40):
        for wide in ("", "漢"):
            seat = Seat(10).type("x" * length + wide, "\x1b[D" * back)
            seat.resize(columns, 20)
            _, before, behind = state(seat)
            assert (seat.seen, seat.terminal.under_cursor()) == expected("", "> ", before, behind, columns)


def test_lines_that_filled_their_rows_stay_lines_when_the_terminal_grows() -> None:
    """The prompt after a line that ended with a full row is not taken for its continuation."""
    seat = Seat(10).type("x" * 8, ENTER)
    seat.did(seat.editor.ready())
    seat.resize(40, 20)
    assert seat.seen == ["> xxxxxxxx", ">"]


def test_a_mark_joins_the_character_before() -> None:
    """Typed in two reads, and also when the character is put before it later; alone it stands on a circle."""
    seat = Seat().type("\u0301")
    assert seat.seen == ["> \u25cc\u0301"]
    seat.type("\x01", "e")
    assert (seat.seen, seat.terminal.under_cursor()) == (["> e\u0301"], (0, 3))
    seat.type("a", "\u0302")
    assert (seat.seen, seat.terminal.under_cursor()) == (["> e\u0301a\u0302"], (0, 4))


@pytest.mark.parametrize("length", [7, 8, 9, 18])
def test_at_the_last_column(length: int) -> None:
    """A full row is followed by the cursor in the next one, and Enter leaves no empty row behind it."""
    seat = Seat(10).type("x" * length)
    assert seat.terminal.under_cursor() == divmod(length + 2, 10)
    seat.type("\x7f")
    assert seat.terminal.under_cursor() == divmod(length + 1, 10)
    seat.type("x", ENTER)
    seat.did(seat.editor.ready())
    rows = -(-(length + 2) // 10)
    assert seat.seen[rows:] == [">"]


def test_a_wide_character_is_not_parted() -> None:
    """It goes to the next row when one cell is left, and comes back when there is room."""
    seat = Seat(10).type("x" * 7, "漢")
    assert (seat.seen, seat.terminal.under_cursor()) == (["> xxxxxxx", "漢"], (1, 2))
    seat.type("\x1b[D")
    assert seat.terminal.under_cursor() == (1, 0)
    seat.type("\x7f")
    assert (seat.seen, seat.terminal.under_cursor()) == (["> xxxxxx漢"], (0, 8))


def test_only_what_changes_is_written() -> None:
    """A character at the end costs its own bytes, a notice the line once more."""
    seat = Seat(40).type("hello")
    seat.output = b""
    seat.type("x")
    seat.type("\x1b[D")
    assert seat.output == b"x\r\x1b[7C"


def test_clear() -> None:
    """Ctrl-L empties the screen; prompt and line are in its first row."""
    seat = Seat(40).type("one", ENTER)
    seat.did(seat.editor.ready())
    seat.type("two", "\x02", "\x0c")
    assert (seat.seen, seat.terminal.under_cursor()) == (["> two"], (0, 4))


def test_above_at_rest_is_text_with_the_ends_of_lines_that_terminals_want() -> None:
    """No prompt, nothing to clear; nothing is no line; what is not text any more does not raise."""
    editor = Editor()
    assert editor.above("a\nb\r\n\nc") == b"a\r\nb\r\n\r\nc\r\n"
    assert editor.above(b"\xff\x1b[1m\n") == b"\xff\x1b[1m\r\n"
    assert editor.above("\ud800") == b"?\r\n"
    assert editor.above("") == b""
    assert editor.resize(100, 30) == b""
    assert editor.rest() == b""


def test_rest_leaves_the_line_on_the_screen() -> None:
    """A program takes the terminal, or the connection ends: pastes are not marked any more. Then the line is back."""
    seat = Seat(40).type("who", "\x01")
    seat.did(seat.editor.ask("Sure? "))
    seat.write(seat.editor.rest())
    assert (seat.terminal.marks_pastes, seat.seen, seat.terminal.under_cursor()) == (False, ["Sure?"], (1, 0))
    seat.did(seat.editor.ready())
    assert (seat.seen, seat.terminal.under_cursor()) == (["Sure?", "> who"], (1, 2))


@pytest.mark.parametrize(("columns", "rows"), [(0, 0), (1, 1), (-1, 5), (2, 1), (2**32, 2**32)])
def test_impossible_sizes_raise_nothing(columns: int, rows: int) -> None:
    """A client may say that its terminal has any number of cells."""
    editor = Editor(columns, rows)
    editor.ready()
    editor.feed("ab漢字é\x1b[D\x01\x1b[A\t".encode())
    editor.complete(["ab", "ac"], 0)
    editor.feed(b"\t")
    editor.complete(["ab", "ac"], 0)
    editor.resize(columns, rows)
    assert editor.feed(b"\r")[1] == Entered("aab漢字é")


# -- TERM=dumb ---------------------------------------------------------------------------------------------------------


@settings(max_examples=100)
@given(
    st.sampled_from([7, 10, 40]),
    st.lists(st.one_of(WORDS, st.sampled_from(["\x7f", "\x7f" * 4, "\x15", "\x17", "\x1b[A", "\x1b[D", "\x01"]))),
)
def test_a_dumb_terminal_is_right_without_escape_sequences(columns: int, keys: list[str]) -> None:
    """The last rows are prompt and line, with the cursor behind; where there is no way back, they are written anew."""
    seat = Seat(columns, plain=True, prompt="\x1b[1mprof\x1b[m> ", entries=["who 漢字", "kick bob"])
    for key in keys:
        seat.type(key)
        assert b"\x1b" not in seat.output
        _, before, behind = state(seat)
        lines, (row, column) = expected("", "prof> ", before, behind, columns)
        begin = seat.terminal.row - row
        assert (behind, seat.seen[begin:], seat.terminal.column) == ("", lines, column)


def test_a_dumb_terminal_is_told_and_asked_the_same() -> None:
    """Notices, questions, completion, Ctrl-C and a resize, in plain text."""
    seat = Seat(20, plain=True).type("ba", TAB)
    seat.did(seat.editor.complete(["ban"], 0))
    seat.type("bob")
    seat.write(seat.editor.above("notice"))
    seat.type(ENTER)
    seat.did(seat.editor.ask("Password: ", hidden=True))
    seat.type("sesame", ENTER)
    seat.did(seat.editor.ready())
    seat.type("x" * 15)
    seat.resize(30, 20)
    seat.resize(10, 20)
    seat.type("y", "\x0c", "\x03")
    assert seat.seen == ["notice", "> ban bob", "Password:", "> xxxxxxxx", "xxxxxxx", "> xxxxxxxx", "xxxxxxxy^C"]
    assert b"\x1b" not in seat.output


def test_a_dumb_terminal_at_the_last_column() -> None:
    """A line that fills its row is followed by the next prompt, and by no empty row."""
    seat = Seat(10, plain=True).type("x" * 8, ENTER)
    seat.did(seat.editor.ready())
    assert seat.seen == ["> xxxxxxxx", ">"]
    seat.type("x" * 10)
    before = len(seat.output)
    seat.write(seat.editor.resize(40, 20))
    assert seat.output[before:] == b"\r\n> xxxxxxxxxx"
