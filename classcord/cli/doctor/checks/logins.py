"""Checks of logins: administrators, names, and the cost of a password. Knows no permissions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from classcord.chat.names import is_like_an_address, name_key
from classcord.chat.text import N_
from classcord.cli.doctor.checks.findings import Finding, advice, no_entry, ok, problem
from classcord.cli.doctor.checks.installation import Installation, may_enter
from classcord.cli.doctor.checks.machine import Machine
from classcord.cli.doctor.checks.network import listen_addresses
from classcord.server.first_start import FIRST_ACCOUNT
from classcord.services.administration.admin_keys import AdminKeys
from classcord.services.passwords.local import CONTEXT

SOON = 14 * 86_400.0
SLOW, FAST = 0.250, 0.010  # seconds a password
AIM_LOWER, AIM_HIGHER = 0.125, 0.025  # seconds that the suggested cost should take
LEAST_MEMORY = 7_168  # KiB; with less, argon2 protects little
MOST_MEMORY = 65_536  # KiB; two passwords are hashed at the same time
_WHERE = "classcord/services/passwords/local.py"


def keys(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """Each administrator's key is usable, and administrators can log in in some way."""
    if not may_enter(installation.keys):
        yield no_entry(installation.keys)
        return
    folder = AdminKeys(installation.keys, strict=lambda: installation.strict_modes, user=_user(installation))
    found = folder.keys()
    now = machine.now()
    for broken in folder.problems:
        yield problem(N_("this key is passed over: {broken}"), N_("correct the file; it counts at once"), broken=broken)
    accounts = {name_key(name): shown for shown, names in _accounts(installation) for name in names}
    usable = 0
    for name, file in folder.files.items():
        if name in accounts:
            yield problem(
                N_("the key in {file} does not count, for {name} is an account"),
                N_("give the file another name, or delete the account: deluser {name}"),
                file=file,
                name=accounts[name],
            )
    for key in found:
        if name_key(key.name) in accounts:
            continue
        until = key.expires_at
        if until is not None and until <= now:
            yield advice(
                N_("a key of {name} has expired on {day}"),
                N_("remove it from {folder}/{name}.pub, or renew it"),
                name=key.name,
                day=_day(until),
                folder=installation.keys,
            )
            continue
        usable += 1
        if until is not None and until - now < SOON:
            yield advice(
                N_("a key of {name} expires on {day}"),
                N_("write a later expiry-time in {folder}/{name}.pub"),
                name=key.name,
                day=_day(until),
                folder=installation.keys,
            )
    if usable:
        yield ok(N_("usable keys in {folder}: {count}"), count=usable, folder=installation.keys)
    elif installation.passwords:
        yield ok(N_("no keys in {folder}: administrators come in by password"), folder=installation.keys)
    else:
        yield problem(
            N_("nobody can come in over SSH: there is no usable key in {folder}, and [ssh] passwords is off"),
            N_("cp ~/.ssh/id_ed25519.pub {folder}/YOURNAME.pub"),
            folder=installation.keys,
        )


def _user(installation: Installation) -> int | None:
    """Return the number of the server's user, who owns the data folder; None if it is unknown."""
    try:
        return installation.data.stat().st_uid
    except OSError:
        return None


def _accounts(installation: Installation) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the name and the alias of each account."""
    if may_enter(installation.data) and installation.database.is_file():
        for name, alias in installation.inspection.account_names():
            yield name, (name, alias) if alias else (name,)


def names(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """No account has an address as its name: `ban 10.0.0.5` would be ambiguous."""
    found = [shown for shown, called in _accounts(installation) if any(map(is_like_an_address, called))]
    for name in found:
        yield advice(
            N_("the account {name} is called like an address: a ban of it is one of the account"),
            N_("give them an account with another name, then delete this one: deluser {name}"),
            name=name,
        )
    if not found and installation.database.is_file():
        yield ok(N_("no account is called like an address"))


def first_password(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """The one-time password has been changed; else whoever finds its file could log in first."""
    if installation.first_password.exists():
        yield advice(
            N_("the account {name} still has its one-time password"),
            N_("log in as {name} with the password in {file}, and change it: {where}"),
            name=FIRST_ACCOUNT,
            file=installation.first_password,
            where=_way_in(installation),
        )
    elif installation.database.is_file():
        waits = installation.inspection.waits_for_a_change(name_key(FIRST_ACCOUNT))
        if waits:
            yield advice(
                N_("the account {name} has a one-time password that is not changed yet, and is not in {file}"),
                N_(
                    "log in as {name} with it, and change it: {where}; or make another one: classcord ctl passwd {name}"
                ),
                name=FIRST_ACCOUNT,
                file=installation.first_password,
                where=_way_in(installation),
            )
        elif waits is None:
            yield ok(N_("no one-time password waits in {file}"), file=installation.first_password)
        else:
            yield ok(N_("the one-time password was changed"))


def _way_in(installation: Installation) -> str:
    """Return the command for an administrator to log in by password."""
    ports = [place.port for face, _endpoint, place in listen_addresses(installation) if face == "ssh" and place.port]
    return f"ssh -p {ports[0]} {FIRST_ACCOUNT}@localhost" if ports and installation.passwords else "classcord chat"


def hashing(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """Hashing a password takes long enough to protect it, and not so long that a class has to wait."""
    took = machine.hashing()
    values: dict[str, object] = {"milliseconds": round(took * 1000), "where": _WHERE}
    present = int(CONTEXT.handler("argon2").memory_cost)
    if took > SLOW:
        values["memory"] = max(LEAST_MEMORY, _rounded(present * AIM_LOWER / took))
        yield advice(
            N_("a password takes {milliseconds} ms: a class that logs in together waits"),
            N_("a faster processor; or argon2__memory_cost={memory} in {where}, though OWASP recommends more"),
            **values,
        )
    elif took < FAST:
        values["memory"] = min(MOST_MEMORY, _rounded(present * AIM_HIGHER / took))
        yield advice(
            N_("a password takes only {milliseconds} ms: this machine can do more"),
            N_("argon2__memory_cost={memory} in {where}; passwords are hashed anew as people log in"),
            **values,
        )
    else:
        yield ok(N_("a password takes {milliseconds} ms"), **values)


def _rounded(memory: float) -> int:
    """Return a number of KiB that is rounded to whole MiB."""
    return max(1, round(memory / 1024)) * 1024


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%d")
