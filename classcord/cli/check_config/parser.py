"""`classcord check-config`: are the settings valid? Only its parser is here; run.py does the work."""

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
    add_command(
        subparsers,
        "check-config",
        _("say whether the settings are right"),
        _("Say “ok”, or what is wrong with the settings. A running server is not disturbed."),
        _run,
    )


def _run(_name: str, arguments: argparse.Namespace) -> int:
    from classcord.cli.check_config import run as check  # noqa: PLC0415 (imports the settings)

    return check.run(arguments)
