"""`classcord export`: users, messages or the audit trail as a file, for a timer or without a server. Its parser.

The work is in run.py, which imports the store when it runs.
"""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from classcord.cli.options import add_command, day
from classcord.language import terminal_language, translator

if TYPE_CHECKING:
    from classcord.cli.options import Subparsers


def configure(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add this subcommand."""
    _ = translator(terminal_language())
    summary = _("write out users, messages or the audit trail")
    parser = add_command(
        subparsers,
        "export",
        summary,
        _(
            "Write out all users, messages or entries of the audit trail, to a dated file in the folder exports of the "
            "data folder. The server may run. What private messages say is left out unless a reason is given, which is "
            "kept in the audit trail."
        ),
        _run,
    )
    parser.add_argument("what", choices=("users", "messages", "audit"), help=_("what is written out"))
    parser.add_argument("--format", choices=("csv", "json", "ndjson"), default="csv", help=_("default: csv"))
    parser.add_argument("--bom", action="store_true", help=_("begin a CSV as Excel wants it"))
    parser.add_argument(
        "--excel", action="store_true", help=_("a CSV for a French Excel: semicolons, that beginning, readable times")
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "-o", "--output", metavar=_("FILE"), help=_("where to instead; a file there is replaced; - is the output")
    )
    where.add_argument(
        "--keep",
        type=_count,
        default=0,
        metavar=_("COUNT"),
        help=_("remove the older dated files of this kind, so that only so many stay"),
    )
    parser.add_argument(
        "--since", type=day, metavar=_("DAY"), help=_("only what is of this day or later, such as 2026-09-01")
    )
    parser.add_argument("--reason", default="", metavar=_("TEXT"), help=_("why private messages are written out too"))


def _count(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        _ = translator(terminal_language())
        raise argparse.ArgumentTypeError(_("“{text}” is no number from 1 on").format(text=text))
    return int(text)


def _run(_name: str, arguments: argparse.Namespace) -> int:
    from classcord.cli.export import run as export_work  # noqa: PLC0415 (imports Twisted and the store)

    return export_work.run(arguments)
