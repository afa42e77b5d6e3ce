"""Lenient values in JSON: null means a missing field, 50.0 means 50; and whole numbers are written without a fraction.

Knows requests' fields and no line. JSON Schema counts 50.0 as an integer (draft 2020-12, core §4.2.3), and clients in
languages with one number type send it.
"""

from __future__ import annotations

import functools
from typing import Any

import msgspec
from msgspec import inspect

from classcord.chat.requests import Request
from classcord.chat.subjects import WIRE

_EXACT = 2.0**53  # from here on, a float cannot represent every integer


class _Fields:
    """The fields of one request by their names on the wire, and which of them are integers."""

    def __init__(self, kind: type[Request]) -> None:
        self.kind = kind
        described = inspect.type_info(kind)
        assert isinstance(described, inspect.StructType)
        fields = [field for field in described.fields if field.encode_name != "id"]  # any `id` is returned, null too
        self.names = frozenset(field.encode_name for field in fields)
        self.integers = frozenset(field.encode_name for field in fields if _wants_integer(field.type))


def _wants_integer(described: inspect.Type) -> bool:
    each = described.types if isinstance(described, inspect.UnionType) else (described,)
    kinds = {type(one) for one in each}
    return inspect.IntType in kinds and inspect.FloatType not in kinds


_KINDS = {str(kind.__struct_config__.tag): kind for kind in WIRE}


@functools.cache
def _fields(kind: type[Request]) -> _Fields:
    """Return the fields of a request; looked up when they are first wanted, because all of them are slow to read."""
    return _Fields(kind)


def lenient(line: bytes | str) -> Request | None:
    """Return the request of a line that was refused only for a null or a 50.0; None if the reason was another.

    msgspec's ValidationError if something else is wrong besides. It is called only after a refusal: a valid request
    costs nothing more.
    """
    try:
        found = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, dict) and found.get("type", "") is None:
        raise msgspec.ValidationError("Object missing required field `type`")
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        return None
    kind = _KINDS.get(found["type"])
    if kind is None:
        return None
    fields = _fields(kind)
    meant = {name: _meant(fields, name, value) for name, value in found.items() if not _absent(fields, name, value)}
    if len(meant) == len(found) and all(value is found[name] for name, value in meant.items()):
        return None
    return msgspec.convert(meant, fields.kind)


def _absent(fields: _Fields, name: str, value: object) -> bool:
    return value is None and name in fields.names


def _meant(fields: _Fields, name: str, value: object) -> object:
    if isinstance(value, float) and name in fields.integers and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return value


def written(value: Any) -> Any:
    """Return a whole number without a fraction, 5 for 5.0, also within an object; other values as they are."""
    if isinstance(value, dict):
        return {name: written(each) for name, each in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT else value
