"""Checks of the database, of its backups, and of the clock that gives its times. Only reads."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from classcord.chat.state import MAINTENANCE
from classcord.chat.text import N_
from classcord.cli.doctor.checks.findings import Finding, advice, no_entry, ok, problem
from classcord.cli.doctor.checks.installation import Installation
from classcord.cli.doctor.checks.machine import Machine
from classcord.durable import identity
from classcord.services.backups.backup import unheard
from classcord.services.backups.backup_files import BackupName, check_sum, sentence
from classcord.services.tls.certificates import FIRST_YEAR, LAST_YEAR
from classcord.store.ports import Locked, Unreadable, Unsound

PATIENCE = 20.0  # seconds that the check of the database may take
LARGE_WAL = 64_000_000  # bytes; SQLite restarts the log at about 4 MB, unless a reader never ends
HOUR, DAY = 3_600.0, 86_400.0
FRESH = 26 * HOUR  # age limit for daily backups
STALE = 8 * DAY  # age limit for weekly backups
OLD_UPGRADE = 30 * DAY
SILENT = 3 * 366 * DAY  # if the newest message is older than this, the clock is more likely wrong than the chat silent
AHEAD = 120.0  # seconds that a message may be dated after now


def maintenance(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """Maintenance mode is off; it stays on, even after restarts, until an administrator ends it."""
    try:
        found = installation.inspection.switch(MAINTENANCE)
    except Unreadable:  # another check reports what is wrong with it
        return
    if found is None or found == "off":
        yield ok(N_("no maintenance: everyone may come in"))
        return
    yield advice(
        N_("maintenance: only moderators and above come in ({reason})"),
        N_("classcord ctl maintenance off"),
        reason=found.removeprefix("on").strip() or "–",
    )


def database(installation: Installation, machine: Machine, patience: float = PATIENCE) -> Iterator[Finding]:
    """The database is intact, and this ClassCord knows its schema; its log is not too large."""
    file = installation.database
    displaced = list(_displaced(installation, machine))
    yield from displaced
    if displaced or not file.is_file():
        return
    values: dict[str, object] = {"file": file, "known": installation.schema}
    remedy = N_("stop the server, keep a copy of {file}, then: classcord restore FILE, with the newest backup")
    if not os.access(file, os.R_OK):
        yield no_entry(file)
        return
    try:
        present, faults = installation.inspection.schema_and_faults(patience)
    except Locked:
        yield advice(N_("{file} is being worked on, and could not be looked at"), N_("ask again in a while"), **values)
        return
    except Unreadable as error:  # e.g. "file is not a database"
        yield problem(N_("{file} cannot be read: {why}"), remedy, why=error.text, **values)
        return
    if faults not in ([], ["ok"]):
        yield problem(N_("{file} is damaged: {why}"), remedy, why=faults[0].splitlines()[0], **values)
    elif present > installation.schema:
        yield problem(
            N_("{file} has schema {present}, from a newer ClassCord; this one knows {known}"),
            N_("install the newer version, or restore a backup that was made before the upgrade"),
            present=present,
            **values,
        )
    elif present < installation.schema:
        yield advice(
            N_("{file} has schema {present}: the next start makes a copy and upgrades it to {known}"),
            N_("classcord init, while nobody waits for it"),
            present=present,
            **values,
        )
    elif not faults:
        yield ok(N_("{file}, nothing wrong as far as it was read within {seconds} s"), seconds=int(patience), **values)
    else:
        yield ok(N_("{file} is whole"), file=file)
    yield from _wal(installation)


def _displaced(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """The running server has this very file open: it was not moved, removed or replaced."""
    if not installation.running or installation.process is None:
        return
    open_files = machine.files_of(installation.process, installation.store.part)
    identities = {each.identity for each in open_files}
    if identity(installation.data / "lock") not in identities:  # the process of another machine or container
        return
    log = installation.store.log
    for file in (installation.database, log):
        kind = "log" if file == log else "database"
        has = [each for each in open_files if each.name == file.name or each.kind == kind]
        if identity(file) in identities or (file != installation.database and not has):
            continue
        values: dict[str, object] = {"file": file, "process": installation.process}
        words = N_("the server that runs has another file open than {file}: it was moved, removed or replaced")
        if not has:
            yield problem(words, N_("put the right file back, or restart the server"), **values)
        elif has[0].is_gone:
            remedy = N_("cp {shown} {rescued}, before the server is stopped: nothing else has what it held")
            rescued = file.with_name(f"{file.name}.rescued")
            yield problem(words, remedy, shown=Path(has[0].shown), rescued=rescued, **values)
        else:
            yield problem(
                words, N_("mv {there} {file}; the server goes on by itself"), there=Path(has[0].path), **values
            )


def _wal(installation: Installation) -> Iterator[Finding]:
    wal = installation.store.log
    size = wal.stat().st_size if wal.exists() else 0
    if size > LARGE_WAL:
        yield advice(
            N_("{file} has grown to {size} MB: something reads the database all the time"),
            N_("end what has it open (fuser {file}); a restart of the server empties it"),
            file=wal,
            size=size // 1_000_000,
        )


# -- backups ----------------------------------------------------------------------------------------------------------


def backups(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """There is a recent backup, and its checksum is right."""
    if not installation.database.is_file():
        return
    found = [
        (name, file) for file in _in(installation.backups) if (name := BackupName.read(file.name)) and file.is_file()
    ]
    if not found:
        yield advice(
            N_("there is no backup yet"), N_("classcord backup --data {data}, once a day"), data=installation.data
        )
    else:
        now = machine.now()
        past = [each for each in found if each[0].when.timestamp() <= now + DAY]
        later = [file for _, file in sorted(found) if (_, file) not in past]
        name, file = max(past or found)
        if past:
            yield _age(name, now, installation)
        if later:
            yield advice(
                N_("{file} has a name from the future: a wrong clock has made it, and no rule ever removes it"),
                N_("date says what time it is; then move {file} away"),
                file=later[0],
            )
        yield from _sum(file)
    yield from _before_upgrades(installation, machine.now())


def _in(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _age(newest: BackupName, now: float, installation: Installation) -> Finding:
    age = now - newest.when.timestamp()
    values = {"file": newest, "hours": int(age // HOUR), "days": int(age // DAY), "data": installation.data}
    again = N_("classcord backup --data {data}; systemctl list-timers classcord-backup says whether it is automatic")
    if age > STALE:
        return problem(N_("the newest backup, {file}, is {days} days old"), again, **values)
    if age > FRESH:
        return advice(N_("the newest backup, {file}, is {hours} hours old"), again, **values)
    return ok(N_("the newest backup is {file}"), **values)


def _sum(file: Path) -> Iterator[Finding]:
    """Compare the file with its checksum file."""
    try:
        check_sum(file, unheard)
    except Unsound as error:
        yield problem(
            N_("the newest backup is not to be relied on: {why}"),
            N_("classcord backup makes another one; then move {file} away"),
            why=sentence(file, error),
            file=file,
        )


def _before_upgrades(installation: Installation, now: float) -> Iterator[Finding]:
    """Report the copies that upgrades have made: they are needed to go back, but useless after some time."""
    copies = sorted(f for f in _in(installation.backups) if f.name.startswith("before-schema-"))
    whole = [file for file in copies if file.suffix == ".db"]
    halves = [file for file in copies if file.suffix == ".part"]
    if halves and installation.running is False:
        yield advice(N_("{file} is half a copy, from an upgrade that was interrupted"), N_("rm {file}"), file=halves[0])
    if whole:
        newest = whole[-1]
        status = newest.stat()
        values = {"file": newest, "size": -(-status.st_size // 1_000_000)}
        if now - status.st_mtime > OLD_UPGRADE:
            yield advice(
                N_("the copy from before an upgrade is still there: {size} MB"),
                N_("rm {file}, if all is well"),
                **values,
            )
        else:
            yield ok(N_("a copy from before the upgrade is kept: {file}"), **values)


# -- clock ------------------------------------------------------------------------------------------------------------


def clock(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """The clock is plausible, not behind stored times, and synchronised."""
    now = machine.now()
    year = time.gmtime(now).tm_year
    setting = N_('timedatectl set-ntp true; or: date -s "YYYY-MM-DD HH:MM"')
    if not FIRST_YEAR <= year < LAST_YEAR:
        yield problem(N_("the clock says that it is {year}"), setting, year=year)
        return
    newest = installation.inspection.newest_message()
    if newest is not None and newest - now > AHEAD:
        yield problem(
            N_("the newest message is from {then} UTC, and now it is {now} UTC: the clock has jumped back"),
            setting,
            then=_readable(newest),
            now=_readable(now),
        )
        return
    if newest is not None and now - newest > SILENT and time.gmtime(newest).tm_year >= FIRST_YEAR:
        yield advice(
            N_("the newest message is from {then} UTC, and now it is {now} UTC: is the clock right?"),
            setting,
            then=_readable(newest),
            now=_readable(now),
        )
        return
    synchronised = _is_synchronised(machine)
    if synchronised is False:
        yield advice(N_("nobody sets the clock ({now} UTC)"), N_("timedatectl set-ntp true"), now=_readable(now))
    elif synchronised:
        yield ok(N_("it is {now} UTC, synchronised"), now=_readable(now))
    else:
        yield ok(N_("it is {now} UTC; what sets the clock cannot be asked here"), now=_readable(now))


def _is_synchronised(machine: Machine) -> bool | None:
    asked = machine.run("timedatectl", "show", "--property=NTPSynchronized", "--value")
    if asked and asked.status == 0 and asked.output.strip() in {"yes", "no"}:
        return asked.output.strip() == "yes"
    asked = machine.run("chronyc", "tracking")
    if asked and asked.status == 0:
        return "Not synchronised" not in asked.output
    return None


def _readable(moment: float) -> str:
    """Return a time as text, whatever the database contains.

    A number that is too large for a date is shown unchanged.
    """
    try:
        return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return f"{moment:.0f}"
