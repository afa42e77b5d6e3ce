"""Command lines to requests: `kick bob 10m flood` is a Kick. The grammar is derived from the requests' fields.

Knows words and fields, not who asks nor what the effects are.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from typing import NoReturn

from classcord.chat import durations
from classcord.chat.operations.vocabulary import CancelShutdown
from classcord.chat.subjects import COMMANDS
from classcord.chat.text import N_, is_readable
from classcord.console.commands.arguments import Arguments, Asked
from classcord.console.commands.grammar import Argument, Grammar, grammar, usage
from classcord.console.commands.usage_errors import UsageError

__all__ = [
    "CLEAR",
    "HELP",
    "LEAVE",
    "OLDER",
    "Argument",
    "Asked",
    "Grammar",
    "UsageError",
    "duration",
    "grammar",
    "may_hold_secret",
    "read",
    "usage",
    "words",
]

LEAVE = frozenset({"exit", "quit", "logout"})
HELP = frozenset({"help", "?"})
CLEAR = frozenset({"clear", "cls"})
OLDER = {"kill": "shutdown"}  # commands of the older consoles
_OLDER_FORM = re.compile(r"([A-Za-z]+):(.*?)((?:\s+--(?:yes|json))*)", re.DOTALL)


def may_hold_secret(line: str) -> bool:
    """Whether a refused line may contain a password: it belongs to a command that asks for one."""
    kind = COMMANDS.get(_name(line.strip())[0])
    return kind is not None and any(argument.kind == "secret" for argument in grammar(kind).options.values())


def duration(text: str) -> float:
    """Return the seconds of 90, 10m, 1h30 or 7 jours; UsageError for anything else."""
    try:
        return durations.parse(text)
    except durations.NoDuration as error:
        raise UsageError(error.text.template, **error.text.values) from None


def read(line: str, is_channel: Callable[[str], bool] = lambda _: False) -> Asked | None:
    """Return the request in a line, None if it is empty; UsageError says what is wrong with it.

    `is_channel` says whether a word is a channel's name without its #, in case the user has forgotten it.
    """
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
    if name in CLEAR and not rest.strip():
        return Asked(clear=True)
    if name in {"shutdown", "restart"} and rest.strip() == "cancel":
        return Asked(request=CancelShutdown())
    kind = COMMANDS.get(name)
    if kind is None:
        _unknown(name)
    return Arguments(kind, rest, is_channel).asked()


def _topic(rest: str) -> str:
    topic = rest.strip().lower()
    topic = OLDER.get(topic, topic)
    if topic and topic not in {*COMMANDS, *LEAVE, *HELP, *CLEAR}:
        _unknown(topic)
    return topic


def _name(line: str) -> tuple[str, str]:
    """Return the command's name and the rest of the line; `KICK:bob` means `kick bob`."""
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


def words(line: Sequence[str]) -> str:
    """Return a command line from words that a shell has already split; with ssh, one word may be the whole line."""
    if len(line) == 1:
        return line[0]
    return " ".join(f'"{w}"' if re.search(r"\s", w) and '"' not in w else w for w in line)
