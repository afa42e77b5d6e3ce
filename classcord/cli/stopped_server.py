"""A server that is not running: what it needs, and its data folder locked while a command works in it.

Knows no command.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from classcord.chat.text import N_
from classcord.language import terminal_language, translator
from classcord.server.first_start import FIRST_ACCOUNT
from classcord.server.startup import Prepared, prepare
from classcord.services.process.datafolder import DataFolder, DataFolderError
from classcord.services.tls.certificates import CERTIFICATE, CertificateError
from classcord.settings import Settings, SettingsError
from classcord.store.ports import StoreError

REFUSED = (SettingsError, DataFolderError, StoreError, CertificateError)
"""Errors that are reported in one line when a folder cannot be locked or prepared."""


class Inventory:
    """What a server needs, and which of it already existed when this object was created."""

    def __init__(self, settings: Settings, data: Path) -> None:
        folder = DataFolder(data)
        self._password = folder.first_password
        self._things = (
            (N_("data folder"), folder.path),
            (N_("database"), settings.storage.path(folder.path)),
            (N_("certificate"), settings.tls.path(folder.path) / CERTIFICATE),
            (N_("first account"), folder.first_password),
        )
        self._before = {path for _name, path in self._things if path.exists()}

    def report(self) -> list[str]:
        """Return lines that say what was created since then, what already existed, and where the password is."""
        _ = translator(terminal_language())
        # the password file is removed when the password is changed
        there = {path for _name, path in self._things if path.exists()}
        width = max(len(_(name)) for name, _path in self._things)
        lines = []
        for heading, paths in ((_("Made:"), there - self._before), (_("There already:"), there & self._before)):
            rows = [f"  {_(name):{width}}  {self._where(path)}" for name, path in self._things if path in paths]
            lines += [heading, *rows] if rows else []
        return lines

    def _where(self, path: Path) -> str:
        if path != self._password:
            return str(path)
        words = translator(terminal_language())(N_("{name}, with the password in {file}"))
        return words.format(name=FIRST_ACCOUNT, file=path)


@contextmanager
def held(settings: Settings, data: Path, *, anew: bool = False) -> Iterator[Prepared]:
    """Lock the data folder and create in it what a server needs, as a start does; release it at the end."""
    prepared = prepare(settings, data, anew=anew)
    try:
        yield prepared
    finally:
        prepared.folder.release()
