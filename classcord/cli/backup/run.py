"""The work of `classcord backup`, with or without a running server.

Knows neither parsers nor a reactor.
"""

from __future__ import annotations

import argparse
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

from classcord.chat.events import Answer, Bytes, Row, Time, called
from classcord.chat.retention.durations import months_before
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339
from classcord.cli.backup.older_schema import say_older
from classcord.cli.interaction import failed, progress
from classcord.cli.options import say_refused
from classcord.console.commands import tables
from classcord.language import terminal_language, translator
from classcord.services.backups.backup import Backups, ListedBackup, MadeBackup, Rotation
from classcord.services.files.content_folder import ContentFolder
from classcord.services.process.datafolder import DataFolder, DataFolderError
from classcord.settings import Settings, SettingsError, chosen
from classcord.store.ports import Store, StoreError, Unsound
from classcord.store.urls import store_at
from classcord.wire.json_text import json_text

REFUSED = (SettingsError, DataFolderError, StoreError)


class BackupInfo(Row, frozen=True, kw_only=True, gc=False):
    """An existing backup."""

    file: str
    at: Time
    bytes: Bytes


class BackupsListed(Answer, frozen=True, kw_only=True, gc=False):
    """The existing backups, the newest first."""

    backups: tuple[BackupInfo, ...]


class BackupChecked(Answer, frozen=True, kw_only=True, gc=False):
    """A backup that can be restored, and its contents."""

    status: str = "ok"
    file: str
    schema: int
    messages: int
    accounts: int

    labels = called(schema=N_("schema"))


def run(arguments: argparse.Namespace) -> int:
    """Do what the options say. Returns 0 for success, 1 if it failed or a backup is damaged, 2 if it was refused."""
    work = _verify if arguments.verify else _list if arguments.list else _backup
    try:
        return work(arguments, chosen(arguments.config, arguments.overrides))
    except REFUSED as error:
        return say_refused(error, arguments)


def _store(data: DataFolder, settings: Settings) -> Store:
    return store_at(settings.storage.url, data.path, synchronous=settings.storage.synchronous)


def _backup(arguments: argparse.Namespace, settings: Settings) -> int:
    data = DataFolder(arguments.data)
    store = _store(data, settings)
    if not store.file.is_file():
        raise StoreError(N_("{path}: {why}"), path=store.file, why=Text(N_("there is no database")))
    backups = Backups(data.backups, store.copies, time.time, ContentFolder(data.files))
    try:
        with progress() as told:
            made = backups.make(
                store.file,
                Rotation(*msgspec.structs.astuple(settings.backup)),
                told,
                oldest=months_before(time.time(), settings.retention.backups) / 1000,
                by_hand=not arguments.scheduled,
            )
    except Unsound as error:
        return failed(N_("no backup was made: {why}"), why=error.text)
    if arguments.json:
        print(json_text(_made_json(made), only_ascii=True))
    else:
        _print(made.told(), settings)
    return 0


def _made_json(made: MadeBackup) -> dict[str, object]:
    fields: dict[str, object] = msgspec.to_builtins(made.told())
    return {"status": "ok", **fields, "schema": made.contents.schema, "removed": [str(file) for file in made.removed]}


def _list(arguments: argparse.Namespace, settings: Settings) -> int:
    data = DataFolder(arguments.data)
    found = Backups(data.backups, _store(data, settings).copies, time.time).listed()
    answer = BackupsListed(backups=tuple(map(_info, found)))
    if arguments.json:
        print(tables.as_json(answer))
    else:
        _print(answer, settings)
    return 0


def _info(backup: ListedBackup) -> BackupInfo:
    return BackupInfo(file=str(backup.file), at=rfc3339(int(backup.when.timestamp() * 1000)), bytes=backup.size)


def _verify(arguments: argparse.Namespace, settings: Settings) -> int:
    file: Path = arguments.verify
    copies = _store(DataFolder(arguments.data), settings).copies
    try:
        with _place_to_read(arguments.data) as folder, progress() as told:
            contents = Backups(folder, copies, time.time).verify(file, told)
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
        say_older(contents)
    return 0


@contextmanager
def _place_to_read(data: Path) -> Iterator[Path]:
    """Yield a folder in which a backup may be expanded: the backups' folder, or a temporary one."""
    folder = DataFolder(data).backups
    if folder.is_dir():
        yield folder
        return
    with TemporaryDirectory(prefix="classcord-") as other:
        yield Path(other)


def _print(answer: Any, settings: Settings) -> None:
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    _ = translator(terminal_language())
    timezone = ZoneInfo(settings.server.timezone)
    print(tables.render(answer, columns=columns, colour=False, translate=_, timezone=timezone), end="")
