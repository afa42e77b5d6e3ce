"""Which of the messages that a search has found come first. Knows folded texts, no message."""

from __future__ import annotations

from collections.abc import Sequence

from classcord.chat.search.terms import Term

_USUAL = 70  # characters of a usual message, with two spaces between words
_SATURATION = 1.2  # as in Okapi BM25: the tenth occurrence of a word says less than the second
_IN_ORDER = 1.0  # for words that follow each other as they were typed


def score(terms: Sequence[Term], text: str) -> float:
    """Return how well a folded text answers to the terms; every one of them is in it.

    Often and in few words is better, as in Okapi BM25. The whole word is better than its beginning, and best are words
    in the order in which they were typed.
    """
    text = f" {text} ".replace(" ", "  ")  # so that each word has spaces of its own
    length = _SATURATION * (0.25 + 0.75 * len(text) / _USUAL)
    total = 0.0
    for term in terms:
        words = term.words.replace(" ", "  ")
        often: float = text.count(f" {words} ")
        if term.begins:
            often = (often + text.count(f" {words}")) / 2
        total += often / (often + length)
    typed = " ".join(term.words for term in terms).replace(" ", "  ")
    if len(terms) > 1 and f" {typed} " in text:
        total += _IN_ORDER
    return total
