"""`classcord import-users`: imports the accounts of an older server. Only its parser is here; run.py does the work."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from classcord.cli.options import add_command, add_json
from classcord.language import terminal_language, translator

if TYPE_CHECKING:
    from classcord.cli.options import Subparsers


def configure(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add this subcommand."""
    _ = translator(terminal_language())
    parser = add_command(
        subparsers,
        "import-users",
        _("take over the accounts of an older server"),
        _(
            "Take over accounts from users.pkl, from a CSV table or from an SQLite database. The server has to be "
            "stopped. A name that exists is reported and stays as it is, so that a file may be imported again."
        ),
        _run,
    )
    parser.add_argument("file", type=Path, metavar=_("FILE"), help=_("the pickle, the table or the database"))
    add_json(parser)
    parser.add_argument("--dry-run", action="store_true", help=_("report what would be done; add no account"))
    parser.add_argument("--list", action="store_true", help=_("name each account that is added, with what is known"))
    parser.add_argument(
        "--no-heading", action="store_true", help=_("the first line of the table is an account, whatever it looks like")
    )


def _run(_name: str, arguments: argparse.Namespace) -> int:
    from classcord.cli.import_users import run as importing  # noqa: PLC0415 (imports Twisted and the store)

    return importing.run(arguments)
