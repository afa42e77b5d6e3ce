"""The administrators' keys: what a file may have, what is passed over and why, and that changes count at once."""

from __future__ import annotations

import base64
import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from classcord.chat.roles import Role
from classcord.services.administration.admin_keys import AdminKeys
from classcord.services.administration.host_key import HostKeyError, host_key

NOW = 1_795_206_987.0


def public(key: ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


ED25519 = public(ed25519.Ed25519PrivateKey.from_private_bytes(b"1" * 32))  # it stands in the names of tests
OTHER = public(ed25519.Ed25519PrivateKey.from_private_bytes(b"2" * 32))
RSA = public(rsa.generate_private_key(65_537, 2048))
SMALL = public(rsa.generate_private_key(65_537, 1024))
ECDSA = public(ec.generate_private_key(ec.SECP256R1()))


def blob(line: str) -> bytes:
    return base64.b64decode(line.split()[1])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "admin_keys"
    made.mkdir(mode=0o700)
    return made


def write(folder: Path, content: str | bytes, name: str = "prof.pub") -> None:
    file = folder / os.fsdecode(name.encode())
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    file.chmod(0o600)


def find(keys: AdminKeys, line: str, *, name: str = "prof", address: str = "10.0.0.7", now: float = NOW) -> Role | None:
    key = keys.find(name, blob(line), address, now)
    return key.role if key else None


def test_a_key_stands_for_its_file_name(folder: Path) -> None:
    """Whoever has it is an owner, unless the line says less; another's name it does not open."""
    write(folder, f'# ma clé\n\n{ED25519} prof@poste\r\nrole="moderator" {OTHER}\n')
    write(folder, f'role="admin",restrict,no-pty {RSA}\n{ECDSA}', "Chef d-école.pub")
    keys = AdminKeys(folder)
    assert keys.problems == []
    assert (find(keys, ED25519), find(keys, OTHER)) == (Role.OWNER, Role.MODERATOR)
    assert find(keys, ED25519, name="PROF") is Role.OWNER
    assert find(keys, RSA, name="chef D-ÉCOLE") is Role.ADMIN
    assert find(keys, ECDSA, name="Chef d-école") is Role.OWNER
    assert find(keys, RSA) is None
    assert keys.names() == {"prof", "Chef d-école"}


@pytest.mark.parametrize(
    ("sources", "address", "may"),
    [
        ("10.0.0.0/8", "10.200.1.1", True), ("10.0.0.0/8", "11.0.0.1", False),
        ("10.0.0.0/8,!10.0.0.7", "10.0.0.7", False),
        ("192.168.1.*", "192.168.1.9", True), ("192.168.1.*", "192.168.2.9", False),
        ("2001:db8::/32", "2001:db8::1", True),
        ("10.0.0.7", "", False),
    ],
)  # fmt: skip
def test_from(folder: Path, sources: str, address: str, may: bool) -> None:
    """A key counts from where it says."""
    write(folder, f'from="{sources}" {ED25519}')
    assert (find(AdminKeys(folder), ED25519, address=address) is not None) is may


@pytest.mark.parametrize(
    ("expiry", "may"),
    [("20261119Z", False), ("20261121Z", True), ("202611202037Z", True), ("20261120203600Z", False)],
)
def test_expiry(folder: Path, expiry: str, may: bool) -> None:
    """A key counts until then."""
    write(folder, f'expiry-time="{expiry}" {ED25519}')
    assert (find(AdminKeys(folder), ED25519) is not None) is may


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nx\ny\n", "line 1: this is a private key"),
        (SMALL, "an RSA key needs 2048 bits"),
        ("ssh-dss AAAA", "keys are of the kinds ssh-ed25519"),
        ("ssh-ed25519 AAAA", "this key cannot be read"),
        ("ssh-ed25519", "this key cannot be read"),
        (f'role="king" {ED25519}', "role is moderator, admin or owner"),
        (f"role {ED25519}", "role is moderator, admin or owner"),
        (f'command="sh" {ED25519}', "there is no option command"),
        (f'role="admin",role="owner" {ED25519}', "stands there twice"),
        (f'from="" {ED25519}', "from names addresses"),
        (f'from="school" {ED25519}', "from names addresses"),
        (f'expiry-time="tomorrow" {ED25519}', "expiry-time is a day or a time"),
        ("hello", "keys are of the kinds"),
        ('role="owner', "options stand before the key"),
        (b"\xff\xfe", "this is not text"),
        (b"#" * 70_000, "larger than 65536 bytes"),
    ],
)  # fmt: skip
def test_what_is_passed_over(folder: Path, content: str | bytes, said: str) -> None:
    """A broken line is told by file and line, and the others count."""
    after = b"" if isinstance(content, bytes) or "PRIVATE" in content else f"\n{OTHER}\n".encode()
    write(folder, (content if isinstance(content, bytes) else content.encode()) + after)
    keys = AdminKeys(folder)
    assert [said in problem.render() for problem in keys.problems] == [True]
    assert str(folder / "prof.pub") in keys.problems[0].render()
    assert (find(keys, OTHER) is not None) is bool(after)


def test_files_that_are_none(folder: Path) -> None:
    """A name that nobody can have, a folder, a file that others may write: each is told."""
    write(folder, ED25519, "a#b.pub")
    (folder / "folder.pub").mkdir()
    write(folder, ED25519)
    (folder / "prof.pub").chmod(0o666)
    keys = AdminKeys(folder)
    assert len(keys.problems) == 3
    assert any("chmod go-w" in problem.render() for problem in keys.problems)
    assert keys.names() == set()


def test_changes_count_at_once(folder: Path) -> None:
    """A key that is added, changed or removed, and a folder that comes later."""
    keys = AdminKeys(folder / "later")
    assert (keys.look(), keys.names()) == (False, set())
    (folder / "later").mkdir(mode=0o700)
    write(folder / "later", ED25519)
    assert (keys.look(), find(keys, ED25519)) == (True, Role.OWNER)
    assert keys.look() is False
    write(folder / "later", f'role="admin" {ED25519}')
    assert (keys.look(), find(keys, ED25519)) == (True, Role.ADMIN)
    (folder / "later" / "prof.pub").unlink()
    assert (keys.look(), find(keys, ED25519)) == (True, None)


def test_the_host_key_stays(tmp_path: Path) -> None:
    """It is made once, for nobody else's eyes, and ssh-keygen shows the same fingerprint."""
    made = host_key(tmp_path)
    assert host_key(tmp_path).fingerprint == made.fingerprint
    file = tmp_path / "ssh_host_ed25519_key"
    assert file.stat().st_mode & 0o777 == 0o600
    with suppress(FileNotFoundError):
        shown = subprocess.run(["ssh-keygen", "-l", "-f", file], capture_output=True, encoding="utf-8", check=True)
        assert made.fingerprint in shown.stdout


def test_a_host_key_that_cannot_be_used(tmp_path: Path) -> None:
    """Garbage, a public key, one that others may read: each is refused in one line."""
    host_key(tmp_path)
    file = tmp_path / "ssh_host_ed25519_key"
    good = file.read_bytes()
    for content, mode in ((b"garbage", 0o600), (b"", 0o600), (ED25519.encode(), 0o600), (good, 0o644)):
        file.write_bytes(content)
        file.chmod(mode)
        with pytest.raises(HostKeyError) as caught:
            host_key(tmp_path)
        assert str(file) in str(caught.value)
