"""Translates msgspec's reason for refusing a value into words of the catalogue.

msgspec gives the reason only in the English text of its error. Knows no request.
"""

from __future__ import annotations

import re

from classcord.chat.text import N_, Text

_EXPECTED = re.compile(r"Expected `([^`]+)`(?:, got `(\w+)`)?(?: (>=|<=|>|<) (\d+)| of length (<=|>=) (\d+))?")

_KINDS = {
    "str": N_("a text"),
    "int": N_("a whole number"),
    "float": N_("a number"),
    "bool": N_("true or false"),
    "array": N_("a list"),
    "object": N_("an object"),
    "null": "null",
}
_BOUNDS = {
    ">=": N_("{kind}, {bound} at least"),
    "<=": N_("{kind}, {bound} at most"),
    ">": N_("{kind} above {bound}"),
    "<": N_("{kind} below {bound}"),
}

_LENGTHS = {
    "<=": N_("{kind} of {bound} characters at most"),
    ">=": N_("{kind} of {bound} characters at least"),
}


def detail(words: str) -> Text | None:
    """Return which type was expected and which was found; None for another kind of error."""
    found = _EXPECTED.match(words)
    if found is None:
        return None
    kinds, got, sign, bound, length_sign, length = found.groups()
    wanted = _one_of(kinds.split(" | "))
    if wanted is None:
        return None
    if sign:
        wanted = Text(_BOUNDS[sign], {"kind": wanted, "bound": bound})
    elif length:
        wanted = Text(_LENGTHS[length_sign], {"kind": wanted, "bound": length})
    if got in _KINDS:
        return Text(N_("expected: {wanted}; got: {got}"), {"wanted": wanted, "got": Text(_KINDS[got])})
    return Text(N_("expected: {wanted}"), {"wanted": wanted})


def _one_of(kinds: list[str]) -> Text | None:
    """Return the types in words, each number type once, and without null, which means a missing field."""
    told = [kind for kind in kinds if kind != "null" and not (kind == "int" and "float" in kinds)]
    if not told or any(kind not in _KINDS for kind in told):
        return None
    words = Text(_KINDS[told[0]])
    for kind in told[1:]:
        words = Text(N_("{first} or {second}"), {"first": words, "second": Text(_KINDS[kind])})
    return words
