"""Candidates for a word: their common beginning, and how they are listed. Knows nothing of their source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from classcord.console.lineedit.glyphs import glyphs, typed

_LISTED = 200  # candidates; a user who wants fewer types one more character
_GAP = 2  # cells between two columns


def distinct(candidates: Iterable[str]) -> list[str]:
    """Return the candidates in the form for a line, each once."""
    return [candidate for candidate in dict.fromkeys(map(typed, candidates)) if candidate]


def extended(word: str, candidates: Sequence[str]) -> str:
    """Return the common beginning of all candidates, or the typed word if that is longer."""
    first, last = min(candidates), max(candidates)  # a common beginning of these two is one of all
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:same] if same >= len(word) else word


def replacement(word: str, candidates: Sequence[str]) -> str | None:
    """Return the text to put in place of the word: the only candidate, or the common beginning; None for no change."""
    if not candidates:
        return None
    become = candidates[0] if len(candidates) == 1 else extended(word, candidates)
    return become if len(candidates) == 1 or become != word else None


def listed(candidates: Sequence[str], columns: int) -> str:
    """Return the candidates in as many columns as fit, sorted downwards; of very many, only the first."""
    shown = [("".join(g.shown for g in parted), sum(g.width for g in parted)) for parted in map(glyphs, candidates)]
    more = len(shown) - _LISTED
    shown = shown[:_LISTED]
    wide = max(width for _, width in shown) + _GAP
    rows = -(-len(shown) // max(1, (columns + _GAP - 1) // wide))
    lines = ["".join(text + " " * (wide - width) for text, width in shown[row::rows]).rstrip() for row in range(rows)]
    return "\n".join([*lines, f"… +{more}"] if more > 0 else lines)
