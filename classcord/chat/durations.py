"""Durations as people write them (`1h30`, `7 jours`) and read them. A text that is nearly one is refused, not guessed.

Knows texts and seconds, no command and no language except the words for its units.
"""

from __future__ import annotations

import re

from classcord.chat.text import N_, Text

LONGEST = 10 * 366 * 86_400  # seconds; more is a typing error
_DIGITS = 9  # at most, of one number

_NAMES: dict[str, tuple[int, str]] = {
    "w": (604_800, "w|weeks?|sem|semaines?"),
    "d": (86_400, "d|days?|j|jours?"),
    "h": (3_600, "h|hr|hrs|hours?|heures?"),
    "m": (60, "m|mn|min|mins|minutes?"),
    "s": (1, "s|sec|secs|seconds?|secondes?"),
}
_SECONDS = {unit: seconds for unit, (seconds, _) in _NAMES.items()}
_UNIT = "|".join(names for _, names in _NAMES.values())
_NUMBER = re.compile(r"[0-9]+")
_PART = re.compile(rf"([0-9]+)\s*({_UNIT})(?![^\W\d_])", re.IGNORECASE)
_PIECE = re.compile(rf"[0-9]+({_UNIT})([0-9]+({_UNIT})?)*", re.IGNORECASE)
_NUMBERLIKE = re.compile(r"[+\-\u2010-\u2015\u2212]?[.,]?[0-9]")
_COUNTS = re.compile(
    "une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douze|quinze|vingt|trente|quarante|soixante|cent|demie?"
    "|an?|one|two|three|four|five|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|sixty|half",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"(?:et|and)\s+(?:(?:une?\s+|a\s+)?(?:demie?|quarts?|half|quarter)|trois\s+quarts|three\s+quarters|[0-9]+)(?![\w-])",
    re.IGNORECASE,
)

# Expressions of time that are no duration here, because a word counts them or they end at a date.
_COUNTED = rf"(?:[0-9]+\s*|(?:{_COUNTS.pattern})\s+)(?:{_UNIT}|mois|months?|ans?|ann[ée]es?|years?|demi-heures?|nuits?)"
_DAY = (
    "apr[èe]s-demain|demain|aujourd.hui|tomorrow|today|tonight|ce soir|cette nuit|midi|minuit|noon|midnight"
    "|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    "|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    "|(?:la |le |l.|the )?(?:(?:next|this) )?(?:semaine|mois|ann[ée]e|week|month|year)(?: prochaine?)?"
)
_TOWARDS = (
    r"(?:pour|pendant|durant|dans|d.ici|avant|d[èe]s|jusqu.[aà]u?x?|for|during|in|until|till|before|[aà])\s+"
    r"(?:(?:le|la|les|the)\s+)?"
)
_BEGINS = re.compile(rf"(?:{_TOWARDS})?(?:{_COUNTED}|{_DAY})\b|(?:jusqu.|until\b|till\b).*", re.IGNORECASE)
_ENDS = re.compile(rf"(?:{_TOWARDS})?\b(?:{_COUNTED})$|(?:{_TOWARDS})(?:{_DAY})$", re.IGNORECASE)
_FOR_GOOD = re.compile(
    "d[ée]finitif|d[ée]finitivement|(?:pour )?toujours|[aà] vie|[aà] jamais|ind[ée]finiment|permanent(?:ly)?"
    "|(?:for )?(?:good|ever|always)|forever",
    re.IGNORECASE,
)

SHOWN = (
    (604_800, N_("1 week"), N_("{count} weeks")),
    (86_400, N_("1 day"), N_("{count} days")),
    (3_600, N_("1 h"), N_("{count} h")),
    (60, N_("1 min"), N_("{count} min")),
    (1, N_("1 s"), N_("{count} s")),
)


class NoDuration(ValueError):
    """A text is no duration; `text` says so, and gives a right example."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.render())


def parse(text: str) -> float:
    """Return the seconds of `90`, `10m`, `1h30`, `2h 30min`, `1j12h` or `7 jours`; NoDuration for anything else.

    Units go from the largest to the smallest, each once. A number without a unit is in seconds if it stands alone, and
    in minutes after hours.
    """
    text = text.strip()
    if _NUMBER.fullmatch(text) and len(text) <= _DIGITS:
        return _bounded(float(text), text)
    at, seconds, below = 0, 0, float("inf")
    while at < len(text):
        part = _PART.match(text, at)
        unit = _unit(part[2]) if part else "m"
        if part is None and below == _SECONDS["h"] and re.fullmatch(r"[0-5]?[0-9]", text[at:]):
            number, at = text[at:], len(text)  # the 30 of 1h30
        elif part is not None and len(part[1]) <= _DIGITS and _SECONDS[unit] < below:
            number, at = part[1], part.end()
        else:
            raise _none(text)
        seconds, below = seconds + int(number) * _SECONDS[unit], _SECONDS[unit]
        at += len(text[at:]) - len(text[at:].lstrip())
    if not text:
        raise _none(text)
    return _bounded(float(seconds), text)


def _unit(word: str) -> str:
    return next(u for u, (_, names) in _NAMES.items() if re.fullmatch(names, word, re.IGNORECASE))


def _bounded(seconds: float, text: str) -> float:
    if seconds > LONGEST:
        raise NoDuration(Text(N_("“{word}” is too long; a duration is ten years at most"), {"word": text[:40]}))
    return seconds


def _none(text: str) -> NoDuration:
    template = N_("“{word}” is no duration; write 90 (seconds), 30min, 2h, 1h30, 7d or 2w")
    return NoDuration(Text(template, {"word": text[:40]}))


def is_number(text: str) -> bool:
    """Whether a text is a plain number, without a unit."""
    return _NUMBER.fullmatch(text) is not None


def ends_in_number(text: str) -> bool:
    """Whether the last number of a duration has no unit and is a word of its own: `1 h 30`, `90`."""
    return re.search(r"(?:^|\s)[0-9]+$", text) is not None


def is_piece(word: str) -> bool:
    """Whether one word is a number with a unit, or several such: the beginning or the rest of a duration."""
    return _PIECE.fullmatch(word) is not None


def seems_meant(word: str, following: str = "") -> bool:
    """Whether a word begins like a number, so that a person may mean a duration, right or wrong; `une heure` too."""
    if _NUMBERLIKE.match(word) or word[:1].isnumeric():
        return True
    return bool(_COUNTS.fullmatch(word) and re.fullmatch(_UNIT, following, re.IGNORECASE))


def goes_on(rest: str) -> str:
    """Return the words after a duration that seem to continue it (`et demie`); "" if there are none."""
    more = _MORE.match(rest.lstrip())
    return more[0] if more else ""


def time_in(text: str) -> str:
    """Return the words of a free text that may mean a time; "" if there are none.

    Such words are a time at the beginning (`demain`, `pendant une semaine`, `jusqu'à lundi`), a duration at the end
    (`Triche 7 jours`, `Triche pour un mois`), or `définitivement` as the whole text.
    """
    words = text.split()
    text = " ".join(words)
    if _FOR_GOOD.fullmatch(text):
        return text
    begins = _BEGINS.match(text)
    if begins is not None:
        return begins[0]
    if words and is_piece(words[-1]):
        return words[-1]
    ends = _ENDS.search(text)
    return ends[0] if ends else ""


def in_words(seconds: float) -> Text:
    """Return a duration as people read it, exact to the second: `1 day 3 h`; `0 s` for zero."""
    rest = int(seconds)
    parts: list[Text] = []
    for size, one, more in SHOWN:
        if size == 604_800 and rest % size:
            continue  # 10 days, rather than 1 week 3 days
        count, rest = divmod(rest, size)
        if count:
            parts.append(Text(one) if count == 1 else Text(more, {"count": count}))
    if not parts:
        return Text(SHOWN[-1][2], {"count": 0})
    whole = parts[0]
    for part in parts[1:]:
        whole = Text("{whole} {part}", {"whole": whole, "part": part})
    return whole
