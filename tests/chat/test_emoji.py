"""What an emoji is, and in which form it is kept."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classcord.chat.reactions.emoji import LONGEST, emoji_in

KISS = "\U0001f469\U0001f3fb\u200d\u2764\ufe0f\u200d\U0001f48b\u200d\U0001f469\U0001f3ff"


@pytest.mark.parametrize(
    "text",
    [
        "👍",
        "🎉",
        "\U0001f44d\U0001f3fd",  # with a skin tone
        "❤\ufe0f",
        "☝\U0001f3fd",  # a text that a skin tone makes a picture
        "1\ufe0f\u20e3",
        "#\ufe0f\u20e3",
        "🇫🇷",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",  # a family of four
        "\U0001f469\U0001f3fd\u200d\U0001f4bb",  # she programs
        "\U0001f575\U0001f3fd\u200d\u2642\ufe0f",
        "\U0001f3f3\ufe0f\u200d\U0001f308",  # a flag of two parts
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # England
        KISS,
        "\U0001fae9",  # of Unicode 16: newer than the tables
    ],
)
def test_an_emoji_is_itself(text: str) -> None:
    """In its full form it is kept as it came, whatever Unicode this Python knows."""
    assert emoji_in(text) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("❤", "❤\ufe0f"),
        ("1\u20e3", "1\ufe0f\u20e3"),
        ("👍\ufe0f", "👍"),
        ("☝\ufe0f\u200d♂", "☝\ufe0f\u200d♂\ufe0f"),
        ("\U0001f575\U0001f3fd\u200d\u2642", "\U0001f575\U0001f3fd\u200d\u2642\ufe0f"),
        (KISS.replace("\ufe0f", ""), KISS),
        ("\U0001f3f3\u200d\U0001f308", "\U0001f3f3\ufe0f\u200d\U0001f308"),
    ],
)
def test_one_emoji_has_one_form(text: str, kept: str) -> None:
    """Clients write some of them with and without U+FE0F: people react with the same one."""
    assert emoji_in(text) == emoji_in(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        "é",
        "+1",
        "1",
        "#",
        ":)",
        "<b>",
        "&#128077;",
        "👍👍",
        "👍 ",
        " 👍",
        "👍\n",
        "👍a",
        "❤\ufe0e",  # as a text
        "👍\ufe0f\ufe0f",
        "\ufe0f",
        "\u200d",
        "👍\u200d",
        "\u200d👍",
        "👍\u200d\u200d👍",
        "\u202e👍",
        "👍\x00",
        "\x1b[31m",
        "\U0001f3fd",  # a skin tone alone
        "\U0001f44d\U0001f3fd\U0001f3fd",
        "\U0001f1eb",  # half a flag
        "🇫🇷🇩",
        "\U0001f3f4\U000e0066\U000e0072\U000e007f",  # hidden letters that are no flag
        "👍\U000e0061\U000e007f",
        "\U000e0001",
        "\ud83d",
        "中",
        "①",
        "→",
        "€",
        "\u20e3",
        "\U0001f468" + "\u200d\U0001f466" * 4,
        "👍" * 500,
    ],
)
def test_all_else_is_none(text: str) -> None:
    """Words, markup, controls, direction marks, hidden letters, two emoji, half an emoji."""
    assert emoji_in(text) is None


PARTS = "👍❤1#🇫🇷\u200d\ufe0f\u20e3\U0001f3fd\U0001f3f4\U000e0067"


@given(st.text(st.characters() | st.sampled_from(PARTS), max_size=14))
def test_what_is_kept_is_short_and_harmless(text: str) -> None:
    """Nothing in it ends a line, is markup, or turns the direction; and it is an emoji again, the same."""
    kept = emoji_in(text)
    if kept is None:
        return
    assert 1 <= len(kept) <= LONGEST + 4
    assert emoji_in(kept) == kept
    assert not re.search("[\\s<>&\"'@a-z\u200e-\u2069\u0000-\u001f]", kept.replace("\u200d", ""))
    assert {unicodedata.category(c) for c in kept} <= {"So", "Sm", "Sk", "Po", "Ll", "Pd", "Nd", "Mn", "Me", "Cf", "Cn"}
