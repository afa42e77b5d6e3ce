"""The fields of an object of JSON as a page shows them, from its schema. Knows no request and no page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

Schema = dict[str, Any]


def as_written(field: Schema) -> Schema:
    """Return a field's schema as it is on the wire, where a Text is a string: it is translated before."""
    if field.get("$ref") == "#/$defs/Text":
        return {"type": "string"}
    if "anyOf" in field:
        return {**field, "anyOf": [as_written(each) for each in field["anyOf"]]}
    return field


def table(schema: Schema, but: Iterable[str] = ()) -> Iterator[str]:
    """Yield a table of an object's fields; each has its description."""
    rows = [(name, field) for name, field in schema["properties"].items() if name not in but]
    if not rows:
        yield "\nAucun champ.\n"
        return
    yield "\n| champ | type | sens |\n| --- | --- | --- |\n"
    for name, field in rows:
        if name == "id":
            yield f"| `id` | texte ou nombre, facultatif | {field['description']} |\n"
            continue
        said = all(f"`{each}`" in field["description"] for each in field.get("enum", ()))
        words = "texte" if "enum" in field and said else type_of(field)
        optional = _default(field) or (", facultatif" if _is_left_out(schema, name, field) else "")
        yield f"| `{name}` | {words}{optional} | {field['description']} |\n"


def _is_left_out(schema: Schema, name: str, field: Schema) -> bool:
    """Whether a field without a default may be missing: it is left out where it does not apply."""
    return "required" in schema and name not in schema["required"] and "default" not in field


def _default(field: Schema) -> str:
    value = field.get("default", "ok")  # what is always answered so is no default
    if value == "ok":
        return ""
    return f", par défaut `{json.dumps(value)}`" if value else ", facultatif"


_TYPES = {"string": "texte", "integer": "entier", "number": "nombre", "boolean": "booléen", "object": "objet"}


def type_of(field: Schema) -> str:
    """Return the words for what a field holds."""
    if "anyOf" in field:
        return " ou ".join(dict.fromkeys(type_of(each) for each in field["anyOf"] if each.get("type") != "null"))
    if "$ref" in field:
        return "objet"
    if "enum" in field:
        return " ou ".join(f"`{each}`" for each in field["enum"])
    if field["type"] == "array":
        items = field["items"]
        return f"liste ({type_of(items)}{'' if 'enum' in items else 's'})"
    words = _TYPES[field["type"]]
    return f"{words} ({field['maxLength']} caractères au plus)" if "maxLength" in field else words
