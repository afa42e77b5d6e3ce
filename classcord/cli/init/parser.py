"""`classcord init`: prepares a server for its first start. Only its parser is here; run.py does the work."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from classcord.cli.options import add_command
from classcord.language import terminal_language, translator

if TYPE_CHECKING:
    from classcord.cli.options import Subparsers


def configure(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add this subcommand."""
    _ = translator(terminal_language())
    parser = add_command(
        subparsers,
        "init",
        _("make what a server needs, and say where it is"),
        _(
            "Make the data folder, its database, a TLS certificate and the first account, as the first start would. "
            "What is there already stays as it is."
        ),
        _run,
    )
    parser.add_argument(
        "--new", action="store_true", help=_("begin anew where a server has run and its database is missing")
    )


def _run(_name: str, arguments: argparse.Namespace) -> int:
    from classcord.cli.init import run as make_ready  # noqa: PLC0415 (imports Twisted and the store)

    return make_ready.run(arguments)
