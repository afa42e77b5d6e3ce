"""Durations on a command line, of one word or several: `90`, `1h30`, `1 j 2 h`. A near miss is refused, never guessed.

Knows words, not which command they belong to.
"""

from __future__ import annotations

import difflib
from typing import NoReturn

from classcord.chat import durations
from classcord.chat.text import N_, Text
from classcord.console.commands.quoting import next_word, word_of
from classcord.console.commands.usage_errors import WrongArgument

_MOST_WORDS = 8  # in the longest duration: 1 j 2 h 30 min 10 s
_UNITS = (
    "secondes",
    "seconds",
    "minutes",
    "heures",
    "hours",
    "jours",
    "days",
    "semaines",
    "weeks",
    "mois",
    "months",
    "ans",
    "années",
    "years",
)
_NOW = frozenset({"now", "maintenant"})


def placed(rest: str, text_option: str, *, may_be_now: bool) -> tuple[float, str] | None:
    """Return the duration at the beginning of a line, and the rest; None if a text begins there.

    `text_option` is the option for a text that begins like a duration.
    """
    lead = _lead(rest)
    if lead is None:
        word = next_word(rest)
        if may_be_now and word.text.casefold() in _NOW:
            return 0.0, word.rest
        following = word_of(word.rest)
        behind = following.text if following else ""
        if durations.seems_meant(word.text, behind):
            is_counted = not durations.seems_meant(word.text)
            _refuse(f"{word.text} {behind}" if is_counted else word.text, text_option)
        return None
    text, rest = lead
    following = word_of(rest)
    if following is not None and not rest.lstrip().startswith("--"):
        if durations.ends_in_number(text) and text.strip("0"):  # 0 is the same in every unit
            if _is_near_unit(following.text):
                _refuse(f"{text} {following.text}", text_option)
            raise WrongArgument(
                N_(
                    "“{text} {word}” may be a duration or a text; write {number}s for seconds, {number}min for "
                    'minutes, or --{name} "{text} {word}…"'
                ),
                text=text,
                word=following.text[:40],
                number=text.split()[-1],
                name=text_option,
            )
        refuse_second(text, durations.goes_on(rest) or following.text, text_option)
    return _parsed(text), rest


def of_option(rest: str) -> tuple[float, str]:
    """Return the duration after its option, and the rest of the line."""
    lead = _lead(rest)
    if lead is None:
        _parsed(next_word(rest).text)
        raise AssertionError("it would have been found")
    text, rest = lead
    following = word_of(rest)
    more = durations.goes_on(rest)
    if following is not None and (
        more or durations.is_piece(following.text) or (durations.ends_in_number(text) and _is_near_unit(following.text))
    ):
        _parsed(f"{text} {more or following.text}")
    return _parsed(text), rest


def refuse_second(text: str, word: str, text_option: str) -> None:
    """Refuse a word after the duration `text` that looks like a part of it, or like another duration."""
    if durations.is_piece(word) or durations.goes_on(word):
        _refuse(f"{text} {word}", text_option)


def _refuse(word: str, text_option: str) -> NoReturn:
    try:
        durations.parse(word)
    except durations.NoDuration as error:
        text = error.text
    else:
        text = Text(N_("“{word}” stands where no second duration belongs"), {"word": word})
    raise WrongArgument(
        N_('{why}; a text that begins like this is written --{name} "{word} …"'),
        why=text,
        name=text_option,
        word=word[:40],
    )


def _lead(rest: str) -> tuple[str, str] | None:
    """Return the longest beginning of a line that is a duration, and the rest of the line."""
    found, taken = None, ""
    for _ in range(_MOST_WORDS):
        word = word_of(rest)
        if word is None or (taken and word.quoted):
            break
        taken, rest = f"{taken} {word.text}".strip(), word.rest
        try:
            durations.parse(taken)
        except durations.NoDuration:
            pass
        else:
            found = taken, rest
        if word.quoted:
            break
    return found


def _parsed(text: str) -> float:
    try:
        return durations.parse(text)
    except durations.NoDuration as error:
        raise WrongArgument(error.text.template, **error.text.values) from None


def _is_near_unit(word: str) -> bool:
    """Whether a word after a number is nearly a unit of time, or one that durations do not have: `jous`, `mois`."""
    return bool(difflib.get_close_matches(word.casefold(), _UNITS, 1, 0.8))
