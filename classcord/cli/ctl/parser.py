"""`classcord ctl`: the administrators' console, or one of its commands, on the server's machine.

Only its parser is here; run.py does the work with standard sockets.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from classcord.cli.options import add_place_options
from classcord.language import terminal_language, translator

if TYPE_CHECKING:
    from classcord.cli.options import Subparsers


def configure(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add this subcommand."""
    _ = translator(terminal_language())
    parser = subparsers.add_parser(
        "ctl",
        help=_("administer the running server: its console, or one command"),
        description=_(
            "Open the console of the server that runs with this data folder, or run one of its commands: "
            "`classcord ctl who --json`. It goes by a socket in the data folder, without a key and without SSH."
        ),
    )
    add_place_options(parser)
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar=_("COMMAND"), help=_("a command of the console"))
    parser.set_defaults(func=_run)


def _run(arguments: argparse.Namespace) -> int:
    from classcord.cli.ctl import run as ctl_client  # noqa: PLC0415 (terminals and sockets, for this command alone)

    return ctl_client.run(arguments.data / "control", arguments.command)
