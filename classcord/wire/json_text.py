"""JSON as it is printed and written to files: one encoder for every command, export and log.

Nothing in its output controls a terminal; a parser gets the stored value. Knows no command.
"""

from __future__ import annotations

import functools
import json
import re
from typing import Any

import msgspec

from classcord.chat.text import is_readable, is_unseen

_NOT_ASCII = re.compile("[^ -~]")


def json_text(value: Any, *, compact: bool = False, only_ascii: bool = False) -> str:
    r"""Return a value as JSON on one line, with readable letters; with `only_ascii` non-ASCII letters become \uXXXX.

    Characters that control a terminal, change the direction of text, are invisible or invalid become \uXXXX: controls
    from U+0000 to U+009F, marks of direction, joiners, spaces other than U+0020, U+2028 and U+2029, lone surrogates.
    """
    separators = (",", ":") if compact else None
    text = json.dumps(value, ensure_ascii=only_ascii, separators=separators, default=msgspec.to_builtins)
    if text.isascii() and text.isprintable():
        return text
    return _NOT_ASCII.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return _shown(found[0])


@functools.lru_cache(maxsize=4096)  # an export calls it for each non-ASCII letter
def _shown(character: str) -> str:
    if is_readable(character) and not is_unseen(character):
        return character
    if character <= "\uffff":
        return f"\\u{ord(character):04x}"
    high, low = divmod(ord(character) - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
