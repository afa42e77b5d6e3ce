"""The line editor as its owner and its user see it: keys in, outcomes out, and what is on the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classcord.console.lineedit.editor import (
    Complete,
    Editor,
    Ended,
    Entered,
    Interrupted,
    LineHistory,
    Outcome,
    QuestionAnswered,
    Show,
)
from classcord.console.lineedit.line import MAX_LINE
from tests.console.terminal import Terminal

CTRL_C, CTRL_D, CTRL_R, ENTER, ESCAPE, TAB, UP, DOWN = "\x03", "\x04", "\x12", "\r", "\x1b", "\t", "\x1b[A", "\x1b[B"


class Seat:
    """A person at a terminal, and the owner of the editor between them, who does nothing but note what is asked."""

    def __init__(
        self, columns: int = 40, rows: int = 20, *, entries: Iterable[str] = (), plain: bool = False, prompt: str = "> "
    ) -> None:
        self.terminal = Terminal(columns, rows)
        self.history = LineHistory(entries)
        self.editor = Editor(columns, rows, prompt=prompt, plain=plain, history=self.history)
        self.output = b""
        self.noted: list[Outcome] = []
        self.did(self.editor.ready())

    def did(self, outcomes: list[Outcome]) -> None:
        assert [o for o in outcomes[1:] if isinstance(o, Show)] == [], "what is shown comes first, at once"
        for outcome in outcomes:
            if isinstance(outcome, Show):
                self.write(outcome.data)
            else:
                self.noted.append(outcome)

    def write(self, data: bytes) -> None:
        self.output += data
        self.terminal.write(data)

    def type(self, *keys: str) -> Seat:
        for key in keys:
            self.did(self.editor.feed(key.encode()))
        return self

    def resize(self, columns: int, rows: int) -> None:
        self.terminal.resize(columns, rows)
        self.write(self.editor.resize(columns, rows))

    def noticed(self) -> list[Outcome]:
        noted, self.noted = self.noted, []
        return noted

    def entered(self, *keys: str) -> str:
        """Type, press Enter, and return the line that was entered; then the prompt is there again."""
        self.type(*keys, ENTER)
        noted = self.noticed()
        self.did(self.editor.ready())
        (outcome,) = noted
        assert isinstance(outcome, Entered)
        return outcome.line

    @property
    def seen(self) -> list[str]:
        return self.terminal.lines()

    @property
    def bells(self) -> int:
        rung, self.terminal.bells = self.terminal.bells, 0
        return rung


def test_a_line_is_shown_while_it_is_typed_and_entered() -> None:
    """The prompt, the line behind it, the cursor behind that; after Enter nothing, until the owner is ready."""
    seat = Seat(prompt="\x1b[1;32mprof\x1b[m> ")
    seat.type("w", "h")
    assert (seat.seen, seat.terminal.under_cursor()) == (["prof> wh"], (0, 8))
    seat.type("o\r")
    assert (seat.noticed(), seat.terminal.under_cursor(), seat.editor.resting) == ([Entered("who")], (1, 0), True)
    seat.did(seat.editor.ready("eleve> "))
    assert (seat.seen, seat.terminal.under_cursor()) == (["prof> who", "eleve>"], (1, 7))


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("bc\x01a", "abc"),
        ("bc\x1b[Ha\x1b[Fd", "abcd"),
        ("ac\x02b\x05d", "abcd"),
        ("ad\x01\x06b\x1b[Dc\x1b[C\x1b[D-", "ac-bd"),
        ("abc\x7f\x08d", "ad"),
        ("abc\x01\x04\x1b[3~", "c"),
        ("abc\x01\x7f\x1b[D", "abc"),
        ("abc\x04\x1b[3~\x1b[C", "abc"),
        ("one two\x01\x06\x06\x06\x0b", "one"),
        ("one two\x02\x02\x02\x15", "two"),
        ("one two  \x17x", "one x"),
        ("one\u3000two\x17x", "one\u3000x"),
        ("one two\x17\x17\x19\x19", "one twoone two"),
        ("a-b c\x17x\x17\x19", "a-b x"),
        ("one two\x01\x1bd\x1bd\x05\x19", "one two"),
        ("kick bob_1 é2!\x1b\x7f\x1b\x7f", "kick "),
        ("one two three\x1bb\x1b[1;5Dx\x1bf\x1b[1;5Cy", "one xtwo threey"),
        ("\x19", ""),
        ("e\u0301x\x7f\x7fa", "a"),
        ("xe\u0301\x02y", "xye\u0301"),
        ("\u0301a\x01e", "e\u0301a"),
        ("👩\u200d🏫\x02|", "👩\u200d|🏫"),
        ("漢字\x1b[D한", "漢한字"),
        ("\x00\x07\x0e\x0f\x18\x1a\x1c\x1f\x1bz\x1b[5~a", "a"),
        ("\x1b[200~a\tb\x03\r\n\x1b[201~c", "a bc"),
        ("a\u2028b\u202ec\u200bd\ufeff\x85", "a bcd"),
        ("a\x0cb", "ab"),
    ],
)
def test_editing(keys: str, line: str) -> None:
    """What stands in the line after some keys, typed at once and one by one."""
    assert Seat().entered(keys) == line
    assert Seat().entered(*keys) == line


def test_a_full_line_takes_no_more() -> None:
    """At MAX_LINE characters the bell rings; what was typed can be corrected and entered."""
    seat = Seat()
    seat.type("x" * (MAX_LINE - 1), "\x1b[200~yz\x1b[201~")
    assert seat.bells == 1
    seat.type("z", "\u0301", "\x01a")
    assert seat.bells == 3
    assert seat.entered("\x05\x7f!") == "x" * (MAX_LINE - 1) + "!"


def test_a_character_carries_only_so_many_marks() -> None:
    """A heap of combining marks on one character costs no more than a word."""
    assert len(Seat().entered("a" + "\u0301" * 1_000 + "b")) < 50


@settings(max_examples=100)
@given(st.lists(st.binary(max_size=8) | st.sampled_from([b"\r", b"\x1b[A", b"\x12", b"\t", b"\x1b[200~"]), max_size=30))
def test_whatever_is_typed_no_control_character_is_in_a_line(pieces: list[bytes]) -> None:
    """Random bytes raise nothing, and what is entered is one line of text."""
    seat = Seat()
    for piece in pieces:
        seat.did(seat.editor.feed(piece))
        seat.did(seat.editor.complete(["a\nb\x1b[A"], 0))
        seat.did(seat.editor.ready())
    lines = [outcome.line for outcome in seat.noted if isinstance(outcome, Entered)]
    assert all(unicodedata.category(c) not in {"Cc", "Zl", "Zp"} for line in lines for c in line)


def test_ctrl_c_abandons_the_line() -> None:
    """^C is shown behind the line, wherever the cursor was; the next prompt is empty."""
    seat = Seat().type("ban bob", "\x01", CTRL_C)
    assert seat.noticed() == [Interrupted()]
    seat.did(seat.editor.ready())
    assert seat.seen == ["> ban bob^C", ">"]
    assert seat.entered("who") == "who"
    assert seat.history.entries == ("who",)


def test_ctrl_d_ends_where_nothing_is_typed() -> None:
    """Elsewhere it deletes forward; at the end of a line it does nothing but ring."""
    seat = Seat().type("ab", "\x01", CTRL_D, CTRL_D)
    assert (seat.noticed(), seat.bells) == ([], 0)
    seat.type("c", CTRL_D)
    assert (seat.noticed(), seat.bells) == ([], 1)
    seat.type("\x7f", CTRL_D)
    assert seat.noticed() == [Ended()]


def test_what_is_typed_ahead_waits() -> None:
    """While a command runs its user may type the next ones: each is read when the owner is ready."""
    seat = Seat().type("one\rtwo\rthr")
    assert (seat.noticed(), seat.seen) == ([Entered("one")], ["> one"])
    seat.write(seat.editor.above("done"))
    seat.did(seat.editor.ready())
    assert (seat.noticed(), seat.seen) == ([Entered("two")], ["> one", "done", "> two"])
    seat.did(seat.editor.ready())
    assert seat.entered("ee") == "three"


def test_ctrl_c_reaches_a_command_that_runs() -> None:
    """It is told at once, and drops what was typed ahead."""
    seat = Seat().type("top\rnext\r", CTRL_C, "who")
    assert seat.noticed() == [Entered("top"), Interrupted()]
    seat.did(seat.editor.ready())
    assert seat.seen == ["> top", "> who"]
    seat.type("\x15top\rx\x03\x03y\x03")
    assert seat.noticed() == [Entered("top"), Interrupted()]


def test_what_is_typed_ahead_is_bounded() -> None:
    """More than a line's length of it is dropped, with a bell; what came before is kept in its order."""
    seat = Seat().type("one\r")
    for _ in range(1_000):
        seat.type("x" * 1_000)
    seat.type("\r" * 10)
    assert seat.bells > 900
    seat.noticed()
    seat.did(seat.editor.ready())
    assert seat.entered() == "x" * 8_000
    seat.type("two\r", "x" * 8_000, CTRL_C, "x" * 8_000)
    assert seat.bells == 0


def test_being_ready_twice_is_being_ready() -> None:
    """At a prompt nothing more is written, except for a new prompt."""
    seat = Seat().type("ab")
    assert seat.editor.ready() == []
    seat.did(seat.editor.ready("$ "))
    assert seat.seen == ["$ ab"]


# -- questions ---------------------------------------------------------------------------------------------------------


def test_a_question_interrupts_the_line_that_is_typed() -> None:
    """It stands in place of the prompt; after the answer the line is there again, with its cursor."""
    seat = Seat().type("who", "\x01")
    seat.did(seat.editor.ask("Sure? "))
    assert seat.seen == ["Sure?"]
    seat.type("yes", UP, CTRL_R, TAB)
    assert seat.bells == 3
    seat.type(ENTER)
    assert seat.noticed() == [QuestionAnswered("yes")]
    seat.did(seat.editor.ready())
    assert (seat.seen, seat.terminal.under_cursor()) == (["Sure? yes", "> who"], (1, 2))
    assert seat.history.entries == ()


def test_a_secret_is_shown_nowhere() -> None:
    """Nothing of it is echoed or kept, not by Ctrl-U nor in the history; it can be corrected all the same."""
    seat = Seat().type("passwd\r")
    seat.did(seat.editor.ask("Password: ", hidden=True))
    before = seat.output
    seat.type("secrets", "\x01", "\x15", "\x0b", "\x19", "sesamf", "\x7f", "e", "\x01", "\x05")
    seat.write(seat.editor.above("notice"))
    seat.type(ENTER)
    assert seat.noticed() == [Entered("passwd"), QuestionAnswered("sesame")]
    seat.did(seat.editor.ready())
    assert seat.entered("\x19") == ""
    assert b"s" not in seat.output[len(before) :].replace(b"notice", b"").replace(b"Password: ", b"")
    assert seat.seen == ["> passwd", "notice", "Password:", ">", ">"]
    assert seat.history.entries == ("passwd",)


def test_a_question_can_be_refused() -> None:
    """Ctrl-C and Ctrl-D end it; then the owner is asked for nothing until ready, and may ask again."""
    seat = Seat().type("who")
    seat.did(seat.editor.ask("Sure? "))
    with pytest.raises(RuntimeError):
        seat.editor.ask("Really? ")
    seat.did(seat.editor.ready())
    seat.type("n", CTRL_C)
    seat.did(seat.editor.ask("Really? "))
    seat.type(CTRL_D)
    assert seat.noticed() == [Interrupted(), Ended()]
    seat.did(seat.editor.ready())
    assert seat.seen == ["Sure? n^C", "Really?", "> who"]
    assert seat.entered() == "who"


def test_an_answer_may_be_typed_ahead() -> None:
    """Who knows the question answers it before: it is the answer, not the next command."""
    seat = Seat().type("ban bob\ryes\rwho\r")
    seat.did(seat.editor.ask("Sure? "))
    seat.did(seat.editor.ready())
    assert seat.noticed() == [Entered("ban bob"), QuestionAnswered("yes"), Entered("who")]


# -- completion --------------------------------------------------------------------------------------------------------


def test_one_candidate_is_put_in_with_a_space() -> None:
    """The word before the cursor becomes it; keys that came meanwhile follow."""
    seat = Seat().type("é ki", "\tb")
    assert seat.noticed() == [Complete("é ki", 4)]
    seat.did(seat.editor.complete(["kick", "kick"], 2))
    assert seat.seen == ["> é kick b"]
    seat.type("\x01\x1b[C\x1b[Cxyz\x02\x02\x02", TAB)
    assert seat.noticed() == [Complete("é xyzkick b", 2)]
    seat.did(seat.editor.complete(["un "], 2))
    seat.type(TAB)
    seat.did(seat.editor.complete(["deux"], 99))
    seat.noticed()
    assert seat.entered() == "é un deux xyzkick b"


def test_a_space_is_not_put_in_twice() -> None:
    """Completed in the middle of a line, the cursor goes on behind the space that is there."""
    seat = Seat().type("wh bob\x01\x1b[C\x1b[C", TAB)
    seat.did(seat.editor.complete(["who"], 0))
    seat.noticed()
    assert seat.entered("x") == "who xbob"


def test_several_candidates_are_completed_as_far_as_they_agree_then_listed() -> None:
    """The second Tab lists them above the line, in columns that fit; control characters of names are not shown."""
    seat = Seat(columns=20).type("kick b", TAB)
    people = ["bob", "boris", "bo漢", "bo\x1b[2J", "boa"]
    seat.did(seat.editor.complete(people, 5))
    assert (seat.seen, seat.bells) == (["> kick bo"], 0)
    seat.type(TAB)
    seat.did(seat.editor.complete(people, 5))
    assert seat.seen == ["bob    bo漢   boa", "boris  bo[2J", "> kick bo"]
    assert seat.terminal.under_cursor() == (2, 9)
    seat.noticed()
    assert seat.entered("b") == "kick bob"


def test_nothing_to_complete_rings() -> None:
    """No candidate, or several that agree in no more than what is typed, change nothing."""
    for candidates in ([], ["", "\x1b"], ["Alice", "alain"], ["ax", "ay"]):
        seat = Seat().type("a", TAB)
        seat.did(seat.editor.complete(candidates, 0))
        assert (seat.seen, seat.bells) == (["> a"], 1)


def test_a_candidate_may_be_spelt_otherwise() -> None:
    """Names are one name in capitals: the candidate's spelling is taken."""
    seat = Seat().type("bo", TAB)
    seat.did(seat.editor.complete(["BOB", "BORIS"], 0))
    assert seat.seen == ["> BO"]


def test_very_many_candidates_are_not_all_listed() -> None:
    """A school's names are not poured over the screen."""
    seat = Seat(columns=80).type(TAB)
    for _ in range(2):
        seat.did(seat.editor.complete([f"élève{n}" for n in range(5_000)], 0))
        seat.type(TAB)
    assert seat.seen[-2:] == ["… +4800", "> élève"]
    assert len(seat.seen) < 40


def test_candidates_that_come_too_late_are_nothing() -> None:
    """Ctrl-C abandons the line that was to be completed; being ready gives up waiting."""
    seat = Seat().type("wh", TAB, CTRL_C)
    assert seat.noticed() == [Complete("wh", 2), Interrupted()]
    seat.did(seat.editor.ready())
    seat.did(seat.editor.complete(["who"], 0))
    seat.type("x", TAB, "y")
    seat.did(seat.editor.ready())
    seat.did(seat.editor.complete(["who"], 0))
    assert seat.seen == ["> wh^C", "> xy"]
