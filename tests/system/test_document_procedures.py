"""The procedures of docs/exploitation.md, typed line by line beside a real server: each command does its work."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import BOUND, LOCAL, ROOT, Server

PAGE = (ROOT / "docs" / "exploitation.md").read_text(encoding="utf-8")
CLASSCORD = f'{sys.executable} -c "import sys; from classcord.cli import main; sys.exit(main())"'
BACKUP = "classcord-20261120-203627.db.gz"  # as the page names the one it means
MACHINE = re.compile(
    r"systemctl (?:status|enable|list-timers|edit)|journalctl|scp |(?:sudo )?install "
)  # not ours here

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("curl") is None, reason="no curl; on Debian: apt-get install curl"),
]


def section(title: str) -> list[str]:
    """Return what is typed in a section of the page."""
    (text,) = re.findall(rf"^##+ {title}\n(.*?)(?=^##+ |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    typed = [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    assert typed
    return typed


class Machine:
    """A machine with the package's server, of which a page can be typed: only its folders and ports are others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.copies = folder / "copies"
        self._start()

    def _start(self) -> None:
        self.server = Server(self.folder, "--set", f"listen.metrics={LOCAL}")
        self._is_open = True

    def close(self) -> None:
        """Release the server, whether it runs or was stopped; once for each."""
        if self._is_open:
            self._is_open = False
            self.server.close()

    def type(self, line: str) -> str:
        """Do what a line says; return what it prints. A command that fails is a failure of the page."""
        line = line.removeprefix("sudo ")
        if line == "systemctl stop classcord":
            assert self.server.stop() == 0
            self.close()
            return ""
        if line == "systemctl start classcord":
            self._start()
            return ""
        return self._shell(line.replace("classcord restore /", "classcord restore --yes /"))  # nobody is asked here

    def _shell(self, line: str) -> str:
        newest = max((file.name for file in (self.server.data / "backups").glob("*.gz")), default="")
        line = re.sub(r"^classcord ", lambda _: f"{CLASSCORD} ", line.replace(BACKUP, newest))
        line = line.replace("/var/lib/classcord", str(self.server.data)).replace("/mnt/sauvegardes", str(self.copies))
        line = line.replace("127.0.0.1:12347", self.server.places("metrics")[0])
        done = subprocess.run(
            line,
            shell=True,
            cwd=self.folder,
            env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT), "CLASSCORD_DATA": str(self.server.data)},
            capture_output=True,
            encoding="utf-8",
            timeout=BOUND,
            check=False,
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        return done.stdout


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    made.close()


def follow(machine: Machine, title: str, *left_out: str) -> dict[str, str]:
    """Type a section line by line, but for the lines with such words; return what each printed."""
    lines = [line for line in section(title) if not MACHINE.search(line)]
    return {line: machine.type(line) for line in lines if not any(words in line for words in left_out)}


def test_backups_are_made_checked_and_restored(machine: Machine) -> None:
    """Who follows the page has a backup that is sound, has seen what is in it, and has gone back to it."""
    with machine.server.client() as bob:
        bob.register("bob")
    follow(machine, "Sauvegarder")
    shutil.copytree(machine.server.data / "backups", machine.copies)
    with machine.server.client() as zoe:
        zoe.register("zoé")

    printed = follow(machine, "Vérifier")
    assert "bob,member" in printed["sudo classcord export users --data /var/lib/classcord/essai --output -"]
    assert not (machine.server.data / "essai").exists()

    follow(machine, "Restaurer")
    with machine.server.client() as client:
        assert client.ask(type="login", username="zoé", password="azerty")["code"] == "login_failed"
        client.login("bob")


def test_certificate_is_made(machine: Machine) -> None:
    """Who follows the page has an authority, and a certificate of its for the names that were given."""
    printed = follow(machine, "Certificats")
    assert "chat.lycee.example, 192.168.1.20" in printed["sudo classcord cert show"]


def test_figures_are_there(machine: Machine) -> None:
    """What the page asks by curl is answered."""
    printed = follow(machine, "Surveiller", "test-mail", "prometheus", "nc ")
    assert "classcord_people 0.0" in "".join(printed.values())


def test_class_is_taken_over(machine: Machine) -> None:
    """The accounts are made, sanctioned, exported and imported as the page says."""
    with machine.server.client() as bob:
        bob.register("bob")
    place = machine.server.data / "import" / "eleves.csv"
    place.parent.mkdir(exist_ok=True)
    place.write_text("username,password\nléa,azerty1\n", encoding="utf-8")
    for name, form in (("classe.csv", "SIO 1"), ("ecole.csv", "SIO 2")):  # in September, and a year later
        place.with_name(name).write_text(f"Nom;Prénom;Classe\nDupont;Marie;{form}\n", encoding="cp1252")
    follow(machine, "Les personnes")
    assert any("marie.dupont" in slips.read_text("utf-8") for slips in (machine.server.data / "slips").glob("*.html"))
    follow(machine, "Exporter")
    assert "martin,moderator" in (machine.folder / "comptes.csv").read_text(encoding="utf-8")
    with machine.server.client() as client:
        assert client.ask(type="login", username="bob", password="azerty")["code"] == "banned"
        client.login("léa", "azerty1")
