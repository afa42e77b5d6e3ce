"""The check of the TLS certificate. Knows files, no socket."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timezone

from cryptography import x509

from classcord.chat.text import N_
from classcord.cli.cert.authority import CertificateDetails, shown
from classcord.cli.doctor.checks.findings import Finding, advice, no_entry, ok, problem
from classcord.cli.doctor.checks.installation import Installation, may_enter
from classcord.cli.doctor.checks.machine import Machine
from classcord.services.tls import certificates
from classcord.services.tls.certificates import CERTIFICATE, KEY, CertificateError
from classcord.settings.listen_addresses import listen_address

DAY = 86_400.0


def certificate(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """There is a certificate; it fits its key, is valid now and for some time, and names this machine."""
    if not _endpoints(installation):
        yield ok(N_("TLS is switched off: [listen] tls and web_tls are empty"))
        return
    if not may_enter(installation.tls):
        yield no_entry(installation.tls)
        return
    if not os.path.lexists(installation.tls / CERTIFICATE) and not os.path.lexists(installation.tls / KEY):
        yield advice(
            N_("there is none yet: the first start makes one"),
            N_("classcord init --data {data}"),
            data=installation.data,
        )
        return
    try:
        found = certificates.look_at(installation.tls)
    except CertificateError as error:
        yield problem(
            N_("it cannot be used: {why}"),
            N_("classcord cert server --force NAME…; or move {key} and {certificate} away and restart"),
            why=error.text,
            key=installation.tls / KEY,
            certificate=CERTIFICATE,
        )
        return
    yield from _validity(found, installation, machine.now())
    yield from _names(found, installation, machine)


def _endpoints(installation: Installation) -> tuple[str, ...]:
    return (*installation.listen.get("tls", ()), *installation.listen.get("web_tls", ()))


def _validity(found: x509.Certificate, installation: Installation, now: float) -> Iterator[Finding]:
    ends = found.not_valid_after_utc
    moment = datetime.fromtimestamp(now, timezone.utc)
    details = shown(found)
    days = int((ends.timestamp() - now) // DAY)
    values: dict[str, object] = {"day": f"{ends:%Y-%m-%d}", "days": days, "issuer": details.issuer}
    again = N_("classcord cert server NAME…; a self-signed one: move key.pem and cert.pem away and restart")
    if ends <= moment:
        yield problem(N_("it has expired on {day}"), again, **values)
    elif found.not_valid_before_utc > moment:
        yield problem(
            N_("it is valid from {start} on only, and now it is {now}: the clock may be wrong"),
            again,
            start=f"{found.not_valid_before_utc:%Y-%m-%d}",
            now=f"{moment:%Y-%m-%d}",
        )
    elif days < installation.certificate_days:
        yield problem(N_("it expires on {day}, in {days} days"), again, **values)
    elif details.self_signed:
        yield ok(N_("self-signed, valid until {day}; `classcord cert ca` makes one that clients can trust"), **values)
    else:
        yield ok(N_("from “{issuer}”, valid until {day}"), **values)


def _names(found: x509.Certificate, installation: Installation, machine: Machine) -> Iterator[Finding]:
    """One of this machine's host names is enough.

    Without a host name, all addresses that a start shows must be in it.
    """
    details: CertificateDetails = shown(found)
    own = [machine.hostname, *(a for a in machine.addresses() if ":" not in a and not a.startswith("127."))]
    if own[1:] and not any(_covers(name.casefold(), mine.casefold()) for name in details.names for mine in own):
        yield advice(
            N_("it is for {names}, none of which this machine has ({own})"),
            N_("right if clients come by such a name; else: classcord cert server {own_names}"),
            names=", ".join(details.names) or "–",
            own=", ".join(own),
            own_names=" ".join(own),
        )
        return
    ours = certificates.is_self_made(found)
    if not ours and any(_covers(name.casefold(), machine.hostname.casefold()) for name in details.names):
        return
    hosts = [place.host for place in map(listen_address, _endpoints(installation)) if place and place.port]
    missing = [address for address in machine.reached(hosts) if not certificates.covers(found, address)]
    if missing:
        remedy = N_("classcord cert server {all_names}")
        if ours:
            remedy = N_("start the server, or wait a minute if it runs: it makes the certificate again")
        yield advice(
            N_("whoever connects to {missing} cannot check it: it is for {names}"),
            remedy,
            missing=", ".join(missing),
            names=", ".join(details.names) or "–",
            all_names=" ".join([*details.names, *missing]),
        )


def _covers(name: str, mine: str) -> bool:
    """Whether a name in a certificate may be this machine's; a machine often knows only the first part of its name."""
    if name.startswith("*."):
        return mine.partition(".")[2] == name[2:]
    return name == mine or ("." not in mine and name.partition(".")[0] == mine)
