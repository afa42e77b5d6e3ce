"""The grammar of each command: its arguments, derived from the fields of its request.

Knows requests and their fields, no typed line.
"""

from __future__ import annotations

import functools
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from classcord.chat.requests import Request
from classcord.chat.text import N_, Text, Translate


class Argument(NamedTuple):
    """A field of a request as an argument of a command line."""

    name: str
    kind: str  # person, channel, channels, target, words, secret, duration, choice, switch, number, flag or text
    required: bool
    choices: tuple[str, ...] = ()
    default: object = None

    @property
    def option(self) -> str:
        return "--" + self.name.rstrip("_").replace("_", "-")

    @property
    def field(self) -> str:
        """The field whose codes it accepts (chat/words.py)."""
        return self.name.rstrip("_") if self.kind in {"choice", "switch", "text"} else ""


class Grammar(NamedTuple):
    """The arguments of one command: positional ones, and named ones."""

    placed: tuple[Argument, ...]
    options: dict[str, Argument]

    @property
    def all(self) -> tuple[Argument, ...]:
        """Every argument, once."""
        return (*self.placed, *(a for a in self.options.values() if a not in self.placed))


@functools.cache
def grammar(kind: type[Request]) -> Grammar:
    """Return a command's grammar."""
    hints = get_type_hints(kind, include_extras=True)
    fields = {f.name: f for f in msgspec.structs.fields(kind) if f.name != "id"}
    arguments = {name: _argument(name, hints[name], field) for name, field in fields.items()}
    placed = tuple(arguments[name] for name in kind.arguments)
    named = [a for a in arguments.values() if not (a.required and a in placed) and a.kind != "hidden"]
    return Grammar(placed, {argument.option: argument for argument in named})


def _argument(name: str, hint: Any, field: msgspec.structs.FieldInfo) -> Argument:
    kind, choices = _kind(hint)
    if kind == "text" and name in {"subtype", "from_"}:
        kind = "hidden"
    default = None if field.required else field.default
    return Argument(name, kind, field.required, choices, default)


def _kind(hint: Any) -> tuple[str, tuple[str, ...]]:
    """Return the kind of value for a field's type, and its choices."""
    if get_origin(hint) is Annotated:
        for meta in hint.__metadata__:
            if isinstance(meta, msgspec.Meta) and meta.extra and "kind" in meta.extra:
                return str(meta.extra["kind"]), tuple(meta.extra.get("choices", ()))
        return _kind(get_args(hint)[0])
    if get_origin(hint) is Literal:
        return "choice", get_args(hint)
    if hint is bool:
        return "flag", ()
    if set(get_args(hint)) == {bool, type(None)}:
        return "switch", ("on", "off")
    if hint in {int, float}:
        return "number", ()
    parts = [part for part in get_args(hint) if part is not type(None)]
    return _kind(parts[0]) if parts else ("text", ())


_SWITCH = N_("on|off")
PLACEHOLDERS = {
    "action": N_("ACTION"),
    "actor": N_("ACTOR"),
    "address": N_("ADDRESS"),
    "addresses": N_("ADDRESSES"),
    "after": N_("NUMBER"),
    "around": N_("NUMBER"),
    "before": N_("NUMBER"),
    "channel": N_("CHANNEL"),
    "code_id": N_("NUMBER"),
    "content": N_("CONTENT"),
    "conversation": N_("KEY"),
    "days": N_("NUMBER"),
    "delay": N_("DELAY"),
    "description": N_("DESCRIPTION"),
    "duration": N_("DURATION"),
    "following": N_("USER"),
    "format": N_("FORMAT"),
    "from": N_("AUTHOR"),
    "into": N_("CHANNEL"),
    "held_id": N_("NUMBER"),
    "kind": N_("KIND"),
    "level": N_("LEVEL"),
    "limit": N_("LIMIT"),
    "message_id": N_("NUMBER"),
    "messages": N_("MESSAGES"),
    "note": N_("NOTE"),
    "report_id": N_("NUMBER"),
    "outcome": N_("OUTCOME"),
    "name": N_("NAME"),
    "only": N_("ONLY"),
    "order": N_("ORDER"),
    "other": N_("OTHER"),
    "page": N_("PAGE"),
    "password": N_("PASSWORD"),
    "policy": N_("POLICY"),
    "private": N_("PRIVATE"),
    "query": N_("WORDS"),
    "reason": N_("REASON"),
    "slow": N_("DURATION"),
    "reply_to": N_("NUMBER"),
    "role": N_("ROLE"),
    "search": N_("WORDS"),
    "since": N_("DATE"),
    "state": N_("STATE"),
    "target": N_("TARGET"),
    "to": N_("TO"),
    "topic": N_("TOPIC"),
    "until": N_("DATE"),
    "uses": N_("USES"),
    "user": N_("USER"),
    "username": N_("USERNAME"),
    "what": N_("WHAT"),
    "write": N_("WRITE"),
}
"""The placeholder for an argument in a command's usage, to be translated."""


def placeholder(argument: Argument) -> Text:
    """Return the placeholder for an argument in a command's usage."""
    if argument.kind == "switch":
        return Text(_SWITCH)
    name = argument.name.rstrip("_")
    return Text(PLACEHOLDERS.get(name, name.upper()))


def usage_text(kind: type[Request]) -> Text:
    """Return a command's usage as a translatable text: `kick USER [DURATION] [REASON...]`."""
    words = ["{command_}"]  # as a value, so that `who` is not translated
    values: dict[str, object] = {"command_": str(kind.command)}
    placed = grammar(kind).placed
    for argument in placed:
        values[argument.name] = placeholder(argument)
        word = f"{{{argument.name}}}" + ("..." if argument.kind in {"words", "channels"} else "")
        if argument.kind in {"choice", "switch"}:
            word = "|".join(argument.choices)
        words.append(word if argument.required else f"[{word}]")
    for option, argument in grammar(kind).options.items():
        if argument not in placed and argument.kind != "secret":
            values[argument.name] = placeholder(argument)
            words.append(f"[{option}]" if argument.kind == "flag" else f"[{option} {{{argument.name}}}]")
    return Text(" ".join(words), values)


def usage(kind: type[Request], translate: Translate = str) -> str:
    """Return a command's usage in one language."""
    return usage_text(kind).render(translate)
