"""Checks of the system around the server: systemd, open files, versions, time zones. Knows no chat."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator
from datetime import datetime

from classcord.chat.durations import in_words
from classcord.chat.text import N_
from classcord.cli.doctor.checks.findings import Finding, advice, ok, problem
from classcord.cli.doctor.checks.installation import Installation
from classcord.cli.doctor.checks.machine import Machine
from classcord.store.urls import LIBRARY

UNIT = "classcord.service"
_ASKED = ("LoadState", "UnitFileState", "ActiveState", "LimitNOFILE")

_END_OF_PYTHON = {"3.10": "2026-10", "3.11": "2027-10", "3.12": "2028-10", "3.13": "2029-10", "3.14": "2030-10"}
_OPENSSL_BROKEN = ((3, 0, 0), (3, 0, 7))  # from, until: a certificate crashes it (CVE-2022-3602)
_OPENSSL_KEPT = (3, 0, 0)  # older ones have had no corrections since September 2023


def _unit(machine: Machine) -> dict[str, str]:
    """Return systemd's properties of our unit; nothing if there is no systemd."""
    said = machine.run("systemctl", "show", UNIT, *(f"--property={name}" for name in _ASKED))
    if said is None or said.status != 0:
        return {}
    return dict(line.split("=", 1) for line in said.output.splitlines() if "=" in line)


def systemd(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """The server starts at boot, and has not failed."""
    unit = _unit(machine)
    if not unit:
        yield ok(N_("systemd does not run here: the server is started by other means"))
    elif unit.get("LoadState") != "loaded":
        yield advice(
            N_("the server does not start with the machine: {unit} is not installed"),
            N_("see docs/exploitation.md: the Debian package brings it, or copy it from etc/systemd/"),
            unit=UNIT,
        )
    elif unit.get("ActiveState") == "failed":
        yield problem(N_("{unit} has failed"), N_("journalctl -u {unit} -n 50 says why"), unit=UNIT)
    elif unit.get("UnitFileState") not in {"enabled", "enabled-runtime", "static", "generated", "alias", "indirect"}:
        yield advice(
            N_("the server does not start with the machine: {unit} is not enabled"),
            N_("systemctl enable {unit}"),
            unit=UNIT,
        )
    elif installation.running is not None and installation.running != (
        unit.get("ActiveState") in {"active", "reloading", "activating"}
    ):
        yield _other_folder(installation)
    else:
        yield ok(N_("{unit} is enabled, {state}"), unit=UNIT, state=unit.get("ActiveState", ""))


def ending(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """No stop or restart of the running server is planned."""
    figures = machine.server(installation.data) if installation.running else {"stops_at": None}
    if not figures:  # it does not answer, which another check reports
        return
    at = figures.get("stops_at")
    if at is None:
        yield ok(N_("no stop is under way"))
        return
    left = datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp() - machine.now()
    words = N_("the server stops in {time}")
    if figures.get("starts_again"):
        words = N_("the server restarts in {time}")
    yield advice(words, N_("classcord ctl shutdown cancel"), time=in_words(max(1.0, left)))


def _other_folder(installation: Installation) -> Finding:
    if installation.running:
        return advice(
            N_("the server was started by hand: {unit} is not active"),
            N_("stop it, then: systemctl start {unit}"),
            unit=UNIT,
        )
    return advice(
        N_("{unit} is active, but not with the data folder {data}"),
        N_("say the same to the doctor: classcord doctor --config FILE --data FOLDER, as in systemctl cat {unit}"),
        unit=UNIT,
        data=installation.data,
    )


def user(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """The server does not run as root: one fault would then expose the whole machine."""
    if _server_is_root(installation, machine):
        yield advice(
            N_("the server runs as root: whoever finds a fault in it has the whole machine"),
            N_("give it a user of its own, as the Debian package does: docs/exploitation.md"),
        )
    else:
        yield ok(N_("the server has no need of root, and does not run as root"))


def _server_is_root(installation: Installation, machine: Machine) -> bool:
    """Whether the running server is root's; if none runs, whether root would start one with a folder of its own."""
    if installation.running and installation.process:
        found = re.search(r"^Uid:\s+(\d+)", machine.read(f"/proc/{installation.process}/status"), re.MULTILINE)
        if found is not None:
            return found[1] == "0"
    if machine.user != 0:
        return False
    try:
        return installation.data.stat().st_uid == 0
    except OSError:
        return True


def open_files(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """The limit of open files is high enough; each connection is an open file."""
    unit = _unit(machine)
    of_unit = unit.get("LimitNOFILE", "") if unit.get("LoadState") == "loaded" else ""
    most = math.inf if of_unit == "infinity" else int(of_unit) if of_unit.isdecimal() else machine.open_files()
    room = most - installation.own_files
    wanted = installation.connections
    shown = "∞" if room == math.inf else str(int(room))
    if room < (wanted or 1_000):
        yield advice(
            N_("open files suffice for {room} connections, and [limits] connections is {wanted}"),
            N_("LimitNOFILE={files} in {unit}, or ulimit -n {files} before the start; or a smaller limit"),
            room=shown,
            wanted=wanted,
            unit=UNIT,
            files=(wanted or 10_000) + installation.own_files,
        )
    else:
        yield ok(N_("open files suffice for {room} connections"), room=shown)


def versions(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """No library that we use has a known fault that matters here.

    SQLite's WAL-reset fault (3.7.0 to 3.51.2) needs two connections that write or checkpoint; the server has one.
    """
    found = machine.versions()
    python, openssl, sqlite = (_numbers(found[name]) for name in ("python", "openssl", "sqlite"))
    troubles = []
    end = _END_OF_PYTHON.get(".".join(map(str, python[:2])), "")
    if end and time.strftime("%Y-%m", time.gmtime(machine.now())) > end:
        troubles.append(
            advice(
                N_("Python {version} gets no corrections since {end}, unless your distribution makes them"),
                N_("upgrade the system, or Python"),
                version=found["python"],
                end=end,
            )
        )
    if openssl < _OPENSSL_KEPT or _OPENSSL_BROKEN[0] <= openssl < _OPENSSL_BROKEN[1]:
        troubles.append(
            advice(
                N_("OpenSSL {version} has known faults, unless your distribution has corrected them"),
                N_("upgrade the system; or: pip install --upgrade cryptography pyOpenSSL"),
                version=found["openssl"],
            )
        )
    if sqlite < LIBRARY.OLDEST:
        troubles.append(
            problem(N_("SQLite {version} is too old"), N_("upgrade the system, or Python"), version=found["sqlite"])
        )
    if not machine.searches_texts():
        troubles.append(
            problem(
                N_("SQLite {version} was built without FTS5, which searches need: no server can start"),
                N_("use the Python of your distribution, or one that was built with a complete SQLite"),
                version=found["sqlite"],
            )
        )
    yield from troubles
    if not troubles:
        yield ok(N_("Python {python}, OpenSSL {openssl}, SQLite {sqlite}"), **found)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def time_zones(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """The time zones are installed: without them not even the settings can be read."""
    count = machine.time_zones()
    if count:
        yield ok(N_("{count} time zones are known"), count=count)
    else:
        yield problem(N_("no time zones are known"), N_("apt-get install tzdata; or: pip install tzdata"))
