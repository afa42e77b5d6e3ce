"""`password-elsewhere` and `password-here` with a real server, whose login program knows other passwords."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.server import Server

PROGRAM = """\
import json, sys
asked = json.loads(sys.stdin.readline())
print(json.dumps({"valid": asked["password"] == "de l'école", "name": asked["name"]}))
"""


def test_there_and_back(tmp_path: Path) -> None:
    """Each way ends the open session; only the password of where it is checked lets in, also after a restart."""
    program = tmp_path / "logins.py"
    program.write_text(PROGRAM, encoding="utf-8")
    command = f"login_program.command={json.dumps([sys.executable, str(program)])}"
    with Server(tmp_path, "--set", command) as server:
        with server.client() as bob:
            bob.hello().register("bob")
            bob.ask(type="login", username="bob", password="azerty")
            moved = server.ctl("password-elsewhere", "bob", "--yes")
            assert (moved.returncode, moved.stderr) == (0, "")
            lines = [*bob]
            assert any("come in again with the one of your school" in str(line) for line in lines), lines
        with server.client() as bob:
            bob.hello()
            assert bob.ask(type="login", username="bob", password="azerty")["code"] == "login_failed"
            assert bob.ask(type="login", username="bob", password="de l'école")["status"] == "ok"
        assert "already" in server.ctl("password-elsewhere", "bob", "--yes").stderr
        assert server.stop() == 0
    with Server(tmp_path, "--set", command) as server, server.client() as bob:
        assert json.loads(server.ctl("whois", "bob", "--json").stdout)["password_kept"] == "elsewhere"
        once = json.loads(server.ctl("password-here", "bob", "--json").stdout)["password"]
        bob.hello()
        assert bob.ask(type="login", username="bob", password="de l'école")["code"] == "login_failed"
        assert bob.ask(type="login", username="bob", password=once)["must_change"] is True
        trail = json.loads(server.ctl("audit", "20", "--json").stdout)
        assert [each["action"] for each in trail if each["action"].startswith("password-")] == [
            "password-elsewhere",
            "password-here",
        ]
