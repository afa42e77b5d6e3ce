"""Words that a person writes and others read as they are: topics, states, names in a profile. Knows no request."""

from __future__ import annotations

from classcord.chat.errors import BadRequest, TooLong
from classcord.chat.text import N_, Text, can_be_shown


def one_line(words: str, field: str, longest: int) -> str:
    """Return words with single spaces; refuse too many, and what readers could not see, or would see otherwise."""
    _check_length(words, field, longest)
    return _checked(words, field)


def lines(words: str, field: str, longest: int) -> str:
    """Return words with their lines, without empty ones at the ends; refuse as `one_line` does."""
    _check_length(words, field, longest)
    checked = [_checked(line, field) for line in words.replace("\r\n", "\n").split("\n")]
    return "\n".join(checked).strip("\n")


def _check_length(words: str, field: str, longest: int) -> None:
    if len(words) > longest:
        raise TooLong(field=field, limit=longest)


def _checked(words: str, field: str) -> str:
    words = " ".join(words.split())
    if not can_be_shown(words):
        why = Text(N_("“{field}” has characters that cannot be read"), {"field": field})
        raise BadRequest(field=field, why=why)
    return words
