"""What the fields of answers are called, and what their values are, as the answers' Structs say.

Also for the payloads of the audit trail, which have the same fields without their Structs.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Annotated, Any, get_args, get_origin

import msgspec

from classcord.chat.events import Answer, Row
from classcord.chat.requests import subclasses


def labels() -> dict[str, str]:
    """Return the label of each field of each Struct, to be translated."""
    return {name: label for kind in _kinds() for name, label in vars(kind).get("labels", {}).items()}


def values() -> dict[str, str]:
    """Return what the values of a field are, by its name: `time`, `bytes`, `seconds`, `payload` or `nowhere`."""
    return {name: value for kind in _kinds() for name, value in _values_of(kind).items()}


def _kinds() -> list[type[msgspec.Struct]]:
    return [Row, Answer, *subclasses(Row), *subclasses(Answer)]


@functools.cache
def _values_of(kind: type[msgspec.Struct]) -> Mapping[str, str]:
    found = ((field.name, _shown_as(field.type)) for field in msgspec.structs.fields(kind))
    return {name: value for name, value in found if value is not None}


def _shown_as(hint: Any) -> str | None:
    if get_origin(hint) is Annotated:
        extra = [meta.extra for meta in hint.__metadata__ if isinstance(meta, msgspec.Meta) and meta.extra]
        return next((str(each["shown"]) for each in extra if "shown" in each), None)
    return next((shown for part in get_args(hint) if (shown := _shown_as(part)) is not None), None)
