"""Names of files: cleaned for people, reduced for addresses. Knows no disk; no file of ours has such a name."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 100  # characters
LONGEST_SUFFIX = 12  # characters of the part behind the last dot that a shortened name keeps
UNNAMED = "fichier"
_RESERVED = re.compile(r'[<>:"|?*]')  # Windows refuses them in names
_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")


def clean(given: str) -> str:
    """Return a name as people may see it, and as their machines may store it: one line, without a path.

    Left out are control characters and those that change the direction of the text around: `gpj.exe` is not written
    backwards.
    """
    base = re.split(r"[/\\]", given)[-1]
    kinds = [(each, unicodedata.category(each)[0]) for each in unicodedata.normalize("NFC", base)]
    seen = "".join(" " if kind == "Z" else each for each, kind in kinds if kind != "C")
    name = _RESERVED.sub("_", " ".join(seen.split())).strip(". ")
    return _shortened(name) or UNNAMED


def _shortened(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > LONGEST_SUFFIX:
        return name[:LONGEST].rstrip(". ")
    return stem[: LONGEST - len(suffix) - 1].rstrip(". ") + dot + suffix


def plain(name: str) -> str:
    """Return a clean name for the end of an address: of letters that need no escape. Only people read it there."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return _PLAIN.sub("_", ascii_only).strip("._") or UNNAMED
