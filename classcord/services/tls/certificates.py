"""The server's TLS certificate: created if there is none, replaced while the server runs.

A folder contains `key.pem` and `cert.pem`, the certificate with its chain, if any. Knows no clients' sockets and no
clock: the caller passes the time, and decides when to look for changed files.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.logger import Logger
from zope.interface import implementer

from classcord.chat.text import N_, Text
from classcord.durable import read, write
from classcord.services.process.network_cards import own_addresses
from classcord.system_errors import in_words

if TYPE_CHECKING:
    from twisted.protocols.tls import TLSMemoryBIOProtocol

KEY = "key.pem"
CERTIFICATE = "cert.pem"

_VALIDITY = timedelta(days=825)  # the longest that Apple's systems accept
_CIPHERS = b"ECDHE+AESGCM:ECDHE+CHACHA20"  # for TLS 1.2, RFC 9325 §4.2; the ciphers of TLS 1.3 are all good
_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
_EXTENSIONS = frozenset(
    {
        x509.SubjectAlternativeName.oid,
        x509.BasicConstraints.oid,
        x509.KeyUsage.oid,
        x509.ExtendedKeyUsage.oid,
        x509.SubjectKeyIdentifier.oid,
    }
)
"""The extensions of our own certificates; those that people make with openssl have others (ca:true, an authority's
key).
"""
# a clock outside these years is wrong: ClassCord did not exist before, and will not exist after
FIRST_YEAR, LAST_YEAR = 2025, 2100
MOST_NAMES = 50  # names of networks where the machine was before, in a certificate of ours


class CertificateError(Exception):
    """A certificate that cannot be made or used; `text` says which file is wrong and why."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render())


def make_self_signed(directory: Path, now: datetime, names: Iterable[str] = ()) -> bool:
    """Make a key and its certificate in `directory` unless there is a certificate; return whether one was made.

    It is valid for this machine's name and addresses, for `localhost`, and for those of `names` that are hosts or
    addresses. It is valid from a day before `now`, because clocks differ. Nothing is overwritten: an existing key
    without a certificate is used. CertificateError if the certificate cannot be made.
    """
    if os.path.lexists(directory / CERTIFICATE):
        return False
    _make(directory, now, names)
    return True


def make_again(directory: Path, now: datetime, names: Iterable[str] = ()) -> bool:
    """Make the server's own certificate again if a wrong clock has made it; return whether one was made.

    A machine without a clock starts in 1970, and one with a dead battery may start in 2049: a certificate from then has
    expired, or is not valid yet, when the clock is set. The key stays. Nothing happens while the clock is wrong, and a
    certificate that the server did not make is never changed. CertificateError if it cannot be written.
    """
    if not FIRST_YEAR <= now.year < LAST_YEAR:
        return False
    try:
        present = look_at(directory)
    except CertificateError:  # the caller that loads it reports what is wrong
        return False
    made = present.not_valid_before_utc
    if not is_self_made(present) or (made.year >= FIRST_YEAR and made <= now):
        return False
    _make(directory, now, names)
    return True


def follow(directory: Path, now: datetime, names: Iterable[str], needed: Iterable[str]) -> tuple[str, ...]:
    """Make the server's own certificate again if addresses in `needed` are missing; return these addresses.

    The key stays, so clients that have pinned the key still connect; the fingerprint changes. The old names stay as
    well, so that a machine that moves between networks does not change its certificate each time. Nothing happens while
    the clock is wrong, and a certificate that the server did not make is never changed. CertificateError if it cannot
    be written.
    """
    if not FIRST_YEAR <= now.year < LAST_YEAR:
        return ()
    try:
        present = look_at(directory)
    except CertificateError:  # the caller that loads it reports what is wrong
        return ()
    before = _names_of(present)
    missing = tuple(address for address in dict.fromkeys(needed) if address not in before)
    if not missing or not is_self_made(present):
        return ()
    _make(directory, now, (*names, *missing, *(before if len(before) + len(missing) <= MOST_NAMES else ())))
    return missing


def _names_of(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return []
    return [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]


def covers(certificate: x509.Certificate, address: str) -> bool:
    """Whether a certificate is valid for an address of this machine."""
    return address in _names_of(certificate)


def _addresses() -> Iterator[str]:
    """Yield this machine's addresses, without those that change by themselves."""
    return (str(each.address) for each in own_addresses() if not each.passing)


def _make(directory: Path, now: datetime, names: Iterable[str]) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = _own_key(directory / KEY)
        certificate = _self_signed(key, now, names)
        write(directory / CERTIFICATE, certificate.public_bytes(Encoding.PEM), mode=0o644)
    except OSError as error:
        raise _failed(error, directory) from error


def _own_key(file: Path) -> ec.EllipticCurvePrivateKey:
    """Return the key in `file`, created if there is none."""
    if not os.path.lexists(file):
        key = ec.generate_private_key(ec.SECP256R1())
        write(file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600)
        return key
    try:
        found = load_pem_private_key(read(file), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise CertificateError(
            N_("{file}: there is no certificate beside this key, which the server did not make."), file=file
        )
    return found


def _self_signed(key: ec.EllipticCurvePrivateKey, now: datetime, names: Iterable[str]) -> x509.Certificate:
    host = socket.gethostname()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64] or "localhost")])
    start = now - timedelta(days=1)
    subjects = map(general_name, (host, "localhost", "127.0.0.1", "::1", *_addresses(), *names))
    each_once = dict.fromkeys(subject for subject in subjects if subject)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + _VALIDITY)
        .add_extension(x509.SubjectAlternativeName(each_once), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_USAGE, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def is_self_made(certificate: x509.Certificate) -> bool:
    """Whether `make_self_signed` has made a certificate, as far as the certificate shows."""
    key = certificate.public_key()
    try:
        certificate.verify_directly_issued_by(certificate)
        extensions = frozenset(extension.oid for extension in certificate.extensions)
    except (ValueError, TypeError, InvalidSignature):
        return False
    lifetime = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return isinstance(key, ec.EllipticCurvePublicKey) and lifetime == _VALIDITY and extensions == _EXTENSIONS


def general_name(name: str) -> x509.GeneralName | None:
    """Return a host name or an address in the form of a certificate; None for anything else."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        with suppress(UnicodeError):
            host = name.encode("idna").decode("ascii")
            return x509.DNSName(host) if re.fullmatch(r"[\w.-]+", host) else None
        return None


@implementer(IOpenSSLServerConnectionCreator)
class ReloadingContext:
    """Creates the TLS side of each new connection from the newest usable certificate in `directory`.

    TLS 1.2 and newer. CertificateError if there is no usable certificate at the beginning.
    """

    _log = Logger()

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen = _stamps(directory)
        self._context, self._certificate = _load(directory)
        self.refused: Text | None = None
        """Why the newest files are not in use."""

    def serverConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: ARG002, N802, N803
        """Return the OpenSSL side of a new connection; open connections keep theirs."""
        return SSL.Connection(self._context, None)

    def fingerprint(self) -> str:
        """Return the SHA-256 of the certificate in use, as `openssl x509 -fingerprint` and browsers show it."""
        return self._certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    def covers(self, address: str) -> bool:
        """Whether the certificate in use is for an address."""
        return covers(self._certificate, address)

    def ends(self) -> datetime:
        """Return when the certificate in use expires."""
        return self._certificate.not_valid_after_utc

    def changed(self) -> bool:
        """Whether the files have changed since they were last loaded, or found unusable."""
        return _stamps(self._directory) != self._seen

    def reload(self) -> bool:
        """Use the current files for new connections; if they are unusable, keep the old certificate and log why."""
        self._seen = _stamps(self._directory)  # before reading them: so a write in the meantime counts as a change
        try:
            self._context, self._certificate = self._loaded()
        except CertificateError as error:
            self.refused = error.text
            self._log.error("the new TLS certificate cannot be used, the old one stays: {reason}", reason=str(error))
            return False
        self.refused = None
        self._log.info("TLS certificate loaded, sha256:{fingerprint}", fingerprint=self.fingerprint())
        return True

    def _loaded(self) -> tuple[SSL.Context, x509.Certificate]:
        try:
            return _load(self._directory)
        except CertificateError:
            if not self.changed():
                raise
            # key and certificate were replaced between the two reads; this attempt finds both new
            return _load(self._directory)

    def reload_if_changed(self) -> bool:
        """Reload if the files have changed; return whether a new certificate is in use."""
        return self.changed() and self.reload()


def _stamps(directory: Path) -> tuple[object, object]:
    return _stamp(directory / KEY), _stamp(directory / CERTIFICATE)


def _stamp(file: Path) -> tuple[int, int, int] | None:
    """Return a value that changes when the file is replaced or rewritten."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def look_at(directory: Path) -> x509.Certificate:
    """Return the certificate in `directory`; CertificateError unless both files are valid and fit each other."""
    return _checked(directory / KEY, directory / CERTIFICATE)


def _load(directory: Path) -> tuple[SSL.Context, x509.Certificate]:
    """Return the context and its certificate; CertificateError unless both files are valid and fit each other."""
    certificate = look_at(directory)
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_cipher_list(_CIPHERS)
    context.set_options(SSL.OP_NO_RENEGOTIATION)  # type: ignore[attr-defined]  # unknown to the stubs
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)  # about 34 KiB less for each idle connection, SSL_CTX_set_mode(3)
    try:
        context.use_privatekey_file(str(directory / KEY))
        context.use_certificate_chain_file(str(directory / CERTIFICATE))
        context.check_privatekey()
    except SSL.Error as error:
        why = ", ".join(reason for _, _, reason in error.args[0])
        raise CertificateError(
            N_("{file}: OpenSSL refuses it: {why}."), file=directory / CERTIFICATE, why=why
        ) from error
    return context, certificate


def _checked(key_file: Path, certificate_file: Path) -> x509.Certificate:
    """Return the certificate; check first where OpenSSL's error is unclear, or OpenSSL would ask for a passphrase."""
    try:
        key = load_pem_private_key(read(key_file), password=None).public_key()
    except OSError as error:
        raise _failed(error, key_file) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateError(
            N_("{file}: this is no private key in PEM without a passphrase."), file=key_file
        ) from error
    try:
        certificate = x509.load_pem_x509_certificate(read(certificate_file))
        certified = certificate.public_key()
    except OSError as error:
        raise _failed(error, certificate_file) from error
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise CertificateError(N_("{file}: this is no certificate in PEM."), file=certificate_file) from error
    if certified != key:
        raise CertificateError(
            N_("{file}: this certificate is not for the key in {key}."), file=certificate_file, key=KEY
        )
    return certificate


def _failed(error: OSError, file: Path) -> CertificateError:
    return CertificateError(N_("{file}: {why}."), file=error.filename or file, why=in_words(error))
