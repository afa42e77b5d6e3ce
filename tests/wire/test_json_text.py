"""JSON that we print commands no terminal and hides nothing, and is what was stored when it is parsed again."""

from __future__ import annotations

import ast
import json
import typing
import unicodedata
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import classcord
from classcord.chat.errors import ChatError, NotFound
from classcord.chat.events import Answer
from classcord.chat.requests import subclasses
from classcord.chat.text import Text
from classcord.console.commands import tables
from classcord.wire.json_text import json_text

PACKAGE = Path(classcord.__file__).parent
NASTY = (
    "a\x00\x07\x1b[2J\x7f\x85\x9b31m\u00ad\u061c\u200b\u200e\u2028\u2029\u202e\u2066\u3164\ufeff\ufe0f\ud800\U000e0041é"
)
HARMLESS = {"L", "M", "N", "P", "S"}  # categories of Unicode, by their first letter


def is_safe(text: str) -> bool:
    """Whether no character of a line is a control, a mark of format or direction, a surrogate, or nothing at all."""
    return all(c in " \u00a0\u202f" or unicodedata.category(c)[0] in HARMLESS for c in set(text))


@pytest.mark.no_cover  # a million characters, counted one by one
def test_every_character_goes_there_and_back() -> None:
    """All of Unicode, lone surrogates too: what is printed is safe, what is parsed is what it was."""
    for start in range(0, 0x110000, 0x1000):
        text = "".join(c for c in map(chr, range(start, start + 0x1000)) if not "\ud800" <= c <= "\udfff")
        for only_ascii in (False, True):
            printed = json_text({text: [text]}, only_ascii=only_ascii)
            assert is_safe(printed)
            assert printed.isascii() or not only_ascii
            assert json.loads(printed) == {text: [text]}
    for surrogate in map(chr, range(0xD800, 0xE000)):
        assert json.loads(json_text(surrogate)) == surrogate


@pytest.mark.no_cover  # the same lines, for hundreds of values
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_any_value(value: Any) -> None:
    """Structure as well; always one line."""
    for compact in (False, True):
        printed = json_text(value, compact=compact)
        assert is_safe(printed)
        assert json.loads(printed) == value


def test_readable_letters_stay() -> None:
    """é and 日 are read as they are, an emoji too."""
    assert json_text({"nom": "Zoé 日本 🙂"}) == '{"nom": "Zoé 日本 🙂"}'
    assert json_text("Zoé", only_ascii=True) == '"Zo\\u00e9"'


def made(hint: Any) -> Any:
    """Return a value of a type, its texts as nasty as can be."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Text:
        return Text("{words}", {"words": NASTY})
    if origin is typing.Annotated:
        return made(arguments[0])
    if origin is typing.Literal:
        return arguments[0]
    if origin is tuple:
        return (made(arguments[0]),)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        hints = get_type_hints(hint, include_extras=True)
        return hint(**{f.name: made(hints[f.name]) for f in msgspec.structs.fields(hint)})
    if arguments:  # of a union, the first that is something
        return made(next(each for each in arguments if each is not type(None)))
    return {str: NASTY, int: 1, float: 1.5, bool: True, dict: {NASTY: NASTY}}.get(hint, NASTY)


def parsed(value: Any) -> Any:
    """Return an answer as its JSON is to be."""
    if isinstance(value, Text):
        return value.render()
    if isinstance(value, tuple):
        return [parsed(each) for each in value]
    if isinstance(value, msgspec.Struct):
        return {f.encode_name: parsed(getattr(value, f.name)) for f in msgspec.structs.fields(type(value))}
    return value


@pytest.mark.parametrize("kind", subclasses(Answer))
def test_every_answer_of_the_console(kind: type[Answer]) -> None:
    """Each kind of answer that a command may have, with whatever is stored: `--json` shows it safely, and whole."""
    answer = made(kind)
    printed = tables.as_json(answer)
    assert is_safe(printed)
    found, whole = json.loads(printed), parsed(answer)
    assert found == whole or found in whole.values()


@pytest.mark.parametrize("kind", subclasses(ChatError))
def test_every_refusal_of_the_console(kind: type[ChatError]) -> None:
    """What somebody typed stands in it."""
    error = NotFound(field=NASTY, name=NASTY)
    error.text = Text("{name}", {"name": NASTY})
    error.code = kind.code  # type: ignore[misc]
    printed = tables.error_json(error, str)
    assert is_safe(printed)
    assert json.loads(printed)["error"]["message"] == NASTY


ENCODES = {
    "wire/json_text.py": "the one encoder",
    "wire/jsonlines.py": "the protocol, ASCII unless a client asks",
    "chat/audit/trail.py": "what is stored, and printed by way of the encoder",
    "chat/reports/content.py": "what is hashed, which nobody prints",
    "cli/chat/conversation.py": "requests to a server",
    "cli/ctl/run.py": "frames of the control socket",
    "cli/import_class/beside.py": "frames of the control socket, and parts of a list in them",
    "services/alerts/alerts.py": "a file that only the server reads",
    "faces/status.py": "stable words of ours, for programs",
    "faces/web/files.py": "an answer to the page that uploads, which no terminal shows",
    "services/backups/erased_list.py": "a file that only the server reads",
    "services/retention/purged_list.py": "a file that only the server reads",
    "services/passwords/program.py": "a question to the program that knows the passwords",
    "store/sqlite/answers/reports.py": "numbers for SQLite, which takes them apart at once",
    "store/sqlite/word_index.py": "rows for SQLite, which takes them apart at once",
    "settings/refusals.py": "a value of the settings file in a refusal",
}


def test_nothing_else_makes_json() -> None:
    """Whoever prints JSON in another way is found here: every command, export and log goes by the one encoder."""
    found = {
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"dumps", "dump", "encode", "Encoder"}
        if ast.unparse(node.value) in {"json", "msgspec.json"}
    }
    assert found == set(ENCODES)
