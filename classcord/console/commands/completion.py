"""The candidates for Tab at the cursor: commands, options, people, channels, choices.

Knows the grammar and lists of names, no key.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Protocol

from classcord.chat.names import channel_key
from classcord.chat.subjects import COMMANDS
from classcord.console.commands.commandline import HELP, LEAVE, Argument, Grammar, grammar

_WORDS = re.compile(r'"[^"]*"?|\S+')


class CompletionNames(Protocol):
    """The names of people and channels."""

    def people(self) -> Iterable[str]: ...
    def accounts(self) -> Iterable[str]: ...
    def channels(self) -> Iterable[str]: ...


def complete(line: str, cursor: int, names: CompletionNames, allowed: Collection[object]) -> tuple[int, list[str]]:
    """Return the index where the word at the cursor begins, and its candidates."""
    before = line[:cursor]
    words = list(_WORDS.finditer(before))
    current = words.pop() if words and words[-1].end() == cursor else None
    start = current.start() if current else cursor
    typed = current.group().lstrip('"') if current else ""
    commands = [name for name, kind in COMMANDS.items() if kind.permission in allowed]
    if not words:
        return start, _beginning(typed, sorted({*commands, "help", "clear", *LEAVE}))
    first = words[0].group().lower()
    if first in HELP:
        return start, _beginning(typed, sorted(commands))
    if first not in commands:
        return start, []
    how = grammar(COMMANDS[first])
    given = [word.group() for word in words[1:]]
    if typed.startswith("--"):
        return start, _beginning(typed, sorted({*how.options, "--json", "--yes", "--help"} - set(given)))
    argument = _argument(how, given)
    return start, _beginning(typed, _candidates(argument, names)) if argument else []


def _argument(how: Grammar, given: list[str]) -> Argument | None:
    """Return the argument to which the word at the cursor belongs."""
    if given and given[-1] in how.options and how.options[given[-1]].kind != "flag":
        return how.options[given[-1]]
    placed = [word for place, word in enumerate(given) if not _is_of_option(how, given, place)]
    if len(placed) < len(how.placed):
        return how.placed[len(placed)]
    return how.placed[-1] if how.placed and how.placed[-1].kind == "channels" else None


def _is_of_option(how: Grammar, given: list[str], place: int) -> bool:
    if given[place].startswith("--"):
        return True
    before = given[place - 1] if place else ""
    return before in how.options and how.options[before].kind != "flag"


def _candidates(argument: Argument, names: CompletionNames) -> list[str]:
    if argument.kind in {"person", "target", "watched"}:
        return sorted({*names.people(), *names.accounts()}, key=str.casefold)
    if argument.kind in {"channel", "channels"}:
        return sorted(names.channels(), key=str.casefold)
    return list(argument.choices)


def _beginning(typed: str, candidates: Iterable[str]) -> list[str]:
    """Return the candidates that begin with the typed text; case, accents and a channel's # do not matter."""
    key = channel_key(typed)
    found = [each for each in candidates if channel_key(each).startswith(key)]
    return [f'"{each}"' if " " in each else each for each in found]
