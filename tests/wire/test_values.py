"""What values of JSON stand for: null and absent, 50.0 and 50, in every field of every request; numbers as written."""

from __future__ import annotations

import json
from datetime import timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect

from classcord.chat.connections.vocabulary import Hello, Ping, Welcome
from classcord.chat.errors import BadJSON, BadRequest, RateLimited
from classcord.chat.messages.vocabulary import History
from classcord.chat.requests import Request
from classcord.chat.subjects import WIRE
from classcord.console.commands import tables
from classcord.wire.decoding import decode
from classcord.wire.jsonlines import classic, modern
from classcord.wire.values import written
from tests.harness import objects


def _fields(kind: type[Request]) -> tuple[inspect.Field, ...]:
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)
    return described.fields


def _kinds(field: inspect.Field) -> list[inspect.Type]:
    return list(field.type.types) if isinstance(field.type, inspect.UnionType) else [field.type]


def _value(field: inspect.Field) -> Any:
    """Return some value that a required field takes."""
    (described, *_) = _kinds(field)
    if isinstance(described, inspect.LiteralType):
        return described.values[0]
    return 7 if isinstance(described, inspect.IntType) else "x"


def _least(kind: type[Request]) -> dict[str, Any]:
    """Return a request with the fields alone that it must have."""
    required = {field.encode_name: _value(field) for field in _fields(kind) if field.required}
    return {"type": str(kind.__struct_config__.tag), **required}


def _line(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields).encode()


OPTIONAL = [(kind, field.encode_name) for kind in WIRE for field in _fields(kind) if not field.required]
INTEGERS = [
    (kind, field.encode_name)
    for kind in WIRE
    for field in _fields(kind)
    if {type(each) for each in _kinds(field)} & {inspect.IntType} and field.encode_name not in {"id", "client_id"}
]
"""Those that are numbers alone; `id` and `client_id` may be texts too."""


def _name(value: Any) -> str:
    return value if isinstance(value, str) else str(value.__name__)


def test_there_are_optional_and_whole_fields_to_try() -> None:
    """The lists that the tests below go through are what the requests have."""
    assert {kind for kind, _ in OPTIONAL} == set(WIRE)
    assert {(Hello, "protocol"), (History, "before"), (History, "after"), (History, "limit")} <= set(INTEGERS)


@pytest.mark.parametrize(("kind", "field"), OPTIONAL, ids=_name)
def test_null_is_a_field_left_out(kind: type[Request], field: str) -> None:
    """Every optional field of every request may be null; `id` too, which is null again in the answer."""
    least = _least(kind)
    found, expected = decode(_line({**least, field: None})), decode(_line(least))
    if field == "id":
        assert found.id is None
        expected = msgspec.structs.replace(expected, id=None)
    assert (type(found), found) == (kind, expected)


@pytest.mark.parametrize("kind", WIRE, ids=_name)
def test_every_optional_field_may_be_null_at_once(kind: type[Request]) -> None:
    """A client that writes all fields it knows, those without a value as null, is understood."""
    least = _least(kind)
    nulls = {field: None for each, field in OPTIONAL if each is kind and field != "id"}
    assert decode(_line({**nulls, **least})) == decode(_line(least))


@pytest.mark.parametrize(
    ("kind", "field"),
    [(kind, field.encode_name) for kind in WIRE for field in _fields(kind) if field.required],
    ids=_name,
)
def test_null_is_no_value_of_a_required_field(kind: type[Request], field: str) -> None:
    """What a request must have is missed by its name when it is null."""
    with pytest.raises(BadRequest) as refusal:
        decode(_line({**_least(kind), field: None}))
    assert refusal.value.field == field


@pytest.mark.parametrize(("kind", "field"), INTEGERS, ids=_name)
def test_a_whole_number_may_have_a_fraction_of_zero(kind: type[Request], field: str) -> None:
    """50.0 and 5e1 are 50, as our own JSON Schema says."""
    expected = decode(_line({**_least(kind), field: 50}))
    for written_so in ("50.0", "5e1", "500e-1"):
        line = _line({**_least(kind), field: 50}).replace(b": 50", f": {written_so}".encode())
        assert decode(line) == expected
        assert isinstance(getattr(decode(line), field), int)


@pytest.mark.parametrize(("kind", "field"), INTEGERS, ids=_name)
@pytest.mark.parametrize("number", ["50.5", "1e-1", "9007199254740992.0", "1e30", '"50"', "true", "[50]", "50.5e0"])
def test_what_is_no_whole_number_is_refused(kind: type[Request], field: str, number: str) -> None:
    """Neither fractions, nor floats that no longer tell integers apart, nor what is no number."""
    line = _line({**_least(kind), field: 50}).replace(b": 50", f": {number}".encode())
    with pytest.raises(BadRequest) as refusal:
        decode(line)
    assert refusal.value.field == field


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "05", "5."])
def test_what_json_has_no_number_for_is_no_json(number: str) -> None:
    """NaN and Infinity are not JSON, whatever some libraries write."""
    with pytest.raises((BadJSON, BadRequest)):
        decode(b'{"type":"history","limit":' + number.encode() + b"}")


def test_a_line_that_is_lenient_in_another_encoding_is_understood() -> None:
    """Windows-1252, null and 50.0 in one line."""
    line = '{"type":"history","channel":"#général","before":null,"limit":50.0}'
    assert decode(line.encode("windows-1252")) == History(channel="#général", limit=50) == decode(line.encode())


def test_a_null_does_not_hide_what_else_is_wrong() -> None:
    """The refusal is about the field that is wrong, and has the line's `id`."""
    with pytest.raises(BadRequest) as refusal:
        decode(b'{"type":"history","id":9,"before":null,"limit":"x"}')
    assert (refusal.value.field, refusal.value.request_id) == ("limit", 9)


@given(st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1))
def test_a_whole_number_is_written_as_one(number: int) -> None:
    """A float that is whole is written without its fraction, and stays equal."""
    assert isinstance(written(float(number)), int)
    assert written(float(number)) == number


@pytest.mark.parametrize("value", [0.5, -1.25, 2.0**53, "5.0", None, True])
def test_what_is_no_whole_float_is_written_as_it_is(value: object) -> None:
    assert written(value) is value


def test_numbers_of_answers_and_refusals_are_written_whole() -> None:
    """`hello`'s limits, `retry_after` on the wire, and the console's JSON show 5, and 0.5 where it is a half."""
    limits = {"messages_per_second": 5.0, "burst": 2.5}
    welcome = Welcome(
        server="s",
        version="1",
        protocol=2,
        encoding="ascii",
        lang="fr",
        limits=limits,
        auth=(),
        features=(),
        motd="",
        registration="open",
        heartbeat=30,
    )
    for dialect in (classic("en", timezone.utc), modern("en", timezone.utc, "ascii")):
        assert b'"limits":{"messages_per_second":5,"burst":2.5}' in dialect.answer(Hello(), welcome)
        assert b'"retry_after":3,' in dialect.error(RateLimited(retry_after=3.0), Ping()).replace(b"}", b",")
        (half,) = objects(dialect.error(RateLimited(retry_after=0.5), Ping()))
        assert half["retry_after"] == 0.5
    assert '"retry_after":3}' in tables.error_json(RateLimited(retry_after=3.0), str)
    assert '"messages_per_second":5,' in tables.as_json(welcome)
