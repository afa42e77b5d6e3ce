"""Administration over SSH with the real OpenSSH client, against a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import BOUND, Server, running

pytestmark = pytest.mark.system

OPTIONS = ("-q", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes")


class Administrator:
    """Somebody with a key, or a password, and OpenSSH."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.keys = folder / "keys"

    def make_key(self, name: str, kind: str = "ed25519", options: str = "", *, bits: str = "") -> Path:
        """Make a key pair, and let it in."""
        key = self.folder / f"id_{name}_{kind}"
        sized = ("-b", bits) if bits else ()
        subprocess.run(["ssh-keygen", "-q", "-t", kind, *sized, "-N", "", "-f", key], check=True)
        admitted = self.keys / f"{name}.pub"
        admitted.touch(mode=0o600)
        admitted.write_text(f"{options} {key.with_suffix('.pub').read_text('utf-8')}".lstrip(), "utf-8")
        return key

    def command(self, program: str, key: Path | None, *options: str) -> list[str]:
        """Return the beginning of a command line of ssh, sftp or scp."""
        port = str(self.server.address("ssh")[1])
        how = ("-i", str(key), "-o", "BatchMode=yes") if key else ("-o", "PubkeyAuthentication=no")
        return [program, "-p" if program == "ssh" else "-P", port, *OPTIONS, *how, *options]

    def ssh(
        self, key: Path | None, words: str, *options: str, name: str = "prof", typed: str = "", password: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run one command."""
        environment = os.environ | {"LC_ALL": "C.UTF-8"}
        if password:
            ask = self.folder / "askpass"
            ask.write_text(f"#!/bin/sh\necho '{password}'\n", "utf-8")
            ask.chmod(0o700)
            environment |= {"SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"}
            options = (*options, "-o", "NumberOfPasswordPrompts=1")
        return subprocess.run(
            [*self.command("ssh", key, *options), f"{name}@127.0.0.1", *([words] if words else [])],
            input=typed,
            capture_output=True,
            encoding="utf-8",
            timeout=BOUND,
            check=False,
            env=environment,
        )


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Administrator]:
    folder = tmp_path_factory.mktemp("ssh")
    (folder / "keys").mkdir(mode=0o700)
    with running(folder, "--set", f"ssh.keys={folder / 'keys'}", "--set", "server.language=en") as server:
        yield Administrator(server, folder)


@pytest.fixture(scope="module")
def key(admin: Administrator) -> Path:
    return admin.make_key("prof")


def test_a_command(admin: Administrator, key: Path) -> None:
    """Its answer is on the output, JSON if asked, its status that of the command, its refusal on the errors."""
    done = admin.ssh(key, "who --json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)[0]["name"] == "prof"
    refused = admin.ssh(key, "kick nobody --yes")
    assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", "There is no “nobody” here.\n")
    assert admin.ssh(key, "fly").returncode == 2
    assert admin.ssh(key, "", typed="version\nwho\n").stdout.count("\n") >= 6


@pytest.mark.parametrize(("kind", "bits"), [("ecdsa", "256"), ("rsa", "3072")])
def test_other_kinds_of_keys(admin: Administrator, kind: str, bits: str) -> None:
    """ECDSA, and RSA with SHA-2; never with SHA-1."""
    other = admin.make_key(f"prof-{kind}", kind, bits=bits)
    assert admin.ssh(other, "version", name=f"prof-{kind}").returncode == 0
    if kind == "rsa":
        assert admin.ssh(other, "version", "-o", "PubkeyAcceptedAlgorithms=ssh-rsa", name="prof-rsa").returncode == 255


def test_who_is_not_let_in(admin: Administrator, key: Path) -> None:
    """Another's name, an unknown key, a key past its time or from elsewhere; the audit log says so."""
    assert admin.ssh(key, "who", name="admin").returncode == 255
    for options in ('expiry-time="20200101"', 'from="192.0.2.0/24"'):
        name = f"late{len(options)}"
        assert admin.ssh(admin.make_key(name, options=options), "who", name=name).returncode == 255
    stranger = admin.make_key("stranger")
    (admin.keys / "stranger.pub").unlink()
    assert admin.ssh(stranger, "who", name="stranger").returncode == 255
    assert admin.ssh(key, "version").returncode == 0  # whoever only asked is noted as the connection ends: before this
    assert 'name="stranger"' in admin.server.audit.read_text("utf-8")


def test_a_role_of_a_key(admin: Administrator) -> None:
    """A moderator may do less."""
    mod = admin.make_key("mod", options='role="moderator"')
    assert admin.ssh(mod, "who", name="mod").returncode == 0
    refused = admin.ssh(mod, "export users", name="mod")
    assert (refused.returncode, refused.stdout) == (1, "")


def test_the_first_password(admin: Administrator) -> None:
    """It lets in, to nothing but its change; a wrong one does not."""
    password = (admin.server.data / "first-password").read_text("utf-8").strip()
    refused = admin.ssh(None, "who", name="admin", password=password)
    assert (refused.returncode, "change it first" in refused.stderr) == (1, True)
    assert admin.ssh(None, "who", name="admin", password="wrong").returncode == 255


def test_a_member_is_kicked(admin: Administrator, key: Path) -> None:
    """They hear why, the connection ends, and they are refused."""
    with admin.server.client() as bob:
        bob.register("bob")
        assert bob.ask(type="login", username="bob", password="azerty")["status"] == "ok"
        assert admin.ssh(key, "kick bob 10m Trop de bruit --yes").returncode == 0
        assert "Trop de bruit" in bob.until(subtype="system")["content"]
    with admin.server.client() as again:
        assert again.ask(type="login", username="bob", password="azerty")["code"] == "kicked"


def test_nothing_is_forwarded(admin: Administrator, key: Path) -> None:
    """No port, no agent, no X11; old key exchanges neither."""
    forwarded = admin.ssh(key, "", "-W", "127.0.0.1:22")
    assert forwarded.returncode != 0
    remote = admin.ssh(key, "version", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:22")
    assert remote.returncode == 255
    assert admin.ssh(key, "version", "-X", "-A").returncode == 0
    old = admin.ssh(key, "version", "-o", "KexAlgorithms=diffie-hellman-group14-sha256")
    assert old.returncode == 255


def test_files(admin: Administrator, key: Path) -> None:
    """Scp puts into import/, sftp gets from exports/; nothing else is there."""
    list_file = admin.folder / "élèves.csv"
    list_file.write_text("nom\nalice\n", "utf-8")
    put = [*admin.command("scp", key), str(list_file), "prof@127.0.0.1:import/"]
    assert subprocess.run(put, timeout=BOUND, check=False).returncode == 0
    assert (admin.server.data / "import" / "élèves.csv").read_text("utf-8") == "nom\nalice\n"
    exports = admin.server.data / "exports"
    exports.mkdir(mode=0o700, exist_ok=True)
    (exports / "users.csv").write_text("x", "utf-8")
    get = [*admin.command("scp", key), "prof@127.0.0.1:exports/users.csv", str(admin.folder / "got.csv")]
    assert subprocess.run(get, timeout=BOUND, check=False).returncode == 0
    assert (admin.folder / "got.csv").read_text("utf-8") == "x"
    escape = [*admin.command("scp", key), "prof@127.0.0.1:../../../etc/passwd", str(admin.folder / "passwd")]
    assert subprocess.run(escape, timeout=BOUND, check=False, capture_output=True).returncode != 0
    assert not (admin.folder / "passwd").exists()


@pytest.mark.parametrize(
    "way", ["sftp that reads", "sftp that puts", "scp to", "scp from", "sftp refused", "a command"]
)
def test_nobody_is_left(admin: Administrator, way: str) -> None:
    """Whoever has copied files, or was refused one, is in no list of who is here any more."""
    name = f"copyist{way.replace(' ', '')}"
    key = admin.make_key(name)
    (admin.folder / "one.csv").write_text("nom\n", "utf-8")
    (admin.server.data / "exports").mkdir(mode=0o700, exist_ok=True)
    (admin.server.data / "exports" / "one.csv").write_text("x", "utf-8")
    sftp, there = [*admin.command("sftp", key, "-b", "-")], f"{name}@127.0.0.1"
    words, typed = {
        "sftp that reads": ([*sftp, there], "ls /\n"),
        "sftp that puts": ([*sftp, there], f"put {admin.folder}/one.csv import/\nls import\n"),
        "sftp refused": ([*sftp, there], "get exports/none\n"),
        "scp to": ([*admin.command("scp", key), str(admin.folder / "one.csv"), f"{there}:import/"], ""),
        "scp from": ([*admin.command("scp", key), f"{there}:exports/one.csv", str(admin.folder / "got.csv")], ""),
        "a command": ([*admin.command("ssh", key), there, "who"], ""),
    }[way]
    for _ in range(3):
        done = subprocess.run(
            words, input=typed, capture_output=True, encoding="utf-8", timeout=BOUND, check=False, cwd=admin.folder
        )
        assert (done.returncode == 0) == (way != "sftp refused"), done.stderr
    for command in ("who", "sessions"):
        assert name not in admin.server.ctl(command).stdout


def test_a_revoked_key(admin: Administrator) -> None:
    """Its open console ends within moments, without anybody's doing."""
    leaver = admin.make_key("leaver")
    console = subprocess.Popen(
        [*admin.command("ssh", leaver, "-tt"), "leaver@127.0.0.1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert console.stdout is not None
    seen = b""
    while b"leaver@" not in seen:
        seen += os.read(console.stdout.fileno(), 4096)
    (admin.keys / "leaver.pub").unlink()
    assert console.wait(BOUND) == 255
    console.stdout.close()
    assert console.stdin is not None
    console.stdin.close()


def test_a_large_export_that_is_not_read(admin: Administrator, key: Path) -> None:
    """A client that goes away in the middle leaves the server as it was."""
    watching = subprocess.Popen(
        [*admin.command("ssh", key), "prof@127.0.0.1", "export audit --format ndjson"], stdout=subprocess.PIPE
    )
    assert watching.stdout is not None
    assert watching.stdout.read(1)
    watching.kill()
    watching.wait(BOUND)
    watching.stdout.close()
    assert admin.ssh(key, "version").returncode == 0


def test_the_control_socket(admin: Administrator) -> None:
    """`classcord ctl` is the same, without SSH and without a key."""
    program = "import sys; from classcord.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", program, "ctl", "--data", str(admin.server.data), "who", "--json"],
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)[0]["role"] == "owner"
    assert (admin.server.data / "control").stat().st_mode & 0o777 == 0o600
