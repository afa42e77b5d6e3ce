"""The check of alerts by mail: whether they could be sent now. Sends no mail: `test-mail` does that."""

from __future__ import annotations

from collections.abc import Iterator

from classcord.chat.text import N_
from classcord.cli.doctor.checks.findings import Finding, ok, problem
from classcord.cli.doctor.checks.installation import Installation
from classcord.cli.doctor.checks.machine import Machine
from classcord.services.alerts.mail import MailError, relay


def alerts(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """There is a recipient, the password can be read, and the relay answers."""
    wanted = installation.mail
    if not wanted.get("place"):
        yield ok(N_("no alerts are sent by mail: [alerts] relay is empty"))
        return
    try:
        way = relay(**wanted)
        if way.username:
            way.password()
    except MailError as error:
        yield problem(
            N_("no alerts can be sent: {why}"),
            N_("correct [alerts] in the settings, then: classcord ctl reload"),
            why=error.text,
        )
        return
    why = machine.greeted(way.host, way.port, tls=way.security == "tls")
    values: dict[str, object] = {"relay": str(way), "to": ", ".join(way.to)}
    if why:
        yield problem(
            N_("no alerts can be sent: the relay {relay} does not answer: {why}"),
            N_("correct [alerts] relay and security, or look after the relay; classcord ctl test-mail tries it"),
            why=why,
            **values,
        )
    else:
        yield ok(N_("alerts are sent by {relay} to {to}; `classcord ctl test-mail` sends one"), **values)
