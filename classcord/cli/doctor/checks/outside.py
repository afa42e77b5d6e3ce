"""The checks of what checks passwords outside this server: the directory, the login program. Logs nobody in."""

from __future__ import annotations

from collections.abc import Iterator

from classcord.chat.text import N_
from classcord.cli.doctor.checks.findings import Finding, advice, ok, problem
from classcord.cli.doctor.checks.installation import Installation
from classcord.cli.doctor.checks.machine import Machine
from classcord.services.passwords.program import fault, unusable


def directory(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """Each server answers, within TLS, by a certificate that is accepted, and lets the account for searching search."""
    options = installation.directory
    if options is None:
        yield ok(N_("all passwords are kept here: [ldap] urls is empty"))
        return
    for url in options.urls:
        why = machine.asks(url, options)
        if why is not None:
            yield problem(
                N_("{url} lets nobody log in: {why}"),
                N_("correct [ldap] in the settings, then: classcord ctl reload; or look after the directory"),
                url=url,
                why=why,
            )
        elif not options.encrypts(url):
            yield problem(
                N_("{url} gets every password in clear: whoever listens to the network reads them"),
                N_("set [ldap] starttls = true, or write ldaps:// in urls"),
                url=url,
            )
        else:
            yield ok(N_("{url} answers, within TLS"), url=url)
    if len(options.urls) == 1:
        yield advice(
            N_("there is one server: while it is down, only accounts with a password here log in"),
            N_("name a second one in [ldap] urls, if the school has one"),
        )


def login_program(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """The program is there, and may be executed."""
    command = installation.login_program
    if not command:
        yield ok(N_("no program checks passwords: [login_program] command is empty"))
        return
    why = fault(command) or unusable(command)
    if why is not None:
        yield problem("{why}", N_("correct it; `classcord check-config` says whether it is right"), why=why)
    else:
        yield ok(N_("{program} is there, and may be executed"), program=command[0])
