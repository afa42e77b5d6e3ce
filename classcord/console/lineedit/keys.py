"""From a terminal's bytes to keys: UTF-8, control characters, escape sequences and bracketed paste, in any pieces.

Knows no line, no screen and no clock: the caller calls `settle` when an escape has stood alone for a moment.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_MEANT = 32  # characters of an escape sequence that are kept: more than any known sequence has
# characters of a terminal's answer (OSC, DCS, ...) that are skipped; after that, input counts as typed text again
_STRING = 4_096


class Key(NamedTuple):
    """One key, by its name; the keys "text" (typed) and "paste" (a piece, with line feeds as line ends) have a `text`.

    After the last piece of a paste comes "paste-end".

    Other names: enter, tab, backtab, backspace, delete, insert, escape, up, down, left, right, home, end, page-up,
    page-down, and these with ctrl- or alt- before; ctrl- or alt- and a character, in small letters.
    """

    name: str
    text: str = ""


ENTER = Key("enter")
ESCAPE = Key("escape")

_CONTROLS = {"\t": Key("tab"), "\r": ENTER, "\x08": Key("backspace"), "\x7f": Key("backspace")}
_CONTROLS |= {c: Key(f"ctrl-{chr(ord(c) + 64).lower()}") for c in map(chr, range(32)) if c not in "\t\n\r\x08\x1b"}

_LETTERS = {"A": "up", "B": "down", "C": "right", "D": "left", "H": "home", "F": "end", "Z": "backtab"}
_APPLICATION = {**_LETTERS, "M": "enter", "a": "ctrl-up", "b": "ctrl-down", "c": "ctrl-right", "d": "ctrl-left"}
_NUMBERS = {
    "1": "home",
    "2": "insert",
    "3": "delete",
    "4": "end",
    "5": "page-up",
    "6": "page-down",
    "7": "home",
    "8": "end",
}

_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f]+")
_LINE_END = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
_NO_TEXT = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PASTE_END = "\x1b[201~"

_State = Callable[[str, int], "tuple[int, Key | None]"]
"""Reads the text from an index; returns the index behind what it read, and the key."""


class KeyDecoder:
    """An incremental decoder: the same bytes give the same keys, whatever pieces they come in (texts may be split).

    Bytes that are not UTF-8 become U+FFFD, an unknown sequence nothing. It never keeps more than a few characters.
    """

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._state: _State = self._typed
        self._sequence = ""  # the escape sequence so far
        self._passed = 0  # skipped characters of a terminal's answer
        self._after_return = False  # a line feed now belongs to the carriage return before
        self._held = ""  # pasted text that may be the beginning of the end marker

    def feed(self, data: bytes) -> list[Key]:
        return list(self._read(self._decode(data)))

    @property
    def unsettled(self) -> bool:
        """Whether an escape waits for more: the beginning of a sequence, or the Escape key."""
        return self._state not in {self._typed, self._pasted}

    def settle(self) -> list[Key]:
        """Interpret the waiting escape as it is now, because nothing more came within some 50 ms."""
        if not self.unsettled:
            return []
        begun: dict[_State, Key] = {self._escape: ESCAPE, self._bracket: Key("alt-["), self._single: Key("alt-o")}
        key = begun.get(self._state)
        self._state = self._typed
        return [key] if key is not None and not self._sequence else []

    def _read(self, text: str) -> Iterator[Key]:
        at = 0
        while at < len(text):
            at, key = self._state(text, at)
            if key is not None:
                yield key

    def _typed(self, text: str, at: int) -> tuple[int, Key | None]:
        run = _TEXT.match(text, at)
        after_return, self._after_return = self._after_return, text[at] == "\r"
        if run:
            return run.end(), Key("text", run.group())
        character = text[at]
        if character == "\x1b":
            self._sequence = ""
            self._state = self._escape
            return at + 1, None
        if character == "\n":
            return at + 1, None if after_return else ENTER
        return at + 1, _CONTROLS.get(character)  # the controls from U+0080 on are no keys

    def _escape(self, text: str, at: int) -> tuple[int, Key | None]:
        character = text[at]
        if character == "\x1b":
            return at + 1, ESCAPE
        begins: dict[str, _State] = {"[": self._bracket, "O": self._single, **dict.fromkeys("]P_^X", self._answer)}
        self._passed = 0
        self._state = begins.get(character, self._typed)
        if character in begins:
            return at + 1, None
        if character in "\x7f\x08":
            return at + 1, Key("alt-backspace")
        if _CONTROL.match(character):
            return at, ESCAPE
        return at + 1, Key(f"alt-{character.lower()}")

    def _bracket(self, text: str, at: int) -> tuple[int, Key | None]:
        """After `ESC [`: parameters, then a final character (ECMA-48 §5.4)."""
        character = text[at]
        if not "\x20" <= character <= "\x7e":
            self._state = self._typed  # incomplete; the character that interrupts it is read by itself
            return at, None
        first = not self._sequence
        if len(self._sequence) < _MEANT:
            self._sequence += character
        if character >= "\x40" and not (first and character == "["):  # the Linux console's F1 is ESC [ [ A
            self._state = self._typed
            return at + 1, self._control_sequence(character)
        return at + 1, None

    def _control_sequence(self, final: str) -> Key | None:
        if self._sequence == "200~":
            self._held = ""
            self._state = self._pasted
            return None
        if not self._sequence.endswith(final) or self._sequence.startswith("["):
            return None
        first, *others = self._sequence[:-1].split(";")
        if final == "~":
            return _modified(_NUMBERS.get(first), others[-1] if others else "")
        return _modified(_LETTERS.get(final), others[-1] if others else first)

    def _single(self, text: str, at: int) -> tuple[int, Key | None]:
        """After `ESC O`: one character; some terminals write a modifier before it."""
        character = text[at]
        if character.isdigit() and not self._sequence:
            self._sequence = character
            return at + 1, None
        self._state = self._typed
        if _CONTROL.match(character):
            return at, None
        return at + 1, _modified(_APPLICATION.get(character), self._sequence)

    def _answer(self, text: str, at: int) -> tuple[int, Key | None]:
        """A terminal's answer to a program's question: skipped until it ends with any control character."""
        found = _CONTROL.search(text, at, at + _STRING - self._passed)
        end = found.start() if found else min(len(text), at + _STRING - self._passed)
        self._passed += end - at
        if found or self._passed >= _STRING:
            self._state = self._typed
        if found and found.group() in "\x07\x9c":
            return end + 1, None
        if found and found.group() == "\x1b":
            self._state = self._answered
            return end + 1, None
        return end, None

    def _answered(self, text: str, at: int) -> tuple[int, Key | None]:
        r"""Read what follows the escape that ended an answer: `ESC \` is its end, else another sequence begins."""
        self._sequence = ""
        self._state = self._typed if text[at] == "\\" else self._escape
        return (at + 1 if text[at] == "\\" else at), None

    def _pasted(self, text: str, at: int) -> tuple[int, Key | None]:
        """Pass on pasted text as it comes; nothing in it is a key, because its author may be a stranger."""
        before = len(self._held)
        content, end, after = (self._held + text[at:]).partition(_PASTE_END)
        if end and not content:
            self._held, self._state = "", self._typed
            return len(text) - len(after), Key("paste-end")
        self._held = "" if end else _beginning_of_end(content)
        came = at + len(content) - before if end else len(text)  # the end marker itself is read next
        piece = _LINE_END.sub("\n", content[: len(content) - len(self._held)].replace("\t", " "))
        piece = _NO_TEXT.sub("", piece)
        return came, Key("paste", piece) if piece else None


def _modified(name: str | None, parameter: str) -> Key | None:
    """Return a key with its modifiers, a number: 1 + (1: shift, 2: alt, 4: ctrl)."""
    if name is None:
        return None
    held = int(parameter) - 1 if re.fullmatch("[1-9]|1[0-6]", parameter) else 0
    return Key(f"ctrl-{name}" if held & 4 else f"alt-{name}" if held & 2 else name)


def _beginning_of_end(content: str) -> str:
    """Return the end of `content` that may begin the end marker of a paste, or a CRLF."""
    for length in range(len(_PASTE_END) - 1, 0, -1):
        if content.endswith(_PASTE_END[:length]):
            return content[-length:]
    return "\r" if content.endswith("\r") else ""
