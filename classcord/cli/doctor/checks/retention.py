"""The check of how long things are kept: by the settings, and whether what has had its time is gone. Only reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from classcord.chat.retention.durations import LAW, months_before
from classcord.chat.text import N_
from classcord.cli.doctor.checks.findings import Finding, advice, ok, problem
from classcord.cli.doctor.checks.installation import Installation
from classcord.cli.doctor.checks.machine import Machine
from classcord.services.backups.backup_files import BackupName
from classcord.services.retention.old_logs import TURNED
from classcord.store.ports import Unreadable

DAY = 86_400.0
LATE = 3 * DAY  # since the last run began
FIRST = 8 * DAY  # from the first run of all to the second
WEEKS = 4  # of backups, in a month


def retention(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """Nothing is kept for longer than the law permits, or than a good reason; the daily run does what it is for."""
    kept = msgspec.structs.asdict(installation.retention)
    fine = True
    for name, months in kept.items():
        span = LAW[name]
        values: dict[str, object] = {"name": name, "months": months, "least": span.least, "most": span.most}
        if not span.holds(months):
            fine = False
            yield problem(
                N_("[retention] {name} is {months} months, which the law does not permit: from {least} to {most}"),
                N_("[retention] {name} = {advised}"),
                advised=min(span.advised, span.most),
                **values,
            )
        elif months > span.advised:
            fine = False
            yield advice(
                N_("[retention] {name} is {months} months: more than {advised} need a reason that you can write down"),
                N_("[retention] {name} = {advised}, or the reason in the register (docs/RGPD.md)"),
                advised=span.advised,
                **values,
            )
    if fine:
        yield ok(
            N_(
                "durations are lawful: messages {channels} months (everyone {everyone}, private {private}), accounts "
                "{accounts} after leaving, connections {connections}, audit trail {audit}"
            ),
            **kept,
        )
    yield from _backups(installation, machine)
    yield from _logs(installation, machine)
    yield from _run(installation, machine)


def _backups(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """Rules that would keep backups for longer than they may be are told; so is each that is older than it may be."""
    months = installation.retention.backups
    if installation.weekly_backups > WEEKS * months + 1:
        yield advice(
            N_(
                "[backup] weekly keeps {weeks} weeks, but [retention] backups removes each backup after {months} months"
            ),
            N_("[backup] weekly = {right}"),
            weeks=installation.weekly_backups,
            months=months,
            right=WEEKS * months,
        )
    oldest = months_before(machine.now(), months) / 1000
    names = sorted(name for file in _in(installation.backups) if (name := BackupName.read(file.name)) is not None)
    old = [name for name in names[:-1] if name.when.timestamp() < oldest - LATE]
    if old:
        yield problem(
            N_("{count} backups are older than {months} months, such as {file}: they have what must be gone"),
            N_("classcord backup makes a new one and removes them"),
            count=len(old),
            months=months,
            file=old[0],
        )


def _logs(installation: Installation, machine: Machine) -> Iterator[Finding]:
    months = installation.retention.connections
    oldest = months_before(machine.now(), months) / 1000 - LATE
    old = sorted(file for file in _in(installation.data / "log") if TURNED.fullmatch(file.name) and _at(file) < oldest)
    if old:
        yield problem(
            N_("{count} files of the log are older than {months} months, such as {file}"),
            N_("rm {file}, and the others; the server removes them once a day while it runs"),
            count=len(old),
            months=months,
            file=old[0],
        )


def _at(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return float("inf")


def _in(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _run(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """The daily run is not late while a server runs; of those who keep order, nobody is forgotten."""
    try:
        last = installation.inspection.last_run()
        unused = months_before(machine.now(), installation.retention.unused)
        staff = installation.inspection.unused_staff(unused)
    except Unreadable:  # another check says so, or the next start upgrades it
        return
    if last is not None and installation.running:
        late = machine.now() - last[0] / 1000
        if late > FIRST:
            yield problem(
                N_("the last run of retention was {days} days ago: what must be gone is still there"),
                N_("classcord ctl retention, and what {log} says of it"),
                days=int(late // DAY),
                log=installation.data / "log" / "classcord.log",
            )
    if staff:
        yield advice(
            N_("{count} who administer or keep order have not been here for {months} months: {names}"),
            N_("classcord ctl erase NAME, for whoever has left"),
            count=len(staff),
            months=installation.retention.unused,
            names=", ".join(staff[:5]),
        )
