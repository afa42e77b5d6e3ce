"""The traffic of the tests against docs/protocol.schema.json: what a server reads and writes, line by line.

A line that the server sends must be in the schema. A line that the server reads is a request by the schema exactly if
the server takes it for one. Lines that differ only in what no rule of the schema looks at are checked once.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from math import isfinite
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from classcord.chat.errors import BadJSON, ChatError
from classcord.chat.requests import Request
from classcord.wire import jsonlines
from classcord.wire.misspelt import Misspelt
from docs.generate import SCHEMA_FILE
from tests.server import Client

Schema = dict[str, Any]

_LENGTHS = (0, 1, 32, 64, 65, 254, 256, 300, 1000, 10_000)
"""Where the limits of texts are: between two of them, all texts are alike to the schema."""
_NUMBERS = (-1, 0, 1, 200, 2**53 - 1)
_WORDS = frozenset({"type", "subtype", "status", "code", "role", "kind", "encoding", "lang"})
"""Fields whose very words the schema may know."""


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

_FORMATS = FormatChecker(())


def is_time(value: object) -> bool:
    """Whether a text is a time of RFC 3339."""
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


_FORMATS.checkers = {"date-time": (is_time, ())}


def shape(value: Any, field: str = "") -> Any:
    """Return what the schema can tell values apart by."""
    if isinstance(value, dict):
        return tuple(sorted((key, shape(each, key)) for key, each in value.items()))
    if isinstance(value, list):
        return ("list", *sorted({shape(each) for each in value}, key=repr))
    if isinstance(value, str):
        return value[:40] if field in _WORDS else ("text", bisect_left(_LENGTHS, len(value)), is_time(value))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return ("number", value == int(value) if abs(value) < 2**60 else None, bisect_left(_NUMBERS, value))
    return repr(value)


def _decided_later(error: ValidationError) -> bool:
    """Whether a decision refuses this, not the reading of the line: tests/wire/test_limits.py shows that it does."""
    return error.validator in {"maxLength", "not"} or any(map(_decided_later, error.context or ()))


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError(digits)
    return number


def _once_each(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; ValueError if it has two fields of one name: two readers may take two different ones."""
    found = dict(fields)
    if len(found) < len(fields):
        raise ValueError
    return found


class Traffic:
    """Checks lines; `wrong` has a sentence for each that is not as the schema says."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self._seen: set[Any] = set()
        self._definitions: Schema = json.loads(SCHEMA_FILE.read_text("utf-8"))["$defs"]
        self._checks = {name: self._validators(name) for name in ("request", "answer", "event", "classic")}

    def _validators(self, group: str) -> dict[str, Draft202012Validator]:
        """Return the validator for each `type` of a group, as the schema itself chooses it."""
        chosen = self._definitions[group]["allOf"]
        return {
            each["if"]["properties"]["type"]["const"]: Draft202012Validator(
                {**each["then"], "$defs": self._definitions}, format_checker=_FORMATS
            )
            for each in chosen
        }

    def sent(self, line: bytes, *groups: str) -> None:
        """Check a line of the server: it is in one of these groups."""
        value = json.loads(line)
        key = (groups, shape(value))
        if key in self._seen:
            return
        self._seen.add(key)
        faults = [self._fault(group, value) for group in groups]
        if all(faults):
            self.wrong.append(f"the server sent {line.decode()}, which is no {' nor '.join(groups)}: {faults}")

    def read(self, line: bytes | str, refusal: ChatError | None, *, classic: bool = False) -> None:
        """Check a line that the server has read, and has refused if there is a refusal.

        In the classic dialect the `type` may be in upper case.
        """
        if isinstance(refusal, BadJSON):
            return
        try:
            value = json.loads(line, parse_float=_finite, object_pairs_hook=_once_each)
            if classic and isinstance(value, dict) and isinstance(value.get("type"), str):
                value["type"] = value["type"].lower()
            alike = shape(value)
        except (ValueError, RecursionError):  # no JSON, or nothing that a schema could be asked about
            return
        key = ("request", refusal is None, alike)
        if key in self._seen:
            return
        self._seen.add(key)
        fault = self._fault("request", value, read_only=refusal is None)
        if fault and refusal is None:
            self.wrong.append(f"the server took {line!r}, which is no request by the schema: {fault}")
        elif not fault and refusal is not None:
            self.wrong.append(f"the server refused {line!r} ({refusal.text.render()}), a request by the schema")

    def _fault(self, group: str, value: Any, *, read_only: bool = False) -> str:
        if not isinstance(value, dict) or not isinstance(value.get("type"), str):
            return "no object with a type"
        validator = self._checks[group].get(value["type"])
        if validator is None:
            return f"no type of a {group}"
        errors = (
            each
            for error in validator.iter_errors(value)
            if not (read_only and _decided_later(error))
            for each in (error, *(error.context or ()))  # of two shapes of one type, what is wrong with each
        )
        return "; ".join(f"{error.json_path}: {error.message[:200]}" for error in errors)

    def watch(self, patch: Callable[[object, str, object], None]) -> None:
        """Check from now on what servers in this process read and write, and what clients read of servers beside it.

        `patch` is as MonkeyPatch.setattr.
        """
        write = jsonlines.JSONLines._line
        for dialect in (jsonlines.JSONLines, jsonlines.Modern, jsonlines.Classic, jsonlines.ClassicSession):
            patch(dialect, "decode", self._watched(dialect.decode))

        def watched_line(dialect: jsonlines.JSONLines, value: object) -> bytes:
            line = write(dialect, value)
            self.heard(line, modern=not isinstance(dialect, jsonlines.Classic))
            return line

        patch(jsonlines.JSONLines, "_line", watched_line)
        patch(Client, "look", staticmethod(self.heard))

    def heard(self, line: bytes, *, modern: bool) -> None:
        """Check a line that a client of this dialect is sent."""
        self.sent(line, *(("answer", "event") if modern else ("answer", "classic")))

    def _watched(self, decode: Callable[[Any, bytes], Request]) -> Callable[[Any, bytes], Request]:
        def watched(dialect: Any, line: bytes) -> Request:
            refusal: ChatError | None = None
            try:
                return decode(dialect, line)
            except Misspelt:
                raise  # it was read before, and is a request by the schema
            except ChatError as error:
                refusal = error
                raise
            finally:
                with suppress(UnicodeDecodeError):
                    self.read(line, refusal, classic=not isinstance(dialect, jsonlines.Modern))

        return watched
