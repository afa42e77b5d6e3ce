"""Writes docs/protocole.md, docs/protocol.schema.json and docs/administration.md from the code: `make docs`.

tests/test_docs.py and tests/test_admin_docs.py compare them with what this writes now. Here is the protocol, made from
the words of the subjects (chat/subjects.py); administration.md is administration.py's. The examples are made by
examples.py, the words of the page are in words.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from classcord.chat.channels.channel import Kind
from classcord.chat.errors import ChatError
from classcord.chat.events import Event
from classcord.chat.requests import Request
from classcord.chat.roles import Permission, Role, permissions
from classcord.chat.subjects import ERRORS, EVENTS, WIRE
from classcord.language import translator
from docs import administration
from docs.examples import CLASSIC, MODERN, Exchange, Room, kind_of
from docs.fields import Schema, as_written, table
from docs.words import ABOUT, EVENT_WORDS, FIELDS, NOTES, PAGE, PERMISSIONS, ROWS

HERE = Path(__file__).parent
PAGE_FILE = HERE / "protocole.md"
SCHEMA_FILE = HERE / "protocol.schema.json"


def main() -> None:
    """Write the files."""
    for file, text in files().items():
        file.write_text(text, encoding="utf-8")


def files() -> dict[Path, str]:
    """Return what the files are to contain."""
    room = Room()
    exchanges = room.hold(MODERN)
    schema = Protocol(room)
    return {
        PAGE_FILE: "".join(_page(schema, exchanges)),
        SCHEMA_FILE: json.dumps(schema.document(), ensure_ascii=False, indent=2) + "\n",
        administration.PAGE_FILE: administration.page(),
    }


def is_alias(kind: type[Request]) -> bool:
    """Whether a request is another name of the one it is derived from."""
    return kind.__bases__[0] in WIRE


def wire_name(kind: type[Any]) -> str:
    return str(kind.__struct_config__.tag)


# -- the schema -------------------------------------------------------------------------------------------------------


class Protocol:
    """The JSON Schema (draft 2020-12) of all that goes over the wire; no answer that only a console is given."""

    def __init__(self, room: Room) -> None:
        """In `room` each request has been answered once."""
        given = {kind: room.answers[kind] for kind in WIRE}
        kinds = (*WIRE, *EVENTS, *dict.fromkeys(given.values()))
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
        return _object(fields, required)

    def _field(self, kind: type[Any], name: str, field: Schema) -> Schema:
        field = {"const": field["enum"][0]} if name == "type" else as_written(field)
        return {**field, "description": about(kind, name)}

    def _answer(self, request: type[Request], answer: type[Any]) -> Schema:
        own = self.of(answer)
        fields = {
            "type": {"const": request.answered_as or wire_name(request), "description": FIELDS["type"]},
            "id": {**self.of(request)["properties"]["id"], "description": FIELDS["id of an answer"]},
        }
        required = [name for name in own.get("required", ()) if not _may_be_null(own["properties"][name])]
        return _object(fields | own["properties"], ["type", *required])

    def document(self) -> Schema:
        """Return all of it."""
        shared = {name: self._shared(name) for name in ROWS}
        requests = {kind.__name__: self.of(kind) for kind in WIRE}
        answers = {f"{kind.__name__}Answer": answer for kind, answer in self.answers.items()}
        events = {kind.__name__: self.of(kind) for kind in EVENTS}
        groups = {"request": requests, "answer": answers | {"Error": ERROR}, "event": events}
        unions = {name: {"anyOf": [{"$ref": f"#/$defs/{each}"} for each in group]} for name, group in groups.items()}
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "ClassCord",
            "description": ABOUT,
            "anyOf": [{"$ref": f"#/$defs/{name}"} for name in unions],
            "$defs": {**unions, **requests, **answers, "Error": ERROR, **events, **shared},
        }

    def _shared(self, name: str) -> Schema:
        made = self._made[name]
        fields = {
            field: {**schema, "description": FIELDS[f"{field} of {ROWS[name]}"]}
            for field, schema in made["properties"].items()
        }
        return _object(fields, made["required"])


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


def about(kind: type[Any], field: str) -> str:
    """Return what a field means; a field that nobody has explained yet is a KeyError."""
    return FIELDS.get(f"{field} of {kind.__name__}") or FIELDS[field]


def codes() -> dict[str, list[type[ChatError]]]:
    """Return every code with the refusals that have it."""
    found: dict[str, list[type[ChatError]]] = {}
    for kind in ERRORS:
        found.setdefault(kind.code, []).append(kind)
    return found


ERROR = _object(
    {
        "type": {"const": "error"},
        "id": {"description": FIELDS["id of an answer"]},
        "code": {"enum": list(codes()), "description": FIELDS["code"]},
        "message": {"type": "string", "description": FIELDS["message"]},
        "field": {"type": "string", "description": FIELDS["field"]},
        "retry_after": {"type": "number", "description": FIELDS["retry_after"]},
    },
    ["type", "code", "message"],
)


# -- the page ---------------------------------------------------------------------------------------------------------


def _page(schema: Protocol, exchanges: list[Exchange]) -> Iterator[str]:
    yield PAGE.format(classic=_conversation(Room().hold(CLASSIC)), kinds=", ".join(f"`{kind.value}`" for kind in Kind))
    yield "\n## Les demandes\n"
    for kind in WIRE:
        if not is_alias(kind):
            yield from _request(schema, kind, exchanges)
    yield "\n## Les événements\n"
    for event in EVENTS:
        yield from _event(schema, event, exchanges)
    yield "\n## Les refus\n\n| `code` | texte en français |\n| --- | --- |\n"
    french = translator("fr")
    for code, kinds in codes().items():
        yield f"| `{code}` | {'<br>'.join(french(kind.template) for kind in kinds)} |\n"


def _request(schema: Protocol, kind: type[Request], exchanges: list[Exchange]) -> Iterator[str]:
    others = [f"`{wire_name(other)}`" for other in WIRE if other.__bases__[0] is kind]
    yield f"\n### `{wire_name(kind)}`\n\n{_sentence(kind.summary)}\n"
    yield f"{PERMISSIONS[_who_may(kind.permission)]}\n"
    if others:
        yield f"Autre nom accepté : {', '.join(others)}.\n"
    yield from table(schema.of(kind), ("type", "id"))
    yield f"\nRéponse (`{kind.answered_as or wire_name(kind)}`) :\n"
    yield from table(schema.answers[kind], ("type", "id"))
    mine = [e for e in exchanges if kind_of(e.asked) in {wire_name(kind), *(other.strip("`") for other in others)}]
    mine = [e for e in mine if "id" in msgspec.json.decode(e.asked)] or mine
    if wire_name(kind) in NOTES:
        yield f"\n{NOTES[wire_name(kind)]}\n"
    yield "\n```\n"
    for exchange in mine:
        yield f"> {exchange.asked}\n"
        yield from (f"< {line}\n" for who, line in exchange.heard if who == exchange.who and _answers(exchange, line))
    yield "```\n"


def _answers(exchange: Exchange, line: str) -> bool:
    asked, heard = msgspec.json.decode(exchange.asked), msgspec.json.decode(line)
    return "id" in heard and heard["id"] == asked.get("id")


def _who_may(permission: Permission) -> str:
    """Return the lowest role that has a permission, or that nobody needs one."""
    if permission is Permission.CONNECT:
        return "anyone"
    if permission is Permission.CREATE_CHANNEL:
        return "setting"
    table = permissions(Role.MEMBER)
    return next(role.label for role in Role if permission in table[role])


def _event(schema: Protocol, kind: type[Event], exchanges: list[Exchange]) -> Iterator[str]:
    name = wire_name(kind)
    yield f"\n### `{name}` — {EVENT_WORDS[name]}\n"
    yield from table(schema.of(kind), ("type",))
    heard = (line for e in exchanges for _who, line in e.heard if kind_of(line) == name and not _answers(e, line))
    example = next(line for line in heard if "message_id" in line or name != "message")
    yield f"\n```\n< {example}\n```\n"


def _sentence(words: str) -> str:
    words = translator("fr")(words)
    return f"{words[0].upper()}{words[1:]}{'' if words.endswith('…') else '.'}\n"


def _conversation(exchanges: list[Exchange]) -> str:
    width = max(len(exchange.who) for exchange in exchanges)
    lines = []
    for exchange in exchanges:
        lines.append(f"{exchange.who:{width}} > {exchange.asked}")
        lines += [f"{who:{width}} < {line}" for who, line in exchange.heard]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
