"""The administrators' keys: what a file may have, what is passed over and why, and that changes count at once."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from classcord.chat.roles import Role
from classcord.services.administration import ownership
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
        ("10.0.0.0/8", "10.200.1.1", True),
        ("10.0.0.0/8", "11.0.0.1", False),
        ("10.0.0.0/8,!10.0.0.7", "10.0.0.7", False),
        ("192.168.1.*", "192.168.1.9", True),
        ("192.168.1.*", "192.168.2.9", False),
        ("2001:db8::/32", "2001:db8::1", True),
        ("10.0.0.7", "", False),
        ("*,!10.0.0.7", "10.0.0.7", False),
        ("*,!10.0.0.7", "10.0.0.8", True),
        ("*,!10.0.0.7", "2001:db8::1", True),
    ],
)
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
        (f'from="!10.0.0.1" {ED25519}', "it admits nobody; to admit all others: *,!10.0.0.1"),
        (f'from="!10.0.0.1,!10.1.0.0/16" {ED25519}', "to admit all others: *,!10.0.0.1,!10.1.0.0/16"),
        (f'expiry-time="tomorrow" {ED25519}', "expiry-time is a day or a time"),
        ("hello", "keys are of the kinds"),
        ('role="owner', "options stand before the key"),
        (b"\xff\xfe", "this is not text"),
        (b"#" * 70_000, "larger than 65536 bytes"),
    ],
)
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


CASES = Path(__file__).parent / "keys"
SAVED = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINP5svEa6UZRDxjnjND81OtVsUZFagqszhN8Wc4C0YL5"


@pytest.mark.parametrize("case", ["bom.pub", "utf16.pub", "cp1252-comment.pub", "rfc4716.pub"])
def test_what_windows_makes_of_a_key(folder: Path, case: str) -> None:
    """A key that an editor, PowerShell or PuTTYgen has saved is read as it is."""
    write(folder, (CASES / case).read_bytes())
    keys = AdminKeys(folder)
    assert keys.problems == []
    assert find(keys, SAVED) is Role.OWNER


def test_rfc_4716_beside_other_lines(folder: Path) -> None:
    """Blocks and lines may stand in one file, with the line ends of Windows; numbers of lines stay right."""
    block = (CASES / "rfc4716.pub").read_text().replace("Comment:", "Subject: prof\nx-long: a\\\nb\nComment:")
    write(folder, f'{block}role="admin" {OTHER}\nhello\n{block}'.replace("\n", "\r\n"))
    keys = AdminKeys(folder)
    assert (find(keys, SAVED), find(keys, OTHER)) == (Role.OWNER, Role.ADMIN)
    [problem] = [problem.render() for problem in keys.problems]
    assert problem.startswith(f"{folder / 'prof.pub'}, line {block.count(chr(10)) + 2}: keys are of the kinds")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("---- END SSH2 PUBLIC KEY ----", ""), "RFC 4716, and not whole"),
        (lambda text: f'role="moderator" {text}', "RFC 4716, and not whole"),
        (lambda text: text.replace("AAAA", "AAA!"), "this key cannot be read"),
        (lambda _: "PuTTY-User-Key-File-3: ssh-ed25519\nPublic-Lines: 2\nAAAA\n", "PuTTY's private key"),
    ],
    ids=["no end", "options", "broken", "ppk"],
)
def test_a_file_that_is_no_key_is_named_once(folder: Path, change: Callable[[str], str], said: str) -> None:
    """Not a complaint for each of its lines."""
    write(folder, change((CASES / "rfc4716.pub").read_text()))
    keys = AdminKeys(folder)
    assert [said in problem.render() for problem in keys.problems] == [True]
    assert keys.keys() == []


@pytest.mark.parametrize("name", ["prof.pub.txt", "prof.PUB", "prof.Pub", "prof.pub.TXT"])
def test_nearly_a_key_file(folder: Path, name: str) -> None:
    """Windows hides endings and adds its own: what is passed over is told, with the name that would be right."""
    write(folder, ED25519, name)
    write(folder, "what is here", "README.md")
    write(folder, "", ".gitignore")
    keys = AdminKeys(folder)
    assert [problem.render() for problem in keys.problems] == [
        f"{folder / name}: it is passed over, for its name does not end with .pub: call it prof.pub"
    ]
    (folder / name).rename(folder / "prof.pub")
    assert (keys.look(), keys.problems, find(keys, ED25519)) == (True, [], Role.OWNER)


def test_a_file_reserves_its_name(folder: Path) -> None:
    """Also while nothing of it counts: a pupil who takes the name meanwhile would shut the administrator out."""
    write(folder, "hello", "Zoé.pub")
    write(folder, ED25519)
    assert set(AdminKeys(folder).files) == {"zoé", "prof"}
    folder.chmod(0o777)
    keys = AdminKeys(folder)
    assert (set(keys.files), keys.keys()) == ({"zoé", "prof"}, [])


def unsafe(folder: Path, **how: object) -> list[str]:
    keys = AdminKeys(folder, **how)  # type: ignore[arg-type]
    assert bool(keys.problems) is not bool(keys.keys())
    return [problem.render() for problem in keys.problems]


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777, 0o1722])
@pytest.mark.parametrize("of", ["file", "folder", "above", "far above"])
def test_what_others_may_write(tmp_path: Path, mode: int, of: str) -> None:
    """A key counts only if nobody else can change its file, its folder, or a folder above; /tmp's sticky bit helps."""
    folder = tmp_path / "home" / "clone" / "admin_keys"
    folder.mkdir(mode=0o755, parents=True)
    for each in (folder, folder.parent, folder.parent.parent):
        each.chmod(0o755)
    write(folder, ED25519)
    changed = {
        "file": folder / "prof.pub",
        "folder": folder,
        "above": folder.parent,
        "far above": folder.parent.parent,
    }[of]
    assert unsafe(folder) == []
    keys = AdminKeys(folder)
    changed.chmod(mode)
    if mode & 0o1000 and of.endswith("above"):
        assert unsafe(folder) == []
        return
    assert keys.look()  # at once, though no key has changed
    assert keys.keys() == []
    [said] = unsafe(folder)
    assert said.endswith(f"others may write it: chmod go-w {changed}")
    loose = unsafe(folder, strict=lambda: False)
    assert loose == ([] if of.endswith("above") else [said])
    changed.chmod(0o755)
    assert keys.look()
    assert find(keys, ED25519) is Role.OWNER


def test_whom_they_belong_to(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To root or to the server's user; what belongs to somebody else, they could change."""
    write(folder, ED25519)
    owner = folder.stat().st_uid
    assert unsafe(folder, user=owner) == []
    if owner == 0:
        monkeypatch.setattr(ownership, "ROOT", 4_000_001)
    [said] = unsafe(folder, user=4_000_000)
    assert "belongs to" in said
    assert "chown 4000000" in said
    assert "strict_modes = false" in said
    assert unsafe(folder, user=4_000_000, strict=lambda: False) == []


def test_a_link_is_looked_at_where_it_leads(tmp_path: Path, folder: Path) -> None:
    """A file elsewhere is as safe as the folders that it is in."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    write(elsewhere, ED25519, "id.pub")
    (folder / "prof.pub").symlink_to(elsewhere / "id.pub")
    assert unsafe(folder) == []
    elsewhere.chmod(0o777)
    [said] = unsafe(folder)
    assert said.endswith(f"others may write it: chmod go-w {elsewhere}")
