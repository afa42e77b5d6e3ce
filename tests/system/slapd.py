"""A school's directory for tests: Debian's slapd with people and groups, in a folder and on ports of its own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from classcord.cli.cert.authority import issue, load_authority, make_authority
from tests.server import BOUND

BASE = "dc=ecole,dc=example"
SERVICE = f"cn=classcord,{BASE}"
SERVICE_PASSWORD = "un mot de passe de service"
PASSWORD = "azerty-1"
SLAPD = shutil.which("slapd", path="/usr/sbin:/usr/local/sbin:/usr/bin")

CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {folder}/pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
TLSCACertificateFile {folder}/ca/ca.crt
TLSCertificateFile {folder}/cert.pem
TLSCertificateKeyFile {folder}/key.pem
security simple_bind=128
disallow bind_anon
database mdb
suffix "{base}"
rootdn "cn=root,{base}"
rootpw rootpw
directory {folder}/database
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to * by users read by * none
"""

HEAD = f"""
dn: {BASE}
objectClass: dcObject
objectClass: organization
dc: ecole
o: École

dn: ou=people,{BASE}
objectClass: organizationalUnit
ou: people

dn: ou=groups,{BASE}
objectClass: organizationalUnit
ou: groups

dn: {SERVICE}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: classcord
userPassword: {SERVICE_PASSWORD}
"""


def person(name: str, **fields: str) -> str:
    """Return the entry of a person, as LDIF; all have one password."""
    found = {
        "cn": name,
        "sn": name,
        "givenName": name,
        "mail": f"{name.encode('ascii', 'ignore').decode()}@ecole.example",
        "userPassword": PASSWORD,
    }
    lines = [f"{key}: {value}" for key, value in {**found, **fields}.items()]
    return "\n".join([f"dn: {dn(name)}", "objectClass: inetOrgPerson", f"uid: {name}", *lines, "", ""])


def dn(name: str) -> str:
    return f"uid={name},ou=people,{BASE}"


def group(name: str, *people: str) -> str:
    """Return the entry of a group, as LDIF."""
    members = [f"member: {dn(each)}" for each in people]
    return "\n".join([f"dn: cn={name},ou=groups,{BASE}", "objectClass: groupOfNames", f"cn: {name}", *members, "", ""])


class Slapd:
    """The directory; `stop` ends it at once, `start` lets it run again with what it has."""

    def __init__(self, folder: Path, *entries: str) -> None:
        assert SLAPD is not None
        self.folder = folder
        (folder / "database").mkdir(parents=True)
        now = datetime.now(timezone.utc)
        make_authority(folder / "ca", "École", now)
        issued = issue(load_authority(folder / "ca"), ["127.0.0.1", "localhost"], now)
        (folder / "cert.pem").write_bytes(issued.chain)
        (folder / "key.pem").write_bytes(issued.key)
        self.authority = folder / "ca" / "ca.crt"
        self.password_file = folder / "service-password"
        self.password_file.write_text(f"{SERVICE_PASSWORD}\n", "utf-8")
        self._file = folder / "slapd.conf"
        self._file.write_text(CONFIGURATION.format(folder=folder, base=BASE), "utf-8")
        self.port, self.tls_port = _free_port(), _free_port()
        self.url, self.tls_url = f"ldap://127.0.0.1:{self.port}", f"ldaps://127.0.0.1:{self.tls_port}"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()
        try:
            self.add(HEAD, *entries)
        except BaseException:
            self.stop()
            raise

    def start(self) -> None:
        assert SLAPD is not None
        command = [SLAPD, "-f", str(self._file), "-h", f"{self.url} {self.tls_url}", "-d", "0"]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        for port in (self.port, self.tls_port):
            _wait_for(port)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(BOUND)
            self._process = None

    def add(self, *entries: str) -> None:
        self._modify("ldapadd", "\n".join(entries))

    def change(self, *changes: str) -> None:
        self._modify("ldapmodify", "\n\n".join(changes))

    def _modify(self, program: str, ldif: str) -> None:
        done = subprocess.run(
            [program, "-x", "-ZZ", "-H", self.url, "-D", f"cn=root,{BASE}", "-w", "rootpw"],
            input=ldif.encode(),
            env={"LDAPTLS_CACERT": str(self.authority)},
            capture_output=True,
            timeout=BOUND,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()

    def settings(self, *others: str) -> list[str]:
        """Return the options of a server that asks this directory."""
        chosen = [
            f'ldap.urls=["{self.url}"]',
            f"ldap.ca_file={self.authority}",
            f"ldap.base={BASE}",
            f"ldap.bind_dn={SERVICE}",
            f"ldap.password_file={self.password_file}",
            *others,
        ]
        return [part for each in chosen for part in ("--set", each)]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(port: int) -> None:
    """Wait until a port is listened to: slapd says to nobody when it is ready."""
    end = time.monotonic() + BOUND
    while time.monotonic() < end:
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"nothing listens on {port}: {sys.platform}")
