"""What a name looks like: two names with one look are told apart by nobody who reads them. Knows no accounts.

Source: UTS #39 (Unicode Security Mechanisms), "Confusable Detection"; its table is in confusables.py.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable

from classcord.chat.confusables import PAIRS

_TABLE = {ord(pair[0]): pair[1:] for pair in PAIRS.split()}
_SEPARATORS = dict.fromkeys(map(ord, " _-."))
_DIGITS = str.maketrans("034578", "oeastb")  # what digits are written for; 1 is an i for some, and an l for others
_STROKES = frozenset("\u0335\u0336\u0337\u0338")  # through a letter: marks, but not by their category alone


def skeleton(text: str) -> str:
    """Return what a text looks like, in characters of which no two look alike (UTS #39 §4)."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).translate(_TABLE))


@functools.lru_cache(maxsize=8192)
def looks(name: str, key: str) -> frozenset[str]:
    """Return what a name looks like as it is written, and whatever its case; `key` is what it is compared by.

    A capital I looks like an l and a small one does not, so both count: `Iea` is `lea` to who reads it.
    """
    return frozenset((skeleton(name), skeleton(key).casefold()))


@functools.lru_cache(maxsize=8192)
def rough_looks(name: str, key: str) -> frozenset[str]:
    """Return what a name looks like at a glance: no accents, `_ - .` or spaces, digits as letters."""
    found = set()
    for text, folds in ((name, False), (key, True)):
        bare = "".join(c for c in unicodedata.normalize("NFD", text.translate(_SEPARATORS)) if not _is_mark(c))
        for one in ("i", "l"):
            seen = skeleton(bare.replace("1", one).translate(_DIGITS))
            seen = "".join(c for c in seen if not _is_mark(c))
            found.add(seen.casefold() if folds else seen)
    return frozenset(found)


def rough_looks_of(names: Iterable[str]) -> frozenset[str]:
    """Return what these names look like at a glance, whichever way they are capitalised; they are keys."""
    spellings = ((written, key) for key in names for written in (key, key.capitalize(), key.upper()))
    return frozenset(look for written, key in spellings for look in rough_looks(written, key))


def _is_mark(character: str) -> bool:
    return unicodedata.combining(character) != 0 or character in _STROKES
