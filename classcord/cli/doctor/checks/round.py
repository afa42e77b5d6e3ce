"""Every check with its name, in the order of the report.

Knows which checks there are, not how they work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from classcord.chat.text import N_
from classcord.cli.doctor.checks import (
    certificate,
    contents,
    files,
    logins,
    mails,
    network,
    outside,
    retention,
    storage,
    system,
)
from classcord.cli.doctor.checks.findings import ASK_AGAIN, Finding, owner, problem
from classcord.cli.doctor.checks.installation import Installation, may_enter
from classcord.cli.doctor.checks.machine import Machine
from classcord.system_errors import in_words


class Check(NamedTuple):
    """A check: its name for programs, its name for people, and its function."""

    name: str
    title: str
    look: Callable[[Installation, Machine], Iterable[Finding]]
    inside: bool = False
    """Whether it looks into the data folder: if that cannot be read, only the check of the folder reports it."""


class Examined(NamedTuple):
    """A finding, and its check."""

    check: str
    title: str
    finding: Finding


GENERAL = (
    Check("versions", N_("Versions"), system.versions),
    Check("time_zones", N_("Time zones"), system.time_zones),
)
"""Checks that need no settings."""

CHECKS = (
    Check("data", N_("Data folder"), files.folder),
    Check("rights", N_("Rights"), files.rights, inside=True),
    Check("disk", N_("Disk"), files.disk, inside=True),
    Check("database", N_("Database"), storage.database, inside=True),
    Check("contents", N_("Sent files"), contents.contents, inside=True),
    Check("maintenance", N_("Maintenance"), storage.maintenance, inside=True),
    Check("stop", N_("Stop"), system.ending, inside=True),
    Check("backups", N_("Backups"), storage.backups, inside=True),
    Check("retention", N_("Retention"), retention.retention, inside=True),
    Check("clock", N_("Clock"), storage.clock),
    Check("ports", N_("Ports"), network.ports),
    Check("firewall", N_("Firewall"), network.firewall),
    Check("nat", N_("NAT"), network.nat),
    Check("certificate", N_("Certificate"), certificate.certificate, inside=True),
    Check("alerts", N_("Alerts"), mails.alerts),
    Check("directory", N_("Directory"), outside.directory),
    Check("login_program", N_("Login program"), outside.login_program),
    Check("keys", N_("Administrators"), logins.keys),
    Check("names", N_("Names"), logins.names, inside=True),
    Check("first_password", N_("First password"), logins.first_password, inside=True),
    Check("hashing", N_("Passwords"), logins.hashing),
    Check("systemd", N_("Start"), system.systemd),
    Check("user", N_("User"), system.user),
    Check("open_files", N_("Open files"), system.open_files),
    *GENERAL,
)


def examine(installation: Installation, machine: Machine, checks: Iterable[Check] = CHECKS) -> Iterator[Examined]:
    """Yield the findings of each check; a check that fails yields a finding, and the other checks still run."""
    is_open = may_enter(installation.data)
    for check in checks:
        if check.inside and not is_open:
            continue
        try:
            for finding in check.look(installation, machine):
                yield Examined(check.name, check.title, finding)
        except Exception as error:
            why = in_words(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
            finding = problem(
                N_("this could not be looked at: {why}"),
                ASK_AGAIN,
                owner=owner(installation.data),
                why=why,
            )
            yield Examined(check.name, check.title, finding)
