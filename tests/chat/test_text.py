"""How text is shown: what nobody could see, or a terminal would obey, is written out."""

from __future__ import annotations

import pytest

from classcord.chat.text import readable


@pytest.mark.parametrize(
    "text",
    [
        "Zoé, 12\N{NO-BREAK SPACE}h\N{NARROW NO-BREAK SPACE}!",
        "مرحبا بالعالم",
        "שלום עולם",
        "می\N{ZERO WIDTH NON-JOINER}خواهم",
        "क्\N{ZERO WIDTH JOINER}ष",
        "❤\ufe0f ☎\ufe0e 1\ufe0f\u20e3",
        "👩\N{ZERO WIDTH JOINER}🏫 👩🏽\N{ZERO WIDTH JOINER}🏫",
        "🏳\ufe0f\N{ZERO WIDTH JOINER}🌈 🙂\N{ZERO WIDTH JOINER}↔\ufe0f",
        "👩\N{ZERO WIDTH JOINER}❤\ufe0f\N{ZERO WIDTH JOINER}💋\N{ZERO WIDTH JOINER}👨",
        "🇫🇷 C:\\temp \\x1b",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    """Accents, emoji made of several, scripts that join letters or run from right to left, and backslashes."""
    assert readable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m\x07\x08\x9b\x7f", "\\x1b[31m\\x07\\x08\\x9b\\x7f"),
        ("a\r\n\tb", "a\\r\\n\\tb"),
        ("\u202e\u2066\u200f\u061c", "\\u202e\\u2066\\u200f\\u061c"),
        ("a\u200bb\ufeff\u2060\u00ad", "a\\u200bb\\ufeff\\u2060\\xad"),
        ("\U000e0041\ud800\u2028", "\\U000e0041\\ud800\\u2028"),
        ("a\u200db 👩\u200d \u200d", "a\\u200db 👩\\u200d \\u200d"),
        ("\ufe0f \ufe0f❤\ufe0f\ufe0f", "\\ufe0f \\ufe0f❤\ufe0f\\ufe0f"),
        ("\u3164\u115f\uffa0", "\\u3164\\u115f\\uffa0"),
    ],
)
def test_what_is_not_to_be_seen_is_written_out(text: str, shown: str) -> None:
    """Controls, marks of direction, fillers, half characters; joiners and selectors that join and select nothing."""
    assert readable(text) == shown


def test_what_is_asked_for_stays() -> None:
    """A line break where several lines are shown."""
    assert readable("a\n\tb\x1b", but="\n") == "a\n\\tb\\x1b"
