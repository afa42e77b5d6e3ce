"""What `classcord init`, `check-config` and `import-users` do, beside a server that is not running.

They open the data folder as the server does, and hold it while they work. Knows neither parsers nor a reactor.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from classcord.chat.effects import Commit
from classcord.chat.errors import BadUsername, ChatError, NameOfKey, ServerFault, UsernameTaken
from classcord.chat.hub import Hub
from classcord.chat.lookalikes import looks
from classcord.chat.names import check_alias, check_username, name_key
from classcord.chat.passwords import forms
from classcord.chat.records import UserAdded
from classcord.chat.requests import Register
from classcord.chat.roles import Role
from classcord.chat.rules import trail
from classcord.chat.rules.registration import check_new_account, new_account
from classcord.chat.text import N_, Text
from classcord.cli.import_users.importing import (
    ImportedUser,
    ImportRefused,
    ImportReport,
    Row,
    Skipped,
    import_users,
)
from classcord.cli.import_users.older_files import read_users
from classcord.cli.options import as_started, program
from classcord.language import refused, terminal_language, translator
from classcord.server.first_start import FIRST_ACCOUNT
from classcord.server.startup import Prepared, prepare
from classcord.services.passwords.local import CONTEXT
from classcord.services.process.datafolder import DataFolder, DataFolderError
from classcord.services.tls.certificates import CERTIFICATE, CertificateError
from classcord.settings import DEFAULT_FILE, TLS, Settings, SettingsError, Storage, chosen
from classcord.store.sqlite.migrate import SchemaError
from classcord.wire.json_text import json_text

REFUSED = (SettingsError, DataFolderError, SchemaError, CertificateError, ImportRefused)
MAX_NOTES = 20  # remarks on one file; more are counted
BATCH = 100  # accounts stored in one transaction: a second or two of hashing, at the most lost to a Ctrl-C


def run(name: str, arguments: argparse.Namespace) -> int:
    """Do what the command `name` says; return its exit status, 2 after one line that says why it was refused."""
    try:
        return _WORK[name](arguments)
    except REFUSED as error:
        print(as_started(refused(error), arguments), file=sys.stderr)
        return 2


# -- init and check-config --------------------------------------------------------------------------------------------


def _check_config(arguments: argparse.Namespace) -> int:
    chosen(arguments.config, arguments.overrides, arguments.data)
    if not arguments.config and not DEFAULT_FILE.exists():
        _ = translator(terminal_language())
        print(_("There is no {file} here: these are the built-in defaults.").format(file=DEFAULT_FILE), file=sys.stderr)
    print("ok")
    return 0


def _init(arguments: argparse.Namespace) -> int:
    _ = translator(terminal_language())
    settings = chosen(arguments.config, arguments.overrides, arguments.data)
    before = _Inventory(settings, arguments.data)
    with _held(settings, arguments.data, anew=arguments.new):
        print("\n".join(before.report()))
    command = [program("twistd"), "-n", "classcord", "--data", str(arguments.data)]
    command += ["--config", arguments.config] if arguments.config else []
    command += [word for override in arguments.overrides for word in ("--set", override)]
    if "CLASSCORD_DATA" not in os.environ:  # a package and a container have their own way
        print(_("Start the server: {command}").format(command=shlex.join(command)))
    return 0


class _Inventory:
    """What a server needs, and which of it was there when this was made."""

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
        """Return the lines that say what was made since, what was there already, and where the password is."""
        _ = translator(terminal_language())
        there = {path for _name, path in self._things if path.exists()}  # the password goes when it is changed
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
def _held(settings: Settings, data: Path, *, anew: bool = False) -> Iterator[Prepared]:
    prepared = prepare(settings, data, anew=anew)
    try:
        yield prepared
    finally:
        prepared.folder.release()


# -- import-users -----------------------------------------------------------------------------------------------------


def _import_users(arguments: argparse.Namespace) -> int:
    notes: list[Text] = []
    rows = read_users(arguments.file, heading=not arguments.no_heading, tell=notes.append)
    settings = chosen(arguments.config, arguments.overrides, arguments.data)
    before = _Inventory(settings, arguments.data)
    database = settings.storage.path(arguments.data.absolute())
    is_new = not database.exists()
    DataFolder(arguments.data).check_not_lost(database)  # nor is a dry run one of a first start
    with _rehearsal(settings) if is_new and arguments.dry_run else _held(settings, arguments.data) as prepared:
        if is_new and not arguments.dry_run:
            print("\n".join(before.report()), file=sys.stderr)
        newcomers = _Newcomers(prepared.hub)
        report = newcomers.check(rows)
        merely_existing = [row for row in report.skipped if newcomers.existed(row)]
        if not arguments.dry_run:
            newcomers.store(prepared, report)
    _print_notes(notes)
    _print_report(report, arguments)
    return 0 if len(merely_existing) == len(report.skipped) else 1


@contextmanager
def _rehearsal(settings: Settings) -> Iterator[Prepared]:
    """Prepare what a first start would find, in a folder that is gone afterwards."""
    with TemporaryDirectory() as folder:
        elsewhere = msgspec.structs.replace(settings, tls=TLS(), storage=Storage())
        with _held(elsewhere, Path(folder)) as prepared:
            yield prepared


def _print_notes(notes: Sequence[Text]) -> None:
    """Tell on standard error what of the file was passed over or taken for something, a line each."""
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


class _Newcomers:
    """The accounts of a file that may be added: checked as a registration is, and against each other."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._users: list[tuple[ImportedUser, Register]] = []
        self._looks: set[str] = set()  # of the names of the file

    def check(self, rows: Sequence[Row]) -> ImportReport:
        """Return the report of a file, as it is when all that may be added is stored."""
        checking = import_users(rows, self._check)
        try:
            checking.send(None)
        except StopIteration as done:
            report: ImportReport = done.value
            return report
        raise AssertionError("nothing in it waits")

    async def _check(self, user: ImportedUser) -> None:
        state = self._hub.state
        asked = self._as_registration(user)
        if name_key(user.username) in self._hub.reserved:
            raise NameOfKey(field="username", name=user.username)
        check_new_account(self._hub, asked)
        self._check_looks(asked)
        state.promised.add(name_key(user.username))
        if user.alias:
            state.promised.add(name_key(user.alias))
        self._users.append((user, asked))

    def _check_looks(self, asked: Register) -> None:
        """Refuse a name that looks like another one of the same file."""
        names = [check_username(asked.username), *([check_alias(asked.alias)] if asked.alias else [])]
        seen = frozenset().union(*(looks(name, name_key(name)) for name in names))
        if not self._looks.isdisjoint(seen):
            raise BadUsername(field="username", why=Text(N_("it looks like the name of somebody else")))
        self._looks |= seen

    def _as_registration(self, user: ImportedUser) -> Register:
        # A hash does not tell how long its password is: one that is long enough stands for it.
        password = "*" * max(1, self._hub.policy.min_password) if user.hashed else user.secret
        return Register(
            username=user.username,
            password=password,
            alias=user.alias,
            first_name=user.first_name,
            last_name=user.last_name,
            email=user.email,
        )

    def existed(self, row: Skipped) -> bool:
        """Whether a row was skipped only because its account exists, in the store and not in the same file."""
        return type(row.refusal) is UsernameTaken and self._hub.state.account(row.username) is not None

    def store(self, prepared: Prepared, report: ImportReport) -> None:
        """Hash the clear passwords and store the accounts; what is refused after all goes to the report's skipped."""
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            for start in range(0, len(self._users), BATCH):
                batch = self._users[start : start + BATCH]
                digests = threads.map(_digest, (user for user, _asked in batch))
                commits = [
                    self._kept(new_account(self._hub, asked, digest, Role.MEMBER, time.time()))
                    for (_user, asked), digest in zip(batch, digests, strict=True)
                ]
                for place, error in prepared.store(commits).items():
                    user = batch[place][0]
                    known = error if isinstance(error, ChatError) else ServerFault(reference=user.line)
                    report.added.remove(user)
                    report.skipped.append(Skipped(user.line, user.username, known))

    def _kept(self, added: UserAdded) -> Commit:
        """Return the commit of an account, with its entry of the audit trail."""
        return Commit(None, (added, *trail.entries(self._hub, (added,), None, time.time(), actor="import-users")))


def _digest(user: ImportedUser) -> str:
    return user.secret if user.hashed else str(CONTEXT.hash(forms(user.secret)[0]))


_WORK: dict[str, Callable[[argparse.Namespace], int]] = {
    "init": _init,
    "check-config": _check_config,
    "import-users": _import_users,
}
