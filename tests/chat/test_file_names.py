"""Names of files, whatever somebody calls them."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classcord.chat.files.file_names import LONGEST, clean, plain


@pytest.mark.parametrize(
    ("given_", "cleaned"),
    [
        ("photo.png", "photo.png"),
        ("Résumé du cours.pdf", "Résumé du cours.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\bob\\tp.java", "tp.java"),
        ("/", "fichier"),
        ("", "fichier"),
        ("..", "fichier"),
        (".bashrc", "bashrc"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie_ x"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("a\u200b\u2066b\x00c", "abc"),
        ('<img src="x">.png', "_img src=_x__.png"),
        ("lone \ud800 one", "lone one"),
        ("x" * 300 + ".png", "x" * 96 + ".png"),
        ("x" * 300, "x" * 100),
        ("a." + "b" * 300, "a." + "b" * 98),
        ("e\u0301.txt", "é.txt"),
        ("no\u00a0break.txt", "no break.txt"),
    ],
)
def test_clean(given_: str, cleaned: str) -> None:
    """One line, no path, nothing unseen; the end of the name is kept."""
    assert clean(given_) == cleaned


@given(st.text(max_size=400))
def test_any_name_is_harmless(name: str) -> None:
    """Whatever it is: not empty, not too long, no separator of paths, no character without a picture."""
    cleaned = clean(name)
    assert 0 < len(cleaned) <= LONGEST
    assert not set(cleaned) & set('/\\<>:"|?*')
    assert all(unicodedata.category(each)[0] != "C" for each in cleaned)
    assert cleaned == cleaned.strip(". ")
    assert re.fullmatch(r"[A-Za-z0-9._-]+", plain(cleaned))


@pytest.mark.parametrize(
    ("name", "in_address"), [("é à.png", "e_a.png"), ("写真", "fichier"), ("a&b=c.txt", "a_b_c.txt")]
)
def test_plain(name: str, in_address: str) -> None:
    """In an address a name needs no escape."""
    assert plain(name) == in_address
