"""The finding of a check: its level, one sentence, and the remedy. Knows no check and no terminal."""

from __future__ import annotations

import errno
import shlex
from enum import Enum
from pathlib import Path

import msgspec

from classcord.chat.text import N_, Text, shown_path
from classcord.system_errors import in_words


class Level(Enum):
    """How serious a finding is: all right, could be better, needs action."""

    OK = "ok"
    ADVICE = "advice"
    PROBLEM = "problem"


class Finding(msgspec.Struct, frozen=True):
    """One finding; `remedy` is a command if there is one."""

    level: Level
    text: Text
    remedy: Text | None = None


def _found(level: Level, template: str, remedy: str, values: dict[str, object]) -> Finding:
    """Return a finding; a path in a remedy is quoted, because people copy it into a shell."""
    quoted = {
        name: shlex.quote(shown_path(value)) if isinstance(value, Path) else value for name, value in values.items()
    }
    return Finding(level, Text(template, values), Text(remedy, quoted) if remedy else None)


def ok(template: str, **values: object) -> Finding:
    return Finding(Level.OK, Text(template, values))


def advice(template: str, remedy: str = "", **values: object) -> Finding:
    """Return a finding whose sentence and remedy share their values."""
    return _found(Level.ADVICE, template, remedy, values)


def problem(template: str, remedy: str = "", **values: object) -> Finding:
    """Return a finding whose sentence and remedy share their values."""
    return _found(Level.PROBLEM, template, remedy, values)


def no_entry(place: Path, why: Text | None = None) -> Finding:
    """Return the finding for a file or folder that we may not read."""
    return problem(
        N_("{place} cannot be looked into: {why}"),
        ASK_AGAIN,
        place=place,
        owner=owner(place),
        why=why or in_words(errno.EACCES),
    )


ASK_AGAIN = N_("ask as the user that the server runs as: sudo -u {owner} classcord doctor")


def owner(place: Path) -> str:
    """Return the owner of a file or folder; if we may not see it, the package's name for the server's user."""
    try:
        return place.owner()
    except (OSError, KeyError):
        return "classcord"
