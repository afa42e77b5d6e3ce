"""The certificate: how it is made, served, and replaced while connections are open. TLS here is in memory."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import socket
import ssl
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path
from unittest.mock import Mock

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from OpenSSL import SSL
from twisted.internet.address import IPv4Address
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.logger import capturedLogs, formatEvent
from twisted.protocols.tls import TLSMemoryBIOFactory

from classcord.services.process.network_cards import CardAddress
from classcord.services.tls import certificates
from classcord.services.tls.certificates import (
    CertificateError,
    ReloadingContext,
    follow,
    is_self_made,
    make_self_signed,
)

NOW = datetime.now(timezone.utc)  # OpenSSL compares certificates with the real clock


def certificate_in(directory: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((directory / "cert.pem").read_bytes())


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


def replace(directory: Path, newer: Path, names: Iterable[str] = ("key.pem", "cert.pem")) -> None:
    """Move files from another folder over those in `directory`, as tools that renew certificates do."""
    for name in names:
        (newer / name).replace(directory / name)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A folder with a certificate."""
    make_self_signed(tmp_path / "tls", NOW)
    return tmp_path / "tls"


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A folder with another certificate."""
    make_self_signed(tmp_path / "newer", NOW)
    return tmp_path / "newer"


def of_version_8(file: Path) -> None:
    """Make a certificate one of a version that there is not."""
    content = certificate_in(file.parent).public_bytes(Encoding.DER)
    assert content.count(b"\xa0\x03\x02\x01\x02") == 1
    file.write_text(
        ssl.DER_cert_to_PEM_cert(content.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07")), "utf-8"
    )


class Echo(Protocol):
    def dataReceived(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)


class Connection:
    """A client of Python's own ssl, and a Twisted server."""

    def __init__(self, context: ReloadingContext, client: ssl.SSLContext, host: str = "localhost") -> None:
        self.clock = Clock()
        factory = TLSMemoryBIOFactory(context, False, Factory.forProtocol(Echo), self.clock)
        server = factory.buildProtocol(IPv4Address("TCP", "127.0.0.1", 12346))
        assert server is not None
        self.server = server
        self.transport = StringTransport()
        self.server.makeConnection(self.transport)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = client.wrap_bio(self.incoming, self.outgoing, server_hostname=host)
        self._exchange(self.client.do_handshake)

    def echo(self, data: bytes) -> bytes:
        self.client.write(data)
        self._exchange()
        return self.client.read(len(data))

    def shown(self) -> bytes | None:
        """Return the certificate that the server has shown."""
        return self.client.getpeercert(binary_form=True)

    def _exchange(self, step: Callable[[], object] = lambda: None) -> None:
        for _ in range(5):  # no handshake needs as many flights
            with suppress(ssl.SSLWantReadError):
                step()
            if self.outgoing.pending:
                self.server.dataReceived(self.outgoing.read())
            self.clock.advance(0)
            self.incoming.write(self.transport.value())
            self.transport.clear()


def trusting(directory: Path) -> ssl.SSLContext:
    """A client that trusts the certificate in `directory` alone, and checks all that there is to check."""
    client = ssl.create_default_context(cafile=str(directory / "cert.pem"))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    return client


class TestMaking:
    def test_makes_a_key_that_only_its_owner_reads(self, directory: Path) -> None:
        """The key is on P-256 and nobody else may read it; the certificate is for everyone."""
        key = load_pem_private_key((directory / "key.pem").read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        assert isinstance(key.curve, ec.SECP256R1)
        assert (mode(directory / "key.pem"), mode(directory / "cert.pem")) == (0o600, 0o644)
        assert {file.name for file in directory.iterdir()} == {"key.pem", "cert.pem"}

    def test_never_shows_the_key_while_writing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whatever the umask, what is written is not readable by others before it is whole."""
        modes: list[int] = []
        monkeypatch.setattr(os, "fsync", lambda handle: modes.append(os.fstat(handle).st_mode))
        umask = os.umask(0)
        try:
            make_self_signed(tmp_path, NOW)
        finally:
            os.umask(umask)
        assert [mode for mode in modes if stat.S_ISREG(mode)] == [stat.S_IFREG | 0o600] * 2

    def test_is_for_this_machine_and_more(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its names are those of the machine and those asked for, each once, but only hosts and addresses."""
        monkeypatch.setattr(socket, "gethostname", lambda: "chat")
        own = [CardAddress(ip_address(each), "eth0") for each in ("127.0.0.1", "10.0.2.15")]
        passing = CardAddress(ip_address("2001:db8::7"), "eth0", passing=True)
        monkeypatch.setattr(certificates, "own_addresses", lambda: iter([*own, passing]))
        make_self_signed(tmp_path, NOW, ["chat.lycée.fr", "192.168.56.10", "localhost", "Ma classe", "a..b", ""])
        names = certificate_in(tmp_path).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["chat", "localhost", "chat.xn--lyce-dpa.fr"]
        assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == [
            "127.0.0.1",
            "::1",
            "10.0.2.15",
            "192.168.56.10",
        ]

    def test_is_valid_from_yesterday_for_825_days(self, directory: Path) -> None:
        """A client whose clock is some hours late accepts it, and so do those that accept no longer validity."""
        certificate = certificate_in(directory)
        start = NOW.replace(microsecond=0) - timedelta(days=1)
        assert certificate.not_valid_before_utc == start
        assert certificate.not_valid_after_utc == start + timedelta(days=825)

    @pytest.mark.parametrize("present", [("key.pem", "cert.pem"), ("cert.pem",)])
    def test_overwrites_nothing(self, tmp_path: Path, present: tuple[str, ...]) -> None:
        """Where a certificate is, nothing is made and nothing touched, even if it is no good."""
        for name in present:
            (tmp_path / name).write_text("mine", "utf-8")
        assert not make_self_signed(tmp_path, NOW)
        assert {file.name: file.read_text("utf-8") for file in tmp_path.iterdir()} == dict.fromkeys(present, "mine")

    def test_overwrites_no_link(self, tmp_path: Path) -> None:
        """A link to a certificate that is not there today is somebody's, too."""
        (tmp_path / "cert.pem").symlink_to("/nowhere/fullchain.pem")
        assert not make_self_signed(tmp_path, NOW)
        assert (tmp_path / "cert.pem").is_symlink()

    def test_goes_on_after_an_interruption(self, directory: Path) -> None:
        """A key that was left without its certificate gets one, and stays."""
        key = (directory / "key.pem").read_bytes()
        (directory / "cert.pem").unlink()
        assert make_self_signed(directory, NOW)
        assert (directory / "key.pem").read_bytes() == key
        ReloadingContext(directory)

    def test_leaves_a_foreign_key_alone(self, tmp_path: Path) -> None:
        """A key that is not the server's is no reason to make a certificate: its own is missing."""
        (tmp_path / "key.pem").write_text("mine", "utf-8")
        with pytest.raises(CertificateError, match=r"key\.pem: there is no certificate beside this key"):
            make_self_signed(tmp_path, NOW)
        assert (tmp_path / "key.pem").read_text("utf-8") == "mine"

    def test_leaves_nothing_half_written(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """When the disk is full, that is told, and no piece of a file stays."""

        def full(_handle: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(CertificateError, match="No space left on device"):
            make_self_signed(tmp_path, NOW)
        assert list(tmp_path.iterdir()) == []

    def test_tells_where_it_cannot_write(self, tmp_path: Path) -> None:
        """A folder that cannot be made is named."""
        (tmp_path / "file").touch()
        with pytest.raises(CertificateError, match="file/tls: Not a directory"):
            make_self_signed(tmp_path / "file" / "tls", NOW)


class TestServing:
    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
    def test_a_strict_client_that_trusts_it_connects(self, directory: Path, version: ssl.TLSVersion, host: str) -> None:
        """A client that imports the certificate is served by name and by address, with forward secrecy."""
        client = trusting(directory)
        client.minimum_version = client.maximum_version = version
        connection = Connection(ReloadingContext(directory), client, host)
        assert connection.echo(b"coucou\n") == b"coucou\n"
        cipher = connection.client.cipher()
        assert cipher is not None
        assert cipher[0].startswith(("ECDHE-", "TLS_"))

    def test_a_client_that_does_not_trust_it_leaves(self, directory: Path) -> None:
        """The certificate is self-signed: who has not imported it is warned."""
        with pytest.raises(ssl.SSLCertVerificationError, match="certificate verify failed"):
            Connection(ReloadingContext(directory), ssl.create_default_context())

    @pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
    def test_refuses_old_versions(self, directory: Path) -> None:
        """TLS 1.1 is not spoken, even with a client that is made to offer it."""
        client = trusting(directory)
        client.set_ciphers("ALL:@SECLEVEL=0")
        client.minimum_version = client.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(ssl.SSLError, match="alert protocol version"):
            Connection(ReloadingContext(directory), client)

    def test_refuses_ciphers_without_forward_secrecy(self, directory: Path) -> None:
        """Neither CBC nor exchanges by the certificate's key are spoken."""
        client = trusting(directory)
        client.maximum_version = ssl.TLSVersion.TLSv1_2
        client.set_ciphers("ECDHE-ECDSA-AES128-SHA256:AES128-GCM-SHA256")
        with pytest.raises(ssl.SSLError, match="handshake failure"):
            Connection(ReloadingContext(directory), client)

    def test_shows_its_fingerprint(self, directory: Path) -> None:
        """The fingerprint is the one that clients compute, in the form that they show."""
        context = ReloadingContext(directory)
        der = Connection(context, trusting(directory)).client.getpeercert(binary_form=True)
        assert der is not None
        digest = hashlib.sha256(der).hexdigest().upper()
        assert context.fingerprint().replace(":", "") == digest
        assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", context.fingerprint())

    def test_sends_the_chain(self, directory: Path, newer: Path) -> None:
        """What follows the certificate in its file is sent along."""
        with (directory / "cert.pem").open("ab") as file:
            file.write((newer / "cert.pem").read_bytes())
        client = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), None)
        client.set_connect_state()
        server = ReloadingContext(directory).serverConnectionForTLS(Mock())
        server.set_accept_state()
        for near, far in [(client, server), (server, client), (client, server)]:
            with suppress(SSL.WantReadError):
                near.do_handshake()
            far.bio_write(near.bio_read(65_536))
        chain = client.get_peer_cert_chain() or []
        assert [each.to_cryptography() for each in chain] == [certificate_in(directory), certificate_in(newer)]


class TestReloading:
    def test_serves_new_connections_with_the_new_certificate(self, directory: Path, newer: Path) -> None:
        """After a renewal who comes gets the new certificate, and who is there goes on with the old one."""
        context = ReloadingContext(directory)
        before = Connection(context, trusting(directory))
        replace(directory, newer)
        assert context.reload()
        after = Connection(context, trusting(directory))
        assert before.echo(b"still here\n") == b"still here\n"
        assert after.echo(b"here now\n") == b"here now\n"
        assert before.shown() != after.shown() == certificate_in(directory).public_bytes(Encoding.DER)
        assert context.fingerprint() == certificate_in(directory).fingerprint(hashes.SHA256()).hex(":").upper()

    def test_looks_at_files_only_when_they_change(self, directory: Path, newer: Path) -> None:
        """A call from time to time costs nothing while the files stay the same."""
        context = ReloadingContext(directory)
        assert not context.changed()
        assert not context.reload_if_changed()
        replace(directory, newer)
        assert context.changed()
        assert context.reload_if_changed()
        assert not context.changed()

    @pytest.mark.parametrize(
        ("breakage", "reason"),
        [
            (lambda d: (d / "cert.pem").write_text("soon", "utf-8"), "cert.pem: this is no certificate in PEM."),
            (lambda d: of_version_8(d / "cert.pem"), "cert.pem: this is no certificate in PEM."),
            (
                lambda d: (d / "key.pem").write_text("", "utf-8"),
                "key.pem: this is no private key in PEM without a passphrase.",
            ),
            (lambda d: (d / "cert.pem").unlink(), "cert.pem: No such file or directory."),
            (lambda d: (d / "key.pem").unlink(), "key.pem: No such file or directory."),
        ],
    )
    def test_keeps_the_old_certificate(self, directory: Path, breakage: Callable[[Path], object], reason: str) -> None:
        """New files that are no good change nothing for anyone; the log says why, once."""
        context = ReloadingContext(directory)
        client, fingerprint = trusting(directory), context.fingerprint()
        breakage(directory)
        with capturedLogs() as events:
            assert not context.reload_if_changed()
            assert not context.reload_if_changed()
        assert context.fingerprint() == fingerprint
        assert Connection(context, client).echo(b"coucou") == b"coucou"
        assert [event["reason"] for event in events] == [f"{directory}/{reason}"]
        assert formatEvent(events[0]).startswith("the new TLS certificate cannot be used, the old one stays: ")

    def test_waits_for_both_files(self, directory: Path, newer: Path) -> None:
        """Between the new key and the new certificate the old ones serve; then the new ones do."""
        context = ReloadingContext(directory)
        replace(directory, newer, ["key.pem"])
        with capturedLogs() as events:
            assert not context.reload_if_changed()
        assert events[0]["reason"] == f"{directory}/cert.pem: this certificate is not for the key in key.pem."
        replace(directory, newer, ["cert.pem"])
        assert context.reload_if_changed()

    def test_never_asks_for_a_passphrase(self, directory: Path) -> None:
        """A key under a passphrase is refused; OpenSSL would ask for it on the terminal and stop the server there."""
        key = load_pem_private_key((directory / "key.pem").read_bytes(), password=None)
        locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"azerty"))
        (directory / "key.pem").write_bytes(locked)
        with pytest.raises(CertificateError, match="without a passphrase"):
            ReloadingContext(directory)

    def test_refuses_what_openssl_refuses(self, directory: Path) -> None:
        """A chain that is no chain is told with OpenSSL's own words."""
        with (directory / "cert.pem").open("ab") as file:
            file.write(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        with pytest.raises(CertificateError, match=r"cert\.pem: OpenSSL refuses it: "):
            ReloadingContext(directory)


# -- an address that is new ------------------------------------------------------------------------------------------


def addresses_in(directory: Path) -> list[str]:
    names = certificate_in(directory).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(address) for address in names.get_values_for_type(x509.IPAddress)]


IN_2027 = datetime(2027, 1, 2, tzinfo=timezone.utc)


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate that was made where the machine was 192.168.1.20."""
    monkeypatch.setattr(certificates, "own_addresses", lambda: iter([CardAddress(ip_address("192.168.1.20"), "eth0")]))
    make_self_signed(tmp_path, IN_2027, ["Classe"])
    monkeypatch.setattr(certificates, "own_addresses", lambda: iter([CardAddress(ip_address("10.0.0.5"), "eth0")]))
    return tmp_path


class TestFollow:
    """Nothing happens before FIRST_YEAR, so these tests do not go by the clock of the machine."""

    def test_is_made_again_for_a_new_address(self, at_home: Path) -> None:
        """With the same key; what it was for before stays, so on the way back it is the same."""
        key, first = (at_home / "key.pem").read_bytes(), certificate_in(at_home)
        assert follow(at_home, IN_2027, ["Classe"], ["192.168.1.20"]) == ()
        assert certificate_in(at_home) == first
        assert follow(at_home, IN_2027, ["Classe"], ["10.0.0.5", "192.168.1.20", "10.0.0.5"]) == ("10.0.0.5",)
        assert {"10.0.0.5", "192.168.1.20", "127.0.0.1", "::1"} == set(addresses_in(at_home))
        second = certificate_in(at_home)
        assert ((at_home / "key.pem").read_bytes(), is_self_made(second)) == (key, True)
        for address in ("192.168.1.20", "10.0.0.5"):
            assert follow(at_home, IN_2027, ["Classe"], [address]) == ()
        assert certificate_in(at_home) == second
        context = ReloadingContext(at_home)
        assert [context.covers(each) for each in ("10.0.0.5", "192.168.1.20", "10.0.0.6")] == [True, True, False]

    def test_does_not_grow_for_ever(self, at_home: Path) -> None:
        """A machine with another address every day begins anew, with those that it has."""
        for number in range(certificates.MOST_NAMES):
            follow(at_home, IN_2027, [], [f"10.1.0.{number}"])
            assert f"10.1.0.{number}" in addresses_in(at_home)
        assert len(addresses_in(at_home)) < certificates.MOST_NAMES
        assert "192.168.1.20" not in addresses_in(at_home)

    @pytest.mark.parametrize("year", [1970, 2049, 2100])
    def test_waits_for_a_right_clock(self, at_home: Path, year: int) -> None:
        """Its dates would be wrong."""
        wrong = year != 2049
        assert bool(follow(at_home, IN_2027.replace(year=year), [], ["10.0.0.5"])) != wrong

    def test_leaves_others_alone(self, at_home: Path) -> None:
        """One that is not ours, one that cannot be read, none at all."""
        (at_home / "cert.pem").write_bytes(b"garbage")
        assert follow(at_home, IN_2027, [], ["10.0.0.5"]) == ()
        assert (at_home / "cert.pem").read_bytes() == b"garbage"
        (at_home / "cert.pem").unlink()
        assert follow(at_home, IN_2027, [], ["10.0.0.5"]) == ()
        assert not (at_home / "cert.pem").exists()
