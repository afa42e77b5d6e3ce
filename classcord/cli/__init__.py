"""The `classcord` command: the modules of its subcommands, named in COMMANDS.

Each such module has `configure(subparsers)`, which adds its parsers and sets `func`. It imports slow modules (Twisted,
the store) only where it uses them: the `configure` of every subcommand runs at every start. Knows no subcommand's work.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import Protocol

from classcord import __version__
from classcord.chat.text import N_
from classcord.cli import chat
from classcord.cli.audit import parser as audit
from classcord.cli.backup import parser as backup
from classcord.cli.cert import parser as cert
from classcord.cli.check_config import parser as check_config
from classcord.cli.ctl import parser as ctl
from classcord.cli.doctor import parser as doctor
from classcord.cli.export import parser as export
from classcord.cli.import_class import parser as import_class
from classcord.cli.import_users import parser as import_users
from classcord.cli.init import parser as init
from classcord.cli.options import Subparsers, names_of
from classcord.cli.restore import parser as restore
from classcord.language import speak, terminal_language, translator


class Subcommand(Protocol):
    """A module that adds subcommands; their `func(arguments)` returns the exit status."""

    def configure(self, subparsers: Subparsers[argparse.ArgumentParser]) -> None: ...


WORDS = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("show this help message and exit"),
    N_("%(prog)s: error: %(message)s\n"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("invalid %(type)s value: %(value)r"),
    N_("unrecognized arguments: %s"),
    N_("the following arguments are required: %s"),
    N_("expected one argument"),
    N_("expected at least one argument"),
    N_("not allowed with argument %s"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("ignored explicit argument %r"),
)
"""Messages of argparse, for our catalogue (`speak`)."""

COMMANDS: tuple[Subcommand, ...] = (
    chat,
    ctl,
    init,
    check_config,
    import_users,
    import_class,
    audit,
    backup,
    restore,
    export,
    doctor,
    cert,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand. Returns 0 if it succeeded, 1 if it failed, 2 if its arguments were refused."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an old terminal shows what it can encode
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.func(arguments))
    except KeyboardInterrupt:
        return 130  # the status by which a shell reports SIGINT
    except BrokenPipeError:  # the reader of our output has ended, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more when it exits
        return 1


def _parser() -> argparse.ArgumentParser:
    _ = translator(terminal_language())
    speak(argparse, terminal_language())
    parser = argparse.ArgumentParser(prog="classcord", description=_("The chat server of a school."))
    parser.add_argument(
        "--version", action="version", version=f"classcord {__version__}", help=_("say which version this is")
    )
    subparsers = parser.add_subparsers(title=_("commands"), metavar=_("COMMAND"), required=True)
    for command in COMMANDS:
        command.configure(subparsers)
    parser.set_defaults(commands=names_of(subparsers))
    return parser
