"""The generated documentation: it is up to date, whole, and true."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from classcord.chat.connections.rules import FEATURES, FILES_FEATURE
from classcord.chat.events import Row
from classcord.chat.requests import subclasses
from classcord.chat.subjects import EVENTS, WIRE
from classcord.wire.decoding import decode
from docs import generate
from docs.examples import MODERN, QUIET
from docs.schema import codes, wire_name
from docs.words import AUTH, REMEDIES
from docs.words import FEATURES as FEATURE_WORDS

FILES = (generate.PAGE_FILE, generate.SCHEMA_FILE)


@pytest.fixture(scope="module")
def fresh() -> dict[Path, str]:
    """What the files are to contain."""
    return generate.files()


@pytest.fixture(scope="module")
def reference(fresh: dict[Path, str]) -> str:
    """The part of the page that follows the introduction."""
    page = fresh[generate.PAGE_FILE]
    return page[page.index("## Les demandes") :]


@pytest.fixture(scope="module")
def schema(fresh: dict[Path, str]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(fresh[generate.SCHEMA_FILE])
    return made


def _lines(mark: str, text: str) -> list[str]:
    return re.findall(f"^\\w+ +{mark} (.*)$", text, re.MULTILINE)


def _validator(schema: dict[str, Any], of: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/$defs/{of}", "$defs": schema["$defs"]})


@pytest.mark.parametrize(
    "program", sorted(filter(Path.is_file, generate.CLIENTS.iterdir())), ids=lambda file: file.name
)
def test_the_page_shows_the_reconnecting_clients(program: Path, fresh: dict[Path, str]) -> None:
    """A reader finds the programs that the tests run, whole; no placeholder stands in their place."""
    page = fresh[generate.PAGE_FILE]
    assert program.read_text(encoding="utf-8") in page
    assert not re.search(r"^\{\w+\}", page, re.MULTILINE)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_generated_file_is_up_to_date(file: Path, fresh: dict[Path, str]) -> None:
    """What `make docs` would write is what is there."""
    if file.read_text(encoding="utf-8") != fresh[file]:
        pytest.fail("it is out of date: run make docs")


def test_every_request_has_an_example_and_its_answer(reference: str) -> None:
    """The page shows a line of each request, aliases too, and among what follows the line that answers it."""
    asked = _lines(">", reference)
    assert {type(decode(line.encode())) for line in asked} == set(WIRE)
    numbered = [json.loads(line) for line in asked]
    answered = [json.loads(line).get("id") for line in _lines("<", reference)]
    assert [each for each in numbered if "id" in each and each["id"] not in answered] == []


def test_the_examples_are_one_conversation(reference: str) -> None:
    """From top to bottom the page has every line of the conversation, in the order of time, with who says it."""
    said = re.findall(r"^(\w+) +> (.*)$", reference, re.MULTILINE)
    assert said == [*MODERN, *QUIET]


@pytest.mark.parametrize(
    ("words", "told"),
    [(AUTH, {"password", "guest"}), (FEATURE_WORDS, {*FEATURES, FILES_FEATURE}), (REMEDIES, set(codes()))],
)
def test_every_word_is_explained(words: dict[str, str], told: set[str]) -> None:
    """Each word of `auth` and `features` is explained, each code says what a client does, and no other."""
    assert set(words) == told


def test_every_event_has_an_example(reference: str) -> None:
    """The page shows a line of each event."""
    shown = [json.loads(line)["type"] for line in _lines("<", reference[reference.index("## Les événements") :])]
    assert shown == [wire_name(event) for event in EVENTS]


def test_schema_is_a_schema(schema: dict[str, Any]) -> None:
    """The JSON Schema is valid, and each of its references leads somewhere."""
    Draft202012Validator.check_schema(schema)
    referred = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema)))
    assert referred <= set(schema["$defs"])


def test_schema_has_nothing_of_the_console(schema: dict[str, Any]) -> None:
    """Rows that only a console is answered with are no part of the protocol."""
    assert {row.__name__ for row in subclasses(Row)} & set(schema["$defs"]) == {
        "AccountInfo",
        "AuditRow",
        "ChannelInfo",
        "CodeInfo",
        "HeldInfo",
        "JoinRequestInfo",
        "LessonInfo",
        "LessonShown",
        "OwnSession",
        "PersonFound",
        "PolicyRow",
        "RetentionRow",
        "QuietPeriod",
        "DataRow",
        "SanctionInfo",
        "ReportInfo",
        "ReportLineInfo",
        "SessionInfo",
    }


def test_schema_admits_what_is_asked(reference: str, schema: dict[str, Any]) -> None:
    """A request that the server understands is a request by the schema."""
    request = _validator(schema, "request")
    assert [line for line in _lines(">", reference) if not request.is_valid(json.loads(line))] == []


def test_schema_admits_null_for_what_may_be_left_out(schema: dict[str, Any]) -> None:
    """In a request null is a field left out (tests/wire/test_values.py); a required field has a value."""
    request = _validator(schema, "request")
    assert request.is_valid({"type": "history", "before": None, "limit": None, "reason": None})
    assert request.is_valid({"type": "history", "limit": 50.0})
    assert not request.is_valid({"type": "history", "limit": 50.5})
    assert not request.is_valid({"type": "login", "username": "bob", "password": None})


def test_schema_admits_what_is_heard(reference: str, schema: dict[str, Any]) -> None:
    """What the server sends is an answer or an event by the schema."""
    kinds = [_validator(schema, of) for of in ("answer", "event")]
    heard = _lines("<", reference)
    assert [line for line in heard if not any(kind.is_valid(json.loads(line)) for kind in kinds)] == []


@pytest.mark.parametrize(
    ("of", "line"),
    [
        ("request", '{"type":"fly"}'),
        ("request", '{"type":"login","username":"bob"}'),
        ("request", '{"type":"status","state":1}'),
        ("answer", '{"type":"error","message":"non"}'),
        ("answer", '{"type":"ack","timestamp":"2026-11-20T20:36:27.607Z"}'),
        ("event", '{"type":"joined","user":"bob"}'),
    ],
)
def test_schema_refuses_what_is_not_in_the_protocol(of: str, line: str, schema: dict[str, Any]) -> None:
    """An unknown type, a missing field and a wrong one do not pass."""
    assert not _validator(schema, of).is_valid(json.loads(line))


@pytest.mark.parametrize(
    ("of", "line", "field"),
    [
        ("request", '{"type":"message","content":"Bonjour","to":7}', "$.to"),
        ("request", '{"type":"history","limit":"all"}', "$.limit"),
        ("answer", '{"type":"login","status":"ok","username":"bob","role":"king"}', "$.role"),
        ("event", '{"type":"joined","user":"bob","channel":3}', "$.channel"),
        ("classic", '{"type":"error","code":"muted","message":"Non.","error":1}', "$.error"),
        ("request", '{"type":"fly"}', "$.type"),
    ],
)
def test_schema_says_which_field_is_wrong(of: str, line: str, field: str, schema: dict[str, Any]) -> None:
    """The `type` chooses the definition, so the fault is told of a field, and not of a union."""
    (error,) = _validator(schema, of).iter_errors(json.loads(line))
    assert error.json_path == field


def test_schema_admits_the_classic_conversation(fresh: dict[Path, str], schema: dict[str, Any]) -> None:
    """Each line that a classic client hears on the page is an answer or an event of the classic dialect."""
    page = fresh[generate.PAGE_FILE]
    heard = _lines("<", page[: page.index("## Les demandes")])
    kinds = [_validator(schema, of) for of in ("answer", "classic")]
    assert len(heard) > 10
    assert [line for line in heard if not any(kind.is_valid(json.loads(line)) for kind in kinds)] == []


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "README.fr.md",
        "docs/architecture.md",
        "docs/protocole.md",
        "docs/administration.md",
        "docs/SECURITE.md",
        "admin_keys/README.md",
    ],
)
def test_links_lead_somewhere(name: str) -> None:
    """Each file that a page names in a link, or in backquotes with a slash, is there."""
    root = generate.HERE.parent
    page = root / name
    text = page.read_text(encoding="utf-8")
    links = [page.parent / link for link in re.findall(r"\]\((?!https?:|#)([^)#]+)\)", text)]
    files = [root / file for file in re.findall(r"`((?:classcord|docs|tests|etc|bench)/[\w./]+)`", text)]
    assert [str(file) for file in (*links, *files) if not file.exists()] == []
