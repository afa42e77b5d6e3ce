"""The Debian package, built and installed into a fresh Debian: started as its unit asks, used, upgraded, purged.

The fresh Debian is a chroot that mmdebstrap makes once, from where this machine has its own packages; it is kept in
build/ for the next time. No systemd runs in it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.manager import Managed
from tests.server import BOUND, FACES, ROOT
from tests.system.confined import confined, read
from tests.system.containers import BASE_OPTIONS

PATIENCE = 300.0  # seconds for what brings packages over the network
CACHE = ROOT / "build" / "debian"
LOCAL = "tcp:0:interface=127.0.0.1"  # a free port, of this machine alone
PROGRAMS = "/usr/sbin:/usr/bin:/sbin:/bin"
TOOLS = ("mmdebstrap", "dpkg-deb", "tar", "unshare")

pytestmark = [
    pytest.mark.system,
    pytest.mark.slow,
    pytest.mark.skipif(
        os.geteuid() != 0 or not all(map(shutil.which, TOOLS)) or not Path("/etc/debian_version").exists(),
        reason="needs root on Debian, mmdebstrap and dpkg-deb",
    ),
]


def run(
    *command: str | Path, cwd: Path = ROOT, within: float = BOUND, environment: Mapping[str, str] = os.environ
) -> str:
    """Run a command that must succeed; return what it says."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=within,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def package() -> Path:
    """The package, as `make deb` builds it."""
    python = ("/usr/bin/python3", "-c", "import ensurepip, venv")
    if shutil.which(python[0]) is None or subprocess.run(python, capture_output=True, check=False).returncode:
        pytest.skip("the system's own Python cannot make environments; on Debian: apt-get install python3-venv")
    quickly = os.environ | {"DPKG_DEB_COMPRESSOR_LEVEL": "1"}  # nobody keeps it
    return Path(run("make", "--silent", "deb", within=PATIENCE, environment=quickly).splitlines()[-1])


@pytest.fixture(scope="module")
def base() -> Path:
    """An archive of a small Debian of this machine's version, made the first time."""
    archive = CACHE / "base.tar"
    if archive.exists():
        return archive
    CACHE.mkdir(parents=True, exist_ok=True)
    suite = re.findall(r"^VERSION_CODENAME=(.*)$", Path("/etc/os-release").read_text("utf-8"), re.MULTILINE)[0]
    options = [*BASE_OPTIONS, "--quiet", "--variant=minbase", "--format=tar"]
    options += ["--include=adduser,logrotate,python3-minimal,libpython3-stdlib,python3"]
    run("mmdebstrap", *options, suite, archive.with_suffix(".new"), mirror(suite), within=PATIENCE)
    archive.with_suffix(".new").rename(archive)
    return archive


def mirror(suite: str) -> str:
    """Return where this machine has its own packages of a version of Debian from."""
    folder = Path("/etc/apt")
    for file in sorted(folder.glob("sources.list.d/*.sources")):
        for stanza in file.read_text("utf-8").split("\n\n"):
            fields = dict(re.findall(r"^(\w[\w-]*): *(.*)$", stanza, re.MULTILINE))
            if suite in fields.get("Suites", "").split():
                return str(fields["URIs"].split()[0])
    for file in (folder / "sources.list", *sorted(folder.glob("sources.list.d/*.list"))):
        found = re.search(
            rf"^deb (?:\[.*\] )?(\S+) {suite} ", file.read_text("utf-8") if file.exists() else "", re.MULTILINE
        )
        if found:
            return str(found[1])
    pytest.skip(f"this machine's sources of packages have no {suite}")


class Debian:
    """A fresh Debian in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = root / "var" / "lib" / "classcord"
        self.settings = root / "etc" / "classcord" / "classcord.toml"

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it as root; return how it ended, with all it said."""
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
        }
        return subprocess.run(
            ["chroot", str(self.root), *command],
            env=environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )

    def does(self, *command: str, **variables: str) -> str:
        """Run a command in it that must succeed."""
        done = self.run(*command, **variables)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def install(self, package: Path) -> str:
        shutil.copy(package, self.root / "classcord.deb")
        return self.does("dpkg", "--install", "/classcord.deb")

    def mode(self, path: str) -> str:
        """Return owner, group and mode of a file: `root:classcord 640`."""
        return self.does("stat", "--format=%U:%G %a", path).strip()

    def start(self) -> Managed:
        """Start the server as its unit says, confined as the unit asks."""
        unit = self.root / "lib" / "systemd" / "system" / "classcord.service"
        asked = read(unit)
        command = confined(unit, self.data, *asked["ExecStart"][0].split(), root=self.root, user=asked["User"][0])
        return Managed(command, self.root, {"PYTHONPATH": "", "PATH": PROGRAMS})

    def ctl(self, *words: str) -> str:
        return self.does("classcord", "ctl", *words)


@pytest.fixture
def debian(base: Path, tmp_path: Path) -> Iterator[Debian]:
    root = tmp_path / "debian"
    root.mkdir(mode=0o755)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder.stat().st_mode & 0o077 == 0:
            folder.chmod(0o711)  # the server's user comes this way, to its socket
    run("tar", "--extract", "--file", base, "--directory", root, "--same-owner", within=PATIENCE)
    yield Debian(root)
    shutil.rmtree(root)


def test_what_is_in_it(package: Path) -> None:
    """Programs, settings that dpkg keeps, units; nothing of the machine that built it, none that others write."""
    listed = run("dpkg-deb", "--contents", package).splitlines()
    files = {line.split(None, 5)[5].removeprefix(".").partition(" -> ")[0]: line.split()[:2] for line in listed}
    assert {
        "/usr/bin/classcord",
        "/usr/lib/classcord/bin/twistd",
        "/etc/classcord/classcord.toml",
        "/etc/classcord/admin_keys/README.md",
        "/etc/logrotate.d/classcord",
        "/usr/share/man/man1/classcord.1.gz",
        *(f"/lib/systemd/system/{unit.name}" for unit in (ROOT / "etc" / "systemd").iterdir()),
    } <= set(files)
    assert {owner for _mode, owner in files.values()} == {"root/root"}
    assert [name for name, (mode, _) in files.items() if mode[0] != "l" and "w" in mode[5:]] == []
    kept = run("dpkg-deb", "--info", package, "conffiles").splitlines()
    assert sorted(kept) == sorted(name for name in files if name.startswith("/etc/") and not name.endswith("/"))
    unpacked = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], capture_output=True, check=True).stdout
    assert str(ROOT).encode() not in unpacked


def test_its_pages_lead_to_each_other(package: Path, tmp_path: Path) -> None:
    """Every link of a page within the package leads to something, the schema of the protocol among them."""
    run("dpkg-deb", "--extract", package, tmp_path)
    pages = tmp_path / "usr/share/doc/classcord"
    links = {
        (page, link)
        for page in pages.rglob("*.md")
        for link in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
        if "://" not in link
    }
    assert (pages / "docs/protocole.md", "protocol.schema.json") in links
    assert [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()] == []


@pytest.mark.skipif(not shutil.which("lintian"), reason="lintian is not installed")
def test_lintian_is_content(package: Path) -> None:
    """Debian's own critic finds nothing, but for what the package's overrides give a reason for."""
    run("lintian", "--allow-root", "--fail-on=error,warning", package, within=PATIENCE)


def test_life_of_a_package(debian: Debian, package: Path) -> None:
    """Installed, it serves as its own user; an upgrade makes a backup; removal leaves the data, a purge nothing."""
    said = debian.install(package)
    assert "/var/lib/classcord/first-password" in said
    assert debian.mode("/etc/classcord") == debian.mode("/etc/classcord/admin_keys") == "root:classcord 750"
    assert debian.mode("/etc/classcord/classcord.toml") == "root:classcord 640"
    assert debian.mode("/var/lib/classcord") == "classcord:classcord 700"
    wanted = debian.root / "etc" / "systemd" / "system"
    assert (wanted / "multi-user.target.wants" / "classcord.service").is_symlink()
    assert (wanted / "timers.target.wants" / "classcord-backup.timer").is_symlink()
    assert debian.does("classcord", "check-config") == "ok\n"

    listen = {face: [LOCAL] for face in (*FACES, "metrics")}
    text = debian.settings.read_text("utf-8")
    for face, places in listen.items():
        text = re.sub(rf"^{face} = \[.*\]$", f"{face} = {places}".replace("'", '"'), text, flags=re.MULTILINE)
    debian.settings.write_text(text, "utf-8")
    with debian.start() as server:
        server.hears("READY=1")
        with server.client() as alice:
            alice.register("alice")
            alice.say("Bonjour")
            alice.hello()
        host, port = server.place("metrics")
        with urlopen(f"http://{host}:{port}/metrics", timeout=BOUND) as figures:
            assert {b"process_start_time_seconds", b"process_open_fds"} <= set(figures.read().split())
        assert debian.mode("/var/lib/classcord/classcord.db") == "classcord:classcord 600"
        version = debian.does("dpkg-query", "--show", "--showformat=${Version}", "classcord")
        assert debian.ctl("version").split()[:2] == ["version", version]
        debian.does("logrotate", "--force", "/etc/logrotate.d/classcord")
        server.hears("RELOADING=1")
        assert debian.mode("/var/lib/classcord/log/classcord.log") == "classcord:classcord 600"
        debian.install(package)  # the server goes on meanwhile: where systemd runs, it is restarted at the end
        assert list((debian.data / "backups").iterdir())
        assert debian.settings.read_text("utf-8") == text
        assert server.stop() == 0, server.journal()

    with debian.start() as server:
        server.hears("READY=1")
        with server.client() as alice:
            alice.hello().login("alice")
            alice.send(type="history", id="1")
            assert [each["content"] for each in alice.until(id="1")["messages"]] == ["Bonjour"]
        assert server.stop() == 0

    assert "/var/lib/classcord" in debian.does("dpkg", "--remove", "classcord")
    assert (debian.data / "classcord.db").exists()
    assert not (debian.root / "usr" / "lib" / "classcord").exists()
    assert "/var/lib/classcord" in debian.does("dpkg", "--purge", "classcord")
    assert not debian.data.exists()
    assert not (debian.root / "etc" / "classcord").exists()
    assert "classcord" not in (debian.root / "etc" / "passwd").read_text("utf-8")
    assert list(wanted.rglob("classcord*")) == []


def test_where_systemd_runs(debian: Debian, package: Path) -> None:
    """There, an installation or upgrade starts the server with the new files, and a removal stops all of it first."""
    (debian.root / "run" / "systemd" / "system").mkdir(parents=True)
    systemctl = debian.root / "usr" / "bin" / "systemctl"
    systemctl.write_text('#!/bin/sh\necho "$*" >>/asked\n', "utf-8")
    systemctl.chmod(0o755)
    asked = debian.root / "asked"
    for _ in ("installation", "upgrade"):
        debian.install(package)
        assert asked.read_text("utf-8").splitlines()[-1].endswith("restart classcord.service classcord-backup.timer")
        asked.unlink()
    debian.does("dpkg", "--remove", "classcord")
    first = asked.read_text("utf-8").splitlines()[0].split()
    units = {unit.name for unit in (ROOT / "etc" / "systemd").iterdir()}
    assert first[0] == "stop"
    assert {*first[1:]} == units - {"classcord-backup.service", "classcord-export.service"}


def test_no_upgrade_without_a_backup(debian: Debian, package: Path) -> None:
    """When no backup can be made, dpkg leaves everything as it was, unless it is told to go on."""
    debian.install(package)
    debian.does("setpriv", "--reuid=classcord", "--regid=classcord", "--clear-groups", "classcord", "init")
    backups = debian.data / "backups"
    if backups.exists():
        backups.rmdir()
    backups.touch()
    done = debian.run("dpkg", "--install", "/classcord.deb")
    assert done.returncode != 0
    assert "CLASSCORD_UPGRADE=without-backup" in done.stdout
    assert debian.does("dpkg-query", "--show", "--showformat=${Status}", "classcord") == "install ok installed"
    debian.does("dpkg", "--install", "/classcord.deb", CLASSCORD_UPGRADE="without-backup")
