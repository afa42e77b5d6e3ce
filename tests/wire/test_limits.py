"""The limits of texts: what docs/protocol.schema.json says is what the program accepts, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from classcord.chat.roles import Role
from docs.generate import SCHEMA_FILE
from tests.harness import PASSWORD, running

SCHEMA = json.loads(SCHEMA_FILE.read_text("utf-8"))["$defs"]
REQUESTS = [each["then"]["$ref"].rpartition("/")[2] for each in SCHEMA["request"]["allOf"]]
SETTLED = {  # what else a request needs, so that nothing but the field is wrong
    "username": "somebody",
    "password": PASSWORD,
    "old": PASSWORD,
    "new": "another one",
    "content": "hello",
    "channel": "#dev",
    "user": "bob",
    "target": "bob",
    "state": "away",
    "to": "bob",
    "role": "member",
    "message_id": 1,
    "report_id": 1,
    "outcome": "acted",
    "held_id": 1,
    "on": True,
}
BY_LENGTH = ("longer than", "is too long", "limit is", "readable characters at the most", "64 at most", "too long")
NOT_LIMITED = {  # by themselves: a line is, the settings limit messages, and a pattern the mark of a page
    ("hello", "client"),
    ("hello", "encoding"),
    ("hello", "lang"),
    ("message", "content"),
    ("message", "subtype"),
    ("private", "content"),
    ("private", "subtype"),
    ("create", "kind"),
    ("search", "order"),
    ("edit", "content"),
    ("export_my_data", "after"),
    ("export_person", "after"),
}


def texts() -> Iterator[tuple[str, str, int | None]]:
    """Yield each text of each request with its limit: the request's type, the field, and the most characters."""
    for name in REQUESTS:
        properties = SCHEMA[name]["properties"]
        for field, schema in properties.items():
            if field in {"type", "id"} or "const" in schema or "enum" in schema:
                continue
            kinds = schema.get("anyOf", [schema])
            for kind in kinds:
                if kind.get("type") == "string" and "enum" not in kind:
                    yield properties["type"]["const"], field, kind.get("maxLength")


TEXTS = list(texts())


def answer(kind: str, field: str, value: str) -> dict[str, Any]:
    """Return what a person of a server of its own is answered; whoever has no name yet asks who they are."""
    required = {name: SETTLED[name] for name in SCHEMA[of(kind)].get("required", []) if name in SETTLED}
    with running() as house:
        house.account("bob")
        house.account("boss", role=Role.OWNER)
        boss = house.modern("boss")
        boss.ask({"type": "create", "channel": "#waiting", "kind": "approval"})
        house.modern("bob").ask({"type": "join", "channel": "#waiting"})
        client = house.modern(None if kind in {"register", "login", "guest", "hello"} else "boss")
        request = {**required, "type": kind, field: value}
        if kind in {"accept", "reject", "create"} and field != "channel":
            request["channel"] = "#new" if kind == "create" else "#waiting"
        if kind == "register" and field != "username":
            request["username"] = "newcomer"
        return client.ask(request)[0]


def of(kind: str) -> str:
    name: str = next(name for name in REQUESTS if SCHEMA[name]["properties"]["type"]["const"] == kind)
    return name


def refused_by_length(answer: dict[str, Any]) -> bool:
    return answer["type"] == "error" and any(words in answer["message"] for words in BY_LENGTH)


def test_which_texts_have_a_limit() -> None:
    """All but those that a line's or the settings' own limit is for."""
    assert {(kind, field) for kind, field, longest in TEXTS if longest is None} <= NOT_LIMITED
    assert len(TEXTS) > 50


@pytest.mark.parametrize(("kind", "field", "longest"), [text for text in TEXTS if text[2] is not None])
def test_the_limit_is_the_one_that_is_told(kind: str, field: str, longest: int) -> None:
    """At the limit nothing is refused for its length; one more is, and the request does nothing."""
    filling = "#" if field == "channel" and kind == "create" else ""
    at = answer(kind, field, filling + "a" * (longest - len(filling)))
    over = answer(kind, field, filling + "a" * (longest + 1 - len(filling)))
    assert not refused_by_length(at), at
    assert over["type"] == "error"
    assert refused_by_length(over), over


@pytest.mark.parametrize(
    ("kind", "field", "longest", "code"),
    [
        ("register", "username", 64, "bad_username"),
        ("register", "alias", 64, "bad_username"),
        ("register", "password", 1000, "too_long"),
        ("register", "email", 254, "too_long"),
        ("login", "password", 1000, "too_long"),
        ("create", "channel", 65, "bad_request"),
        ("create", "topic", 300, "too_long"),
        ("topic", "topic", 300, None),
        ("status", "state", 32, "too_long"),
    ],
)
def test_the_limits_that_people_meet(kind: str, field: str, longest: int, code: str | None) -> None:
    """Each is told once in the schema, and refused under the code that says what is wrong."""
    assert (kind, field, longest) in TEXTS
    if code is not None:
        filling = "#" if field == "channel" else ""
        refusal = answer(kind, field, filling + "a" * (longest + 1 - len(filling)))
        assert (refusal["code"], refusal["field"]) == (code, field)
