"""Refusals of whole files, in one line; and texts of files, as a terminal shows them. Knows no file."""

from __future__ import annotations

import re
import unicodedata

from classcord.chat.errors import BadRequest
from classcord.chat.text import N_, Text, is_readable


class ImportRefused(BadRequest):
    """A whole file is refused, before any row was read: where, what is wrong, and what would be right, in one line."""

    template = N_("{where}: {problem}")

    def __init__(self, where: str, template: str, **values: object) -> None:
        problem = Text(template, {n: v if isinstance(v, Text) else printable(str(v)) for n, v in values.items()})
        super().__init__(where=printable(where), problem=problem)


def printable(line: str) -> str:
    return "".join(character if is_readable(character) else "\N{REPLACEMENT CHARACTER}" for character in line)


def words_of(heading: str) -> list[str]:
    """Return the words of a heading without accents and capitals, whatever separates them."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", heading) if not unicodedata.combining(c))
    return re.findall(r"[a-z0-9]+", bare.lower())
