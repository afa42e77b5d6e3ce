"""`classcord doctor` as it is typed: what it shows, and its exit status; once against a real running server."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from classcord.cli.doctor import run as doctor_work
from classcord.cli.doctor.checks import CHECKS, Machine
from classcord.cli.doctor.checks.machine import ProgramResult
from classcord.services.tls.certificates import make_self_signed
from tests.cli.conftest import Run
from tests.cli.doctor.installations import NOON, PaperMachine
from tests.server import BOUND, FACES, ROOT, Server, running

pytestmark = pytest.mark.usefixtures("_elsewhere_in_english")


@pytest.fixture
def run(classcord: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs `classcord doctor ...` on a machine."""

    def run(*argv: str | Path, machine: Machine | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr(doctor_work, "ThisMachine", lambda: machine or PaperMachine())
        return classcord("doctor", *argv)

    return run


def by_check(out: str) -> dict[str, list[tuple[str, str]]]:
    """Return the level and sentence of each finding that --json has reported."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in json.loads(out)["findings"]:
        found.setdefault(each["check"], []).append((each["level"], each["text"]))
    return found


@pytest.fixture
def data(classcord: Run, tmp_path: Path) -> Path:
    """What a first start makes on the paper machine's day, so that only what a test says is wrong."""
    assert classcord("init")[0] == 0
    data = tmp_path / "var"
    (data / "first-password").unlink()
    with closing(sqlite3.connect(data / "classcord.db")) as database:  # its owner has changed it
        database.execute("UPDATE users SET must_change = 0")
        database.commit()
    for file in (data / "tls").iterdir():
        file.unlink()
    make_self_signed(data / "tls", datetime.fromtimestamp(NOON, timezone.utc))
    return data


class TestWithoutAServer:
    def test_before_the_first_start(self, run: Run, tmp_path: Path) -> None:
        """In an empty folder nothing needs action, and nothing is made."""
        status, out, err = run("--data", "here")
        assert (status, err) == (0, "")
        assert "advice  Data folder     there is no folder " in out
        assert f"\n                        → classcord init --data {tmp_path}/here\n" in out
        assert out.endswith("\n\nNothing needs action. Advice: 2\n")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.usefixtures("data")
    def test_after_it(self, run: Run) -> None:
        """What `init` makes is right; each check says so in one line."""
        status, out, _ = run("--json", machine=PaperMachine(addresses=["127.0.0.1"]))
        assert status == 0
        found = by_check(out)
        assert list(found) == ["settings", *(check.name for check in CHECKS)]
        assert {name for name, lines in found.items() if {level for level, _ in lines} != {"ok"}} == {"backups"}
        assert json.loads(out)["problems"] == 0

    @pytest.mark.usefixtures("data")
    def test_all_is_well(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where there is nothing to do, it says so."""
        monkeypatch.setattr(doctor_work, "CHECKS", [check for check in CHECKS if check.name == "rights"])
        assert run() == (
            0,
            (
                "ok  Settings  there is no etc/classcord.toml here: these are the built-in defaults\n"
                "ok  Rights    nobody but the server can read its secrets\n\nAll is well.\n"
            ),
            "",
        )

    def test_a_problem(self, run: Run, data: Path) -> None:
        """What needs action makes the exit status 1, in the table and as JSON."""
        data.chmod(0o722)
        status, out, _ = run()
        assert status == 1
        assert "to do   Rights          others may write in " in out
        assert "\nTo do: 1. Advice: " in out
        status, out, _ = run("--json")
        report = json.loads(out)
        assert (status, report["problems"]) == (1, 1)
        [problem] = [each for each in report["findings"] if each["level"] == "problem"]
        assert problem["check"] == "rights"
        assert problem["remedy"] == f"chmod 700 {data}"

    def test_in_french(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        """Sentences are the terminal's language; what scripts look at is not."""
        monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
        status, out, _ = run("--json")
        assert status == 0
        [(level, text)] = by_check(out)["data"]
        assert level == "advice"
        assert text.startswith("il n’y a pas encore de dossier ")

    def test_a_narrow_terminal(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        """On a terminal lines are folded within its width, and coloured."""
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", "60")
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.delenv("NO_COLOR", raising=False)
        _, out, _ = run()
        assert "\x1b[" in out
        assert max(len(line) for line in re.sub("\x1b\\[[0-9;]*m", "", out).splitlines()) <= 60

    def test_what_others_have_written(self, run: Run, tmp_path: Path) -> None:
        """A file's name cannot command the terminal."""
        (tmp_path / "admin_keys").mkdir(mode=0o700)
        (tmp_path / "admin_keys" / "\x1b[2Jx.pub").write_text("nothing", "utf-8")
        status, out, _ = run()
        assert status == 1
        assert "this key is passed over" in out
        assert "\x1b" not in out


class TestSettings:
    @pytest.mark.usefixtures("data")
    def test_read(self, run: Run, tmp_path: Path) -> None:
        """Settings that are right are named, and followed."""
        file = tmp_path / "my.toml"
        file.write_text("[alerts]\nfree_disk = 60_000\n[listen]\ntls = []\nweb_tls = []\n", "utf-8")
        status, out, _ = run("--config", file, "--json")
        found = by_check(out)
        assert status == 1
        assert found["settings"] == [("ok", f"{file} is right")]
        assert found["disk"] == [("problem", "50000 MB are free; [alerts] free_disk wants 60000")]
        assert found["certificate"] == [("ok", "TLS is switched off: [listen] tls and web_tls are empty")]

    @pytest.mark.parametrize("content", ["[limits]\nburst = -1\n", "[limits\n", None])
    def test_broken(self, run: Run, tmp_path: Path, content: str | None) -> None:
        """With settings that are refused the rest cannot be known: that is told, and what does not depend on them."""
        file = tmp_path / "my.toml"
        if content is not None:
            file.write_text(content, "utf-8")
        status, out, _ = run("--config", file, "--json")
        assert status == 1
        found = by_check(out)
        assert list(found) == ["settings", "versions", "time_zones"]
        assert found["settings"][0][0] == "problem"
        assert str(file) in found["settings"][0][1]

    def test_followed_from_the_command_line(self, run: Run) -> None:
        """--set counts as it does for the server."""
        _, out, _ = run("--json", "--set", "listen.tls=", "--set", "listen.web_tls=")
        assert by_check(out)["certificate"][0][0] == "ok"

    def test_asked_wrongly(self, run: Run) -> None:
        """A wrong --set or option is no finding: nothing is looked at."""
        status, out, err = run("--set", "limits.brust=7")
        assert (status, out) == (2, "")
        assert err.startswith("classcord: ")
        assert len(err.splitlines()) == 1
        assert run("--jsno")[0] == 2

    @pytest.mark.usefixtures("data")
    def test_the_password_of_the_mail_relay(self, run: Run, tmp_path: Path) -> None:
        """A secret that only the settings know of is looked at, too."""
        secret = tmp_path / "smtp-password"
        secret.write_text("azerty", "utf-8")
        secret.chmod(0o644)
        _, out, _ = run("--json", "--set", f"alerts.password_file={secret}")
        assert ("problem", f"others may read {secret}") in by_check(out)["rights"]


class TestWithAServer:
    """The real command in a process of its own, beside a real server."""

    def doctor(self, server: Server, *options: str) -> tuple[int, dict[str, Any], str]:
        ended = subprocess.run(
            [
                sys.executable,
                "-c",
                "from classcord.cli import main; raise SystemExit(main())",
                "doctor",
                "--json",
                "--data",
                server.data,
                *self.as_it_listens(server),
                *options,
            ],
            cwd=server.folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            encoding="utf-8",
            timeout=BOUND,
            check=False,
        )
        return ended.returncode, by_check(ended.stdout) if ended.stdout else {}, ended.stderr

    def as_it_listens(self, server: Server) -> list[str]:
        """Return the options by which the ports that the server was given by the kernel are in the settings."""
        options = ["--set", "listen.metrics="]
        for face, word in (("chat", "tcp"), *((face, face) for face in FACES[1:])):
            host, _, port = server.places(word)[0].rpartition(":")
            options += ["--set", f"listen.{face}=tcp:{port}:interface={host}"]
        return options

    @pytest.mark.slow
    def test_a_running_server(self, tmp_path: Path) -> None:
        """It is seen to run, each listener answers, the database is read; nobody who is connected notices."""
        with running(tmp_path) as server, server.client() as claire:
            claire.register("claire").say("Bonjour")
            before = sorted(path.name for path in server.data.rglob("*"))
            _, found, errors = self.doctor(server)
            assert errors == ""
            assert found["data"] == [("ok", f"{server.data}, a server is running with it")]
            [(level, text)] = found["ports"]
            assert level == "ok", text
            assert text.startswith("our server answers on chat tcp:")
            assert text.count("tcp:") == len(FACES)
            assert found["database"] == [("ok", f"{server.data}/classcord.db is whole")]
            assert found["rights"] == [("ok", "nobody but the server can read its secrets")]
            assert found["certificate"][0][0] == "ok"
            assert found["stop"] == [("ok", "no stop is under way")]
            assert sorted(path.name for path in server.data.rglob("*")) == before
            assert claire.ask(type="users")["type"] == "users"

            taken = f"listen.chat=tcp:{server.address('ssh')[1]}:interface=127.0.0.1"
            status, found, _ = self.doctor(server, "--set", taken)
            assert status == 1
            assert found["ports"][0][1].startswith("something is on chat tcp:")

            assert server.ctl("restart", "1h", "--yes").returncode == 0
            assert self.doctor(server)[1]["stop"][0][1].startswith("the server restarts in ")


def test_programs_are_asked_for_what_only_they_know(run: Run) -> None:
    """The machine's answers reach the table."""
    machine = PaperMachine(programs={"systemctl show": ProgramResult(0, "LoadState=loaded\nActiveState=failed\n")})
    status, out, _ = run(machine=machine)
    assert status == 1
    assert "→ journalctl -u classcord.service -n 50 says why" in out
