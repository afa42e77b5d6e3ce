"""The READMEs: both show the same commands; somebody without rights types each of them on a scratch clone."""

from __future__ import annotations

import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.readme import LONG, ROOT, Terminal, User, commands, reader

ELSEWHERE = {
    "make deb": "tests/system/test_debian_package.py",
    "apt install ./build/deb/classcord_*.deb": "tests/system/test_debian_package.py",
    "docker compose up -d": "tests/system/test_container.py",
    "make bench": "bench/README.md",
    "make crash-test": "tests/test_crash.py",
    "make test-system": ".ci/run",
    "twistd classcord": "tests/system/test_systemd.py",
    "classcord chat": "tests/test_readme.py",
    "classcord ctl": "tests/test_readme.py",
}
"""Commands that need more than somebody without rights has, take too long, or stand there with all their options."""

IN_FRENCH = {
    "alice": "carol",
    "Bonjour de la salle B12": "Hello from room B12",
    "serveur": "server",
    "FICHIER": "FILE",
    "trop de bruit": "too loud",
}


NEW = "owner's own 1"


class Visit:
    """One visit to a scratch clone: what is typed at which terminal, and what the first server printed."""

    def __init__(self, user: User, clone: Path) -> None:
        self.user = user
        self.clone = clone
        self.server: Terminal | None = None
        self.nc: Terminal | None = None
        self.fingerprint = self.host_key = self.password = self.backup = ""

    def does(self, command: str, *, status: int = 0) -> str:
        """Do what ends by itself."""
        done = self.user.run(command, self.clone)
        assert done.returncode == status, f"{command}: {done.returncode}\n{done.stdout[-8000:]}"
        return done.stdout

    def start(self, command: str) -> None:
        """Start the server, see its banner, and reach it."""
        if self.server is not None:
            self.stop()
        self.server = self.user.open(command, self.clone)
        self.server.wait_for(r"ClassCord \d+\.\d+\.\d+", LONG)
        self.fingerprint = self.server.wait_for("sha256:[0-9A-F:]{95}")[0]
        self.host_key = self.server.wait_for(r"SHA256:[\w+/]{43}")[0]
        self.server.wait_for("first-password|Données .*/var")
        with socket.create_connection(("127.0.0.1", 12345), 20) as client:
            client.sendall(b'{"type":"hello","protocol":2}\n')
            assert b'"hello"' in client.recv(4096)

    def stop(self) -> None:
        """Stop it by Ctrl-C: it says so, and nothing of it is left."""
        assert self.server is not None
        self.server.type("\x03")
        self.server.ended()
        assert "Traceback" not in self.server.seen
        assert "Error" not in self.server.seen, self.server.seen[-2000:]
        self.server.close()
        self.server = None
        log = (self.clone / "var" / "log" / "classcord.log").read_text("utf-8")
        assert log.splitlines()[-1].endswith("ClassCord has stopped")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", 12345), 20)

    def close(self) -> None:
        for terminal in (self.nc, self.server):
            if terminal is not None:
                terminal.close()

    # -- each command of README.md, in its order ---------------------------------------------------------------------

    def test_suite(self, command: str) -> None:
        """The suite, as somebody without rights: its floors, for the whole of it takes as long again as before."""
        self.user.environment["ARGS"] = "tests/chat tests/wire tests/store"
        out = self.does(command)
        del self.user.environment["ARGS"]
        assert re.search(r"\d+ passed", out)
        assert "failed" not in out
        print(*out.splitlines()[-8:], sep="\n")

    def register(self, command: str) -> None:
        chat = self.user.open(command, self.clone)
        chat.wait_for("Password: ?")
        chat.type("azerty1\n")
        chat.wait_for("Again: ?")
        chat.type("azerty1\n")
        chat.wait_for("you are carol")
        chat.type("Hello everyone\n")
        chat.type("/to #dev\n")
        chat.wait_for("#dev> ")
        chat.type("/msg admin May I have a channel for the project?\n")
        chat.wait_for("admin is not here")
        chat.type("/quit\n")
        assert chat.ended() == 0
        chat.close()

    def pipe(self, command: str) -> None:
        """A guest who says one line."""
        self.does(command)
        assert self.server is not None
        self.server.wait_for("Zoé -> #général: Hello from room B12")

    def netcat(self, command: str) -> None:
        """The lines of the page, answered as it shows; bob stays."""
        self.nc = self.user.open(command, self.clone)
        page = (ROOT / "README.md").read_text("utf-8").partition(f"$ {command}\n")[2].partition("\n\n")[0]
        lines = [line.strip() for line in page.splitlines()]
        for asked, answered in ((0, 1), (2, 3), (4, 5)):
            self.nc.type(lines[asked] + "\n")
            self.nc.wait_for(re.escape(lines[asked]))  # the terminal's echo
            self.nc.wait_for(re.escape(lines[answered]))
        self.nc.type(next(line for line in lines if "Salut" in line) + "\n")

    def over_tls(self, command: str) -> None:
        """The fingerprint that the server has printed is the one that is believed."""
        command = re.sub("sha256:\\S+", self.fingerprint, command).replace("192.0.2.2", "127.0.0.1")
        chat = self.user.open(command, self.clone)
        chat.wait_for("Password: ?")
        chat.type("azerty1\n")
        chat.wait_for("you are carol")
        chat.type("/quit\n")
        assert chat.ended() == 0
        chat.close()

    def first_password(self, command: str) -> None:
        self.password = self.does(command).split()[-1]

    def first_login(self, command: str) -> None:
        """OpenSSH shows the key that the server has printed; another password comes before anything else."""
        ssh = self.user.open(command, self.clone)
        assert ssh.wait_for(r"SHA256:[\w+/]{43}")[0] == self.host_key
        ssh.wait_for(r"\(yes/no")
        ssh.type("yes\n")
        ssh.wait_for("(?i)password: ?")
        ssh.type(self.password + "\n")
        for asked, typed in (("came in with", self.password), ("(?i)new password", NEW), ("(?i)again", NEW)):
            ssh.wait_for(asked)
            ssh.type(typed + "\r")
        ssh.wait_for("> ")
        ssh.type("help\r")
        ssh.wait_for("whois")
        ssh.type("q")  # it has several pages
        ssh.wait_for("> ")
        ssh.type("\x04")
        ssh.close()

    def by_key(self, command: str) -> None:
        """A public key in admin_keys/NAME.pub opens the console to NAME."""
        self.does("mkdir -p -m 700 ~/.ssh && ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519")
        self.does("cp ~/.ssh/id_ed25519.pub admin_keys/prof.pub")
        out = self.does(command.replace("@server", "@localhost"))
        assert '"bob"' in out

    def kick(self, command: str) -> None:
        self.does(command)
        assert self.nc is not None
        self.nc.wait_for("too loud")

    def doctor(self, command: str) -> None:
        """It looks at everything; what it finds on a machine is that machine's."""
        done = self.user.run(command, self.clone)
        assert done.returncode in (0, 1), done.stdout
        assert "Traceback" not in done.stdout
        assert re.search("(?m)^ok ", done.stdout)

    def make_backup(self, command: str) -> None:
        self.does(command)
        [made] = (self.clone / "var" / "backups").glob("classcord-*.db.gz")
        self.backup = str(made)

    def restore(self, command: str) -> None:
        """Of the backup that was made before, beside the stopped server."""
        self.stop()
        self.does(f"{command.replace('FILE', self.backup)} --yes")

    def import_users(self, command: str) -> None:
        (self.clone / "pupils.csv").write_text("username,password\nlea,azerty1\n", "utf-8")
        assert "1" in self.does(command.replace("FILE", "pupils.csv"))

    def in_the_background(self, command: str) -> None:
        """`./start_server.sh`, then `status`, `restart`, `stop`."""
        self.does(command)
        for word, status in (("status", 0), ("restart", 0), ("status", 0), ("stop", 0), ("status", 3)):
            self.does(f"{command} {word}", status=status)


STEPS: dict[str, Callable[[Visit, str], object]] = {
    "make run": Visit.start,
    "make test": Visit.test_suite,
    ".venv/bin/classcord chat --register carol@localhost": Visit.register,
    "echo 'Hello from room B12' | .venv/bin/classcord chat --guest Zoé": Visit.pipe,
    "nc localhost 12345": Visit.netcat,
    ".venv/bin/classcord chat --fingerprint sha256:30:75:... carol@192.0.2.2": Visit.over_tls,
    "cat var/first-password": Visit.first_password,
    "ssh -p 2222 admin@localhost": Visit.first_login,
    "ssh -p 2222 prof@server who --json": Visit.by_key,
    '.venv/bin/classcord ctl kick bob 10m "too loud"': Visit.kick,
    ".venv/bin/classcord doctor": Visit.doctor,
    ".venv/bin/classcord backup": Visit.make_backup,
    ".venv/bin/classcord restore FILE": Visit.restore,
    '.venv/bin/classcord cert ca --name "Lycée Jean Moulin"': Visit.does,
    "./start_server.sh": Visit.in_the_background,
    ".venv/bin/classcord import-users --data var FILE": Visit.import_users,
    "classcord check-config": lambda visit, command: visit.does(f".venv/bin/{command}"),
    "make help": Visit.does,
}


def test_every_command_is_known() -> None:
    """Whoever adds a command to README.md says here what it is to do."""
    shown = commands("README.md")
    assert len(shown) > 20
    assert set(shown) == set(STEPS) | set(ELSEWHERE)


def test_what_is_shown_elsewhere_is() -> None:
    assert [file for file in ELSEWHERE.values() if not (ROOT / file).is_file()] == []


def test_both_languages_show_the_same_commands() -> None:
    """But for names, and what is said."""
    translated = []
    for command in commands("README.fr.md"):
        for french, english in IN_FRENCH.items():
            command = command.replace(french, english)  # noqa: PLW2901
        translated.append(command)
    assert translated == commands("README.md")


def _lacking() -> str:
    """Say what this machine lacks for the visit, in one sentence; "" if nothing."""
    for program in ("git", "make", "nc", "ssh", "ssh-keygen", "setsid"):
        if shutil.which(program) is None:
            return f"no {program}; on Debian: apt-get install git make netcat-openbsd openssh-client util-linux"
    return ""


@pytest.fixture
def visit() -> Iterator[Visit]:
    for port in (12345, 12346, 8080, 8443, 2222):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("", port))  # the README's ports: stop whatever listens there on this machine
    with reader() as (user, clone):
        visit = Visit(user, clone)
        yield visit
        visit.close()


@pytest.mark.system
@pytest.mark.slow
@pytest.mark.skipif(bool(_lacking()), reason=_lacking())
def test_each_command_does_its_work(visit: Visit) -> None:
    """Typed in the page's order, from `make run` on a clone that has nothing; all year round comes last."""
    for command in commands("README.md"):
        if command in STEPS:
            print(f"$ {command}")
            began = time.monotonic()
            STEPS[command](visit, command)
            print(f"  {time.monotonic() - began:.0f} s", flush=True)
