"""Login names from first and last names: `marie-line.dupont`, in letters that every keyboard has. Knows no account.

The first of several first names counts, with its hyphens; of the last name all words, joined by hyphens. Accents are
left out, apostrophes too. A second person of the same name is `marie-line.dupont2`.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 40  # characters
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"})


def login_name(first_name: str, last_name: str) -> str:
    """Return the login name of a person; "" if a name has no letter of the Latin alphabet."""
    first = plain(first_name.split(maxsplit=1)[0] if first_name.split() else "")
    last = plain(last_name)
    return f"{first}.{last}"[:LONGEST].strip("-.") if first and last else ""


def plain(name: str) -> str:
    """Return a name in small letters a to z, with hyphens between its words."""
    bare = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS)).translate(_LETTERS)
    bare = "".join(each for each in bare if not unicodedata.combining(each))
    bare = re.sub(r"['’ʼ`]", "", bare)
    if re.search(r"[^\W\d_a-z]", bare):
        return ""
    return "-".join(re.findall(r"[a-z0-9]+", bare))


def belongs(key: str, base: str) -> bool:
    """Whether a login name is the one of this name, or that of another person of the same name."""
    return re.fullmatch(rf"{re.escape(base)}[0-9]*", key) is not None


def numbered(base: str, number: int) -> str:
    return base if number == 1 else f"{base}{number}"
