"""The looks of names: readers cannot distinguish two names with the same look. Knows no accounts.

Source: UTS #39 (Unicode Security Mechanisms), "Confusable Detection"; its table is in confusables.py.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable

from classcord.chat.confusables import PAIRS

_TABLE = {ord(pair[0]): pair[1:] for pair in PAIRS.split()}
_SEPARATORS = dict.fromkeys(map(ord, " _-."))
_DIGITS = str.maketrans("034578", "oeastb")  # letters for which people write these digits; 1 is tried as i and as l
_STROKES = frozenset("\u0335\u0336\u0337\u0338")  # strokes through a letter; they count as marks


def skeleton(text: str) -> str:
    """Return the look of a text, in characters of which no two look alike (UTS #39 §4)."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).translate(_TABLE))


@functools.lru_cache(maxsize=8192)
def looks(name: str, key: str) -> frozenset[str]:
    """Return the looks of a name: as it is written, and of its `key`, by which names are compared.

    A capital I looks like an l and a small one does not, so both count: readers take `Iea` for `lea`.
    """
    return frozenset((skeleton(name), skeleton(key).casefold()))


@functools.lru_cache(maxsize=8192)
def rough_looks(name: str, key: str) -> frozenset[str]:
    """Return the looks of a name at a glance: without accents, `_ - .` and spaces, with digits as letters."""
    found = set()
    for text, folds in ((name, False), (key, True)):
        bare = "".join(c for c in unicodedata.normalize("NFD", text.translate(_SEPARATORS)) if not _is_mark(c))
        for one in ("i", "l"):
            seen = skeleton(bare.replace("1", one).translate(_DIGITS))
            seen = "".join(c for c in seen if not _is_mark(c))
            found.add(seen.casefold() if folds else seen)
    return frozenset(found)


def rough_looks_of(names: Iterable[str]) -> frozenset[str]:
    """Return the looks of these keys of names at a glance, with any capitalisation."""
    spellings = ((written, key) for key in names for written in (key, key.capitalize(), key.upper()))
    return frozenset(look for written, key in spellings for look in rough_looks(written, key))


def _is_mark(character: str) -> bool:
    return unicodedata.combining(character) != 0 or character in _STROKES
