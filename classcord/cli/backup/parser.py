"""`classcord backup` and `classcord restore`: keeping what was said, and getting it back. Here are only their parsers.

What they do is in backup_work.py, which imports the store when one of them runs.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from classcord.cli.options import add_command, add_json
from classcord.language import terminal_language, translator

if TYPE_CHECKING:
    from classcord.cli.options import Subparsers


def configure(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add these commands to the command."""
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
    restore = add_command(
        subparsers,
        "restore",
        _("put a backup in the place of the database"),
        _(
            "Check a backup to its end and put it in the place of the database, which is kept beside it. The server "
            "has to be stopped."
        ),
        _run,
    )
    restore.add_argument("file", type=Path, metavar=_("FILE"), help=_("the backup"))
    restore.add_argument("--yes", action="store_true", help=_("do not ask"))
    add_json(restore)
    restore.add_argument(
        "--without-sum", action="store_true", help=_("restore a backup whose .sha256 is lost, or is not its sum")
    )


def _run(name: str, arguments: argparse.Namespace) -> int:
    from classcord.cli.backup import run as backup_work  # noqa: PLC0415 (imports the store)

    return backup_work.run(name, arguments)
