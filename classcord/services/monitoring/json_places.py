"""Where the fields of JSON objects stand in a text, so that some of their values can be masked and the rest left alone.

Knows JSON, and no request.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


class JSONField(NamedTuple):
    """A field of an object, and where its value stands."""

    name: str
    begin: int
    end: int


class JSONGroup:
    """An object or an array, parsed as far as possible. A field that is written twice is kept twice."""

    def __init__(self, *, is_object: bool) -> None:
        self.is_object = is_object
        self.fields: list[JSONField] = []
        self._name: str | None = None
        self._begin = -1

    @property
    def wants_name(self) -> bool:
        return self.is_object and self._name is None

    def named(self, name: str) -> None:
        self._name, self._begin = name, -1

    def begins(self, place: int) -> None:
        self._begin = place

    def ends(self, place: int) -> None:
        if self._name is not None and self._begin >= 0:
            self.fields.append(JSONField(self._name, self._begin, place))
        self._name = None


def objects(text: str) -> list[JSONGroup]:
    """Return every JSON object, parsed as far as it is valid. Not recursive: depth costs nothing."""
    found: list[JSONGroup] = []
    around: list[JSONGroup] = []
    for token in _TOKEN.finditer(text):
        mark, inside = token[0], around[-1] if around else None
        if mark in {",", ":"}:
            continue
        if mark in {"}", "]"}:
            if around:
                around.pop()
            if around:
                around[-1].ends(token.end())
        elif inside is not None and inside.wants_name:
            inside.named(string(mark))
        else:
            if inside is not None:
                inside.begins(token.start())
            if mark in {"{", "["}:
                around.append(JSONGroup(is_object=mark == "{"))
                found.append(around[-1])
            elif inside is not None:
                inside.ends(token.end())
    for group in around:
        group.ends(len(text))
    return [group for group in found if group.is_object]


def string(token: str) -> str:
    """Return the string that a token means, or the token itself if it is not a complete string."""
    try:
        return str(json.loads(token)) if token.startswith('"') else token
    except ValueError:
        return token
