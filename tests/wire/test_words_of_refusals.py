"""The sentences in which a line is refused: French where French is spoken, without the words of the library."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from classcord.chat.errors import ChatError
from classcord.chat.requests import Request
from classcord.chat.subjects import WIRE
from classcord.chat.text import Text
from classcord.language import translator
from classcord.wire.decoding import decode
from docs.examples import MODERN

FRENCH = translator("fr")
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**53, 2**64, 1e300),
    *("", "x" * 70, "x" * 300, "x" * 20_000, "no such word", "\x1b[2J"),
    *([], [1], {}, {"a": 1}, [[]]),
)
LIBRARY = re.compile(
    r"\b(expected|got|recursion|str|int|float|bool|boolean|array|object|null|none|invalid|missing|required|field|enum|"
    r"length|decode|convert|malformed|character|bytes?|out of range|too|big|small|unicode|utf|truncated)\b",
    re.IGNORECASE,
)
EXAMPLES: dict[str, dict[str, Any]] = {}
for _, example in MODERN:
    EXAMPLES.setdefault(json.loads(example)["type"], {}).update(json.loads(example))


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, Text):
        for each in value.values.values():
            yield from _leaves(each)
    else:
        yield value


def _lines(kind: type[Request]) -> Iterator[bytes]:
    """Yield lines in which one field has a value that it may not have, or is not there."""
    whole = EXAMPLES[str(kind.__struct_config__.tag)]
    for field in (each.encode_name for each in msgspec.structs.fields(kind)):
        yield json.dumps({name: value for name, value in whole.items() if name != field}).encode()
        for value in VALUES:
            yield json.dumps(whole | {field: value}).encode()


def _refusal(line: bytes) -> Text | None:
    try:
        decode(line)
    except ChatError as error:
        return error.text
    return None


@pytest.mark.parametrize("kind", WIRE, ids=lambda kind: str(kind.__struct_config__.tag))
def test_a_wrong_field_is_refused_in_french(kind: type[Request]) -> None:
    """What stands in the sentence besides the catalogue's words is the field's name and its bounds."""
    fields = {field.encode_name for field in msgspec.structs.fields(kind)}
    for line in _lines(kind):
        text = _refusal(line)
        if text is not None:
            words = text.render(FRENCH)
            assert words != text.render(), f"{words} is the same in English"
            for leaf in map(str, _leaves(text)):
                assert leaf in fields or leaf.isdigit(), f"{leaf!r} is no word of the catalogue, in {words}"
                words = words.replace(leaf, "…")
            assert LIBRARY.search(words) is None, words


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"{", b"}", b"[", b"nul", b"\xff\xfe", b"\xef\xbb\xbf", b'{"type":"ping"} x', b"[" * 5000, b'"\\ud800"'),
        *(b"1", b"1e999", b"-", b"null", b"true", b'"text"', b"[]", b"[[]]", b"{}", b'{"a":1}', b'{"type":1}'),
        *(
            b'{"type":null}',
            b'{"type":"dance"}',
            b'{"type":"ping","type":"dance"}',
            b'{"type":"ping","id":' + b"9" * 5000,
        ),
        *(b'{"type":"message","content":"\\x"}', b'{"type":"message","content":"\t"}', b'{"type":"ping","id":1e999}'),
    ],
)
def test_what_is_no_request_is_refused_in_french(line: bytes) -> None:
    """A text that the client sent may stand in the sentence, the library's words may not."""
    with pytest.raises(ChatError) as refusal:
        decode(line)
    words = refusal.value.text.render(FRENCH)
    assert words != refusal.value.text.render()
    assert LIBRARY.search(words.replace("JSON", "…").replace("dance", "…")) is None, words
