"""`classcord cert ca`, `cert server` and `cert show`: a school's own certificates. Only their parsers are here.

The work is in run.py, which imports cryptography.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from classcord.cli.options import add_command, add_group, add_json
from classcord.language import terminal_language, translator

if TYPE_CHECKING:
    from classcord.cli.options import Subparsers


def configure(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add this subcommand."""
    _ = translator(terminal_language())
    summary = _("make the certificates of a school, or show the server's")
    actions = add_group(subparsers, "cert", summary)
    authority = add_command(
        actions,
        "ca",
        _("make the school's certificate authority"),
        _(
            "Make a certificate authority that is valid for ten years. Who trusts it trusts every certificate that it "
            "signs: keep its key off the server if you can (--directory, on a USB stick)."
        ),
        _run,
    )
    authority.add_argument(
        "--name", required=True, metavar=_("NAME"), help=_("what people see who trust it, such as “Lycée Jean Moulin”")
    )
    server = add_command(
        actions,
        "server",
        _("make a certificate for the server, signed by the school's authority"),
        _(
            "Make a key and a certificate for these names and addresses, by which clients reach the server, and put "
            "both in the folder of [tls]. It is valid for 397 days. A running server takes it within a minute, and "
            "nobody is disconnected."
        ),
        _run,
    )
    server.add_argument(
        "names",
        nargs="+",
        metavar=_("NAME-OR-ADDRESS"),
        help=_("a host name or an address, such as chat.lycee.example"),
    )
    server.add_argument(
        "--force", action="store_true", help=_("replace a certificate that ClassCord has not made, too")
    )
    for with_authority in (authority, server):
        with_authority.add_argument(
            "--directory",
            type=Path,
            metavar=_("FOLDER"),
            help=_("the folder of the authority (default: ca in the data folder)"),
        )
    show = add_command(
        actions, "show", _("show the server's certificate"), _("Show the certificate in the folder of [tls]."), _run
    )
    add_json(show)


def _run(name: str, arguments: argparse.Namespace) -> int:
    from classcord.cli.cert import run as cert_work  # noqa: PLC0415 (imports cryptography)

    return cert_work.run(name, arguments)
