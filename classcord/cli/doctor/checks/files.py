"""Checks of the data folder: who can read it, how much space is free. Knows no database and no network."""

from __future__ import annotations

import os
import pwd
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from classcord.chat.text import N_
from classcord.cli.doctor.checks.findings import Finding, advice, no_entry, ok, problem
from classcord.cli.doctor.checks.installation import Installation, may_enter
from classcord.cli.doctor.checks.machine import Machine
from classcord.services.process.datafolder import DataFolder
from classcord.system_errors import in_words

MEGABYTE = 1_000_000
FEW_INODES = 1_000
FEW_INODES_OF = 50  # warn if less than one in so many is free
SECRETS = ("ssh_host_ed25519_key", "audit_key", "first-password", "control", "ca/ca.key")
SECRET_FOLDERS = ("backups", "exports", "log")


def folder(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """The data folder exists, and we may read it; without that, no other check can look into it."""
    data = installation.data
    try:
        status = data.stat()
    except FileNotFoundError:
        yield advice(
            N_("there is no folder {data} yet: the first start makes it"), N_("classcord init --data {data}"), data=data
        )
        return
    except OSError as error:
        yield no_entry(data, in_words(error))
        return
    if not stat.S_ISDIR(status.st_mode):
        yield problem(N_("{data} is not a folder"), N_("choose another one with --data"), data=data)
    elif not may_enter(data):
        yield no_entry(data)
    elif not _database_is_there(installation):
        yield _missing(installation, next(DataFolder(installation.data).traces(installation.log), None))
    elif installation.running:
        yield ok(N_("{data}, a server is running with it"), data=data)
    else:
        yield ok(N_("{data}, no server is running with it"), data=data)


def _missing(installation: Installation, trace: Path | None) -> Finding:
    """Return the finding for a folder without a database: it is new, unless a server or its traces say otherwise."""
    values: dict[str, object] = {"file": installation.database, "data": installation.data, "trace": trace}
    if installation.running:
        words = N_("{file} is missing, and a server is running with {data}")
        return problem(words, N_("leave the server running until the database is back in its place"), **values)
    if trace is not None:
        words = N_("{file} is missing, but {trace} is there: the database was moved or removed")
        return problem(words, N_("put it back, or: classcord restore FILE, with the newest backup"), **values)
    return advice(
        N_("nothing is in {data} yet: the first start fills it"), N_("classcord init --data {data}"), **values
    )


def _database_is_there(installation: Installation) -> bool:
    try:
        return installation.database.exists()
    except OSError:  # a folder above it cannot be read, which its own check reports
        return True


def rights(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """Files with secrets can be read by the server's user and by nobody else."""
    if not installation.data.is_dir():
        return
    found = [*_ownership(installation), *_exposure(installation)]
    yield from found
    if not found:
        yield ok(N_("nobody but the server can read its secrets"))


def _secrets(installation: Installation) -> Iterator[Path]:
    """Yield the existing files that only the server's user may read."""
    for name in SECRETS:
        yield installation.data / name
    store = installation.store
    yield store.file
    yield from store.copies.beside(store.file)
    yield installation.tls / "key.pem"
    yield from installation.secrets
    for name in SECRET_FOLDERS:
        if (installation.data / name).is_dir():
            yield from sorted((installation.data / name).iterdir())


def _status(file: Path) -> os.stat_result | None:
    try:
        return file.stat()
    except OSError:
        return None


def _ownership(installation: Installation) -> Iterator[Finding]:
    """A file that `sudo classcord …` created belongs to root, and the server cannot open it."""
    owner = installation.data.stat().st_uid
    foreign = [
        f
        for f in _secrets(installation)
        if (s := _status(f)) and s.st_uid != owner and f.is_relative_to(installation.data)
    ]
    if foreign:
        yield problem(
            N_("{file} does not belong to {owner}, as the folder does: the server cannot use it"),
            N_("chown -R {owner}: {data}"),
            file=_first(foreign),
            owner=_name(owner),
            data=installation.data,
        )


def _exposure(installation: Installation) -> Iterator[Finding]:
    data = installation.data
    open_files = [file for file in _secrets(installation) if _is_exposed(file, data)]
    if open_files:
        yield problem(
            N_("others may read {file}"),
            N_("chmod go-rwx {files}"),
            file=_first(open_files),
            files=" ".join(shlex.quote(str(f)) for f in open_files[:5]),
        )
    host_key = _status(data / SECRETS[0])
    if host_key and host_key.st_mode & 0o077 and data / SECRETS[0] not in open_files:
        yield problem(
            N_("others may read {file}: the server refuses such a key"), N_("chmod 600 {file}"), file=data / SECRETS[0]
        )
    if data.stat().st_mode & 0o022:
        yield problem(
            N_("others may write in {data}, and so replace everything in it"), N_("chmod 700 {data}"), data=data
        )
    elif data.stat().st_mode & 0o055:
        yield advice(N_("others may look into {data}"), N_("chmod 700 {data}"), data=data)


def _is_exposed(file: Path, data: Path) -> bool:
    """Whether another user can read or write a file, by its permissions and those of each folder from DATA down.

    A key outside DATA may belong to a group, such as Debian's ssl-cert.
    """
    status = _status(file)
    if status is None:
        return False
    if not file.is_relative_to(data):
        return bool(status.st_mode & 0o007)
    ways = [folder.stat().st_mode for folder in (data, *file.parents) if folder.is_relative_to(data)]
    return any(
        status.st_mode & read and all(way & enter for way in ways) for read, enter in ((0o060, 0o010), (0o006, 0o001))
    )


def _first(files: list[Path]) -> str:
    return str(files[0]) if len(files) == 1 else f"{files[0]} (+{len(files) - 1})"


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def disk(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """There is space for future messages, and for a copy of the database."""
    if not installation.data.is_dir():
        return
    room = machine.disk(installation.data)
    status = _status(installation.database)
    size = status.st_size if status else 0
    values = {"free": room.free // MEGABYTE, "wanted": installation.free_disk, "size": -(-size // MEGABYTE)}
    cleaning = N_("du -sh {data}/* shows what takes the room")
    if room.free < installation.free_disk * MEGABYTE:
        yield problem(
            N_("{free} MB are free; [alerts] free_disk wants {wanted}"), cleaning, data=installation.data, **values
        )
    elif room.free < 2 * size:
        yield advice(
            N_("{free} MB are free, too few for copies of a database of {size} MB: backups and upgrades make them"),
            cleaning,
            data=installation.data,
            **values,
        )
    elif room.inodes and room.free_inodes < max(FEW_INODES, room.inodes // FEW_INODES_OF):
        yield problem(
            N_("there is room for only {count} more files (inodes)"),
            N_("du --inodes -x -d 2 / | sort -n | tail shows where they are"),
            count=room.free_inodes,
        )
    else:
        yield ok(N_("{free} MB are free, the database has {size}"), free=values["free"], size=values["size"])
