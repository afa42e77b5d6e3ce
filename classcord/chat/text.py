"""Sentences for people, before translation.

A `Text` keeps its English template apart from its values, so that each listener reads it in the language of their
session. Knows no catalogue: the modules that write the text out translate it (wire/, cli/).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import SupportsBytes

import msgspec

Translate = Callable[[str], str]
"""From an English template to the template in one language."""


def N_(template: str) -> str:  # noqa: N802 (the name that gettext's extractors look for)
    """Mark a template for the catalogue; return it unchanged."""
    return template


_NO_BREAK_SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"  # French has them before punctuation


def is_readable(text: str) -> bool:
    """Whether `text` is one line without control characters, so that it can be shown as it is."""
    return all(character.isprintable() or character in _NO_BREAK_SPACES for character in text)


_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)  # printable for Python, but invisible (Unicode's Default_Ignorable_Code_Point)
_NOT_ASCII = re.compile("[^ -~]")
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
_VIRAMA = 9  # the combining class of the sign before joiners in Indian scripts (RFC 5892, appendix A)


def is_unseen(character: str) -> bool:
    """Whether a character that Python calls printable is invisible by itself."""
    return _UNSEEN.match(character) is not None


def without_unseen(text: str) -> str:
    """Return a text without the characters that are invisible by themselves."""
    return _UNSEEN.sub("", text)


def readable(text: str, but: str = "") -> str:
    r"""Return `text` with control, direction and invisible characters written as escapes: \x1b, \u202e.

    Characters in `but` stay, and so do joiners and variation selectors where people write them: emoji, Persian, Hindi.
    A typed backslash stays single, so the result is for people only; use JSON for text that a program reads back.
    """
    if text.isprintable() and not _UNSEEN.search(text):
        return text

    def shown(found: re.Match[str]) -> str:
        c = found[0]
        return c if c in but or _is_seen(text, found.start(), c) else c.encode("unicode-escape").decode()

    return _NOT_ASCII.sub(shown, text)


def can_be_shown(text: str) -> bool:
    """Whether others see `text` as it is: nothing in it is invisible, ends the line, or turns the order of letters.

    Emoji of several parts are seen, and so are joiners where people write them.
    """
    return readable(text) == text


def _is_seen(text: str, index: int, character: str) -> bool:
    before, after = text[index - 1 : index], text[index + 1 : index + 2]
    if character in _JOINERS:
        return bool(before and after) and _is_joined(before, character, after)
    if _VARIATION.match(character):  # chooses the form of the character before it
        return bool(before) and is_readable(before) and not before.isspace() and not is_unseen(before)
    return is_readable(character) and not is_unseen(character)


def _is_joined(before: str, joiner: str, after: str) -> bool:
    """Whether a joiner between these two changes how they are shown."""
    if unicodedata.combining(before) == _VIRAMA:
        return is_readable(after)
    if joiner == _JOINERS[0] and after >= "\u2190":
        emoji = before == "\ufe0f" or unicodedata.category(before) in {"So", "Sk"}
        return emoji and unicodedata.category(after) in {"So", "Sm"}
    return unicodedata.bidirectional(before) == unicodedata.bidirectional(after) == "AL"


def shown_path(path: SupportsBytes) -> str:
    """Return a path as people read it: in UTF-8, even if the locale of the process has no accents."""
    return bytes(path).decode("utf-8", "surrogateescape")


class Text(msgspec.Struct, frozen=True):
    """A template in `str.format` syntax, and its values; a value that is a Text is translated with it."""

    template: str
    values: dict[str, object] = {}

    def render(self, translate: Translate = str) -> str:
        """Return the sentence in the language of `translate`."""
        return translate(self.template).format(**{name: _rendered(v, translate) for name, v in self.values.items()})


def _rendered(value: object, translate: Translate) -> object:
    if isinstance(value, Text):
        return value.render(translate)
    return shown_path(value) if isinstance(value, SupportsBytes) else value  # a path
