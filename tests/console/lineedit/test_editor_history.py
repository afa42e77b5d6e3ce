"""The history of the line editor: what it keeps, the way through it, and the search in it."""

from __future__ import annotations

from classcord.console.lineedit.editor import LineHistory
from tests.console.lineedit.test_editor import CTRL_C, CTRL_R, DOWN, ENTER, ESCAPE, UP, Seat

ENTRIES = ("who", "kick bob", "ban bob 10m flood", "who")


def test_what_is_kept() -> None:
    """Nothing empty, nothing twice in a row, nothing that begins with a space, no control character, no text."""
    history = LineHistory(["who", "who", "", " secret", "a\x1b[A\nb", "x" * 1_025, "who"])
    assert history.entries == ("who", "a[A b", "who")
    history = LineHistory(map(str, range(10)), limit=3)
    history.add("x")
    assert history.entries == ("8", "9", "x")
    assert LineHistory(["who"], limit=0).entries == ()


def test_the_way_back_and_forth() -> None:
    """Up and Ctrl-P go back, Down and Ctrl-N forth, to the line that was being typed; at both ends the bell rings."""
    seat = Seat(entries=ENTRIES).type("say hi", UP, "\x10")
    assert seat.seen == ["> ban bob 10m flood"]
    seat.type("\x10", UP)
    assert (seat.seen, seat.bells) == (["> who"], 0)
    seat.type(UP)
    assert (seat.seen, seat.bells) == (["> who"], 1)
    seat.type(DOWN, "\x0e", DOWN, DOWN)
    assert (seat.seen, seat.bells) == (["> say hi"], 0)
    seat.type(DOWN)
    assert (seat.seen, seat.bells) == (["> say hi"], 1)


def test_an_entry_that_is_edited_stays_as_it_was() -> None:
    """What is made of an entry is a new line."""
    seat = Seat(entries=["kick bob"])
    seat.type(UP, "x", UP, DOWN, UP)
    assert seat.seen == ["> kick bob"]
    assert seat.entered("by") == "kick bobby"
    assert seat.history.entries == ("kick bob", "kick bobby")
    assert seat.entered(UP, UP) == "kick bob"


def test_a_history_may_be_shared() -> None:
    """Another console of the same person adds to it while one is on the way through: nothing moves under them."""
    seat = Seat(entries=ENTRIES).type(UP, UP)
    seat.history.add("top")
    assert seat.type(UP).seen == ["> kick bob"]


def test_the_search() -> None:
    """It shows what is searched for and the newest entry that has it, with the cursor there; again goes on back."""
    seat = Seat(entries=ENTRIES).type("x", CTRL_R)
    assert seat.seen == ["(search)'': x"]
    seat.type("b", "o")
    assert (seat.seen, seat.terminal.under_cursor()) == (["(search)'bo': ban bob 10m flood"], (0, 18))
    seat.type(CTRL_R)
    assert (seat.seen, seat.bells) == (["(search)'bo': kick bob"], 0)
    seat.type(CTRL_R, CTRL_R)
    assert (seat.seen, seat.bells) == (["(search)'bo': kick bob"], 2)
    seat.type("z")
    assert (seat.seen, seat.bells) == (["(search)'boz': kick bob"], 1)
    seat.type("\x7f")
    assert (seat.seen, seat.bells) == (["(search)'bo': ban bob 10m flood"], 0)
    seat.type("\x7f", "\x7f", "\x7f")
    assert seat.seen == ["(search)'': x"]


def test_the_search_skips_what_is_the_same() -> None:
    """Going on back finds another line, not the same one again."""
    seat = Seat(entries=["whois bob", "who", "top", "who"]).type(CTRL_R, "wh", CTRL_R)
    assert seat.seen == ["(search)'wh': whois bob"]


def test_enter_accepts_what_was_found_and_runs_it() -> None:
    """The line on the screen is the line that ran, without the search before it."""
    seat = Seat(entries=ENTRIES)
    assert seat.entered(CTRL_R, "10m") == "ban bob 10m flood"
    assert seat.seen == ["> ban bob 10m flood", ">"]


def test_other_keys_accept_and_edit() -> None:
    """The cursor is where the match begins; an arrow or Ctrl-A ends the search, Tab completes."""
    seat = Seat(entries=ENTRIES)
    assert seat.entered(CTRL_R, "bob", "\x1b[D", "!") == "ban! bob 10m flood"
    assert seat.entered(CTRL_R, "kick", "\x05", "by") == "kick bobby"


def test_the_search_is_given_up() -> None:
    """Ctrl-G and Escape bring the line back that was there, with its cursor; Ctrl-C abandons it as well."""
    for cancel in ("\x07", ESCAPE):
        seat = Seat(entries=ENTRIES).type("xy", "\x02", CTRL_R, "bob", cancel)
        seat.did(seat.editor.settle())
        assert (seat.seen, seat.terminal.under_cursor()) == (["> xy"], (0, 3))
        assert not seat.editor.unsettled
    seat = Seat(entries=ENTRIES).type("xy", CTRL_R, "bob", CTRL_C)
    seat.noticed()
    seat.did(seat.editor.ready())
    assert seat.entered("who") == "who"


def test_an_escape_that_waits_is_known() -> None:
    """Whoever has a clock is told that it is needed."""
    seat = Seat(entries=ENTRIES).type(CTRL_R, ESCAPE)
    assert seat.editor.unsettled
    seat.type("[A")
    assert not seat.editor.unsettled
    assert seat.seen == ["> who"]


def test_a_search_in_nothing_rings() -> None:
    """No history, and a text longer than any command, are no error."""
    seat = Seat().type(CTRL_R, "x", CTRL_R, "y" * 100_000)
    assert seat.bells == 3
    assert seat.entered() == ""


def test_a_pasted_text_is_searched_for() -> None:
    """A paste is text like another, in the search as in the line."""
    seat = Seat(entries=ENTRIES).type(CTRL_R, "\x1b[200~kick\x1b[201~")
    assert seat.seen == ["(search)'kick': kick bob"]
    assert seat.type(ENTER).noticed() != []
