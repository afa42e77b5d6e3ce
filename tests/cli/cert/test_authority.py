"""A school's certificate authority: what it makes, what it refuses, and what is said of a certificate."""

from __future__ import annotations

import errno
import os
import re
import stat
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path
from typing import IO

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from classcord.cli.cert import authority
from classcord.cli.cert.authority import Authority, is_made_by, issue, load_authority, make_authority, shown
from classcord.durable import keep
from classcord.services.tls.certificates import CertificateError, look_at, make_self_signed

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)
YEAR = timedelta(days=365)


@pytest.fixture
def signer(tmp_path: Path) -> Authority:
    make_authority(tmp_path / "ca", "Lycée Jean Moulin", NOW)
    return load_authority(tmp_path / "ca")


def rights(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


class TestMakeAuthority:
    def test_what_it_is(self, signer: Authority) -> None:
        """It signs certificates and nothing else, none that sign in turn, for ten years."""
        certificate = signer.certificate
        extensions = certificate.extensions
        constraints = extensions.get_extension_for_class(x509.BasicConstraints)
        assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (True, True, 0)
        usage = extensions.get_extension_for_class(x509.KeyUsage)
        assert usage.critical
        assert usage.value == authority._usage("key_cert_sign", "crl_sign")
        assert isinstance(signer.key.curve, ec.SECP256R1)
        assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(days=3650)
        assert certificate.not_valid_before_utc == NOW - timedelta(days=1)
        assert certificate.subject == certificate.issuer
        assert "CN=Lycée Jean Moulin" in certificate.subject.rfc4514_string()

    def test_where_it_is(self, signer: Authority, tmp_path: Path) -> None:
        """The key is its owner's alone, also in a folder that was open; the certificate is for everybody."""
        assert rights(tmp_path / "ca") == 0o700
        assert (rights(tmp_path / "ca" / "ca.key"), rights(tmp_path / "ca" / "ca.crt")) == (0o600, 0o644)
        (tmp_path / "open").mkdir(mode=0o755)
        make_authority(tmp_path / "open", "Lycée", NOW)
        assert rights(tmp_path / "open" / "ca.key") == 0o600

    @pytest.mark.parametrize("there", ["ca.key", "ca.crt"])
    def test_there_is_one(self, tmp_path: Path, there: str) -> None:
        """What somebody trusts already, or what is left of it, is never replaced."""
        (tmp_path / there).write_bytes(b"old")
        with pytest.raises(CertificateError, match="is there already"):
            make_authority(tmp_path, "Lycée", NOW)
        assert [each.name for each in tmp_path.iterdir()] == [there]
        assert (tmp_path / there).read_bytes() == b"old"

    @pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[31m", "x" * 65, "é" * 33, "\udce9"])
    def test_no_name(self, tmp_path: Path, name: str) -> None:
        """A name that cannot be shown, or that no certificate holds, is refused before anything is made."""
        with pytest.raises(CertificateError, match="1 to 64 letters"):
            make_authority(tmp_path / "ca", name, NOW)
        assert not (tmp_path / "ca").exists()

    def test_a_long_name(self, tmp_path: Path) -> None:
        """The longest name that a certificate holds is taken, without the spaces around it."""
        for folder, name in (("x", "x" * 64), ("é", "é" * 32)):
            assert shown(make_authority(tmp_path / str(ord(folder)), f" {name} ", NOW)).subject == name

    def test_half_of_one_is_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """On a disk that is full in the middle nothing stays that would be in the way of the next attempt."""
        kept = []

        def full(file: IO[bytes]) -> None:
            kept.append(file)
            if len(kept) == 2:
                raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "ca.crt"))
            keep(file)

        with monkeypatch.context() as disk:
            disk.setattr(authority, "keep", full)
            with pytest.raises(CertificateError, match=r"ca\.crt: No space left on device"):
                make_authority(tmp_path, "Lycée", NOW)
        assert list(tmp_path.iterdir()) == []
        make_authority(tmp_path, "Lycée", NOW)

    def test_on_a_usb_stick(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A file system without rights, as FAT is, refuses to give some: the authority is made all the same."""

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "chmod", refuse)
        monkeypatch.setattr(Path, "chmod", refuse)
        make_authority(tmp_path, "Lycée", NOW)
        load_authority(tmp_path)


class TestLoadAuthority:
    def test_none(self, tmp_path: Path) -> None:
        """The refusal says what makes one."""
        with pytest.raises(CertificateError, match=r"ca.crt is not there: `classcord cert ca` makes"):
            load_authority(tmp_path)

    @pytest.mark.usefixtures("signer")
    def test_without_its_key(self, tmp_path: Path) -> None:
        """A key that is kept elsewhere is asked for by its name."""
        (tmp_path / "ca" / "ca.key").unlink()
        with pytest.raises(CertificateError, match=r"ca.key is not there: .*--directory"):
            load_authority(tmp_path / "ca")

    @pytest.mark.usefixtures("signer")
    @pytest.mark.parametrize("name", ["ca.key", "ca.crt"])
    def test_garbage(self, tmp_path: Path, name: str) -> None:
        """Files that are something else are named."""
        (tmp_path / "ca" / name).write_bytes(b"garbage")
        with pytest.raises(CertificateError, match=f"{re.escape(name)}: this is not what"):
            load_authority(tmp_path / "ca")

    @pytest.mark.usefixtures("signer")
    def test_a_key_of_another_kind(self, tmp_path: Path) -> None:
        """A key that was made by other tools is told as such."""
        key = ed25519.Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / "ca" / "ca.key").write_bytes(pem)
        with pytest.raises(CertificateError, match=r"ca\.key: this is not what"):
            load_authority(tmp_path / "ca")

    @pytest.mark.usefixtures("signer")
    def test_anothers_key(self, tmp_path: Path) -> None:
        """A certificate with a key of another authority signs nothing."""
        make_authority(tmp_path / "other", "Collège", NOW)
        (tmp_path / "other" / "ca.key").replace(tmp_path / "ca" / "ca.key")
        with pytest.raises(CertificateError, match=r"not for the key in ca\.key"):
            load_authority(tmp_path / "ca")

    def test_unreadable(self, tmp_path: Path) -> None:
        """What the system refuses is told with the file's name."""
        (tmp_path / "ca.crt").mkdir()
        with pytest.raises(CertificateError, match=r"ca.crt: Is a directory\."):
            load_authority(tmp_path)


class TestIssue:
    def test_what_it_is(self, signer: Authority) -> None:
        """A server's certificate for these names, that signs nothing, for 397 days, with the authority behind it."""
        issued = issue(signer, ["chat.lycee.example", "192.168.1.20", "fd00::20", "chat.lycee.example."], NOW)
        chain = x509.load_pem_x509_certificates(issued.chain)
        assert chain == [issued.certificate, signer.certificate]
        certificate = issued.certificate
        certificate.verify_directly_issued_by(signer.certificate)
        assert load_pem_private_key(issued.key, None).public_key() == certificate.public_key()
        extensions = certificate.extensions
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert list(names) == [
            x509.DNSName("chat.lycee.example"),
            x509.IPAddress(ip_address("192.168.1.20")),
            x509.IPAddress(ip_address("fd00::20")),
        ]
        assert extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
        purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH]
        assert extensions.get_extension_for_class(x509.KeyUsage).value == authority._usage("digital_signature")
        whose = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        assert whose == signer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(days=397)

    def test_each_its_own(self, signer: Authority) -> None:
        """No two have the same key or number."""
        first, second = (issue(signer, ["chat"], NOW) for _ in range(2))
        assert first.key != second.key
        assert first.certificate.serial_number != second.certificate.serial_number

    def test_names_of_the_world(self, signer: Authority) -> None:
        """A name with accents becomes what DNS knows; a name that is too long for a subject stays whole as a name."""
        long = ".".join(["lycee" * 5] * 4)
        names = shown(issue(signer, ["élèves.example", long], NOW).certificate).names
        assert names == ("xn--lves-5oae.example", long)
        assert shown(issue(signer, [long], NOW).certificate).subject == long[:64]

    @pytest.mark.parametrize(
        "name",
        ["", "a b", "192.168.1.256", "10.0.0", "a..b", "chat:12346", "https://chat", "*.lycee", "\x00", "x" * 64],
    )
    def test_no_name(self, signer: Authority, name: str) -> None:
        """What clients cannot come by is refused; an address with a mistake in it is no host name."""
        with pytest.raises(CertificateError, match="is neither a host name nor an address"):
            issue(signer, ["chat", name], NOW)

    def test_no_longer_than_the_authority(self, signer: Authority) -> None:
        """Near the authority's end a certificate ends with it; after it, and before its beginning, there is none."""
        end = signer.certificate.not_valid_after_utc
        assert issue(signer, ["chat"], end - YEAR).certificate.not_valid_after_utc == end
        assert issue(signer, ["chat"], NOW - timedelta(hours=23)).certificate.not_valid_before_utc == NOW - timedelta(
            days=1
        )
        for when in (end, NOW - timedelta(days=2)):
            with pytest.raises(CertificateError, match="is valid from 2026-11-19 to 2036-11-16 only"):
                issue(signer, ["chat"], when)


class TestIsMadeBy:
    def test_ours(self, signer: Authority, tmp_path: Path) -> None:
        """The first start's own, and what this authority has signed."""
        make_self_signed(tmp_path / "tls", NOW)
        assert is_made_by(look_at(tmp_path / "tls"), signer.certificate)
        assert is_made_by(issue(signer, ["chat"], NOW).certificate, signer.certificate)

    def test_somebody_elses(self, signer: Authority, tmp_path: Path) -> None:
        """Another authority's of the same name is not ours."""
        make_authority(tmp_path / "other", "Lycée Jean Moulin", NOW)
        foreign = issue(load_authority(tmp_path / "other"), ["chat"], NOW).certificate
        assert not is_made_by(foreign, signer.certificate)
        assert not is_made_by(foreign, None)


class TestShown:
    def test_of_a_signed_one(self, signer: Authority) -> None:
        """Who and until when, and the fingerprint as OpenSSL shows it."""
        certificate = issue(signer, ["chat", "192.168.1.20"], NOW).certificate
        found = shown(certificate)
        assert (found.subject, found.issuer, found.self_signed) == ("chat", "Lycée Jean Moulin", False)
        assert found.names == ("chat", "192.168.1.20")
        assert found.valid_from == certificate.not_valid_before_utc
        assert found.valid_until == certificate.not_valid_after_utc
        assert found.fingerprint.replace(":", "").lower() == certificate.fingerprint(hashes.SHA256()).hex()
        assert len(found.fingerprint) == 32 * 3 - 1

    def test_of_the_authority(self, signer: Authority) -> None:
        """It has signed itself, and is for no host."""
        found = shown(signer.certificate)
        assert found.self_signed
        assert found.names == ()

    def test_of_one_without_a_name(self) -> None:
        """A certificate without a common name is called by what it has."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Lycée")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(NOW)
            .not_valid_after(NOW + YEAR)
            .sign(key, hashes.SHA256())
        )
        assert shown(certificate).subject == "O=Lycée"
