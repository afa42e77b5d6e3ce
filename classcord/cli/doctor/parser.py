"""`classcord doctor`: what could stop the server or disturb it. Only its parser is here; run.py does the work."""

from __future__ import annotations

import argparse
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
        "doctor",
        _("say what could go wrong, and what to do about it"),
        _(
            "Look at the server and its machine: settings, rights, disk, database, backups, clock, ports, certificate, "
            "keys and more. Nothing is changed, and a running server is not disturbed. The exit status is 1 if "
            "something needs action."
        ),
        _run,
    )
    add_json(parser)


def _run(_name: str, arguments: argparse.Namespace) -> int:
    from classcord.cli.doctor import run as doctor_work  # noqa: PLC0415 (imports Twisted and cryptography)

    return doctor_work.run(arguments)
