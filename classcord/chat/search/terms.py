"""The terms of a query: what a person typed into a search field, taken apart. No text is ever an error.

Knows no store and no syntax of one.
"""

from __future__ import annotations

import re

from classcord.chat.frozen import Frozen
from classcord.chat.search.folding import folded

MOST_TERMS = 16  # further ones are left out: the messages found have the first sixteen
LONGEST_QUERY = 1_000  # characters; a longer query is cut off, for the same reason
SHORTEST_BEGINNING = 3  # characters: so many words begin with the same two that it takes long to find them
_TYPED = re.compile(r'"([^"]*)"?|([^\s"]+)')


class Term(Frozen):
    """Words that follow each other in a message; the last one is only the beginning of a word if it `begins` one."""

    words: str
    begins: bool = False

    def is_in(self, text: str) -> bool:
        """Whether a folded text, with a space before and after it, has these words."""
        return f" {self.words}{'' if self.begins else ' '}" in text


def terms(query: str) -> tuple[Term, ...]:
    """Return the terms of a query; a message is found if it has all of them.

    Words between quotation marks are one term, and so are the parts of `peut-être`. `*` after three
    letters or more stands for any ending. Whatever else is no word (`AND` is one) means nothing.
    """
    found: dict[Term, None] = {}
    for quoted, bare in _TYPED.findall(query[:LONGEST_QUERY]):
        words = folded(quoted or bare)
        if words:
            starred = bare.endswith("*") and bare.rstrip("*")[-1].isalnum()
            found[Term(words=words, begins=starred and len(words.split()[-1]) >= SHORTEST_BEGINNING)] = None
    return tuple(found)[:MOST_TERMS]
