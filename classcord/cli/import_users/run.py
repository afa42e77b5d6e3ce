"""The work of `classcord import-users`, while no server runs: it reads, checks, stores and reports a file.

Knows no file format.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from classcord.chat.text import Text
from classcord.cli.import_users.importing import ImportReport
from classcord.cli.import_users.new_accounts import NewAccounts
from classcord.cli.import_users.older_files import read_users
from classcord.cli.options import say_refused
from classcord.cli.stopped_server import REFUSED, Inventory, held
from classcord.cli.tables.refusing import ImportRefused
from classcord.language import terminal_language, translator
from classcord.server.startup import Prepared
from classcord.services.process.datafolder import DataFolder
from classcord.settings import Settings, StorageSettings, TLSSettings, chosen
from classcord.store.urls import store_at
from classcord.wire.json_text import json_text

MAX_NOTES = 20  # remarks on one file; more are only counted


def run(arguments: argparse.Namespace) -> int:
    """Import the file. Returns the exit status, 2 after one line that says why it was refused."""
    try:
        return _import_users(arguments)
    except (*REFUSED, ImportRefused) as error:
        return say_refused(error, arguments)


def _import_users(arguments: argparse.Namespace) -> int:
    notes: list[Text] = []
    rows = read_users(arguments.file, heading=not arguments.no_heading, tell=notes.append)
    settings = chosen(arguments.config, arguments.overrides, arguments.data)
    before = Inventory(settings, arguments.data)
    store = store_at(settings.storage.url, arguments.data.absolute())
    is_new = not store.file.exists()
    # without a database, a dry run must not pretend a first start either
    DataFolder(arguments.data).check_not_lost(store.file, store.log)
    with _rehearsal(settings) if is_new and arguments.dry_run else held(settings, arguments.data) as prepared:
        if is_new and not arguments.dry_run:
            print("\n".join(before.report()), file=sys.stderr)
        newcomers = NewAccounts(prepared.hub)
        report = newcomers.check(rows)
        merely_existing = [row for row in report.skipped if newcomers.existed(row)]
        if not arguments.dry_run:
            newcomers.store(prepared, report)
    _print_notes(notes)
    _print_report(report, arguments)
    return 0 if len(merely_existing) == len(report.skipped) else 1


@contextmanager
def _rehearsal(settings: Settings) -> Iterator[Prepared]:
    """Prepare what a first start would create, in a temporary folder."""
    with TemporaryDirectory() as folder:
        elsewhere = msgspec.structs.replace(settings, tls=TLSSettings(), storage=StorageSettings())
        with held(elsewhere, Path(folder)) as prepared:
            yield prepared


def _print_notes(notes: Sequence[Text]) -> None:
    """Print to standard error which lines were skipped or interpreted, a line each."""
    _ = translator(terminal_language())
    for note in notes[:MAX_NOTES]:
        print(f"classcord: {note.render(_)}", file=sys.stderr)
    if len(notes) > MAX_NOTES:
        print(_("classcord: and {count} remarks more").format(count=len(notes) - MAX_NOTES), file=sys.stderr)


def _print_report(report: ImportReport, arguments: argparse.Namespace) -> None:
    _ = translator(terminal_language())
    if arguments.json:
        print(json_text({"dry_run": arguments.dry_run, **report.as_json(_)}, only_ascii=True))
        return
    if arguments.dry_run:
        print(_("Nothing was stored; this is what would be done:"))
    if arguments.list:
        print("".join(f"{line}\n" for line in report.render_added()), end="")
    print("\n".join(report.render(_)))
