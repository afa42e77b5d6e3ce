"""Write classcord/chat/confusables.py: `python packaging/confusables.py FILE`, with Unicode's confusables.txt.

The file is at https://www.unicode.org/Public/security/latest/confusables.txt (UTS #39). What no name can have is left
out, so that what the server loads is small.
"""

from __future__ import annotations

import re
import sys
import textwrap
import unicodedata
from pathlib import Path

WRITTEN = Path(__file__).parent.parent / "classcord" / "chat" / "confusables.py"
CATEGORIES = {"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd"}
SMALL = re.compile(r"LATIN LETTER SMALL CAPITAL ([A-Z])$")
HEAD = '''"""The looks of the characters that names can have, by Unicode VERSION (confusables.txt of UTS #39).

Written by packaging/confusables.py; each word is a character and what it looks like. Knows no names. Copyright Unicode,
Inc., under its license: https://www.unicode.org/license.txt
"""

# fmt: off
PAIRS = (
'''
LOOKS_LIKE_SMALL_M = "\u028d"  # turned w: what Unicode gives for the Cyrillic м


def table(lines: list[str]) -> dict[str, str]:
    """Return what each character is mapped to, small capitals to what small letters are."""
    found: dict[str, str] = {}
    for line in lines:
        fields = line.partition("#")[0].split(";")
        if len(fields) >= 3:
            source, target = ("".join(chr(int(code, 16)) for code in field.split()) for field in fields[:2])
            found[source] = target
    small = {LOOKS_LIKE_SMALL_M: found["m"]}
    for code in (*range(0x0250, 0x02B0), *range(0x1D00, 0x1D80), 0xA730, 0xA731, 0xA7AF):
        match = SMALL.match(unicodedata.name(chr(code), ""))
        if match:
            letter = match[1].lower()
            small[chr(code)] = found.get(letter, letter)
    folded = {source: "".join(small.get(c, c) for c in target) for source, target in found.items()} | small
    return {source: target for source, target in folded.items() if can_be_named(source) and source != target}


def can_be_named(source: str) -> bool:
    """Whether a character can be in a name, taken apart: see classcord/chat/names.py."""
    whole = all(unicodedata.normalize(form, source) == source for form in ("NFKC", "NFD"))
    return whole and (unicodedata.category(source) in CATEGORIES or source in "_-. ")


def main() -> None:
    lines = Path(sys.argv[1]).read_text("utf-8-sig").splitlines()
    version = next(line for line in lines if "Version:" in line).split()[-1]
    pairs = table(lines)
    words = " ".join(f"{source}{target}" for source, target in sorted(pairs.items()) if " " not in source + target)
    escaped = words.replace("\\", "\\\\").encode("ascii", "backslashreplace").decode()
    rows = textwrap.wrap(escaped, 110, break_long_words=False)
    body = "\n".join(f'    "{row} "' for row in rows)
    WRITTEN.write_text(HEAD.replace("VERSION", version) + body + "\n)\n")


if __name__ == "__main__":
    main()
