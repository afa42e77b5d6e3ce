"""What msgspec found wrong with a value, in words of the catalogue.

msgspec tells it by the words of an English message alone. Knows no request.
"""

from __future__ import annotations

import re

from classcord.chat.text import N_, Text

_EXPECTED = re.compile(r"Expected `([^`]+)`(?:, got `(\w+)`)?(?: (>=|<=|>|<) (\d+)| of length <= (\d+))?")

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


def detail(words: str) -> Text | None:
    """Return what would have been right, and what came instead; None where the message is of another kind."""
    found = _EXPECTED.match(words)
    if found is None:
        return None
    kinds, got, sign, bound, longest = found.groups()
    wanted = _one_of(kinds.split(" | "))
    if wanted is None:
        return None
    if sign:
        wanted = Text(_BOUNDS[sign], {"kind": wanted, "bound": bound})
    elif longest:
        wanted = Text(N_("{kind} of {bound} characters at most"), {"kind": wanted, "bound": longest})
    if got in _KINDS:
        return Text(N_("expected: {wanted}; got: {got}"), {"wanted": wanted, "got": Text(_KINDS[got])})
    return Text(N_("expected: {wanted}"), {"wanted": wanted})


def _one_of(kinds: list[str]) -> Text | None:
    """Return the kinds in words, without null, which is a field left out, and each number once."""
    told = [kind for kind in kinds if kind != "null" and not (kind == "int" and "float" in kinds)]
    if not told or any(kind not in _KINDS for kind in told):
        return None
    words = Text(_KINDS[told[0]])
    for kind in told[1:]:
        words = Text(N_("{first} or {second}"), {"first": words, "second": Text(_KINDS[kind])})
    return words
