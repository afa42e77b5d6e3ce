"""What the subcommands' parsers share: how a subcommand is added, and the options that locate the server.

Knows no subcommand.
"""

from __future__ import annotations

import argparse
import functools
import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from classcord.language import refused, terminal_language, translator

Subparsers = argparse._SubParsersAction  # generic only for the type checker; it has no public name
Run = Callable[[str, argparse.Namespace], int]
"""Runs a command, given its name and arguments; returns the exit status."""


def add_command(
    subparsers: Subparsers[argparse.ArgumentParser], name: str, summary: str, description: str, run: Run
) -> argparse.ArgumentParser:
    """Add a command with the options that it shares with `twistd classcord`."""
    parser = subparsers.add_parser(name, help=summary, description=description)
    add_place_options(parser)
    _ = translator(terminal_language())
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="overrides",
        metavar=_("SECTION.KEY=VALUE"),
        help=_("change one setting; may be given several times, wins over the file"),
    )
    parser.set_defaults(func=functools.partial(run, name))
    return parser


def add_group(
    subparsers: Subparsers[argparse.ArgumentParser], name: str, summary: str
) -> Subparsers[argparse.ArgumentParser]:
    """Add a command with subcommands of its own; return where they are added."""
    _ = translator(terminal_language())
    parser = subparsers.add_parser(name, help=summary, description=summary)
    return parser.add_subparsers(title=_("commands"), metavar=_("COMMAND"), required=True)


def names_of(subparsers: Subparsers[argparse.ArgumentParser]) -> list[str]:
    """Return the names of the commands as they are typed, such as `backup` and `cert ca`."""
    names = []
    for name, parser in subparsers.choices.items():
        groups = [action for action in parser._actions if isinstance(action, Subparsers)]  # it has no public name
        names += [f"{name} {inner}" for group in groups for inner in group.choices] or [name]
    return names


def add_place_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for settings and data; an installed package sets their defaults by two environment variables."""
    _ = translator(terminal_language())
    parser.add_argument(
        "-c",
        "--config",
        default=os.environ.get("CLASSCORD_CONFIG"),
        metavar=_("FILE"),
        help=_("settings file (default: etc/classcord.toml if it is there)"),
    )
    parser.add_argument(
        "-d",
        "--data",
        type=Path,
        default=os.environ.get("CLASSCORD_DATA", "var"),
        metavar=_("FOLDER"),
        help=_("the server's data folder (default: var)"),
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    _ = translator(terminal_language())
    parser.add_argument("--json", action="store_true", help=_("report as one JSON object, for scripts"))


_PACKAGE = Path("/usr/lib/classcord")  # where the Debian package keeps its programs; a script in PATH calls them


def program(name: str) -> str:
    """Return how to call a program of this installation: by name if PATH contains this program, else by path."""
    called = Path(sys.argv[0])
    beside = called.with_name(name)
    if called.name != "classcord" or not beside.is_file():
        return name
    found = shutil.which(name)
    if found is None:
        return str(beside)
    return name if _PACKAGE in beside.parents or beside.samefile(found) else str(beside)


def as_started(text: str, arguments: argparse.Namespace) -> str:
    """Return a text in which each `classcord …` can be pasted: called as this program was, for the same server.

    Which words behind `classcord` are commands, `arguments.commands` says.
    """
    given = []
    if arguments.config and arguments.config != os.environ.get("CLASSCORD_CONFIG"):
        given += ["--config", str(arguments.config)]
    if str(arguments.data) != os.environ.get("CLASSCORD_DATA", "var"):
        given += ["--data", str(arguments.data)]

    def started(found: re.Match[str]) -> str:
        place = "" if "--data" in found[2] or not given else f" {shlex.join(given)}"
        return f"{shlex.quote(program('classcord'))} {found[1]}{place}{found[2]}"

    ours = "|".join(map(re.escape, arguments.commands))
    return re.sub(rf"(?<![\w/.-])classcord ((?:{ours})\b)(?! --help)([^;`]*)", started, text)


def say_refused(error: Exception, arguments: argparse.Namespace) -> int:
    """Print in one line why a subcommand was refused; return the exit status."""
    print(as_started(refused(error), arguments), file=sys.stderr)
    return 2


def day(text: str) -> date:
    """Parse an argument as a date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        _ = translator(terminal_language())
        raise argparse.ArgumentTypeError(_("“{text}” is no day such as 2026-09-01").format(text=text)) from None
