"""The doctor's look at what checks passwords outside: a directory, a program."""

from __future__ import annotations

from pathlib import Path

import pytest

from classcord.chat.text import Text
from classcord.cli.doctor.checks import outside
from classcord.cli.doctor.checks.machine import ThisMachine
from classcord.services.passwords.directory.options import DirectoryOptions
from tests.cli.doctor.installations import PaperMachine, findings, installation

ONE, TWO = "ldaps://one.example", "ldap://two.example"
OPTIONS = DirectoryOptions(urls=(ONE, TWO), base="dc=x")


def found(data: Path, options: DirectoryOptions | None, machine: PaperMachine | ThisMachine | None = None) -> list[str]:
    return findings(outside.directory, installation(data, directory=options), machine)


def test_without_a_directory(tmp_path: Path) -> None:
    """Which nobody has to mend."""
    assert found(tmp_path, None) == ["ok: all passwords are kept here: [ldap] urls is empty"]


def test_servers_that_answer(tmp_path: Path) -> None:
    """One line each; of a single one, that nobody takes its place."""
    assert found(tmp_path, OPTIONS) == [f"ok: {url} answers, within TLS" for url in (ONE, TWO)]
    answers, alone = found(tmp_path, OPTIONS._replace(urls=(ONE,)))
    assert answers.startswith("ok: ")
    assert alone.startswith("advice: there is one server")


def test_a_server_that_cannot_be_asked(tmp_path: Path) -> None:
    """With why; the other one is looked at all the same."""
    machine = PaperMachine(unasked={ONE: Text("it does not answer in time")})
    bad, good = found(tmp_path, OPTIONS, machine)
    assert bad.startswith(f"problem: {ONE} lets nobody log in: it does not answer in time → correct [ldap]")
    assert good == f"ok: {TWO} answers, within TLS"


def test_passwords_in_clear(tmp_path: Path) -> None:
    """Only of the server that gets them so."""
    good, bad = found(tmp_path, OPTIONS._replace(starttls=False))
    assert good == f"ok: {ONE} answers, within TLS"
    assert bad.startswith(f"problem: {TWO} gets every password in clear")


def test_this_machine_asks_the_server_itself(tmp_path: Path) -> None:
    """With the library, or saying that it is missing."""
    (line,) = found(tmp_path, OPTIONS._replace(urls=("ldap://127.0.0.1:1",)), ThisMachine())[:1]
    assert line.startswith("problem: ldap://127.0.0.1:1 lets nobody log in: ")
    assert "it cannot be reached (Connection refused)" in line or "needs python-ldap" in line


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ((), "ok: no program checks passwords"),
        (("/bin/sh", "-c", "true"), "ok: /bin/sh is there, and may be executed"),
        (("check",), "problem: [login_program] command: check must be an absolute path"),
        (("/no/such/program",), "problem: [login_program] command: /no/such/program is not there"),
    ],
)
def test_the_login_program(tmp_path: Path, command: tuple[str, ...], line: str) -> None:
    """Whether it could be run; it is not."""
    (said,) = findings(outside.login_program, installation(tmp_path, login_program=command))
    assert said.startswith(line)
