"""The work of `classcord audit verify` and `purge`: `verify` only reads, `purge` locks the data folder.

Knows neither parsers nor a reactor.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from classcord.chat.text import is_readable
from classcord.cli.interaction import confirmed
from classcord.cli.options import say_refused
from classcord.language import terminal_language, translator
from classcord.services.administration.signing_keys import PUBLIC_KEY, TrailKeyError, public_key, signing_key
from classcord.services.process.datafolder import DataFolder, DataFolderError
from classcord.settings import Settings, SettingsError, chosen
from classcord.store.ports import Head, Store, StoreError, TrailVerdict
from classcord.store.urls import store_at
from classcord.wire.json_text import json_text

REFUSED = (SettingsError, DataFolderError, StoreError, TrailKeyError)


def run(name: str, arguments: argparse.Namespace) -> int:
    """Run the subcommand `name`. Returns 0 for success, 1 for findings or if nothing was done, 2 if it was refused."""
    try:
        return _WORK[name](arguments)
    except REFUSED as error:
        return say_refused(error, arguments)


def _store(settings: Settings, data: Path) -> Store:
    return store_at(settings.storage.url, data, synchronous=settings.storage.synchronous)


def _key(file: Path | None, data: Path) -> Ed25519PublicKey | None:
    """Return the key in the given file, or the data folder's key if there is one."""
    if file is not None:
        return public_key(file)
    own = data / PUBLIC_KEY
    return public_key(own) if os.path.lexists(own) else None


# -- verify -----------------------------------------------------------------------------------------------------------


def _verify(arguments: argparse.Namespace) -> int:
    settings = chosen(arguments.config, arguments.overrides)
    data = arguments.data.absolute()
    key = _key(arguments.public_key, data)
    known = Head(*arguments.head) if arguments.head else None
    with _store(settings, data).chain() as chain:
        verdict = chain.verify(key, known)
    print(json_text(_as_json(verdict), only_ascii=True) if arguments.json else "\n".join(_report(verdict)))
    return 1 if verdict.findings else 0


def _report(verdict: TrailVerdict) -> list[str]:
    _ = translator(terminal_language())
    head = f"{verdict.head.id}:{verdict.head.hash}"
    lines = _findings(verdict)
    if lines:
        lines.append(_("{count} entries, findings: {findings}").format(count=verdict.rows, findings=len(lines)))
    else:
        words = _("{count} entries, chain unbroken, head {head} (write it down: --head compares it later)")
        lines.append(words.format(count=verdict.rows, head=head))
    if verdict.checkpoints:
        lines.append(_("Purges: {count}").format(count=verdict.checkpoints))
    if verdict.erased:
        lines.append(_("Fields erased: {count}").format(count=verdict.erased))
    return lines


def _findings(verdict: TrailVerdict) -> list[str]:
    """Return one line a finding; text from the file is shown without control characters."""
    _ = translator(terminal_language())
    lines = (finding.render(_) for finding in verdict.findings)
    return ["".join(c if is_readable(c) else "?" for c in line) for line in lines]


def _as_json(verdict: TrailVerdict) -> dict[str, object]:
    return {
        "entries": verdict.rows,
        "erased": verdict.erased,
        "purges": verdict.checkpoints,
        "head": f"{verdict.head.id}:{verdict.head.hash}",
        "findings": _findings(verdict),
    }


# -- purge ------------------------------------------------------------------------------------------------------------


def _purge(arguments: argparse.Namespace) -> int:
    _ = translator(terminal_language())
    settings = chosen(arguments.config, arguments.overrides)
    folder = DataFolder(arguments.data)
    store = _store(settings, folder.path)
    with store.chain():
        pass  # no database is created in a folder that has none
    day = arguments.before
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings.server.timezone))
    before = int(midnight.timestamp() * 1000)
    folder.hold()
    try:
        with store.chain(writes=True) as chain:
            verdict = chain.verify(_key(None, folder.path))
            if verdict.findings:
                print("\n".join(_findings(verdict)), file=sys.stderr)
                if not arguments.force:
                    words = _("Nothing was removed: keep a copy of {path} first, then purge with --force.")
                    print(words.format(path=store.file), file=sys.stderr)
                    return 1
            last = chain.last_to_purge(before)
            if last is None:
                print(_("There are no entries before {day}.").format(day=day))
                return 0
            words = _("Remove the entries before {day}, up to {id}, for good?").format(day=day, id=last.id)
            refused = _("Nothing was removed: without a terminal, --yes confirms it.")
            if not (arguments.yes or confirmed(words, refused)):
                return 1
            purged = chain.purge(before, signing_key(folder.path), int(time.time() * 1000))
            assert purged is not None
            print(_("Entries removed: {count}").format(count=purged.rows))
    finally:
        folder.release()
    return 0


_WORK: dict[str, Callable[[argparse.Namespace], int]] = {"verify": _verify, "purge": _purge}
