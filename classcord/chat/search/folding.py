"""The words of a text without accents and case, as a search compares them. Knows no message and no store.

A pure function of the text: the index and the query are folded by it, so both contain the same words.
"""

from __future__ import annotations

import functools
import re
import unicodedata

_ASCII = str.maketrans({chr(code): chr(code).lower() if chr(code).isalnum() else " " for code in range(128)})
_OTHERS = re.compile(r"[^\x00-\x7f]")  # few of them in a French text, which is folded in a third of the time so
_SPELT = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i", "þ": "th", "ð": "d"}
)
"""Letters that Unicode does not decompose; Unicode's folding of case makes ß to ss."""
_WITHOUT_SPACES = (  # scripts that put no space between words: each of their characters is a word
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x4DBF),  # Chinese characters, in several blocks
    (0x4E00, 0x9FFF),
    (0x20000, 0x3FFFF),
)
_SIGNS = frozenset({"So", "Sc", "Sk"})  # emoji with the colours of their skin, €
_VARIATIONS = range(0xFE00, 0xFE10)  # selectors of the colourful form of an emoji, among others


def folded(text: str) -> str:
    """Return the words of `text` in lower case, without accents and punctuation, with one space between two words.

    Letters are those of Unicode's NFKD without marks: `ﬁ` is fi, `①` is 1. An emoji is a word.
    """
    if not text.isascii():
        text = _OTHERS.sub(lambda found: _folded(found[0]), text)
    return " ".join(text.translate(_ASCII).split())


@functools.lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    letters = unicodedata.normalize("NFKD", character).casefold().translate(_SPELT)
    return "".join(map(_part, letters))


def _part(character: str) -> str:
    """Return what one letter, mark or sign is within a folded text."""
    category, code = unicodedata.category(character), ord(character)
    if unicodedata.combining(character) or category == "Cf" or code in _VARIATIONS:
        return ""  # an accent, or a sign that nobody sees
    if category[0] in "LNM":
        return f" {character} " if any(first <= code <= last for first, last in _WITHOUT_SPACES) else character
    return f" {character} " if category in _SIGNS and code > 127 else " "
