"""Durations: what people write, what is refused, and how they are read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classcord.chat.durations import LONGEST, NoDuration, goes_on, in_words, parse, seems_meant, time_in
from classcord.language import translator

MINUTE, HOUR, DAY, WEEK = 60, 3_600, 86_400, 604_800
UNITS = {
    1: "s sec secs second seconds seconde secondes",
    MINUTE: "m mn min mins minute minutes",
    HOUR: "h hr hrs hour hours heure heures",
    DAY: "d day days j jour jours",
    WEEK: "w week weeks sem semaine semaines",
}


@pytest.mark.parametrize(("size", "unit"), [(size, unit) for size, units in UNITS.items() for unit in units.split()])
def test_each_unit_has_its_names(size: int, unit: str) -> None:
    """In English and French, in any case of letters, with a space or without, a French one too."""
    for text in (f"7{unit}", f"7 {unit}", f"7{unit.upper()}", f"7\N{NARROW NO-BREAK SPACE}{unit}"):
        assert parse(text) == 7 * size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("90", 90),
        ("1h30", 5_400),
        ("1h05", 3_900),
        ("1 h 30", 5_400),
        ("1h30m", 5_400),
        ("2h 30min", 9_000),
        ("1j12h", 129_600),
        ("1 jour 12 heures", 129_600),
        ("1w2d3h4m5s", 788_645),
        ("3660d", LONGEST),
        ("1j1h30", 91_800),
    ],
)
def test_units_go_together(text: str, seconds: float) -> None:
    """From the largest to the smallest; what stands behind hours alone is minutes."""
    assert parse(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-5",
        "+5",
        "1.5h",
        "1,5h",
        ".5h",
        "1y",
        "1an",
        "1mois",
        "h",
        "m30",
        "30min 2h",
        "1h1h",
        "1h60",
        "1h300",
        "1j12",
        "2m30",
        "90 90",
        "1h30x",
        "7 jous",
        "1h-30",
        "10:30",
        "½h",
        "٣h",
        "3661d",
        "9" * 10,
        "9" * 30 + "s",
        "une heure",
        "1h30 triche",
        "1e3",
        "0x10",
        "1_000",
        "5m!",
    ],
)
def test_a_near_miss_is_none(text: str) -> None:
    """Nothing of it is guessed, and the refusal shows what would be right."""
    with pytest.raises(NoDuration) as caught:
        parse(text)
    assert "1h30" in str(caught.value) or "ten years" in str(caught.value)


@given(st.integers(0, LONGEST))
def test_what_is_shown_can_be_written(seconds: int) -> None:
    """A duration in words, in either language, is that duration again, to the second."""
    for language in ("en", "fr"):
        shown = in_words(seconds).render(translator(language))
        assert parse(shown) == seconds


@pytest.mark.parametrize(
    ("seconds", "english", "french"),
    [
        (5_400, "1 h 30 min", "1 h 30 min"),
        (604_800, "1 week", "1 semaine"),
        (864_000, "10 days", "10 jours"),
        (86_401, "1 day 1 s", "1 jour 1 s"),
        (0, "0 s", "0 s"),
    ],
)
def test_in_words(seconds: int, english: str, french: str) -> None:
    """As a person reads it."""
    text = in_words(seconds)
    assert (text.render(), text.render(translator("fr"))) == (english, french)


@pytest.mark.parametrize(
    ("word", "following", "meant"),
    [
        ("1.5h", "", True),
        ("-5", "", True),
        ("−5", "", True),
        ("½", "", True),
        ("2e", "avertissement", True),
        ("une", "heure", True),
        ("two", "days", True),
        ("une", "insulte", False),
        ("Triche", "", False),
        ("", "", False),
        ("-yes", "", False),
    ],
)
def test_what_begins_like_a_number_may_be_meant_for_one(word: str, following: str, meant: bool) -> None:
    """Signs, fractions, other digits and counted units as well."""
    assert seems_meant(word, following) is meant


@pytest.mark.parametrize(
    ("rest", "more"),
    [
        ("et demie triche", "et demie"),
        (" et quart", "et quart"),
        ("and a half", "and a half"),
        ("et 30 min", "et 30"),
        ("et insultes", ""),
        ("et demi-tour", ""),
        ("étonnant", ""),
        ("et 3e fois", ""),
        ("demie", ""),
        ("", ""),
    ],
)
def test_what_seems_to_be_more_of_it(rest: str, more: str) -> None:
    """What French and English say behind a number of hours."""
    assert goes_on(rest) == more


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("triche 1h", "1h"),
        ("triche 7 jours", "7 jours"),
        ("triche 1h30", "1h30"),
        ("salle 204", ""),
        ("triche", ""),
        ("", ""),
        ("demain", "demain"),
        ("Demain matin", "Demain"),
        ("pendant une semaine", "pendant une semaine"),
        ("pour 1 semaine", "pour 1 semaine"),
        ("pour triche", ""),
        ("triche pendant un mois", "pendant un mois"),
        ("jusqu'à lundi", "jusqu'à lundi"),
        ("jusqu’à nouvel ordre", "jusqu’à nouvel ordre"),
        ("lundi", "lundi"),
        ("triche jusqu'à lundi", "jusqu'à lundi"),
        ("triche au contrôle de lundi", ""),
        ("à 18h", "à 18h"),
        ("dans 2 ans", "dans 2 ans"),
        ("la semaine prochaine", "la semaine prochaine"),
        ("until May", "until May"),
        ("toujours", "toujours"),
        ("définitivement", "définitivement"),
        ("for good", "for good"),
        ("toujours en retard", ""),
        ("une insulte", ""),
        ("C'est la une", ""),
        ("Retour demain", ""),
        ("Dans le cours", ""),
        ("Minutes perdues", ""),
    ],
)
def test_a_time_in_a_text(text: str, time: str) -> None:
    """Where somebody may have meant how long; a number alone, or a day in the middle, is a part of the text."""
    assert time_in(text) == time
