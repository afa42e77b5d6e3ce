"""The example of docs/exploitation.md is a login program: a real server lets people in by it."""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.server import ROOT, Server, running

PASSWORD = "le mot de passe du lycée"


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """Write the example, and the file of people that it reads."""
    page = (ROOT / "docs" / "exploitation.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(#!.*?)```", page, re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= 16
    program, people = tmp_path / "check", tmp_path / "people.csv"
    program.write_text(code.replace("/usr/bin/python3", sys.executable), "utf-8")
    program.chmod(0o755)
    digest = hashlib.sha256(PASSWORD.encode()).hexdigest()
    people.write_text(f"léa;{digest};member\nprof;{digest};owner\n", "utf-8")
    return [str(program), str(people)]


def asked(server: Server, name: str, password: str = PASSWORD) -> dict[str, Any]:
    with server.client().hello() as client:
        answer: dict[str, Any] = client.ask(type="login", username=name, password=password)
        return answer


def test_the_example_lets_people_in(tmp_path: Path, command: list[str]) -> None:
    """By their passwords, with a role that is not above the highest one; and refuses others, also where it fails."""
    words = ", ".join(f'"{each}"' for each in command)
    options = ("--set", f"login_program.command=[{words}]", "--set", "login_program.highest_role=moderator")
    with running(tmp_path, *options) as server:
        assert asked(server, "Léa")["username"] == "léa"
        assert asked(server, "prof")["role"] == "moderator"
        assert asked(server, "prof", "wrong")["code"] == "login_failed"
        assert asked(server, "nobody")["code"] == "login_failed"
        Path(command[0]).write_text("#!/bin/sh\necho 'the SSO is down' >&2\nexit 3\n", "utf-8")
        refused = asked(server, "prof")
        assert (refused["code"], refused["retry_after"]) == ("busy", 5)
        assert "the login program says: the SSO is down" in server.logged()
        assert "its exit status is 3" in server.logged()
