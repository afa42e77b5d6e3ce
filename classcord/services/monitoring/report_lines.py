"""Which lines of connections are about reports of messages: `trace` shows none of them, to nobody.

Who watches may be the person who is reported; whoever has sent the report is told that nobody else learns it. So
neither the request is shown nor its answer, nor what the server says of it in words, in any language. Knows no session.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from classcord.chat.messages.vocabulary import Say
from classcord.chat.reports.telling import TOLD
from classcord.chat.reports.vocabulary import Reported
from classcord.chat.requests import Request
from classcord.chat.subjects import WIRE
from classcord.language import LANGUAGES, translator

_TYPES = {str(kind.__struct_config__.tag) for kind in WIRE if kind.confidential} | {str(Reported.__struct_config__.tag)}
_TYPED = re.compile(r"\s*/(?:report|signaler)\b", re.IGNORECASE)
_LOOKS_SO = re.compile(rb"/(?:report|signaler)\b|\btype\W{1,9}\"?(?:close_)?report|\\u00[2-7][0-9a-f]", re.IGNORECASE)
"""A line that was refused; an escape that hides an ASCII letter may hide any word."""
_PLACEHOLDER = re.compile(r"\\\{\w+\\\}")


def is_sent(line: bytes, request: Request | None) -> bool:
    """Whether a client's line is about a report; `request` is what it was decoded as, None where it was not."""
    if request is not None and request.confidential:
        return True
    if isinstance(request, Say):
        return _TYPED.match(request.content) is not None
    return request is None and _LOOKS_SO.search(line) is not None


def is_written(line: bytes) -> bool:
    """Whether a line of the server's is about a report."""
    try:
        value = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return False
    if not isinstance(value, dict):
        return False
    return value.get("type") in _TYPES or any(_sentences().search(each) for each in _texts(value))


def _texts(value: dict[str, Any]) -> Iterator[str]:
    return (each for each in value.values() if isinstance(each, str))


@functools.cache
def _sentences() -> re.Pattern[str]:
    """Return what matches each sentence about reports, whatever stands in its places."""
    said = {translator(language)(each) for each in TOLD for language in LANGUAGES}
    return re.compile("|".join(_PLACEHOLDER.sub(".*?", re.escape(each)) for each in sorted(said)), re.DOTALL)
