"""What `trace` shows of a line on the wire: no password, and a private message only if that was asked for.

A line that was decoded is masked by its request: the types of its fields say what is secret, and the chat's own rule
what is private. What no request tells is masked by how it looks: a line that was refused, a field that the request does
not have, a line of the server's. Lines are shown as they were written; in doubt, the rest of a line is hidden. Knows
JSON and the fields of requests, no session.
"""

from __future__ import annotations

import codecs
import functools
import re
from typing import NamedTuple

import msgspec

from classcord.chat.messages.rules import EVERYONE, may_be_private
from classcord.chat.messages.vocabulary import Say
from classcord.chat.requests import Request, secret_fields
from classcord.chat.revisions.vocabulary import Edit
from classcord.chat.subjects import WIRE
from classcord.chat.text_commands.rules import may_be_command
from classcord.services.monitoring.json_places import JSONField, JSONGroup, objects, string
from classcord.wire.json_text import json_text

MASK = "***"
LONGEST = 2_000  # characters of a line that are shown
_READ = 8_000  # characters of a long line that are parsed: masks are shorter than what they hide
_WHOLE = 131_072  # a client's line is parsed whole up to so many characters, for `to` may stand last
_MARKS = 10_000  # and up to so many quotes, brackets and commas: some 5 ms

_SECRET_PARTS = ("pass", "pwd", "mdp", "token", "secret")
_ENVELOPE = frozenset({"type", "subtype", "to", "from", "channel", "id", "message_id", "timestamp"})
_NAMES_NOT_SHOWN = 10  # after so many unknown fields, the others are only counted

# For lines that are not JSON: names of fields, commands that people type by hand, and an escape that hides an ASCII
# letter.
_HIDING_WORDS = r"pass|pwd|mdp|token|secret|[\"'](?:old|new|session|pw)[\"']|authorization|cookie|\\u00[2-7][0-9a-f]"
_HIDING_COMMANDS = r"\A\W*(?:login|register|auth|connect|identify|nick|su)\b"
_PRIVATE_WORDS = (
    r"content|contenu|private|priv[ée]|[\"']to[\"']\s*[:=](?!\s*[\"'](?:global|all|tous|#|[\"']))"
    r"|\A\s*/?(?:msg|w|whisper|tell|mp|pm|dm|query)\b"
)
_OF_A_PASSWORD = re.compile(r"\b(?:login|register|password|auth\w*|connect|identify)\b", re.IGNORECASE)
_NAME = re.compile(r"[\"']?\b([^\W\d]\w*)[\"']?\s*[:=]")
_NOT_SECRET = frozenset({"type", "username", "user", "id", "login"})
_DOUBT = re.compile(f"{_HIDING_WORDS}|{_HIDING_COMMANDS}", re.IGNORECASE)
_DOUBT_PRIVATE = re.compile(f"{_HIDING_WORDS}|{_HIDING_COMMANDS}|{_PRIVATE_WORDS}", re.IGNORECASE)


def _is_secret(name: str) -> bool:
    plain = "".join(c for c in name.casefold() if c.isalnum())
    return plain in _secret_names() or any(part in plain for part in _SECRET_PARTS)


_FIELDS = {str(kind.__struct_config__.tag): {"type", *kind.__struct_encode_fields__} for kind in WIRE}


@functools.cache  # reading the types of all requests takes as long as a tenth of a start, and most servers show no line
def _secret_names() -> frozenset[str]:
    return frozenset({"session", "pw"}).union(*map(secret_fields, WIRE))


@functools.cache
def _types_with_secrets() -> frozenset[str]:
    return frozenset(str(kind.__struct_config__.tag) for kind in WIRE if secret_fields(kind))


class MaskedLine(NamedTuple):
    """A line as it may be shown, and remarks about it."""

    text: str
    remarks: tuple[str, ...] = ()


def incoming(line: bytes, request: Request | None = None, *, private: bool) -> MaskedLine:
    """Mask a line from a client; `request` is what it was decoded as, None where it was not.

    `private` shows the content of private messages.
    """
    remarks = []
    if line.endswith(b"\r"):
        remarks.append("CRLF")
        line = line[:-1]
    if line.startswith(codecs.BOM_UTF8):
        remarks.append("BOM")
        line = line.removeprefix(codecs.BOM_UTF8)
    try:
        text = line.decode()
    except UnicodeDecodeError:
        remarks.append("decoded as windows-1252")
        text = _western(line)
    try:
        value = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        if request is not None and not text.lstrip().startswith("{"):  # of a dialect that is not JSON
            return MaskedLine(_shortened(_masked_words(text, request, private=private), len(line)), tuple(remarks))
        if text and not text.isspace():
            remarks.append("not JSON")
        json_as_a_whole = False
    else:
        remarks += _unknown(value)
        json_as_a_whole = isinstance(value, dict) and len(text) <= _WHOLE and sum(map(text.count, '"[{,')) <= _MARKS
    if json_as_a_whole:
        shown = _shortened(_masked_json(text, request, private=private, ours=False), len(line))
    else:
        shown = _masked_text(text, len(line), private=private)
    return MaskedLine(shown, tuple(remarks))


def outgoing(line: bytes, *, private: bool) -> MaskedLine:
    """Mask a line from the server; `private` shows the content of private messages."""
    text = line.decode("utf-8", "replace")
    shown = _masked_json(text[:_READ], None, private=private, ours=True)
    return MaskedLine(_shortened(shown, len(line), cut=len(text) > _READ))


def _western(line: bytes) -> str:
    try:
        return line.decode("windows-1252")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _unknown(value: object) -> list[str]:
    """Return the fields that no request of that type has."""
    if not isinstance(value, dict):
        return ["not an object"]
    known = _FIELDS.get(str(value.get("type")))
    if known is None:
        return ["unknown type"]
    names = [name[:40] for name in value if name not in known]
    shown = ", ".join(names[:_NAMES_NOT_SHOWN])
    more = f" and {len(names) - _NAMES_NOT_SHOWN} more" if len(names) > _NAMES_NOT_SHOWN else ""
    return [f"unknown field: {shown}{more}"] if names else []


def _shortened(shown: str, size: int, *, cut: bool = False) -> str:
    return f"{shown[:LONGEST]}… ({size} bytes)" if cut or len(shown) > LONGEST else shown


def _masked_text(text: str, size: int, *, private: bool) -> str:
    """Return a line that is not JSON, up to the first word that may announce a secret."""
    found = (_DOUBT if private else _DOUBT_PRIVATE).search(text, 0, LONGEST)
    ends = [found.end()] if found else []
    kind = _OF_A_PASSWORD.search(text, 0, LONGEST)
    if kind is not None:  # in a malformed login, the password may be in any field
        ends += [name.end() for name in _NAME.finditer(text, 0, LONGEST) if name[1].casefold() not in _NOT_SECRET][:1]
        ends += [kind.end()] if _NAME.search(text, 0, LONGEST) is None else []
    return f"{text[: min(ends)]}{MASK}" if ends else _shortened(text, size)


def _masked_words(text: str, request: Request, *, private: bool) -> str:
    """Return a line of a dialect that is not JSON; the fields of its request instead, where one of them is hidden."""
    fields = {name: value for name, value in msgspec.to_builtins(request).items() if value is not None}
    hidden = {name for name in fields if _hides(request, name, private=private)}
    if not hidden:
        return text
    shown = (f"{json_text(name)}: {MASK if name in hidden else json_text(value)}" for name, value in fields.items())
    return f"{{{', '.join(shown)}}}"


def _hides(request: Request, name: str, *, private: bool) -> bool:
    """Whether a field of a request is hidden: it is secret by its type, or what somebody writes to one person."""
    if name in secret_fields(type(request)):
        return True
    if private or name in _ENVELOPE:
        return False
    return isinstance(request, Edit) or (isinstance(request, Say) and may_be_private(request))


def _masked_json(text: str, request: Request | None, *, private: bool, ours: bool) -> str:
    """Return JSON, or the beginning of a line of the server's, with the secret values masked."""
    found = objects(text)
    if request is not None and _is_all_of(found, request):
        fields = [field for field in found[0].fields if _hides(request, field.name, private=private)]
    else:
        fields = [field for each in found for field in _hidden(text, each, private, ours)]
    spans = sorted((field.begin, field.end) for field in fields)
    parts, shown = [], 0  # `shown`: the text is processed up to this index; a span may lie within the previous one
    for begin, end in spans:
        if begin >= shown:
            parts += [text[shown:begin], MASK]
            shown = end
    return "".join([*parts, text[shown:]])


def _is_all_of(found: list[JSONGroup], request: Request) -> bool:
    """Whether a request has all that stands in the JSON it was decoded from: each field once, and no other."""
    names = [field.name for field in found[0].fields]
    return len(found) == 1 and len(names) == len(set(names)) and _FIELDS[request.wire_name].issuperset(names)


def _hidden(text: str, found: JSONGroup, private: bool, ours: bool) -> list[JSONField]:
    """Return the fields of an object whose values must be hidden, by how it looks."""
    values = [(field.name, text[field.begin : field.end]) for field in found.fields]
    kinds = {string(value).casefold() for name, value in values if name.casefold() == "type"}
    known: set[str] = set()
    if not ours:
        known.update(*(_FIELDS[kind] for kind in kinds & _types_with_secrets()))
    hides = not private and (_looks_private(values, kinds) or (not ours and _looks_like_command(values)))
    return [
        field
        for field in found.fields
        if (_is_secret(field.name) and not (ours and _is_code_of_refusal(field.name, text[field.begin : field.end])))
        or (known and field.name not in known)  # a misspelt `password` field contains a password all the same
        or (hides and (field.name.casefold() not in _ENVELOPE or text[field.begin] in "{["))
    ]


def _is_code_of_refusal(name: str, value: str) -> bool:
    """Whether a field of a line of the server's is the `code` of a refusal, and no invitation code."""
    return name == "code" and re.fullmatch('"[a-z_]*"?', value) is not None


def _looks_private(values: list[tuple[str, str]], kinds: set[str]) -> bool:
    """Whether an object is a message for one person, as `is_private` decides (chat/messages/rules.py).

    In doubt it is private: fields that make it private count in upper or lower case, fields that make it public only as
    the server reads them. A field that stands twice must be public twice. A line of the server's may be cut, but all
    these fields come before its content.
    """
    names = {name.casefold() for name, _ in values}
    subtypes = [string(value) for name, value in values if name.casefold() == "subtype"]
    if "edit" in kinds:  # the message that it changes may be a private one
        return True
    if "private" in kinds or "private" in map(str.casefold, subtypes):
        return True
    if "message" not in kinds and names.isdisjoint({"content", "to"}):
        return False
    exact = [string(value) for name, value in values if name == "subtype"]
    if exact and all(subtype in {"global", "channel"} for subtype in exact):
        return False
    channels = [value for name, value in values if name == "channel"]
    if channels and all(value.startswith('"') for value in channels):
        return False
    return not all(_is_everyone(value) for name, value in values if name.casefold() == "to")


def _looks_like_command(values: list[tuple[str, str]]) -> bool:
    """Whether an object of a client's has a text that may be a command, whose words may be for one person."""
    return any(may_be_command(string(value)) for name, value in values if name.casefold() == "content")


def _is_everyone(to: str) -> bool:
    if not to.startswith('"'):
        return to == "null"
    name = string(to)
    return name.startswith("#") or name.casefold() in EVERYONE
