"""What `classcord backup` and `restore` do with the database: the one beside a server, the other instead of it.

Knows neither parsers nor a reactor.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from classcord.chat.effects import Commit
from classcord.chat.events import Answer, Row
from classcord.chat.rules import trail
from classcord.chat.text import N_, Text, readable
from classcord.chat.times import rfc3339
from classcord.cli.options import as_started, program
from classcord.cli.restore.restoring import Restore, Restored
from classcord.cli.terminal import confirmed, failed, login_name, progress
from classcord.console.commands import tables
from classcord.language import refused, terminal_language, translator
from classcord.services.backups.backup import Backups, Keep, Listed, Made
from classcord.services.process.datafolder import DataFolder, DataFolderError
from classcord.settings import Settings, SettingsError, chosen
from classcord.store.ports import Contents, Unsound
from classcord.store.sqlite import copying
from classcord.store.sqlite.database import store_now
from classcord.store.sqlite.migrate import SchemaError
from classcord.wire.json_text import json_text

REFUSED = (SettingsError, DataFolderError, SchemaError)


class BackupInfo(Row, frozen=True, kw_only=True, gc=False):
    """A backup that is there."""

    file: str
    at: str
    bytes: int


class BackupsListed(Answer, frozen=True, kw_only=True, gc=False):
    """The backups that are there, the newest first."""

    backups: tuple[BackupInfo, ...]


class BackupChecked(Answer, frozen=True, kw_only=True, gc=False):
    """A backup that can be restored, and what is in it."""

    status: str = "ok"
    file: str
    schema: int
    messages: int
    accounts: int


def run(name: str, arguments: argparse.Namespace) -> int:
    """Do what the command `name` says: 0 done, 1 it failed or a backup is no good, 2 refused, with why."""
    work = _restore if name == "restore" else _verify if arguments.verify else _list if arguments.list else _backup
    try:
        return work(arguments, chosen(arguments.config, arguments.overrides))
    except REFUSED as error:
        print(as_started(refused(error), arguments), file=sys.stderr)
        return 2


# -- backup -----------------------------------------------------------------------------------------------------------


def _backup(arguments: argparse.Namespace, settings: Settings) -> int:
    data = DataFolder(arguments.data)
    database = settings.storage.path(data.path)
    if not database.is_file():
        raise SchemaError(N_("{path}: {why}"), path=database, why=Text(N_("there is no database")))
    backups = Backups(data.backups, copying, time.time)
    try:
        with progress() as told:
            made = backups.make(
                database, Keep(*msgspec.structs.astuple(settings.backup)), told, by_hand=not arguments.scheduled
            )
    except Unsound as error:
        return failed(N_("no backup was made: {why}"), why=error.text)
    if arguments.json:
        print(json_text(_made_json(made), only_ascii=True))
    else:
        _print(made.told(), settings)
    return 0


def _made_json(made: Made) -> dict[str, object]:
    fields: dict[str, object] = msgspec.to_builtins(made.told())
    return {"status": "ok", **fields, "schema": made.contents.schema, "removed": [str(file) for file in made.removed]}


def _list(arguments: argparse.Namespace, settings: Settings) -> int:
    found = Backups(DataFolder(arguments.data).backups, copying, time.time).listed()
    answer = BackupsListed(backups=tuple(map(_info, found)))
    if arguments.json:
        print(tables.as_json(answer))
    else:
        _print(answer, settings)
    return 0


def _info(backup: Listed) -> BackupInfo:
    return BackupInfo(file=str(backup.file), at=rfc3339(int(backup.when.timestamp() * 1000)), bytes=backup.size)


def _verify(arguments: argparse.Namespace, settings: Settings) -> int:
    file: Path = arguments.verify
    try:
        with _place_to_read(arguments.data) as folder, progress() as told:
            contents = Backups(folder, copying, time.time).verify(file, told)
    except Unsound as error:
        if arguments.json:
            print(json_text({"status": "bad", "file": str(file), "why": error.text.render()}, only_ascii=True))
            return 1
        return failed("{file}: {why}", file=file, why=error.text)
    checked = BackupChecked(
        file=str(file), schema=contents.schema, messages=contents.messages, accounts=contents.accounts
    )
    if arguments.json:
        print(tables.as_json(checked))
    else:
        _print(checked, settings)
        _say_older(contents)
    return 0


@contextmanager
def _place_to_read(data: Path) -> Iterator[Path]:
    """Yield a folder in which a backup may be expanded: that of the backups, or one for the time being."""
    folder = DataFolder(data).backups
    if folder.is_dir():
        yield folder
        return
    with TemporaryDirectory(prefix="classcord-") as other:
        yield Path(other)


# -- restore ----------------------------------------------------------------------------------------------------------


def _restore(arguments: argparse.Namespace, settings: Settings) -> int:
    file: Path = arguments.file
    if not file.is_file():  # before a data folder is made for it
        why = N_("this is not a file") if os.path.lexists(file) else N_("there is no such file")
        return failed("{file}: {why}", file=file, why=Text(why))
    folder = DataFolder(arguments.data)
    folder.hold()
    database = settings.storage.path(folder.path)
    try:
        folder.make_folders(database)
        restore = Restore(database, copying, time.time)
        try:
            with progress() as told:
                contents = restore.check(file, told, needs_sum=not arguments.without_sum)
            if not (arguments.yes or _confirmed(contents, database)):
                return 1
            if contents.schema == contents.newest:
                _note(restore.hidden, settings, file, contents)
            restored = restore.commit(contents)
        finally:
            restore.discard()
    except Unsound as error:
        return failed(N_("nothing was restored: {file}: {why}"), file=file, why=error.text)
    finally:
        folder.release()
    _report(restored, arguments, database)
    return 0


def _note(database: Path, settings: Settings, file: Path, contents: Contents) -> None:
    """Write into the audit trail that begins again here that it does."""
    after = {"messages": contents.messages, "user": login_name()}
    entry = trail.entry(None, time.time(), ("restored", "file", file.name, None, after), actor="restore")
    store_now(database, settings.storage.synchronous, [Commit(None, (entry,))])


def _report(restored: Restored, arguments: argparse.Namespace, database: Path) -> None:
    _ = translator(terminal_language())
    contents, before = restored
    if arguments.json:
        fields = {"database": str(database), "before": str(before) if before else None}
        print(json_text({"status": "ok", **fields, **msgspec.to_builtins(contents)}, only_ascii=True))
        return
    words = _("{file} is restored: {messages} messages, {accounts} accounts.")
    print(readable(words.format(file=arguments.file, messages=contents.messages, accounts=contents.accounts)))
    _say_older(contents)
    if before is not None:
        words = _("What was there before is kept in {folder}. To go back: {command}")
        command = [program("classcord"), "restore", str(before), "--data", str(arguments.data)]
        command += ["--config", arguments.config] if arguments.config else []
        command += [word for override in arguments.overrides for word in ("--set", override)]
        print(readable(words.format(folder=before.parent, command=shlex.join(command))))


def _say_older(contents: Contents) -> None:
    if contents.schema < contents.newest:
        _ = translator(terminal_language())
        words = _("It is of an older ClassCord (schema {schema}): the next start brings it to schema {newest}.")
        print(words.format(schema=contents.schema, newest=contents.newest))


def _confirmed(contents: Contents, database: Path) -> bool:
    _ = translator(terminal_language())
    question = _("Put this backup ({messages} messages, {accounts} accounts) in the place of {database}?")
    words = question.format(messages=contents.messages, accounts=contents.accounts, database=database)
    return confirmed(words, _("Nothing was restored: without a terminal, --yes confirms it."))


# -- on the terminal --------------------------------------------------------------------------------------------------


def _print(answer: Any, settings: Settings) -> None:
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    _ = translator(terminal_language())
    timezone = ZoneInfo(settings.server.timezone)
    print(tables.render(answer, columns=columns, colour=False, translate=_, timezone=timezone), end="")
