"""The school's certificates in the eyes of the real OpenSSL, and of Java by the commands that `cert ca` prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import BOUND, ROOT, Client, Server, running, unverified

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]

HOST = "chat.lycee.example"
CLASSCORD = (sys.executable, "-c", "from classcord.cli import main; raise SystemExit(main())")


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    ours = {"PYTHONPATH": str(ROOT), "LC_ALL": "en_US.UTF-8", "CLASSCORD_DATA": str(cwd / "data")}
    return subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | ours,
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND,
        check=False,
        stdin=subprocess.DEVNULL,
    )


class School:
    """A folder with a server's data, and the commands of whoever runs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.authority = self.data / "ca" / "ca.crt"
        self.certificate = self.data / "tls" / "cert.pem"

    def classcord(self, *words: str, status: int = 0) -> str:
        """Run a command that must end with this status; return what it printed."""
        ended = run(*CLASSCORD, *words, cwd=self.folder)
        assert ended.returncode == status, (ended.stdout, ended.stderr)
        return ended.stdout

    def openssl(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return run("openssl", *words, cwd=self.folder)

    def verify(self, *how: str) -> subprocess.CompletedProcess[str]:
        """Let OpenSSL judge the server's certificate with nothing but the authority in its hands."""
        return self.openssl(
            "verify",
            "-x509_strict",
            "-no-CApath",
            "-no-CAstore",
            "-CAfile",
            self.authority,
            "-purpose",
            "sslserver",
            *how,
            self.certificate,
        )


@pytest.fixture
def school(tmp_path: Path) -> School:
    made = School(tmp_path)
    made.classcord("cert", "ca", "--name", "Lycée Jean Moulin")
    return made


@pytest.fixture
def server(school: School) -> Iterator[Server]:
    with running(school.folder) as started:
        yield started


class TestVerify:
    def test_the_authority(self, school: School) -> None:
        """It is one, signed by itself, in strict eyes; nothing that it signs signs in turn."""
        assert school.openssl("verify", "-x509_strict", "-CAfile", school.authority, school.authority).returncode == 0
        text = school.openssl("x509", "-in", school.authority, "-noout", "-text").stdout
        assert re.search(r"Basic Constraints: critical\s+CA:TRUE, pathlen:0\n", text)
        assert re.search(r"Key Usage: critical\s+Certificate Sign, CRL Sign\n", text)
        assert "prime256v1" in text
        assert (
            "Lycée Jean Moulin"
            in school.openssl("x509", "-in", school.authority, "-noout", "-subject", "-nameopt", "utf8").stdout
        )

    def test_the_servers(self, school: School) -> None:
        """It is good for its names and addresses, and for no others; not without the authority; not for clients."""
        school.classcord("cert", "server", HOST, "192.168.1.20", "fd00::20")
        for how in (["-verify_hostname", HOST], ["-verify_ip", "192.168.1.20"], ["-verify_ip", "fd00::20"]):
            judged = school.verify(*how)
            assert judged.returncode == 0, judged.stderr
        for how in (["-verify_hostname", "other.example"], ["-verify_ip", "192.168.1.21"], ["-purpose", "sslclient"]):
            assert school.verify(*how).returncode != 0, how
        assert school.openssl("verify", "-no-CApath", "-no-CAstore", school.certificate).returncode != 0

    def test_another_authority_of_the_same_name(self, school: School, tmp_path: Path) -> None:
        """Who calls themselves as the school does has not signed it."""
        school.classcord("cert", "server", HOST)
        school.classcord("cert", "ca", "--name", "Lycée Jean Moulin", "--directory", str(tmp_path / "other"))
        assert school.openssl("verify", "-CAfile", tmp_path / "other" / "ca.crt", school.certificate).returncode != 0

    def test_what_show_says(self, school: School) -> None:
        """`cert show` and OpenSSL agree on fingerprint and end."""
        school.classcord("cert", "server", HOST)
        said = school.openssl("x509", "-in", school.certificate, "-noout", "-fingerprint", "-sha256").stdout
        assert said.strip().rpartition("=")[2] in school.classcord("cert", "show")
        assert school.openssl("x509", "-in", school.certificate, "-noout", "-checkend", "34128000").returncode == 0
        assert school.openssl("x509", "-in", school.certificate, "-noout", "-checkend", "34300800").returncode == 1


class TestServer:
    def connect(self, school: School, server: Server) -> subprocess.CompletedProcess[str]:
        """Connect as a client that trusts the school's authority and nobody else."""
        host, port = server.places("tls")[0].rpartition(":")[::2]
        return school.openssl(
            "s_client",
            "-connect",
            f"{host}:{port}",
            "-CAfile",
            school.authority,
            "-no-CApath",
            "-no-CAstore",
            "-verify_hostname",
            HOST,
            "-verify_return_error",
            "-brief",
        )

    def test_replaced_without_restart(self, school: School, server: Server) -> None:
        """From the command on new connections are verified; who is connected goes on; garbage changes nothing."""
        assert self.connect(school, server).returncode != 0
        with Client(server.address("tls"), unverified()) as claire:
            claire.register("claire")
            school.classcord("cert", "server", HOST)
            school.classcord("ctl", "reload")
            judged = self.connect(school, server)
            assert judged.returncode == 0, judged.stderr
            assert "Verification: OK" in judged.stdout + judged.stderr
            assert claire.ask(type="users")["users"] == ["claire"]

            school.certificate.write_text("garbage", "utf-8")
            school.classcord("ctl", "reload", status=1)
            assert "the new TLS certificate cannot be used, the old one stays" in server.logged()
            assert self.connect(school, server).returncode == 0
            assert school.classcord("cert", "show", status=1) == ""
            assert '"certificate", "level": "problem"' in school.classcord("doctor", "--json", status=1)

            school.classcord("cert", "server", HOST, status=1)
            school.classcord("cert", "server", HOST, "--force")
            school.classcord("ctl", "reload")
            assert self.connect(school, server).returncode == 0
            served = re.findall("TLS certificate loaded, sha256:([0-9A-F:]+)", server.logged())
            assert len(set(served)) == 2
            assert served[-1] in school.classcord("cert", "show")
            assert claire.ask(type="users")["users"] == ["claire"]


@pytest.mark.skipif(shutil.which("keytool") is None, reason="keytool is not installed")
def test_java_learns_to_trust_it(tmp_path: Path) -> None:
    """The command that `cert ca` prints for Java, run as it is printed, makes a trust store with the authority."""
    printed = School(tmp_path).classcord("cert", "ca", "--name", "Lycée Jean Moulin", "--directory", str(tmp_path))
    [command] = re.findall(r"keytool -importcert .*", printed)
    assert run("sh", "-c", command, cwd=tmp_path).returncode == 0
    store = ("-keystore", "school.p12", "-storepass", "changeit")
    listed = run("keytool", "-list", "-v", *store, cwd=tmp_path).stdout
    [fingerprint] = re.findall(r"sha256:(\S+)", printed)
    assert fingerprint in listed
