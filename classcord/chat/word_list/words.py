"""The words and expressions of a list, and whether a text has one of them. Knows no message and no file.

Words are compared as a search compares them, without accents and case, and at their borders; invisible characters do
not count, and a letter of another alphabet that looks the same is the same. Spaced letters are read together. A word
that is written otherwise on purpose (`1nsult3`, `inssulte`) is not found: that is for people to see.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from classcord.chat.lookalikes import skeleton
from classcord.chat.search.folding import folded
from classcord.chat.text import without_unseen

_OTHERS = re.compile(r"[^\x00-\x7f]")
_SHORTEST = 3  # letters that stand alone in a row, before they are read as one word


class WordList:
    """The entries of a list; one that ends in * stands for each word that begins so.

    A text costs as many lookups as it has words, times the different lengths of the entries that may begin there:
    however many entries there are, nobody keeps the server busy by writing the first word of many of them often.
    """

    def __init__(self, entries: Iterable[str] = (), *, private: bool = False) -> None:
        """`private`: the list is for private messages, too."""
        self.private = private
        self._entries: dict[tuple[str, ...], str] = {}
        self._lengths: dict[str, list[int]] = {}  # in words, by the first word
        self._beginnings: dict[str, str] = {}
        for entry in entries:
            words = words_of(entry)
            if not words:
                continue
            if entry.rstrip().endswith("*") and len(words) == 1:
                self._beginnings.setdefault(words[0], entry)
            else:
                self._entries.setdefault(tuple(words), entry)
                self._lengths.setdefault(words[0], []).append(len(words))
        self._lengths = {word: sorted(set(found)) for word, found in self._lengths.items()}
        self._begins = sorted({len(each) for each in self._beginnings})  # in characters

    def __bool__(self) -> bool:
        return bool(self._entries or self._beginnings)

    def __len__(self) -> int:
        return len(self._entries) + len(self._beginnings)

    def found(self, text: str) -> str | None:
        """Return the first entry that a text has, as it is written in the list; None if it has none."""
        words = words_of(text)
        for place, word in enumerate(words):
            for length in self._lengths.get(word, ()):
                written = self._entries.get(tuple(words[place : place + length]))
                if written is not None:
                    return written
            written = self._beginning(word)
            if written is not None:
                return written
        for word in spaced(words):
            written = self._entries.get((word,)) or self._beginning(word)
            if written is not None:
                return written
        return None

    def _beginning(self, word: str) -> str | None:
        """Return the entry that says how the word begins, the shortest of several."""
        found = (self._beginnings.get(word[:length]) for length in self._begins)
        return next((each for each in found if each is not None), None)


def words_of(text: str) -> list[str]:
    """Return the words of a text, in the form in which they are compared."""
    if text.isascii():
        return folded(text).split()
    plain = folded(without_unseen(text))
    return (plain if plain.isascii() else _OTHERS.sub(lambda found: _looks_like(found[0]), plain)).split()


@functools.lru_cache(maxsize=4096)
def _looks_like(character: str) -> str:
    """Return the letters of ours for which a reader takes a letter of another alphabet."""
    seen = skeleton(character)
    return seen.casefold() if seen.isascii() and seen.isalnum() else character


def spaced(words: Iterable[str]) -> list[str]:
    """Return the words that are written letter by letter: `i n s u l t e`."""
    found, letters = [], ""
    for word in (*words, "  "):
        if len(word) == 1:
            letters += word
            continue
        if len(letters) >= _SHORTEST:
            found.append(letters)
        letters = ""
    return found
