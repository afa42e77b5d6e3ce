"""Words of a text that may be meant as something else, an option or the end of a maintenance. They are refused.

Knows words, no request.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from classcord.chat import durations
from classcord.chat.text import N_
from classcord.console.commands.usage_errors import WrongArgument

_DASHED = re.compile(r"[-\u2010-\u2015\u2212]+([^\W\d_][\w-]*)")  # word processors replace two hyphens by other dashes
_CANCEL = ("cancel", "annuler", "abort")


def near_option(word: str, options: Iterable[str]) -> str | None:
    """Return the option that a word equals or resembles: `-yes`, `—json`, `--durration`."""
    found = _DASHED.match(word)
    if found is None:
        return None
    name = found[1].casefold()
    known = [option.removeprefix("--") for option in options]
    near = difflib.get_close_matches(name, known, 1, 0.75)
    if not near and found.end() == 2:  # -y
        near = [each for each in known if each.startswith(name)][:1]
    return f"--{near[0]}" if near else None


def check_no_option(words: Iterable[str], options: Iterable[str]) -> None:
    """Refuse a text with a word that may be an option."""
    for word in words:
        near = near_option(word, options)
        if near:
            raise WrongArgument(
                N_(
                    "“{word}” in a text may be the option {option}; write {option} before the text, or the text in "
                    "quotes"
                ),
                word=word[:40],
                option=near,
            )


def check_no_end(text: str) -> None:
    """Refuse a text that may mean the time at which a maintenance ends: it has no such time."""
    time = durations.time_in(text)
    if (time and text.startswith(time)) or durations.is_number(text):
        raise WrongArgument(
            N_("a maintenance lasts until `maintenance off`; write a text that begins with “{word}” in quotes"),
            word=(time or text)[:40],
        )


def is_near_cancel(word: str) -> bool:
    """Whether a word is `cancel` in one of the languages, or resembles it."""
    return bool(difflib.get_close_matches(word.casefold(), _CANCEL, 1, 0.8))
