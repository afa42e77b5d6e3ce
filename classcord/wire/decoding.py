"""A line of JSON to a request, for both dialects: what its text is, and why it is no request.

Knows not who may ask. Source: PROTOCOL.md, classic rule 10.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Union

import msgspec

from classcord.chat.errors import BadJSON, BadRequest, ChatError, TooLong, UnknownType
from classcord.chat.requests import Request, RequestId
from classcord.chat.subjects import WIRE
from classcord.chat.text import N_, Text
from classcord.wire.misfits import detail
from classcord.wire.values import lenient

fast_decode: Callable[[bytes | str], Request] = msgspec.json.Decoder(Union[WIRE]).decode  # noqa: UP007 (made at run time)
"""Returns the request of a line in UTF-8 that is one as it stands; raises what msgspec raises if not: see decode."""


class _Typed(msgspec.Struct):
    """The fields of a bad line that the refusal needs."""

    type: str = ""


class _Identified(msgspec.Struct):
    id: RequestId | msgspec.UnsetType = msgspec.UNSET


_decode_type = msgspec.json.Decoder(_Typed).decode
_decode_id = msgspec.json.Decoder(_Identified).decode
_FIELD = re.compile(r"`\$\.(\w+)|missing required field `(\w+)`")
_LENGTH = re.compile(r"of length <= (\d+)")


def decode(line: bytes) -> Request:
    """Return the request in a line; BadJSON, BadRequest or UnknownType if there is none.

    The text is UTF-8; if it is not, windows-1252 or latin-1, line by line (rule 10). A null counts as a missing field,
    and 50.0 as 50.
    """
    try:
        return fast_decode(line)
    except UnicodeDecodeError:
        return _decode_text(_as_western(line))
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        return _decode_leniently(error, line)


def _as_western(line: bytes) -> str:
    try:
        return line.decode("windows-1252")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _decode_text(text: str) -> Request:
    try:
        return fast_decode(text)
    except (ValueError, RecursionError) as error:
        return _decode_leniently(error, text)


def _decode_leniently(error: Exception, line: bytes | str) -> Request:
    if isinstance(error, msgspec.ValidationError):
        try:
            request = lenient(line)
        except msgspec.ValidationError as other:
            raise _refusal(other, line) from None
        if request is not None:
            return request
    raise _refusal(error, line) from None


def _refusal(error: Exception, line: bytes | str) -> ChatError:
    """Return the error for the client, with the `id` and the `type` of its request if they can be read."""
    if not isinstance(error, msgspec.ValidationError):
        return BadJSON()
    refusal = _misfit(str(error))
    with suppress(ValueError, RecursionError):
        refusal.request_id = _decode_id(line).id
    with suppress(ValueError, RecursionError):
        refusal.request_type = _decode_type(line).type
    return refusal


def _misfit(words: str) -> ChatError:
    """Return why JSON is not a valid request; msgspec says that only in the text of its error."""
    found = _FIELD.search(words)
    if found is None:
        return BadRequest(why=Text(N_("a request is a JSON object with a “type”")))
    field = found[1] or found[2]
    if field == "type" and words.startswith("Invalid value"):
        return UnknownType(field="type", type=words.split("'")[1][:40] if "'" in words else "?")
    if found[2]:
        return BadRequest(field=field, why=Text(N_("“{field}” is missing"), {"field": field}))
    longest = _LENGTH.search(words)
    if longest is not None and field != "id":
        return TooLong(field=field, limit=int(longest[1]))
    why = detail(words)
    if why is None:
        return BadRequest(field=field, why=Text(N_("“{field}” is not what it should be"), {"field": field}))
    details: dict[str, object] = {"field": field, "detail": why}
    return BadRequest(field=field, why=Text(N_("“{field}” is not what it should be ({detail})"), details))
