"""The words of a command line, and the quotes around them. Knows no command."""

from __future__ import annotations

import re
from typing import NamedTuple

from classcord.chat.text import N_
from classcord.console.commands.usage_errors import WrongArgument

_WORD = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|((?:[^\s"'\\]|\\.)(?:[^\s\\]|\\.)*))(?=\s|$)""", re.DOTALL)


class Word(NamedTuple):
    """One word of a line, without its quotes, and the rest of the line after it."""

    text: str
    quoted: bool
    rest: str


def word_of(line: str) -> Word | None:
    """Return the first word; None if a quotation mark is not closed, or nothing is left."""
    found = _WORD.match(line)
    if found is None:
        return None
    if found[1] is not None:
        return Word(re.sub(r"\\(.)", r"\1", found[1]), True, line[found.end() :])
    if found[2] is not None:
        return Word(found[2], True, line[found.end() :])
    return Word(re.sub(r"\\(.)", r"\1", found[3]), False, line[found.end() :])


def next_word(line: str) -> Word:
    """Return the first word of a line that has one; WrongArgument if its quotation mark is not closed."""
    word = word_of(line)
    if word is None:
        raise WrongArgument(N_("a quotation mark is not closed"))
    return word


def unquoted(text: str) -> str | None:
    """Return the text within the quotes around all of `text`; None if there are none."""
    match = _WORD.fullmatch(text)
    if match is None or match[3] is not None:
        return None
    return match[1].replace('\\"', '"').replace("\\\\", "\\") if match[1] is not None else match[2]
