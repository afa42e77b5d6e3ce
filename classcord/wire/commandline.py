"""Command lines to requests: `kick bob 10m flood` is a Kick. The grammar comes from the requests' own fields.

Knows words and fields, not who asks nor what follows.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple, NoReturn, get_args, get_origin, get_type_hints

import msgspec

from classcord.chat.requests import COMMANDS, CancelShutdown, Request
from classcord.chat.text import N_, Text, is_readable

LEAVE = frozenset({"exit", "quit", "logout"})
HELP = frozenset({"help", "?"})
OLDER = {"kill": "shutdown"}  # commands of the older consoles
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(?:\d+[smhdw])+|\d+")
_WORD = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|((?:[^\s"'\\]|\\.)(?:[^\s\\]|\\.)*))(?=\s|$)""", re.DOTALL)
_OLDER_FORM = re.compile(r"([A-Za-z]+):(.*?)((?:\s+--(?:yes|json))*)", re.DOTALL)


class UsageError(Exception):
    """A line that is no command; `text` says what is wrong and what would be right."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render())


class Asked(NamedTuple):
    """What a line asks: a request, help (of one command, or "" for all of them), or to leave."""

    request: Request | None = None
    help: str | None = None
    leave: bool = False
    json: bool = False
    yes: bool = False


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


def may_hold_secret(line: str) -> bool:
    """Whether a line that is refused may have a password in it: it is of a command that asks for one."""
    kind = COMMANDS.get(_name(line.strip())[0])
    return kind is not None and any(argument.kind == "secret" for argument in grammar(kind).options.values())


def duration(text: str) -> float:
    """Return the seconds of 90, 10m, 2h or 1h30m; UsageError for anything else."""
    if not _DURATION.fullmatch(text) or len(text) > 20:
        raise UsageError(N_("“{word}” is no duration; write 90 (seconds), 10m, 2h or 7d"), word=text)
    if text.isdecimal():
        return float(text)
    return float(sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([smhdw])", text)))


def read(line: str) -> Asked | None:
    """Return what a line asks, None if it is empty; UsageError says what is wrong with it."""
    line = line.strip()
    if not line or line.startswith("#"):
        return None
    if not all(is_readable(each) or each == "\t" for each in line):
        raise UsageError(N_("a command has no control characters"))
    name, rest = _name(line)
    if name in LEAVE:
        return Asked(leave=True)
    if name in HELP:
        return Asked(help=_topic(rest))
    if name in {"shutdown", "restart"} and rest.strip() == "cancel":
        return Asked(request=CancelShutdown())
    kind = COMMANDS.get(name)
    if kind is None:
        _unknown(name)
    return _Reading(kind, rest).asked()


def _topic(rest: str) -> str:
    topic = rest.strip().lower()
    topic = OLDER.get(topic, topic)
    if topic and topic not in COMMANDS:
        _unknown(topic)
    return topic


def _name(line: str) -> tuple[str, str]:
    """Return the command's name and what follows it; `KICK:bob` is `kick bob`."""
    found = _OLDER_FORM.fullmatch(line)
    if found and (found[1].lower() in COMMANDS or found[1].lower() in OLDER):
        name, parts, options = found[1], found[2].split(":"), found[3]
        rest = " ".join([*map(_quoted, parts), options])
    else:
        name, _, rest = line.replace("\t", " ").partition(" ")
    name = name.lower()
    return OLDER.get(name, name), rest


def _quoted(part: str) -> str:
    part = part.strip()
    return f'"{part}"' if " " in part and '"' not in part else part


def _unknown(name: str) -> NoReturn:
    near = difflib.get_close_matches(name, COMMANDS, 1)
    if near:
        raise UsageError(N_("there is no command “{name}”; did you mean {near}?"), name=name, near=near[0])
    raise UsageError(N_("there is no command “{name}”; `help` lists them"), name=name)


class _Reading:
    """The words of one line, read from the left."""

    def __init__(self, kind: type[Request], rest: str) -> None:
        self._kind = kind
        self._rest = rest
        self._grammar = grammar(kind)
        self._places = list(self._grammar.placed)
        self._values: dict[str, Any] = {}
        self._json = self._yes = self._help = False
        self._options_end = False

    def asked(self) -> Asked:
        while self._rest.strip():
            if self._options_end or not self._rest.lstrip().startswith("--"):
                self._place()
            else:
                self._option()
        if self._help:
            return Asked(help=str(self._kind.command))
        for argument in self._places:
            if argument.required:
                self._wrong(N_("{name} is missing"), name=argument.name.rstrip("_").upper())
        return Asked(request=self._request(), json=self._json, yes=self._yes)

    def _request(self) -> Request:
        try:
            return msgspec.convert({"type": self._kind.__struct_config__.tag, **self._renamed()}, self._kind)
        except msgspec.ValidationError as error:
            found = re.search(r"`\$\.(\w+)`|field `(\w+)`", str(error))
            name = (found[1] or found[2]) if found else "?"
            self._wrong(N_("{name} is not what it should be"), name=name.rstrip("_").upper())

    def _renamed(self) -> dict[str, Any]:
        """Return the values by their fields' names on the wire."""
        names = {field.name: field.encode_name for field in msgspec.structs.fields(self._kind)}
        return {names[name]: value for name, value in self._values.items()}

    def _wrong(self, template: str, **values: object) -> NoReturn:
        raise UsageError(N_("{why}; usage: {usage}"), why=Text(template, values), usage=usage(self._kind))

    def _place(self) -> None:
        """Take a word, or all that is left, for the next argument that stands by its place."""
        while self._places:
            argument = self._places[0]
            if argument.name in self._values:  # it was given by its name
                self._places.pop(0)
                continue
            if argument.kind == "words":
                self._places.pop(0)
                self._values[argument.name] = self._all_words()
                return
            word, rest = self._next()
            if not argument.required and not _fits(argument, word, self._places[1:]):
                self._places.pop(0)
                continue
            self._places.pop(0)
            self._rest = rest
            self._values[argument.name] = self._value(argument, word)
            return
        self._wrong(N_("“{word}” is too much"), word=self._rest.strip().split()[0][:40])

    def _all_words(self) -> str:
        """Return the rest as it was typed, without quotes around all of it; the options at its very end are taken."""
        text = self._rest.strip()
        while not self._options_end:
            found = re.search(r"(?:^|\s)--(json|yes)$", text)
            if found is None:
                break
            self._switch(f"--{found[1]}")
            text = text[: found.start()].rstrip()
        self._rest = ""
        match = _WORD.fullmatch(text)
        if match and match[3] is None:
            return match[1].replace('\\"', '"').replace("\\\\", "\\") if match[1] is not None else match[2]
        options = [o for o, a in self._grammar.options.items() if a.kind != "words" and a not in self._grammar.placed]
        first = next((o for o in options if re.search(rf"(?:^|\s){o}(?:[=\s]|$)", text)), None)
        if first is not None and not self._options_end:
            place = re.search(rf"(?:^|\s){first}(?:[=\s]|$)", text)
            assert place is not None
            self._rest = text[place.start() :]
            return text[: place.start()].strip()
        return text

    def _next(self) -> tuple[str, str]:
        """Return the next word without its quotes, and what follows it."""
        found = _WORD.match(self._rest)
        if found is None:
            self._wrong(N_("a quotation mark is not closed"))
        if found[1] is not None:
            word = re.sub(r"\\(.)", r"\1", found[1])
        elif found[2] is not None:
            word = found[2]
        else:
            word = re.sub(r"\\(.)", r"\1", found[3])
        return word, self._rest[found.end() :]

    def _option(self) -> None:
        word, rest = self._next()
        self._rest = rest
        if word == "--":
            self._options_end = True
            return
        if self._switch(word):
            return
        name, equals, value = word.partition("=")
        argument = self._grammar.options.get(name)
        if argument is None:
            self._wrong(N_("there is no option {option}"), option=name[:40])
        if argument.kind == "secret":
            self._wrong(N_("a password is not written in the command, where it would be kept; it is asked for"))
        if argument.kind == "flag":
            self._values[argument.name] = True
            return
        if not equals:
            if not self._rest.strip():
                self._wrong(N_("{option} needs a value"), option=name)
            value, self._rest = self._next()
        self._values[argument.name] = self._value(argument, value)

    def _switch(self, word: str) -> bool:
        """Take an option that every command has."""
        if word == "--json":
            self._json = True
        elif word == "--yes":
            self._yes = True
        elif word == "--help":
            self._help = True
        else:
            return False
        return True

    def _value(self, argument: Argument, word: str) -> object:
        if argument.kind == "duration":
            return duration(word)
        if argument.kind == "number":
            if not word.isdecimal() or len(word) > 16:
                self._wrong(N_("{name} is a whole number"), name=argument.name.upper())
            return int(word)
        if argument.kind == "choice" and word not in argument.choices:
            self._wrong(
                N_("{name} is one of {choices}"), name=argument.name.upper(), choices=", ".join(argument.choices)
            )
        return word


def _fits(argument: Argument, word: str, following: Sequence[Argument]) -> bool:
    """Whether a word is for an argument that may be left out: a duration has its form, and a channel its #.

    The # may be left out too where the word can be nothing else: in `topic dev`, but not in `say dev`.
    """
    if argument.kind == "duration":
        return _DURATION.fullmatch(word) is not None
    if argument.kind == "channel" and not word.startswith("#"):
        kinds = {each.kind for each in following if each.required or each.kind == "number"}
        return "words" not in kinds and not ("number" in kinds and word.isdecimal())
    return True


def words(line: Sequence[str]) -> str:
    """Return a command line of words that a shell has parted already."""
    return " ".join(f'"{w}"' if re.search(r"\s", w) and '"' not in w else w for w in line)
