"""The JSON Schema (draft 2020-12) of all that goes over the wire, made from the words of the subjects.

A line is checked in two steps: its `type` first, then the definition of that type. So a wrong line is told which of its
fields is wrong. Knows no page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from classcord.chat.errors import ChatError
from classcord.chat.held_messages.vocabulary import Waiting
from classcord.chat.messages.vocabulary import Say
from classcord.chat.presence.vocabulary import StatusChanged
from classcord.chat.requests import Request
from classcord.chat.subjects import ERRORS, EVENTS, WIRE
from classcord.wire.jsonlines import ClassicMessage
from docs.fields import Schema, as_written
from docs.room import Room
from docs.words import ABOUT, FIELDS, GROUPS, ROWS

EXCLUDED = {
    "history": [["before", "after"], ["around", "before"], ["around", "after"]],
    "read": [["channel", "user"], ["channel", "conversation"]],
}
"""Fields of a request that exclude each other: the server refuses a line that has them both."""


def is_alias(kind: type[Request]) -> bool:
    """Whether a request is another name of the one it is derived from."""
    return kind.__bases__[0] in WIRE


def wire_name(kind: type[Any]) -> str:
    return str(kind.__struct_config__.tag)


def about(kind: type[Any], field: str) -> str:
    """Return what a field means; a field that nobody has explained yet is a KeyError."""
    return FIELDS.get(f"{field} of {kind.__name__}") or FIELDS[field]


def codes() -> dict[str, list[type[ChatError]]]:
    """Return every code with the refusals that have it."""
    found: dict[str, list[type[ChatError]]] = {}
    for kind in ERRORS:
        found.setdefault(kind.code, []).append(kind)
    return found


class Protocol:
    """The definitions; of the answers only those of requests that come over the wire."""

    def __init__(self, room: Room) -> None:
        """In `room` each request has been answered once."""
        missing = [kind.__name__ for kind in WIRE if kind not in room.answers]
        if missing:
            raise LookupError(f"docs/examples.py has no line that asks: {', '.join(missing)}")
        given = {kind: room.answers[kind] for kind in WIRE}
        kinds = (*WIRE, *EVENTS, *dict.fromkeys(given.values()), Waiting, ClassicMessage)
        _, self._made = msgspec.json.schema_components(
            kinds, schema_hook=lambda _: {"type": "string"}, ref_template="#/$defs/{name}"
        )
        self._made = _with_limits(self._made)
        self.answers = {kind: self._answer(kind, answer) for kind, answer in given.items()}

    def of(self, kind: type[Any]) -> Schema:
        """Return the schema of a request, an event or an answer's own fields; each field with its description."""
        made = self._made[kind.__name__]
        fields = {name: self._field(kind, name, field) for name, field in made["properties"].items()}
        required = made.get("required", [])
        if kind in WIRE:  # in a request, null is a field left out
            fields = {name: field if name in required else _or_null(field) for name, field in fields.items()}
        schema = _object(fields, required)
        together = EXCLUDED.get(wire_name(kind), []) if kind in WIRE else []
        return schema | ({"not": {"anyOf": [_with(*names) for names in together]}} if together else {})

    def _field(self, kind: type[Any], name: str, field: Schema) -> Schema:
        tag = kind.__struct_config__.tag
        field = {"const": field["enum"][0]} if name == "type" and tag is not None else as_written(field)
        return {**field, "description": about(kind, name)}

    def _answer(self, request: type[Request], answer: type[Any]) -> Schema:
        own = self.of(answer)
        fields = {
            "type": {"const": request.answered_as or wire_name(request), "description": FIELDS["type"]},
            "id": {**self.of(request)["properties"]["id"], "description": FIELDS["id of an answer"]},
        }
        required = [name for name in own.get("required", ()) if not _may_be_null(own["properties"][name])]
        return _object(fields | own["properties"], ["type", *required])

    def rows(self, request: type[Request]) -> list[tuple[str, Schema]]:
        """Return the fields of a request's answer that hold rows, each with the schema of one row."""
        fields = self.answers[request]["properties"]
        held = {name: json.dumps(field) for name, field in fields.items()}
        return [(name, self._shared(row)) for name, text in held.items() for row in ROWS if f'/{row}"' in text]

    def document(self) -> Schema:
        """Return all of it."""
        requests = {kind.__name__: self.of(kind) for kind in WIRE}
        answers = {f"{kind.__name__}Answer": answer for kind, answer in self.answers.items()} | {"Error": ERROR}
        answers["SayHeldAnswer"] = self._answer(Say, Waiting)  # the other answer to a message
        events = {kind.__name__: self.of(kind) for kind in EVENTS}
        classic = {
            "ClassicMessage": self.of(ClassicMessage),
            "ClassicStatus": self.of(StatusChanged),
            "ClassicError": CLASSIC_ERROR,
        }
        groups = {"request": requests, "answer": answers, "event": events, "classic": classic}
        heard = ("answer", "event", "classic")
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "ClassCord",
            "description": ABOUT,
            "anyOf": [{"$ref": f"#/$defs/{name}"} for name in ("request", *heard)],
            "$defs": {
                **{name: _by_type(group) | {"description": GROUPS[name]} for name, group in groups.items()},
                **requests,
                **answers,
                **events,
                **classic,
                **{name: self._shared(name) for name in ROWS},
            },
        }

    def _shared(self, name: str) -> Schema:
        made = self._made[name]
        fields = {
            field: {**schema, "description": FIELDS.get(f"{field} of {ROWS[name]}") or FIELDS[field]}
            for field, schema in made["properties"].items()
        }
        return _object(fields, made.get("required", []))


def types(group: Mapping[str, Schema]) -> dict[str, list[str]]:
    """Return the names of a group's definitions by the `type` of their lines; of two that are alike, the first."""
    found: dict[str, list[str]] = {}
    for name, schema in group.items():
        own = schema["properties"]["type"]
        for tag in [own["const"]] if "const" in own else own["enum"]:
            others = found.setdefault(tag, [])
            if all(group[other] != schema for other in others):
                others.append(name)
    return found


def _by_type(group: Mapping[str, Schema]) -> Schema:
    """Return the union of a group: the `type` of a line chooses the definition by which it is checked."""
    found = types(group)
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": [*found]}},
        "allOf": [
            {"if": {"required": ["type"], "properties": {"type": {"const": tag}}}, "then": _one_of(names)}
            for tag, names in found.items()
        ],
    }


def _one_of(names: list[str]) -> Schema:
    refs = [{"$ref": f"#/$defs/{name}"} for name in names]
    return refs[0] if len(refs) == 1 else {"anyOf": refs}


def _or_null(field: Schema) -> Schema:
    """Return the schema of a field that may be null as well."""
    if _may_be_null(field) or "const" in field:
        return field
    own = {name: value for name, value in field.items() if name not in {"default", "description"}}
    rest = {name: value for name, value in field.items() if name not in own}
    return {"anyOf": [own, {"type": "null"}], **rest}


def _may_be_null(field: Schema) -> bool:
    """Whether a field of an answer may have no value; it is left out then."""
    return {"type": "null"} in field.get("anyOf", ())


def _with(*names: str) -> Schema:
    """Return the schema of objects in which all these fields have a value."""
    return {"required": [*names], "properties": {name: {"not": {"type": "null"}} for name in names}}


def _with_limits(schema: Any) -> Any:
    """Return a schema whose texts are as long as decisions let them be, where that is less than what can be read."""
    if isinstance(schema, list):
        return [_with_limits(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    limit = {"maxLength": schema["told"]} if isinstance(schema.get("told"), int) else {}
    return {key: _with_limits(each) for key, each in schema.items() if key != "told" or not limit} | limit


def _object(fields: Schema, required: Iterable[str]) -> Schema:
    return {"type": "object", "properties": fields, "required": list(required)}


_REFUSAL = {
    "type": {"const": "error"},
    "code": {"enum": list(codes()), "description": FIELDS["code"]},
    "message": {"type": "string", "description": FIELDS["message"]},
    "field": {"type": "string", "description": FIELDS["field"]},
    "retry_after": {"type": "number", "minimum": 0, "description": FIELDS["retry_after"]},
    "until": {"type": "string", "format": "date-time", "description": FIELDS["until of a refusal"]},
}
_ID = {
    "anyOf": [{"type": "string", "maxLength": 256}, {"type": "number"}, {"type": "null"}],
    "description": FIELDS["id of an answer"],
}
ERROR = _object({"id": _ID, **_REFUSAL}, ["type", "code", "message"])
"""A refusal in the modern dialect."""
CLASSIC_ERROR = _object(
    {"id": _ID, **_REFUSAL, "error": {"type": "string", "description": FIELDS["error"]}},
    ["type", "code", "message", "error"],
)
"""A refusal in the classic dialect."""
