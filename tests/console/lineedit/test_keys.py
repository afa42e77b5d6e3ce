"""From bytes to keys: whatever a terminal sends, in whatever pieces, and whatever else somebody may send."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classcord.console.lineedit.keys import Key, KeyDecoder

SEQUENCES = {
    "up": ["\x1b[A", "\x1bOA", "\x1b[1;2A", "\x1b[0A", "\x1b[1;99A"],
    "down": ["\x1b[B", "\x1bOB"],
    "right": ["\x1b[C", "\x1bOC"],
    "left": ["\x1b[D", "\x1bOD", "\x1b[1;1D"],
    "home": ["\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~"],
    "end": ["\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~"],
    "insert": ["\x1b[2~"],
    "delete": ["\x1b[3~"],
    "page-up": ["\x1b[5~"],
    "page-down": ["\x1b[6~"],
    "backtab": ["\x1b[Z"],
    "ctrl-right": ["\x1b[1;5C", "\x1b[5C", "\x1bO5C", "\x1bOc", "\x1b[1;6C", "\x1b[1;7C"],
    "ctrl-left": ["\x1b[1;5D", "\x1b[5D", "\x1bO5D", "\x1bOd"],
    "ctrl-delete": ["\x1b[3;5~"],
    "alt-delete": ["\x1b[3;3~"],
    "alt-left": ["\x1b[1;3D"],
    "alt-b": ["\x1bb", "\x1bB"],
    "alt-f": ["\x1bf"],
    "alt-d": ["\x1bd"],
    "alt-é": ["\x1bé"],
    "alt-backspace": ["\x1b\x7f", "\x1b\x08"],
    "enter": ["\r", "\n", "\x1bOM"],
    "tab": ["\t"],
    "backspace": ["\x7f", "\x08"],
    "ctrl-@": ["\x00"],
    "ctrl-a": ["\x01"],
    "ctrl-z": ["\x1a"],
    "ctrl-_": ["\x1f"],
}

NOTHING = [
    "\x1bOP",  # F1
    "\x1b[[A",  # F1 of the Linux console
    "\x1b[11~",
    "\x1b[24;2~",
    "\x1b[I",  # the window has the focus
    "\x1b[24;80R",  # a cursor's position
    "\x1b[?1;2c",
    "\x1b[>0;276;0c",
    "\x1b[97;5u",
    "\x1b[201~",  # the end of no paste
    "\x1b[" + "1;" * 5_000 + "A",
    "\x1b[200" + " " * 40 + "~",
    "\x1b]11;rgb:0000/0000/0000\x07",
    "\x1b]11;rgb:0000/0000/0000\x1b\\",
    "\x1b]11;rgb:0000/0000/0000\x9c",
    "\x1bP>|tmux 3.3a\x1b\\",
    "\x9b\x85",
]


def read(text: str, piece: int = sys.maxsize) -> list[Key]:
    """Return the keys of a text, sent in pieces of so many bytes; a text that came in several is one again."""
    decoder = KeyDecoder()
    data = text.encode()
    keys: list[Key] = []
    for at in range(0, len(data), piece):
        for key in decoder.feed(data[at : at + piece]):
            if key.text and keys and keys[-1].name == key.name:
                keys[-1] = Key(key.name, keys[-1].text + key.text)
            else:
                keys.append(key)
    return keys


@pytest.mark.parametrize(("name", "sequence"), [(name, s) for name, several in SEQUENCES.items() for s in several])
def test_a_key_is_known_by_all_its_sequences(name: str, sequence: str) -> None:
    """xterm, vt100, the Linux console, rxvt and tmux send other bytes for the same key; whole or byte by byte."""
    expected = [Key("text", "a"), Key(name), Key("text", "b")]
    assert read(f"a{sequence}b") == expected
    assert read(f"a{sequence}b", 1) == expected


@pytest.mark.parametrize("sequence", NOTHING)
def test_what_is_no_key_leaves_nothing_behind(sequence: str) -> None:
    """An unknown sequence is passed over whole: its parameters are not typed text."""
    expected = [Key("text", "ab")]
    assert read(f"a{sequence}b", 1) == expected
    assert [key for key in read(f"{sequence}b") if key.name != "text" or key.text != "b"] == []


def test_utf_8_may_come_in_pieces() -> None:
    """A character is one character, however many reads it takes."""
    for piece in (1, 2, 3, 5):
        assert read("é漢🎉e\u0301", piece) == [Key("text", "é漢🎉e\u0301")]


def test_what_is_not_utf_8_is_the_replacement_character() -> None:
    """Latin-1, a half character before another key, and an encoded surrogate are no exception."""
    decoder = KeyDecoder()
    assert decoder.feed(b"\xe9t\xe9\r") == [Key("text", "\ufffdt\ufffd"), Key("enter")]
    assert decoder.feed(b"\xe6\xbc") == []
    assert decoder.feed(b"\x03") == [Key("text", "\ufffd"), Key("ctrl-c")]
    assert decoder.feed(b"\xed\xa0\x80") == [Key("text", "\ufffd" * 3)]


def test_carriage_return_and_line_feed_are_one_enter() -> None:
    """A pasted or piped text with the line ends of Windows enters no empty lines; two line feeds are two."""
    assert read("a\r\nb\n\n\r\r", 1) == [Key("text", "a"), Key("enter"), Key("text", "b"), *[Key("enter")] * 4]


def test_a_lone_escape_is_a_key_when_it_is_settled() -> None:
    """An escape at the end of a read may begin a sequence: only who has a clock can tell."""
    decoder = KeyDecoder()
    assert decoder.feed(b"\x1b") == []
    assert decoder.unsettled
    assert decoder.settle() == [Key("escape")]
    assert not decoder.unsettled
    assert decoder.settle() == []
    assert decoder.feed(b"[A") == [Key("text", "[A")]


@pytest.mark.parametrize(
    ("begun", "key"),
    [("\x1b[", [Key("alt-[")]), ("\x1bO", [Key("alt-o")]), ("\x1b[1;", []), ("\x1b[[", []), ("\x1b]x", [])],
)
def test_a_sequence_that_is_not_ended_is_settled(begun: str, key: list[Key]) -> None:
    """What is typed after a sequence that stopped is not swallowed with it."""
    decoder = KeyDecoder()
    assert decoder.feed(begun.encode()) == []
    assert decoder.settle() == key
    assert decoder.feed(b"A") == [Key("text", "A")]


def test_escape_twice_is_escape_and_then_what_follows() -> None:
    """The second escape may begin a sequence; a control character after an escape is itself."""
    assert read("\x1b\x1b[A\x1b\x03") == [Key("escape"), Key("up"), Key("escape"), Key("ctrl-c")]


def test_a_broken_sequence_does_not_hide_a_key() -> None:
    """Ctrl-C, Enter and a new sequence count, whatever was begun before."""
    for begun in ("\x1b[1;", "\x1bO", "\x1bO5", "\x1b]0;title", "\x1bPx"):
        assert read(f"{begun}\x03") == [Key("ctrl-c")], begun
        assert read(f"{begun}\x1b[A", 1) == [Key("up")], begun
    assert read("\x1b[1é") == [Key("text", "é")]


def test_an_answer_without_an_end_swallows_only_so_much() -> None:
    """Alt-] begins what a terminal may answer; who typed it can soon type on."""
    keys = read("\x1b]" + "x" * 10_000, 100)
    assert keys == [Key("text", "x" * (10_000 - 4_096))]


@pytest.mark.parametrize("piece", [1, 2, 3, 7, sys.maxsize])
def test_a_paste_presses_no_key(piece: int) -> None:
    """Line ends are line feeds, tabs spaces; control characters and sequences in it do nothing. Then typing goes on."""
    pasted = "ban bob\r\nkick\tél\u2028\x03\x1b[A\x1b[20\x1b[201 漢\r\n\n"
    keys = read(f"a\x1b[200~{pasted}\x1b[201~\r", piece)
    assert keys == [
        Key("text", "a"),
        Key("paste", "ban bob\nkick él\n[A[20[201 漢\n\n"),
        Key("paste-end"),
        Key("enter"),
    ]


def test_a_paste_without_an_end_is_handed_on_as_it_comes() -> None:
    """Nothing is gathered: a paste that never ends costs no memory."""
    decoder = KeyDecoder()
    decoder.feed(b"\x1b[200~")
    for _ in range(20):
        assert decoder.feed(b"x" * 10_000) == [Key("paste", "x" * 10_000)]
    assert not decoder.unsettled
    assert decoder.settle() == []
    assert size(decoder) < 10_000


def size(decoder: KeyDecoder) -> int:
    return sum(sys.getsizeof(value) for value in vars(decoder).values())


@pytest.mark.parametrize("endless", [b"\x1b[" + b"1;" * 50_000, b"\x1bP" + b"x" * 4_000, b"\x1b" * 100_000])
def test_an_endless_sequence_costs_little_memory(endless: bytes) -> None:
    """Of a sequence that no terminal sends only the beginning is kept."""
    decoder = KeyDecoder()
    for _ in range(3):
        decoder.feed(endless)
        assert size(decoder) < 10_000
    decoder.feed(b"\x03")
    assert decoder.feed(b"a") == [Key("text", "a")]


PIECES = st.lists(
    st.one_of(
        st.sampled_from([s for several in SEQUENCES.values() for s in several]),
        st.sampled_from([s for s in NOTHING if len(s) < 100]),
        st.sampled_from(["\x1b", "\x1b[", "\x1b[200~", "\x1b[201~", "\x1b]", "\r", "\n"]),
        st.text(max_size=3),
    ).map(lambda text: text.encode("utf-8", "replace"))
    | st.binary(max_size=4),
    max_size=12,
)


@settings(max_examples=100)
@given(PIECES, st.integers(1, 5))
def test_pieces_do_not_matter(pieces: list[bytes], length: int) -> None:
    """Whatever is sent, it is the same keys in one read and in many; and no text has a control character."""
    data = b"".join(pieces)
    whole, parted = KeyDecoder(), KeyDecoder()
    keys = [parted.feed(data[at : at + length]) for at in range(0, len(data), length)]
    assert joined(whole.feed(data)) == joined([key for few in keys for key in few])
    assert whole.unsettled == parted.unsettled
    assert whole.settle() == parted.settle()


def joined(keys: list[Key]) -> list[Key]:
    one: list[Key] = []
    for key in keys:
        text = key.text.replace("\n", "") if key.name == "paste" else key.text
        assert all(ord(c) >= 32 and not 0x7F <= ord(c) < 0xA0 for c in text)
        if key.text and one and one[-1].name == key.name:
            one[-1] = Key(key.name, one[-1].text + key.text)
        else:
            one.append(key)
    return one
