"""`classcord audit verify` and `classcord audit purge`: check whether the audit trail was altered; make it shorter.

Only their parsers are here; the work is in run.py, which is imported when one of them runs.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from classcord.cli.options import add_command, add_group, add_json, day
from classcord.language import terminal_language, translator

if TYPE_CHECKING:
    from classcord.cli.options import Subparsers


def configure(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add this subcommand."""
    _ = translator(terminal_language())
    summary = _("check the audit trail, or remove its oldest entries")
    actions = add_group(subparsers, "audit", summary)
    verify = add_command(
        actions,
        "verify",
        _("say whether the audit trail is as it was written"),
        _(
            "Say whether an entry was altered, removed or put in, and print the head of the chain. The server may run. "
            "Who can write the database can write a whole new trail: only a head that was written down elsewhere "
            "before, given with --head, shows that."
        ),
        _run,
    )
    add_json(verify)
    verify.add_argument(
        "--head", type=_head, metavar=_("ID:HASH"), help=_("a head that was printed before: it has to be in the chain")
    )
    verify.add_argument(
        "--public-key",
        type=Path,
        metavar=_("FILE"),
        help=_("the key that purges are checked by, where you have a copy (default: audit_key.pub in the data folder)"),
    )
    purge = add_command(
        actions,
        "purge",
        _("remove the entries before a day"),
        _(
            "Remove the entries before a day for good, and leave a signed note of it, so that the rest can be checked "
            "still. The server has to be stopped."
        ),
        _run,
    )
    purge.add_argument(
        "--before", type=day, required=True, metavar=_("DAY"), help=_("the first day that stays, such as 2026-09-01")
    )
    purge.add_argument("--yes", action="store_true", help=_("do not ask"))
    purge.add_argument("--force", action="store_true", help=_("purge a trail in which something is wrong as well"))


def _head(text: str) -> tuple[int, str]:
    if not re.fullmatch(r"[0-9]{1,18}:[0-9a-fA-F]{64}", text):
        _ = translator(terminal_language())
        raise argparse.ArgumentTypeError(
            _("“{text}” is no head as `classcord audit verify` prints it").format(text=text)
        )
    number, _colon, chained = text.partition(":")
    return int(number), chained.lower()


def _run(name: str, arguments: argparse.Namespace) -> int:
    from classcord.cli.audit import run as audit_work  # noqa: PLC0415 (imports the store)

    return audit_work.run(name, arguments)
