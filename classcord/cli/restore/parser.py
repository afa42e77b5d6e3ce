"""`classcord restore`: replaces the database by a backup. Only its parser is here; run.py does the work."""

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


def _run(_name: str, arguments: argparse.Namespace) -> int:
    from classcord.cli.restore import run as restoring  # noqa: PLC0415 (imports the store)

    return restoring.run(arguments)
