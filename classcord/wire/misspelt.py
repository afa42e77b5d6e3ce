"""Finds fields of a request that are nearly named like one of its fields: `chanel`.

A field that nobody knows is ignored. But whoever misspells an optional field would be understood wrongly: a message for
#dev would go to everyone. So, after `hello`, a field that is nearly a known one is refused. Knows no dialect.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from itertools import islice

import msgspec

from classcord.chat.errors import BadRequest
from classcord.chat.frozen import Frozen
from classcord.chat.messages.vocabulary import Said
from classcord.chat.requests import Request
from classcord.chat.subjects import WIRE
from classcord.chat.text import N_, Text

LOOKED_AT = 16  # fields of one line; a line has room for thousands
LONGEST = 40  # characters of a name that are looked at


class Misspelt(BadRequest):
    """A request was read, but a field that it has is nearly one of its fields; no schema can tell."""


_REPEATED = re.compile(r"(.)\1+")


def _names(kind: type[Frozen]) -> dict[str, str]:
    return dict(zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True))


class _ExactReaders(dict[type[Request], Callable[[bytes], object]]):
    """What reads the lines of a request with known fields only, and does not look at their values.

    Each is made when the first line of its kind comes: all of them would take a tenth of the server's start.
    """

    def __missing__(self, kind: type[Request]) -> Callable[[bytes], object]:
        exact = msgspec.defstruct(
            kind.__name__,
            [(name, msgspec.Raw, msgspec.Raw()) for name in _names(kind)],
            rename=_names(kind),
            tag_field="type",
            tag=kind.__struct_config__.tag,
            forbid_unknown_fields=True,
            frozen=True,
        )
        self[kind] = read = msgspec.json.Decoder(exact).decode
        return read


_exact_readers = _ExactReaders()
_SENT: tuple[type[Frozen], ...] = (*WIRE, Said)
_KNOWN = frozenset({"type"}).union(*(_names(kind).values() for kind in _SENT))
"""Fields of any request, and of a message as it is handed out: one that means nothing here is not misspelt."""


def check_fields(line: bytes, request: Request) -> None:
    """Refuse a line whose request was read, but has a field that is nearly one of the request's fields.

    Nearly every line is only read a second time, without its values. Of its unknown fields, the first 16 are looked at;
    none of them can mean a field that the line has as well.
    """
    try:
        _exact_readers[type(request)](line)
    except (ValueError, RecursionError):
        _look_closer(line, request)


def _look_closer(line: bytes, request: Request) -> None:
    kind = type(request)
    fields = msgspec.json.decode(line.decode("latin-1"))
    for name in islice((each for each in fields if each not in _KNOWN), LOOKED_AT):
        meant = next((each for each in nearly(kind, name) if each not in fields), None)
        if meant is not None:
            details: dict[str, object] = {"field": name, "meant": meant}
            refusal = Misspelt(field=name, why=Text(N_("there is no “{field}”; “{meant}” may be meant"), details))
            refusal.request_id, refusal.request_type = request.id, request.wire_name
            raise refusal


@functools.lru_cache(maxsize=1024)
def nearly(kind: type[Request], name: str) -> list[str]:
    """Return the fields of a request that an unknown field's name is nearly."""
    typed = _squeezed(name[: LONGEST + 1])
    return [field for field in _names(kind).values() if _is_nearly(typed, _squeezed(field))]


def _is_nearly(typed: str, known: str) -> bool:
    return typed == known or (len(known) > 2 and (typed == known + "s" or _distance(typed, known) <= _allowed(known)))


def _squeezed(name: str) -> str:
    """Return a name without what is most often wrong in it: capitals, `-` and `_`, doubled letters."""
    return _REPEATED.sub(r"\1", re.sub(r"[\W_]", "", name).lower())


def _allowed(known: str) -> float:
    """Return how many letters may be wrong; of a short word only two that change places, else it is another word."""
    return 0.5 if len(known) < 5 else 1 if len(known) < 8 else 2


def _distance(typed: str, known: str) -> float:
    """Return how many letters are wrong, missing or too many; two that have changed places count half of one."""
    if abs(len(typed) - len(known)) > 2:
        return 3
    before: list[float] = []
    row: list[float] = [*range(len(known) + 1)]
    for i, letter in enumerate(typed, 1):
        before, above, row = row, before, [i]
        for j, wanted in enumerate(known, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == known[j - 2] and typed[i - 2] == wanted:
                cost = min(cost, above[j - 2] + 0.5)
            row.append(cost)
    return row[-1]
