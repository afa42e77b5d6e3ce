"""Checks of who administers, and of what a password costs. Knows key files and digests, no accounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from classcord.chat.text import N_
from classcord.services.accounts import CONTEXT
from classcord.services.administration.admin_keys import AdminKeys
from classcord.services.beginning import FIRST_ACCOUNT
from classcord.services.doctor.findings import Finding, advice, no_entry, ok, problem
from classcord.services.doctor.machine import Machine
from classcord.services.doctor.network import places
from classcord.services.doctor.patient import Patient, may_enter

SOON = 14 * 86_400.0
SLOW, FAST = 0.250, 0.010  # seconds a password
AIM_LOWER, AIM_HIGHER = 0.125, 0.025  # seconds that a suggested cost leads to
LEAST_MEMORY = 7_168  # KiB; below it argon2 is not worth much
MOST_MEMORY = 65_536  # KiB; two passwords at a time are hashed
_WHERE = "classcord/services/accounts.py"


def keys(patient: Patient, machine: Machine) -> Iterator[Finding]:
    """Each administrator's key can be used, and there is some way to administer."""
    if not may_enter(patient.keys):
        yield no_entry(patient.keys)
        return
    folder = AdminKeys(patient.keys)
    found = folder.keys()
    now = machine.now()
    for broken in folder.problems:
        yield problem(N_("this key is passed over: {broken}"), N_("correct the file; it counts at once"), broken=broken)
    usable = 0
    for key in found:
        until = key.expires_at
        if until is not None and until <= now:
            yield advice(
                N_("a key of {name} has expired on {day}"), N_("remove it from {folder}/{name}.pub, or renew it"),
                name=key.name, day=_day(until), folder=patient.keys,
            )  # fmt: skip
            continue
        usable += 1
        if until is not None and until - now < SOON:
            yield advice(
                N_("a key of {name} expires on {day}"), N_("write a later expiry-time in {folder}/{name}.pub"),
                name=key.name, day=_day(until), folder=patient.keys,
            )  # fmt: skip
    if usable:
        yield ok(N_("usable keys in {folder}: {count}"), count=usable, folder=patient.keys)
    elif patient.passwords:
        yield ok(N_("no keys in {folder}: administrators come in by password"), folder=patient.keys)
    else:
        yield problem(
            N_("nobody can come in over SSH: there is no usable key in {folder}, and [ssh] passwords is off"),
            N_("cp ~/.ssh/id_ed25519.pub {folder}/YOURNAME.pub"), folder=patient.keys,
        )  # fmt: skip


def first_password(patient: Patient, machine: Machine) -> Iterator[Finding]:
    """The one-time password has been changed: whoever finds the file could change it first."""
    if patient.first_password.exists():
        yield advice(
            N_("the account {name} still has its one-time password"),
            N_("log in as {name} with the password in {file}, and change it: {where}"),
            name=FIRST_ACCOUNT, file=patient.first_password, where=_way_in(patient),
        )  # fmt: skip
    elif patient.database.is_file():
        yield ok(N_("the one-time password was changed"))


def _way_in(patient: Patient) -> str:
    """Return the command by which somebody with a password comes in."""
    ports = [place.port for face, _endpoint, place in places(patient) if face == "ssh" and place.port]
    return f"ssh -p {ports[0]} {FIRST_ACCOUNT}@localhost" if ports and patient.passwords else "classcord chat"


def hashing(patient: Patient, machine: Machine) -> Iterator[Finding]:
    """A password takes long enough to be worth something, and not so long that a class waits."""
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
    """Return a cost in whole MiB, as KiB."""
    return max(1, round(memory / 1024)) * 1024


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%d")
