"""How each command is written: its arguments, made from the fields of its request.

Knows requests and their fields, no line that anybody typed.
"""

from __future__ import annotations

import functools
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from classcord.chat.requests import Request


class Argument(NamedTuple):
    """A field of a request as it is given on a command line."""

    name: str
    kind: str  # person, channel, target, words, secret, duration, choice, number, flag or text
    required: bool
    choices: tuple[str, ...] = ()
    default: object = None

    @property
    def option(self) -> str:
        return "--" + self.name.rstrip("_").replace("_", "-")


class Grammar(NamedTuple):
    """The arguments of one command: those that stand by their place, and those that are named."""

    placed: tuple[Argument, ...]
    options: dict[str, Argument]

    @property
    def all(self) -> tuple[Argument, ...]:
        """All of them, each once."""
        return (*self.placed, *(a for a in self.options.values() if a not in self.placed))


@functools.cache
def grammar(kind: type[Request]) -> Grammar:
    """Return how a command is written."""
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
    """Return what kind of value a field's type is, and its choices."""
    if get_origin(hint) is Annotated:
        for meta in hint.__metadata__:
            if isinstance(meta, msgspec.Meta) and meta.extra and "kind" in meta.extra:
                return str(meta.extra["kind"]), ()
        return _kind(get_args(hint)[0])
    if get_origin(hint) is Literal:
        return "choice", get_args(hint)
    if hint is bool:
        return "flag", ()
    if hint in {int, float}:
        return "number", ()
    parts = [part for part in get_args(hint) if part is not type(None)]
    return _kind(parts[0]) if parts else ("text", ())


def usage(kind: type[Request]) -> str:
    """Return a command's form: `kick USER [DURATION] [REASON...]`."""
    words = [str(kind.command)]
    for argument in grammar(kind).placed:
        word = argument.name.rstrip("_").upper() + ("..." if argument.kind == "words" else "")
        if argument.kind == "choice":
            word = "|".join(argument.choices)
        words.append(word if argument.required else f"[{word}]")
    placed = grammar(kind).placed
    for option, argument in grammar(kind).options.items():
        if argument not in placed and argument.kind != "secret":
            words.append(f"[{option}]" if argument.kind == "flag" else f"[{option} {argument.name.upper()}]")
    return " ".join(words)
