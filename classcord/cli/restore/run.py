"""The work of `classcord restore`: while it runs, it holds the lock of the data folder, so that no server starts.

Knows neither parsers nor a reactor.
"""

from __future__ import annotations

import argparse
import os
import shlex
import time
from pathlib import Path

import msgspec

from classcord.chat.audit import trail
from classcord.chat.effects import Commit
from classcord.chat.text import N_, Text, readable
from classcord.cli.backup.older_schema import say_older
from classcord.cli.interaction import confirmed, failed, login_name, progress
from classcord.cli.options import program, say_refused
from classcord.cli.restore.restoring import Restore, Restored
from classcord.language import terminal_language, translator
from classcord.services.files.content_folder import ContentFolder
from classcord.services.process.datafolder import DataFolder, DataFolderError
from classcord.settings import Settings, SettingsError, chosen
from classcord.store.ports import Contents, Store, StoreError, Unsound
from classcord.store.urls import store_at
from classcord.wire.json_text import json_text

REFUSED = (SettingsError, DataFolderError, StoreError)


def run(arguments: argparse.Namespace) -> int:
    """Restore a backup. Returns 0 for success, 1 if it failed or the backup is damaged, 2 if it was refused."""
    try:
        return _restore(arguments, chosen(arguments.config, arguments.overrides))
    except REFUSED as error:
        return say_refused(error, arguments)


def _restore(arguments: argparse.Namespace, settings: Settings) -> int:
    file: Path = arguments.file
    if not file.is_file():  # before a data folder is created for it
        why = N_("this is not a file") if os.path.lexists(file) else N_("there is no such file")
        return failed("{file}: {why}", file=file, why=Text(why))
    folder = DataFolder(arguments.data)
    folder.hold()
    store = store_at(settings.storage.url, folder.path, synchronous=settings.storage.synchronous)
    database = store.file
    try:
        folder.make_folders(database)
        restore = Restore(database, store.copies, time.time)
        try:
            with progress() as told:
                contents = restore.check(file, told, needs_sum=not arguments.without_sum)
            if not (arguments.yes or _confirmed(contents, database)):
                return 1
            if contents.schema == contents.newest:
                _note(store.in_file(restore.hidden), file, contents)
            missing = restore.bring_files(file, ContentFolder(folder.files))
            restored = restore.commit(contents)
            restore.set_files_aside(restored, ContentFolder(folder.files))
        finally:
            restore.discard()
    except Unsound as error:
        return failed(N_("nothing was restored: {file}: {why}"), file=file, why=error.text)
    finally:
        folder.release()
    _report(restored, missing, arguments, database)
    return 0


def _note(store: Store, file: Path, contents: Contents) -> None:
    """Write the restore into the audit trail, which begins again here."""
    after = {"messages": contents.messages, "user": login_name()}
    entry = trail.entry(None, time.time(), ("restored", "file", file.name, None, after), actor="restore")
    store.write_now([Commit(None, (entry,))])


def _report(restored: Restored, missing: int, arguments: argparse.Namespace, database: Path) -> None:
    _ = translator(terminal_language())
    contents, before = restored
    if arguments.json:
        fields = {"database": str(database), "before": str(before) if before else None, "files_missing": missing}
        print(json_text({"status": "ok", **fields, **msgspec.to_builtins(contents)}, only_ascii=True))
        return
    words = _("{file} is restored: {messages} messages, {accounts} accounts.")
    print(readable(words.format(file=arguments.file, messages=contents.messages, accounts=contents.accounts)))
    say_older(contents)
    if missing:
        words = _("Of the files in messages, {count} are missing: look for the folder `files` beside the backup.")
        print(readable(words.format(count=missing)))
    if before is not None:
        words = _("What was there before is kept in {folder}. To go back: {command}")
        command = [program("classcord"), "restore", str(before), "--data", str(arguments.data)]
        command += ["--config", arguments.config] if arguments.config else []
        command += [word for override in arguments.overrides for word in ("--set", override)]
        print(readable(words.format(folder=before.parent, command=shlex.join(command))))


def _confirmed(contents: Contents, database: Path) -> bool:
    _ = translator(terminal_language())
    question = _("Put this backup ({messages} messages, {accounts} accounts) in the place of {database}?")
    words = question.format(messages=contents.messages, accounts=contents.accounts, database=database)
    return confirmed(words, _("Nothing was restored: without a terminal, --yes confirms it."))
