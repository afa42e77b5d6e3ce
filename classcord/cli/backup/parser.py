"""`classcord backup`: backups of the database. Only its parser is here; run.py does the work."""

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
    backup = add_command(
        subparsers,
        "backup",
        _("make a backup of the database, check one, or list them"),
        _(
            "Write a backup to the folder backups of the data folder, read it again to its end, and remove the old "
            "ones that the section [backup] of the settings does not keep. The server may run. What a person has "
            "asked for is called …-by-hand, and no rotation of the hours, days and weeks takes it: a timer says "
            "--scheduled."
        ),
        _run,
    )
    what = backup.add_mutually_exclusive_group()
    what.add_argument("--verify", type=Path, metavar=_("FILE"), help=_("only say whether a backup can be restored"))
    what.add_argument("--list", action="store_true", help=_("only list the backups that there are"))
    what.add_argument(
        "--scheduled",
        action="store_true",
        help=_("for a timer: a backup that only the rotation keeps, not one by hand"),
    )
    add_json(backup)


def _run(_name: str, arguments: argparse.Namespace) -> int:
    from classcord.cli.backup import run as backing_up  # noqa: PLC0415 (imports the store)

    return backing_up.run(arguments)
