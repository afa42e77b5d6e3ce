"""The commands of whoever runs a server: `classcord init`, `check-config`, `import-users`. Here are only their parsers.

What they do is in server_work.py, which needs Twisted and the store and is imported when one of them runs.
"""

from __future__ import annotations

import argparse
import functools
from pathlib import Path
from typing import TYPE_CHECKING

from classcord.language import terminal_language, translator

if TYPE_CHECKING:
    from classcord.cli import Subparsers


def configure(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add these commands to the command."""
    _ = translator(terminal_language())
    _add(
        subparsers,
        "init",
        _("make what a server needs, and say where it is"),
        _(
            "Make the data folder, its database, a TLS certificate and the first account, as the first start would. "
            "What is there already stays as it is."
        ),
    )
    _add(
        subparsers,
        "check-config",
        _("say whether the settings are right"),
        _("Say “ok”, or what is wrong with the settings. A running server is not disturbed."),
    )
    parser = _add(
        subparsers,
        "import-users",
        _("take over the accounts of an older server"),
        _(
            "Take over accounts from users.pkl, from a CSV table or from an SQLite database. The server has to be "
            "stopped. A name that exists is reported and stays as it is, so that a file may be imported again."
        ),
    )
    parser.add_argument("file", type=Path, metavar=_("FILE"), help=_("the pickle, the table or the database"))
    parser.add_argument("--json", action="store_true", help=_("report as one JSON object, for scripts"))
    parser.add_argument("--dry-run", action="store_true", help=_("report what would be done; add no account"))


def _add(
    subparsers: Subparsers[argparse.ArgumentParser], name: str, summary: str, description: str
) -> argparse.ArgumentParser:
    """Add a command with the options that it shares with `twistd classcord`."""
    parser = subparsers.add_parser(name, help=summary, description=description)
    add_shared_options(parser)
    parser.set_defaults(func=functools.partial(_run, name))
    return parser


def add_shared_options(parser: argparse.ArgumentParser) -> None:
    """Add the options by which every command finds its server, as `twistd classcord` does."""
    _ = translator(terminal_language())
    parser.add_argument(
        "-c", "--config", metavar=_("FILE"), help=_("settings file (default: etc/classcord.toml if it is there)")
    )
    parser.add_argument(
        "-d", "--data", type=Path, default="var", metavar=_("FOLDER"), help=_("the server's data folder (default: var)")
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="overrides",
        metavar="SECTION.KEY=VALUE",
        help=_("change one setting; may be given several times, wins over the file"),
    )


def _run(name: str, arguments: argparse.Namespace) -> int:
    from classcord.cli import server_work  # noqa: PLC0415 (imports Twisted and the store)

    return server_work.run(name, arguments)
