"""`classcord import-class`: makes accounts and channels of a class list. Only its parser is here; run.py works."""

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
        "import-class",
        _("make accounts, channels and slips of a class list"),
        _(
            "Compare a class list (CSV of Pronote, SIECLE or a spreadsheet) with what is stored, and say who is new, "
            "who moves and who is gone. With --apply, make the accounts with one-time passwords, a private channel for "
            "each class and group, and the slips to hand out. Nobody is deleted at once. The server may "
            "run; only a new year wants it stopped."
        ),
        _run,
    )
    parser.add_argument("file", type=Path, metavar=_("FILE"), help=_("the class list"))
    add_json(parser)
    parser.add_argument("--apply", action="store_true", help=_("store it; without this, it is only shown"))
    parser.add_argument("--gone", action="store_true", help=_("let who is not on the list any more leave its channels"))
    parser.add_argument(
        "--adopt", action="store_true", help=_("accounts and channels that no list has made are those of this list")
    )
    parser.add_argument(
        "--new-year",
        default="",
        metavar=_("YEAR"),
        help=_(
            "begin a school year, such as 2027, with the list of the whole school: close the channels of before, make "
            "new ones, shut out who is not on the list any more, and erase them some months later"
        ),
    )
    parser.add_argument("--class", dest="one_class", default="", metavar=_("NAME"), help=_("the class of all of it"))
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar=_("NAME=FIELD"),
        help=_("what a column is: nom, prenom, eleve, classe, groupes, identifiant or email"),
    )
    parser.add_argument(
        "--teacher", action="append", default=[], metavar=_("ACCOUNT"), help=_("who is in each channel of the list")
    )
    parser.add_argument("--slips", type=Path, metavar=_("FOLDER"), help=_("where the slips go (default: DATA/slips)"))
    parser.add_argument("--server", default="", metavar=_("ADDRESS"), help=_("the server's address on the slips"))
    parser.add_argument("--web", default="", metavar=_("ADDRESS"), help=_("the web page's address on the slips"))


def _run(_name: str, arguments: argparse.Namespace) -> int:
    from classcord.cli.import_class import run as importing  # noqa: PLC0415 (imports Twisted and the store)

    return importing.run(arguments)
